"""A source of samples for tests: a list of series."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from penguintui.query.language.regex import matches
from penguintui.query.source import Matcher, RawSeries

STALE = np.array([0x7FF0000000000002], dtype=np.int64).view(np.float64)[0]


def series(labels: dict[str, str], values: Sequence[float], every: float = 15.0, start: float = 0.0) -> RawSeries:
    """A series with a sample every so many seconds; None leaves one out."""
    taken = [(start + i * every, v) for i, v in enumerate(values) if v is not None]
    return RawSeries(labels, [round(t * 1000) for t, _ in taken], [v for _, v in taken])


class Samples:
    """Series held in a list."""

    def __init__(self, held: Sequence[RawSeries]) -> None:
        self.held = held

    def select(self, matchers: Sequence[Matcher], start: int, end: int) -> Iterator[RawSeries]:
        for one in self.held:
            if all(matches(m, one.labels.get(m.name, "")) for m in matchers):
                times = np.asarray(one.times, dtype=np.int64)
                inside = (times >= start) & (times <= end)
                if inside.any():
                    yield RawSeries(one.labels, times[inside], np.asarray(one.values, dtype=np.float64)[inside])
