"""Runs Prometheus' own query tests (its `promqltest` scripts) on our engine.

    python -m tests.conformance.promqltest FILE…

prints each evaluation that failed and each that was skipped, with the reason, and closes with the counts. Skipped is
only what touches native histograms and what the parser cannot parse.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from penguintui.query.engine import Engine
from penguintui.query.errors import ParseError, QueryError, Unsupported
from penguintui.query.language import nodes
from penguintui.query.language.parse import parse
from penguintui.query.language.regex import matches
from penguintui.query.results import Matrix, Result, Scalar, Text, Vector
from penguintui.query.source import Matcher, RawSeries
from tests.conformance.series import Key, expand, parse_duration, read_labels, unquote

LOOKBACK = 300.0


class Storage:
    """What the scripts have loaded: float samples, and the labels of native histograms that we leave out."""

    def __init__(self) -> None:
        self.floats: dict[Key, dict[int, float]] = {}
        self.native: set[Key] = set()

    def load(self, interval: int, lines: Sequence[str], with_native: bool) -> None:
        """Store the series of a `load` block; samples are `interval` milliseconds apart."""
        described: dict[Key, str] = {}
        for line in lines:
            labels, values = read_labels(line)
            described[labels] = values
        for labels, values in described.items():
            samples = self.floats.setdefault(labels, {})
            for i, value in enumerate(expand(values)):
                if value == "histogram":
                    self.native.add(labels)
                elif value is not None:
                    samples[i * interval] = float(value)
            if with_native:
                self._load_converted(dict(labels))

    def _load_converted(self, labels: dict[str, str]) -> None:
        """Prometheus makes a native histogram of a classic one here: remember the name it would have."""
        base = re.sub(r"_(bucket|sum|count)$", "", labels["__name__"])
        if base != labels["__name__"]:
            labels["__name__"] = base
            labels.pop("le", None)
            self.native.add(tuple(sorted(labels.items())))

    def select(self, matchers: Sequence[Matcher], start: int, end: int) -> Iterator[RawSeries]:
        for key, samples in self.floats.items():
            labels = dict(key)
            if all(matches(m, labels.get(m.name, "")) for m in matchers):
                times = np.array([t for t in sorted(samples) if start <= t <= end], dtype=np.int64)
                if len(times):
                    yield RawSeries(labels, times, np.array([samples[int(t)] for t in times]))

    def touches_native(self, node: object) -> bool:
        """Whether any selector of the expression finds a native histogram."""
        if isinstance(node, nodes.Selector):
            return any(all(matches(m, dict(key).get(m.name, "")) for m in node.matchers) for key in self.native)
        if isinstance(node, nodes.RangeSelector):
            return self.touches_native(node.selector)
        inner = [getattr(node, name, None) for name in ("expr", "left", "right", "param")]
        inner += getattr(node, "args", ())
        return any(self.touches_native(part) for part in inner if isinstance(part, nodes.Node))


@dataclass
class Case:
    """One `eval` of a script."""

    where: str
    expr: str
    start: int
    end: int
    step: int
    fails: bool = False
    ordered: bool = False
    expected: list[str] = field(default_factory=list)
    text: str | None = None
    message: re.Pattern[str] | None = None
    annotations: list[tuple[str, re.Pattern[str] | None]] = field(default_factory=list)
    raw: tuple[int, int, int] | None = None


@dataclass
class Tally:
    passed: int = 0
    failed: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    def line(self) -> str:
        return f"{self.passed} passed, {len(self.failed)} failed, {len(self.skipped)} skipped"


_EVAL = re.compile(
    r"eval(?:_(fail|warn|info|ordered))?\s+"
    r"(?:instant\s+at\s+(\S+)|range\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+))\s+(.*)",
    re.DOTALL,
)


_COMMAND = re.compile(r"(load|load_with_nhcb|clear|eval\w*|ignore|resume)\b")


def blocks(text: str) -> Iterator[tuple[int, str, list[str]]]:
    """(line number, command, the lines that belong to it), comments and empty lines left out."""
    current: tuple[int, str, list[str]] | None = None
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if line.startswith("#"):
            continue
        if not line:
            if current:
                yield current
            current = None
        elif _COMMAND.match(line) and (current is None or raw == raw.lstrip()):
            if current:
                yield current
            current = (number, line, [])
        elif current:
            current[2].append(line)
        else:
            raise ValueError(f"line {number}: {line!r} belongs to no command")
    if current:
        yield current


def read_case(where: str, command: str, lines: Sequence[str]) -> Case:
    found = _EVAL.fullmatch(command)
    if not found:
        raise ValueError(f"{where}: cannot read {command!r}")
    kind, at, start, end, step, expr = found.groups()
    if at is not None:
        moment = parse_duration(at)
        case = Case(where, expr, moment, moment, 0)
    else:
        case = Case(where, expr, parse_duration(start), parse_duration(end), parse_duration(step))
    case.fails, case.ordered = kind == "fail", kind == "ordered"
    if kind in ("warn", "info"):
        case.annotations.append((kind, None))
    for line in lines:
        _read_line(case, line)
    return case


def _read_line(case: Case, line: str) -> None:
    old = re.match(r"expected_fail_(message|regexp)\s+(.*)", line)
    if old:
        case.message = re.compile(re.escape(old[2]) if old[1] == "message" else old[2])
        return
    found = re.match(r"expect\s+(fail|warn|no_warn|info|no_info|ordered|string|range vector)\b\s*(.*)", line)
    if not found:
        case.expected.append(line)
        return
    what, rest = found.groups()
    if what == "string":
        case.text = unquote(rest)
    elif what == "ordered":
        case.ordered = True
    elif what == "range vector":
        bounds = re.fullmatch(r"from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)", rest)
        assert bounds, line
        case.raw = (parse_duration(bounds[1]), parse_duration(bounds[2]), parse_duration(bounds[3]))
    elif what == "fail":
        case.fails, case.message = True, _pattern(rest)
    else:
        case.annotations.append((what, _pattern(rest)))


def _pattern(rest: str) -> re.Pattern[str] | None:
    """What a message must be; the position at its end is left out, the parser gives none."""
    found = re.match(r"(msg|regex):\s*(.*)", rest)
    if not found:
        return None
    if found[1] == "regex":
        return re.compile(re.sub(r" \\\(.*$", "", found[2]))
    return re.compile(re.escape(re.sub(r" \(\d+:\d+\)$", "", found[2])))


def judge(case: Case, storage: Storage) -> str | None:
    """What is wrong with our answer, or None. Raises `Unsupported` and `ParseError` where there cannot be one."""
    engine = Engine(storage, lookback=LOOKBACK)
    try:
        result: Result
        if case.step:
            result = engine.range(case.expr, case.start / 1000, case.end / 1000, case.step / 1000)
        else:
            result = engine.instant(case.expr, case.start / 1000)
    except (ParseError, Unsupported):
        if case.fails:
            return None
        raise
    except QueryError as error:
        if not case.fails:
            return f"failed: {error}"
        if case.message and not case.message.search(error.message):
            return f"failed with: {error.message!r}, not as expected: {case.message.pattern!r}"
        return None
    if case.fails:
        return f"should have failed, but answered {result}"
    return _annotations(case, result) or _compare(case, result) or _in_range_mode(case, engine)


def _annotations(case: Case, result: Result) -> str | None:
    for what, pattern in case.annotations:
        said = result.warnings if what.endswith("warn") else result.infos
        if what.startswith("no_"):
            if said:
                return f"{what} expected, but: {said}"
        elif not any(pattern is None or pattern.search(text) for text in said):
            return f"{what} {pattern.pattern if pattern else ''} expected, but: {said}"
    return None


def _compare(case: Case, result: Result) -> str | None:
    if isinstance(result, Text):
        return None if result.value == case.text else f"{result.value!r} is not {case.text!r}"
    if case.raw:
        return _compare_matrix(case, result, *case.raw)
    if case.step:
        return _compare_matrix(case, result, case.start, case.end, case.step)
    if isinstance(result, Scalar):
        wanted = float(case.expected[0])
        return None if close(result.value, wanted) else f"{result.value} is not {wanted}"
    assert isinstance(result, Vector), result
    found = [(tuple(sorted(s.labels.items())), s.value) for s in result.samples]
    wanted_list = []
    for line in case.expected:
        labels, values = read_labels(line)
        wanted_list.append((labels, float(next(iter(expand(values))) or 0)))
    if not case.ordered:
        found.sort(key=lambda item: item[0])
        wanted_list.sort(key=lambda item: item[0])
    same = [key for key, _ in found] == [key for key, _ in wanted_list] and all(
        close(a, b) for (_, a), (_, b) in zip(found, wanted_list, strict=True)
    )
    return None if same else f"{found}\n    is not {wanted_list}"


def _compare_matrix(case: Case, result: Result, start: int, end: int, step: int) -> str | None:
    assert isinstance(result, Matrix), result
    wanted: dict[Key, dict[int, float]] = {}
    for line in case.expected:
        labels, values = read_labels(line)
        points = {start + i * step: float(v) for i, v in enumerate(expand(values)) if v is not None}
        wanted[labels] = points
    found = {
        tuple(sorted(s.labels.items())): {
            round(t * 1000): v for t, v in zip(map(float, s.times), map(float, s.values), strict=True)
        }
        for s in result.series
    }
    same = found.keys() == wanted.keys() and all(
        found[k].keys() == wanted[k].keys() and all(close(found[k][t], wanted[k][t]) for t in wanted[k]) for k in wanted
    )
    return None if same else f"{found}\n    is not {wanted}"


def _in_range_mode(case: Case, engine: Engine) -> str | None:
    """The same, asked as the middle of a range of three minutes, as Prometheus' runner does."""
    kind = nodes.kind_of(parse(case.expr))
    of_query = re.search(r"\b(start|end|step|range)\(\)", case.expr)
    if case.step or case.ordered or of_query or kind not in (nodes.Kind.VECTOR, nodes.Kind.SCALAR):
        return None
    moment = case.start
    try:
        whole = engine.range(case.expr, moment / 1000 - 60, moment / 1000 + 60, 60)
    except QueryError as error:
        return f"as a range: {error}"
    alone = engine.instant(case.expr, moment / 1000)
    middle = {
        tuple(sorted(s.labels.items())): float(s.values[index[0]])
        for s in whole.series
        if len(index := np.flatnonzero(np.round(np.asarray(s.times) * 1000) == moment))
    }
    if isinstance(alone, Scalar):
        wanted = {(): alone.value}
    else:
        assert isinstance(alone, Vector)
        wanted = {tuple(sorted(s.labels.items())): s.value for s in alone.samples}
    same = middle.keys() == wanted.keys() and all(close(middle[k], wanted[k]) for k in wanted)
    return None if same else f"as the middle of a range: {middle}\n    is not {wanted}"


