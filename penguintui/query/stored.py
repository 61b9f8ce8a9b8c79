"""Our own store as a source of samples.

A sample holds for as long as the probe that brought it said (`valid_for`). So one of a slow probe is repeated
at every minute until its time is over, and every series ends with a staleness marker when the next asking did
not come in time: an hourly check is not absent for 55 minutes of each hour, and a dead one is not shown as alive.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from penguintui.query.source import Matcher, MatchOp, RawSeries

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from penguintui.store.keeping import Era
    from penguintui.store.reader import Reader
    from penguintui.store.series import SeriesEntry

_SLOW = 240.0
"""Seconds beyond which an observation is repeated; below the look-back of 300 s nobody needs it."""
_TICK = 60_000
"""Milliseconds between the repetitions."""

STALE: float = struct.unpack("<d", struct.pack("<Q", 0x7FF0000000000002))[0]
"""The NaN by which Prometheus says that a series ended."""


class StoredSamples:
    """Samples of a reader's moment and before."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._eras: Sequence[Era] | None = None

    def select(self, matchers: Sequence[Matcher], start: int, end: int) -> Iterator[RawSeries]:
        """See `SampleSource`. Nothing after the reader's moment is given."""
        end = min(end, round(self._reader.at * 1000))
        entries = self._matching(matchers)
        eras = self._eras = self._reader.eras() if self._eras is None else self._eras
        for entry, times, values in self._read(entries, start, end):
            holds = _holds(times, round(entry.valid_for * 1000), eras)
            shown = _with_validity(times, values, holds, start, end)
            if len(shown[0]):
                yield RawSeries(entry.labels, shown[0], shown[1])

    def _matching(self, matchers: Sequence[Matcher]) -> list[SeriesEntry]:
        by_metric = self._reader.store.series.by_metric(self._reader.store)
        tests = [(m.name, _test(m)) for m in matchers]
        exact = next((m.value for m in matchers if m.name == "__name__" and m.op is MatchOp.EQUAL), None)
        candidates: Sequence[SeriesEntry]
        if exact is not None:
            candidates = by_metric.get(exact, [])
        else:
            candidates = [entry for entries in by_metric.values() for entry in entries]
        return [e for e in candidates if all(test(e.labels.get(name, "")) for name, test in tests)]

    def _read(
        self, entries: Sequence[SeriesEntry], start: int, end: int
    ) -> Iterator[tuple[SeriesEntry, NDArray[Any], NDArray[Any]]]:
        """The stored samples of each series that can matter between start and end."""
        import numpy as np

        overlapping = [
            era.resolution for era in self._eras or () if era.begins * 1000 <= end and era.ends * 1000 > start
        ]
        coarsest = round(max(overlapping, default=0.0) * 1000)
        by_validity: dict[int, list[SeriesEntry]] = {}
        for entry in entries:
            by_validity.setdefault(round(entry.valid_for * 1000), []).append(entry)
        for validity, group in by_validity.items():
            rows = self._reader.store.driver_rows(
                "SELECT series_id, time, value FROM samples WHERE series_id IN (SELECT value FROM json_each(?)) "
                "AND time BETWEEN ? AND ? ORDER BY series_id, time",
                (json.dumps([entry.id for entry in group]), start - max(validity, coarsest), end),
            )
            if not rows:
                continue
            table = np.array(rows, dtype=np.float64)
            ids, firsts = np.unique(table[:, 0], return_index=True)
            ends = np.append(firsts[1:], len(table))
            by_id = {entry.id: entry for entry in group}
            for series_id, first, last in zip(ids, firsts, ends, strict=True):
                part = table[first:last]
                yield by_id[int(series_id)], part[:, 1].astype(np.int64), part[:, 2]


def _test(matcher: Matcher) -> Callable[[str], bool]:
    value = matcher.value
    if matcher.op is MatchOp.EQUAL:
        return lambda label: label == value
    if matcher.op is MatchOp.NOT_EQUAL:
        return lambda label: label != value
    pattern = re.compile(value)
    if matcher.op is MatchOp.REGEX:
        return lambda label: pattern.fullmatch(label) is not None
    return lambda label: pattern.fullmatch(label) is None


def _holds(times: NDArray[Any], validity: int, eras: Sequence[Era]) -> NDArray[Any]:
    """For how many milliseconds each sample holds: as its probe says, or longer where the era is coarser."""
    import numpy as np

    holds = np.full(len(times), validity, dtype=np.int64)
    for era in eras:
        inside = (times >= era.begins * 1000) & (times < era.ends * 1000)
        holds[inside] = np.maximum(holds[inside], round(era.resolution * 1000))
    return holds


def _with_validity(
    times: NDArray[Any], values: NDArray[Any], holds: NDArray[Any], start: int, end: int
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Add what validity means: repetitions of slow observations, and a marker where validity ended."""
    import numpy as np

    following = np.append(times[1:], np.iinfo(np.int64).max)
    over = times + holds
    until = np.minimum(np.minimum(over, following - 1), end)
    counts = np.where(holds > _SLOW * 1000, np.maximum((until - times) // _TICK, 0), 0)
    nth = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + 1
    ended = (over < following) & (over <= end)
    all_t = np.concatenate([times, np.repeat(times, counts) + nth * _TICK, over[ended]])
    all_v = np.concatenate([values, np.repeat(values, counts), np.full(int(ended.sum()), STALE)])
    wanted = (all_t >= start) & (all_t <= end)
    order = np.argsort(all_t[wanted], kind="stable")
    return all_t[wanted][order], all_v[wanted][order]
