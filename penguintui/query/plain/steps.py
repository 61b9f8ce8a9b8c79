"""Plain questions at a few steps in time, of samples that are loaded once: the trends beside what stands now."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from penguintui.query.plain.moment import Plain, PlainSource
from penguintui.query.plain.rows import Labels, NotPlain, Rows
from penguintui.query.plain.windows import History, Window
from penguintui.query.results import Matrix, MatrixSeries

if TYPE_CHECKING:
    from penguintui.query.language.nodes import Node
    from penguintui.query.source import Matcher

_MOST_STEPS = 300
_MOST_VALUES = 20_000
"""Of one part of the expression at all steps; arrays are faster with more."""
_MOST_IN_WINDOWS = 500_000
"""Samples in all windows of a query together."""


_Course = tuple[Labels, list[float], list[float]]
"""A series' labels, and its times and values so far."""


class PastSource(PlainSource, Protocol):
    """A plain source that also gives all samples of some time."""

    def histories(self, matchers: Sequence[Matcher], oldest: int, newest: int) -> Sequence[History] | None:
        """The samples of each matching series from `oldest` to `newest`, both included, and where it ended.

        None where the question is the engine's; series without any samples are left out.
        """
        ...


def answer_steps(
    source: PastSource, node: Node, steps: range, lookback: int, *, closed: bool, most: int
) -> Matrix | None:
    """The expression's values at all steps (milliseconds); None when it is not plain. Otherwise as `plain.answer`."""
    if len(steps) > _MOST_STEPS:
        return None
    loaded = _Loaded(source, steps)
    plain = Plain(loaded, steps[0], lookback, closed, min(most, _MOST_VALUES) // len(steps))
    found: dict[frozenset[tuple[str, str]], _Course] = {}
    before: Rows | None = None
    courses: list[_Course] = []
    try:
        for moment in steps:
            plain.moment = loaded.moment = moment
            rows = plain.vector(node)
            if before is None or rows.labels is not before.labels or rows.unnamed != before.unnamed:
                before = rows
                courses = [found.setdefault(frozenset(one.items()), (one, [], [])) for one in rows.named()]
            time = moment / 1000
            for (_, times, values), value in zip(courses, rows.values, strict=True):
                times.append(time)
                values.append(value)
    except (NotPlain, RecursionError):
        return None
    in_order = sorted(found.values(), key=lambda one: sorted(one[0].items()))
    return Matrix(tuple(MatrixSeries(*one) for one in in_order), infos=tuple(plain.notes.infos))


@dataclass(slots=True)
class _Samples:
    """Samples of one series without the marks of its end, and where its values fell."""

    labels: Labels
    times: Sequence[int]
    values: Sequence[float]
    falls: Sequence[int]


class _Loaded:
    """What a source has for all steps, as a plain source for one step after the other: that of `moment`."""

    def __init__(self, source: PastSource, steps: range) -> None:
        self._source = source
        self._steps = steps
        self.moment = steps[0]
        self._histories: dict[tuple[Sequence[Matcher], int, int], Sequence[History] | None] = {}
        self._tables: dict[tuple[Sequence[Matcher], int, int], _Table | None] = {}
        self._samples: dict[tuple[Sequence[Matcher], int, int], Sequence[_Samples] | None] = {}
        self._in_windows = 0

    def newest(self, matchers: Sequence[Matcher], oldest: int, moment: int) -> Rows | None:
        """See `PlainSource`."""
        key = (matchers, oldest - self.moment, moment - self.moment)
        if key not in self._tables:
            found = self._load(*key)
            self._tables[key] = None if found is None else _Table(found, self._steps, *key[1:])
        table = self._tables[key]
        return None if table is None else table.row(self._steps.index(self.moment))

    def windows(self, matchers: Sequence[Matcher], oldest: int, newest: int) -> Sequence[Window] | None:
        """See `PlainSource`."""
        key = (matchers, oldest - self.moment, newest - self.moment)
        if key not in self._samples:
            found = self._load(*key)
            self._samples[key] = None if found is None else [_samples_of(one) for one in found]
        series = self._samples[key]
        if series is None:
            return None
        windows = []
        for one in series:
            low, high = bisect_left(one.times, oldest), bisect_right(one.times, newest)
            if high > low:
                # The first value of a window may have fallen from one that lies before it.
                falls = one.falls[bisect_right(one.falls, low) : bisect_left(one.falls, high)]
                reached = [one.values[i - 1] for i in falls]
                windows.append(Window(one.labels, one.times[low:high], one.values[low:high], reached))
                self._in_windows += high - low
        return windows if self._in_windows <= _MOST_IN_WINDOWS else None

    def _load(self, matchers: Sequence[Matcher], before: int, after: int) -> Sequence[History] | None:
        """The samples from so long before the first step to so long after the last; negative is before."""
        key = (matchers, before, after)
        if key not in self._histories:
            first, last = self._steps[0], self._steps[-1]
            self._histories[key] = self._source.histories(matchers, first + before, last + after)
        return self._histories[key]


class _Table:
    """What each series shows at each step: the newest of its samples from so long before to so long after the step."""

    def __init__(self, series: Sequence[History], steps: range, before: int, after: int) -> None:
        self._labels: list[Labels] = [one.labels for one in series]
        self._unnamed = [False] * len(series)
        self._rows = list(zip(*(_shown(one, steps, before, after) for one in series), strict=True))

    def row(self, step: int) -> Rows:
        """The series that show something at the step of this number."""
        if not self._rows:
            return Rows([], [], [])
        values = self._rows[step]
        there = [value for value in values if value is not None]
        if len(there) == len(values):
            return Rows(self._labels, there, self._unnamed)
        labels = [one for one, value in zip(self._labels, values, strict=True) if value is not None]
        return Rows(labels, there, self._unnamed[: len(there)])


def _shown(history: History, steps: range, before: int, after: int) -> list[float | None]:
    times, values, last = history.times, history.values, 0
    shown: list[float | None] = []
    for step in steps:
        last = bisect_right(times, step + after, last)  # samples up to the step
        shown.append(values[last - 1] if last and times[last - 1] >= step + before else None)
    return shown


def _samples_of(history: History) -> _Samples:
    there = [(time, value) for time, value in zip(history.times, history.values, strict=True) if value is not None]
    times, values = [time for time, _ in there], [value for _, value in there]
    falls = [i for i in range(1, len(values)) if values[i] < values[i - 1]]
    return _Samples(history.labels, times, values, falls)
