"""`penguintui query`: a question in PromQL, answered as a table, a chart, or JSON as Prometheus' HTTP API has it."""

from __future__ import annotations

import json
import math
import shutil
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from penguintui.cli.exits import Exit, fail, say, show
from penguintui.cli.given import moment_from, places_for, store_for
from penguintui.cli.options import ConfigOption, JsonOption, StoreOption
from penguintui.cli.printing import speaks_utf8

if TYPE_CHECKING:
    from penguintui.config.places import Places
    from penguintui.query.asking import Queries
    from penguintui.query.results import Matrix, Result
    from penguintui.store.reader import Reader

_HOUR = 3600.0
_POINTS = 250
"""Steps of a range when none is given."""


@dataclass(frozen=True, slots=True)
class Range:
    """From `start` to `end`, both included, every `step` seconds."""

    start: float
    end: float
    step: float


def query(
    expr: Annotated[str, typer.Argument(metavar="EXPR", help="The expression, in PromQL.")],
    config: ConfigOption = None,
    store: StoreOption = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar="TIME", help="As of then; now when left out: 14:05, ISO 8601.")
    ] = None,
    start: Annotated[str | None, typer.Option("--start", metavar="TIME", help="A range: from then.")] = None,
    end: Annotated[str | None, typer.Option("--end", metavar="TIME", help="Until then; now when left out.")] = None,
    step: Annotated[str | None, typer.Option("--step", metavar="DURATION", help="A value every 15s, 5m.")] = None,
    promql: Annotated[
        int | None, typer.Option("--promql", metavar="2|3", help="Whose bounds ranges have; as configured.")
    ] = None,
    as_json: JsonOption = False,
    chart: Annotated[bool, typer.Option("--chart", help="Draw it; the last hour when no range is given.")] = False,
) -> None:
    """Ask for numbers in PromQL. Exit code: 0 answered (with nothing, too), 64 wrong expression, 3 nobody answered.

    Example: penguintui query 'max by (instance) (rate(node_cpu_seconds_total[5m]))' --at 14:05
    """
    from penguintui.model.moment import LIVE, Moment
    from penguintui.query.errors import NotAnswered, QueryError
    from penguintui.query.results import Matrix
    from penguintui.store.errors import StoreError

    if as_json and chart:
        fail("an answer is either drawn or printed as JSON: leave out --chart or --json")
    if promql not in (None, 2, 3):
        fail(f"the semantics are those of Prometheus 2 or 3, not {promql}")
    moment, span = _when(at, start, end, step, chart)
    places = places_for(config)
    # The configuration of then says who answers, and nothing later is read.
    moment_given = at is not None or end is not None
    reader = store_for(places, store).reader(Moment(moment) if moment_given else LIVE)
    try:
        with closing(_opened(places, reader, promql)) as queries:
            if span is None:
                answer: Result = queries.instant(expr, moment)
            else:
                answer = queries.range(expr, span.start, span.end, span.step)
    except (NotAnswered, StoreError) as error:
        fail(str(error), Exit.UNKNOWN)
    except QueryError as error:
        fail(str(error))
    for note in (*answer.warnings, *answer.infos):
        say(note)
    if as_json:
        show(json.dumps(answer.data(), ensure_ascii=not speaks_utf8()))
    elif chart and span is not None and isinstance(answer, Matrix) and answer.series:
        _draw(expr, answer, span)
    else:
        _tell(expr, answer, moment)


def _when(
    at: str | None, start: str | None, end: str | None, step: str | None, chart: bool
) -> tuple[float, Range | None]:
    """The moment, and the range where one is wanted."""
    from penguintui.clock import SystemClock

    if at is not None and (start is not None or end is not None):
        fail("--at asks for one moment, --start and --end for a range: leave one out")
    if start is None and not chart and (end is not None or step is not None):
        fail("a range begins somewhere: add --start TIME")
    until = _time(end if end is not None else at)
    last = SystemClock().now() if until is None else until
    begin = _time(start)
    if begin is None and not chart:
        return last, None
    first = last - _HOUR if begin is None else begin
    if first > last:
        fail("the range ends before it begins: --start comes before --end")
    return last, Range(
        first, last, _seconds(step) if step is not None else max(1.0, math.ceil((last - first) / _POINTS))
    )


def _time(text: str | None) -> float | None:
    found = moment_from(text)
    if found is not None and not abs(found) < 1e12:
        fail(f"{text} is no time; write 14:05, 2026-11-24T14:05Z or seconds since 1970")
    return found


def _seconds(step: str) -> float:
    from penguintui.config.values import parse_duration

    try:
        return parse_duration(float(step) if step.replace(".", "", 1).isdecimal() else step)
    except ValueError as error:
        fail(f"--step: {error}")


def _opened(places: Places, reader: Reader, promql: int | None) -> Queries:
    """Whoever the configuration names. Raises StoreError."""
    from penguintui.query.asking import EmbeddedQueries, Engines

    queries = Engines(places.config).of(reader)
    if promql is None:
        return queries
    if not isinstance(queries, EmbeddedQueries):
        fail(f"{queries.place} answers as its own version does: leave out --promql")
    return EmbeddedQueries(reader, promql)


def _tell(expr: str, answer: Result, moment: float) -> None:
    """The answer as a table."""
    from penguintui.cli.answering import table
    from penguintui.query.language.written import is_ordered
    from penguintui.views import format as words

    lines = table(answer, keep_order=is_ordered(expr))
    if lines:
        _show("\n".join(lines))
    else:
        say(f"nothing matches as of {words.moment(moment)}")


def _draw(expr: str, answer: Matrix, span: Range) -> None:
    """The answer as a chart, as wide as the terminal."""
    from penguintui.cli.answering import drawn

    terminal = shutil.get_terminal_size((100, 24))
    size = (terminal.columns, max(8, min(terminal.lines - 6, 24)))
    _show(drawn(expr, answer, (span.start, span.end, span.step), size, not speaks_utf8()))


def _show(text: str) -> None:
    from penguintui.views.plain import ascii_only

    show(text if speaks_utf8() else ascii_only(text))