def close(a: float, b: float) -> bool:
    """Equal as Prometheus' runner sees it: relative difference below a millionth; next to zero only zero is close."""
    if a == b or (math.isnan(a) and math.isnan(b)):
        return True
    total, difference = abs(a) + abs(b), abs(a - b)
    least = sys.float_info.min
    if a == 0 or b == 0 or total < least:
        return difference < 1e-6 * least
    return difference / min(total, sys.float_info.max) < 1e-6


def run(path: Path) -> Tally:
    """Run one script."""
    tally, storage = Tally(), Storage()
    for number, command, lines in blocks(path.read_text(encoding="utf-8")):
        if command == "clear":
            storage = Storage()
        elif command.startswith("load"):
            word, interval = command.split()
            storage.load(parse_duration(interval), lines, with_native=word == "load_with_nhcb")
        elif command.startswith("eval"):
            _run_case(read_case(f"{path.name}:{number}", command, lines), storage, tally)
    return tally


def _run_case(case: Case, storage: Storage, tally: Tally) -> None:
    name = f"{case.where}: {case.expr}"
    try:
        if any("{{" in line for line in case.expected) or storage.touches_native(parse(case.expr)):
            tally.skipped.append(f"{name}: native histogram")
            return
        wrong = judge(case, storage)
    except Unsupported as refused:
        tally.skipped.append(f"{name}: native histogram: {refused.message}")
        return
    except ParseError as refused:
        if case.fails:
            tally.passed += 1
        else:
            tally.skipped.append(f"{name}: the parser cannot parse it: {refused.message}")
        return
    except QueryError as error:
        wrong = None if case.fails else f"failed: {error}"
    except (AssertionError, IndexError, ValueError) as error:
        wrong = f"the answer is of another kind: {error!r}"
    if wrong is None:
        tally.passed += 1
    else:
        tally.failed.append(f"{name}: {wrong}")


def main(paths: Sequence[str]) -> int:
    total = Tally()
    for path in paths:
        tally = run(Path(path))
        for line in tally.failed:
            print(f"FAILED {line}")
        for line in tally.skipped:
            print(f"skipped {line}")
        total.passed += tally.passed
        total.failed += tally.failed
        total.skipped += tally.skipped
    print(total.line())
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
