"""The rows of a query, as samples and findings. Pure.

Columns of numbers are values, the others labels. A query with several columns of numbers makes a metric of each,
named after the query's metric and the column.
"""

from __future__ import annotations

import datetime
import decimal
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from penguintui.adapters.levels import judge, limit_crossed
from penguintui.config.probes import SqlQuery
from penguintui.model.observation import Finding, Sample
from penguintui.model.status import Status

MAX_CELL = 200
"""Characters of a label's value that are kept."""

_RESERVED = frozenset({"job", "instance", "environment", "check", "subject"})
_PLACE = re.compile(r"\{(\w+)(?::(,?(?:\.\d{1,2})?[dfg%]?))?\}")


@dataclass(frozen=True, slots=True)
class Measured:
    """One number of a result: `value` is None where it was NULL or no number that can be kept."""

    metric: str
    labels: Mapping[str, str]
    value: float | None

    @property
    def subject(self) -> str:
        """The series as it is written in a query: `metric{name="value"}`."""
        if not self.labels:
            return self.metric
        pairs = (f'{name}="{_quoted(value)}"' for name, value in self.labels.items())
        return f"{self.metric}{{{','.join(pairs)}}}"


@dataclass(frozen=True, slots=True)
class Result:
    """What a query gave. repeated: rows whose labels an earlier row had too, which were left out."""

    measured: tuple[Measured, ...]
    repeated: int = 0

    @property
    def samples(self) -> list[Sample]:
        return [Sample(one.metric, one.value, one.labels) for one in self.measured if one.value is not None]


def read_rows(query: SqlQuery, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> Result:
    """The numbers of a result with their labels."""
    values, labels = _roles(columns, rows)
    names = {index: label_name(columns[index]) for index in labels}
    measured: dict[tuple[str, tuple[str, ...]], Measured] = {}
    repeated = 0
    for row in rows:
        own = {name: _shown(row[index]) for index, name in names.items() if row[index] is not None}
        for index in values:
            metric = query.metric if len(values) == 1 else f"{query.metric}_{_plain(columns[index])}"
            key = (metric, tuple(f"{name}={value}" for name, value in own.items()))
            if key in measured:
                repeated += 1
            else:
                measured[key] = Measured(metric, own, number(row[index]))
    return Result(tuple(measured.values()), repeated)


def judge_rows(query: SqlQuery, result: Result) -> Iterator[Finding]:
    """A finding for each number, where the query has levels; what has no number is UNKNOWN."""
    check, levels = query.check or "sql.query", query.levels
    if levels.warning is None and levels.critical is None:
        return
    if not result.measured:
        summary = f"the query for {query.metric} gave no number"
        yield Finding(check, Status.UNKNOWN, summary, query.metric, "See whether its table is still filled.")
    for one in result.measured:
        status = judge(one.value, levels)
        summary = f"the query for {one.subject} gave no number"
        if one.value is not None:
            summary = fill(query.summary or f"{one.subject} is {{value}}", one.value, one.labels)
            if crossed := limit_crossed(status, levels):
                summary += f", {crossed}"
        evidence = dict(one.labels) if one.value is None else {**one.labels, "value": f"{one.value:g}"}
        remedy = "" if status is Status.OK else fill(query.remedy, one.value, one.labels)
        yield Finding(check, status, summary, subject=one.subject, remedy=remedy, evidence=evidence)


def fill(template: str, value: float | None, labels: Mapping[str, str]) -> str:
    """A template with `{value}` (a format such as `{value:.1%}` may follow) and `{label}` filled in.

    Nothing else of a format string works, so that a template cannot reach into objects. An unknown name stays.
    """

    def put(match: re.Match[str]) -> str:
        name, form = match[1], match[2]
        if name == "value" and value is not None:
            try:
                return format(int(value) if form and form.endswith("d") else value, form or "g")
            except ValueError:
                return f"{value:g}"
        return labels.get(name, match[0])

    return _PLACE.sub(put, template)


def number(value: object) -> float | None:
    """A cell as a finite float: numbers, truth, times (seconds since 1970, UTC where no zone is given), spans."""
    result: float | None = None
    match value:
        case bool() | int() | float() | decimal.Decimal():
            try:
                result = float(value)
            except (OverflowError, ValueError):  # an int beyond all floats; a signalling NaN
                return None
        case datetime.datetime():
            result = (value if value.tzinfo else value.replace(tzinfo=datetime.UTC)).timestamp()
        case datetime.date():
            result = datetime.datetime(value.year, value.month, value.day, tzinfo=datetime.UTC).timestamp()
        case datetime.timedelta():
            result = value.total_seconds()
    return result if result is not None and math.isfinite(result) else None


def _is_number(value: object) -> bool:
    return isinstance(value, bool | int | float | decimal.Decimal | datetime.date | datetime.timedelta)


def _roles(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> tuple[list[int], list[int]]:
    """The columns of values and those of labels. One that holds any text is a label; one of NULLs alone is neither."""
    values: list[int] = []
    labels: list[int] = []
    for index in range(len(columns)):
        cells = [row[index] for row in rows if row[index] is not None]
        if cells:
            (values if all(_is_number(cell) for cell in cells) else labels).append(index)
    return values, labels


def label_name(column: str) -> str:
    """A column's name as a label; names that the agent gives itself get a prefix, as in Prometheus."""
    name = _plain(column)
    return f"exported_{name}" if name in _RESERVED or name.startswith("__") else name


def _plain(column: str) -> str:
    name = re.sub(r"[^a-zA-Z0-9_]+", "_", column[:100]).strip("_") or "column"
    return f"_{name}" if name[0].isdigit() else name


def _shown(cell: object) -> str:
    text = cell.hex() if isinstance(cell, bytes | memoryview) else str(cell)
    return "".join(character if character.isprintable() else "?" for character in text[:MAX_CELL])


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
