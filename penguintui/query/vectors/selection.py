"""From the source's samples to what selectors yield: values at steps, and windows of samples before steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from penguintui.query.limits import Budget
from penguintui.query.source import Matcher, SampleSource, keeps_rollups
from penguintui.query.vectors.block import Block, Floats, Indices, Labels, Mask, Times

STALE = np.int64(0x7FF0000000000002)
"""The bits of the NaN that ends a series. Any other NaN is a value."""

_CHUNK = 1 << 19


@dataclass(slots=True)
class SeriesSet:
    """Samples of several series in one array, one after the other: series i has `bounds[i]` to `bounds[i + 1]`."""

    labels: list[Labels]
    times: Times
    values: Floats
    bounds: list[int]

    def without_stale(self) -> SeriesSet:
        """The same without the marks that end series: ranges do not show them."""
        stale = is_stale(self.values)
        if not stale.any():
            return self
        kept = np.flatnonzero(~stale)
        bounds = np.searchsorted(kept, self.bounds).tolist()
        return SeriesSet(self.labels, self.times[kept], self.values[kept], bounds)


def is_stale(values: Floats) -> Mask:
    """Which values are stale markers."""
    return np.asarray(values.view(np.int64) == STALE)


def load(
    source: SampleSource, matchers: Sequence[Matcher], start: int, end: int, budget: Budget, column: str = "last"
) -> SeriesSet:
    """All samples of the matching series with start <= time <= end (milliseconds); of roll-ups one column."""
    labels: list[Labels] = []
    times: list[Times] = []
    values: list[Floats] = []
    bounds = [0]
    if keeps_rollups(source):
        selected = source.select_column(matchers, start, end, column)
    else:
        selected = source.select(matchers, start, end)
    for series in selected:
        count = len(series.times)
        if count == 0:
            continue
        budget.samples(count)
        labels.append(_nonempty(series.labels))
        times.append(np.asarray(series.times, dtype=np.int64))
        values.append(np.asarray(series.values, dtype=np.float64))
        bounds.append(bounds[-1] + count)
        if len(labels) & 0xFF == 0:
            budget.series(len(labels))
            budget.time()
    budget.series(len(labels))
    if not labels:
        return SeriesSet([], np.zeros(0, dtype=np.int64), np.zeros(0), bounds)
    if len(labels) == 1:
        return SeriesSet(labels, times[0], values[0], bounds)
    return SeriesSet(labels, np.concatenate(times), np.concatenate(values), bounds)


def _nonempty(labels: Labels) -> Labels:
    """An empty label is no label."""
    return {n: v for n, v in labels.items() if v} if "" in labels.values() else labels


def latest(series: SeriesSet, moments: Times, lookback: int, closed: bool) -> tuple[Block, Times]:
    """Each series' last sample at or before each moment, no older than `lookback`; and the times of these samples.

    A sample that is exactly `lookback` old counts only if `closed` (Prometheus 2).
    """
    shape = (len(series.labels), len(moments))
    if not shape[0]:
        return Block([], np.zeros(shape), np.zeros(shape, dtype=bool), []), np.zeros(shape, dtype=np.int64)
    last = _positions(series, moments, "right") - 1
    first = np.asarray(series.bounds[:-1])[:, None]
    present = last >= first
    last = np.maximum(last, first)
    times = series.times[last]
    values = series.values[last]
    oldest = moments - lookback
    present &= times >= oldest if closed else times > oldest
    present &= ~is_stale(values)
    return Block(series.labels, values, present, [False] * shape[0]), times


def _positions(series: SeriesSet, moments: Times, side: str) -> Indices:
    """Where the moments would stand among each series' times: shape (series, moments)."""
    found = np.empty((len(series.labels), len(moments)), dtype=np.intp)
    bounds = series.bounds
    for i in range(len(series.labels)):
        begin = bounds[i]
        found[i] = series.times[begin : bounds[i + 1]].searchsorted(moments, side)  # type: ignore[call-overload]
        found[i] += begin
    return found


@dataclass(slots=True)
class Chunk:
    """Some windows side by side: column j holds the samples of window j, the oldest first, where `mask` says so."""

    windows: slice
    values: Floats
    times: Times
    mask: Mask
    counts: Indices


@dataclass(slots=True)
class Windows:
    """A range vector at all steps: window (i, t) of series i has the samples `low[i, t]` to `high[i, t]` of `values`.

    `starts` and `ends` are the bounds of the windows (milliseconds), one for each step.
    """

    labels: Sequence[Labels]
    unnamed: Sequence[bool]
    times: Times
    values: Floats
    low: Indices
    high: Indices
    starts: Times
    ends: Times

    @property
    def counts(self) -> Indices:
        return self.high - self.low

    def block(self, values: Floats, present: Mask) -> Block:
        """What a function made of each window."""
        return Block(
            self.labels, values.reshape(self.low.shape), present.reshape(self.low.shape), [True] * len(self.labels)
        )

    def chunks(self, budget: Budget) -> Iterator[Chunk]:
        """All windows, in row order, a bounded number of samples at a time."""
        low, counts = self.low.ravel(), self.counts.ravel()
        if not len(low):
            return
        longest = max(1, int(counts.max()))
        width = max(1, _CHUNK // longest)
        for begin in range(0, len(low), width):
            budget.time()
            part = slice(begin, min(begin + width, len(low)))
            depth = np.arange(max(1, int(counts[part].max())))[:, None]
            mask = depth < counts[part]
            taken = np.where(mask, low[part] + depth, 0)
            if len(self.values):
                yield Chunk(part, self.values[taken], self.times[taken], mask, counts[part])
            else:
                yield Chunk(part, np.zeros(taken.shape), np.zeros(taken.shape, dtype=np.int64), mask, counts[part])


def windows_of(series: SeriesSet, starts: Times, ends: Times, closed: bool) -> Windows:
    """The samples of each series between the bounds. The start itself belongs to a window only if `closed`."""
    low = _positions(series, starts, "left" if closed else "right")
    high = _positions(series, ends, "right")
    return Windows(
        series.labels,
        [False] * len(series.labels),
        series.times,
        series.values,
        low,
        np.maximum(low, high),
        starts,
        ends,
    )
