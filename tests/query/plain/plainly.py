"""Any source of samples as one for plain questions."""

from __future__ import annotations

from collections.abc import Sequence

from penguintui.query.plain.rows import Labels, Rows, without_metadata
from penguintui.query.plain.windows import History, Window
from penguintui.query.samples.stored import STALE
from penguintui.query.source import Matcher, RawSeries, SampleSource

_ENDS = memoryview(bytearray(8)).cast("d")


def _ended(value: float) -> bool:
    """Whether a value is the NaN that ends a series."""
    _ENDS[0] = value
    bits = _ENDS.tobytes()
    _ENDS[0] = STALE
    return bits == _ENDS.tobytes()


class PlainSamples:
    """See `PlainSource` and `PastSource`."""

    def __init__(self, source: SampleSource) -> None:
        self._source = source

    def newest(self, matchers: Sequence[Matcher], oldest: int, moment: int) -> Rows | None:
        found = self._select(matchers, oldest, moment)
        if found is None:
            return None
        shown = [(labels, times_values[-1][1]) for labels, times_values in found if not _ended(times_values[-1][1])]
        return Rows([labels for labels, _ in shown], [value for _, value in shown], [False] * len(shown))

    def windows(self, matchers: Sequence[Matcher], oldest: int, newest: int) -> Sequence[Window] | None:
        found = self._select(matchers, oldest, newest)
        if found is None:
            return None
        windows = []
        for labels, samples in found:
            kept = [(time, value) for time, value in samples if not _ended(value)]
            windows.append(Window(labels, [time for time, _ in kept], [value for _, value in kept]))
        return [window for window in windows if window.times]

    def histories(self, matchers: Sequence[Matcher], oldest: int, newest: int) -> Sequence[History] | None:
        found = self._select(matchers, oldest, newest)
        if found is None:
            return None
        return [
            History(labels, [time for time, _ in samples], [None if _ended(value) else value for _, value in samples])
            for labels, samples in found
        ]

    def _select(
        self, matchers: Sequence[Matcher], start: int, end: int
    ) -> list[tuple[Labels, list[tuple[int, float]]]] | None:
        found = [one for one in self._source.select(matchers, start, end) if len(one.times)]
        labels: list[Labels] = [{n: v for n, v in one.labels.items() if v} for one in found]
        if len({frozenset(without_metadata(one).items()) for one in labels}) < len(labels):
            return None
        return list(zip(labels, map(_pairs, found), strict=True))


def _pairs(one: RawSeries) -> list[tuple[int, float]]:
    return [(int(time), float(value)) for time, value in zip(one.times, one.values, strict=True)]
