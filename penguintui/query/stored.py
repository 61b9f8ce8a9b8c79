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

    def select(self, matchers: Sequence[Matcher], start: int, end: int) -> Iterator[RawSeries]:
        """See `SampleSource`. Nothing after the reader's moment is given."""
        end = min(end, round(self._reader.at * 1000))
        entries = self._matching(matchers)
        for entry, times, values in self._read(entries, start, end):
            shown = _with_validity(times, values, round(entry.valid_for * 1000), start, end)
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

        by_validity: dict[int, list[SeriesEntry]] = {}
        for entry in entries:
            by_validity.setdefault(round(entry.valid_for * 1000), []).append(entry)
        for validity, group in by_validity.items():
            rows = self._reader.store.driver_rows(
                "SELECT series_id, time, value FROM samples WHERE series_id IN (SELECT value FROM json_each(?)) "
                "AND time BETWEEN ? AND ? ORDER BY series_id, time",
                (json.dumps([entry.id for entry in group]), start - validity, end),
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


def _with_validity(
    times: NDArray[Any], values: NDArray[Any], validity: int, start: int, end: int
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Add what `valid_for` means: repetitions of slow observations, and a marker where validity ended."""
    import numpy as np

    following = np.append(times[1:], np.iinfo(np.int64).max)
    over = np.minimum(times + validity, following)
    parts_t, parts_v = [times], [values]
    if validity > _SLOW * 1000:
        for time, value, until in zip(times, values, over, strict=True):
            repeated = np.arange(time + _TICK, min(until, end + 1), _TICK)
            parts_t.append(repeated)
            parts_v.append(np.full(len(repeated), value))
    ended = (times + validity < following) & (times + validity <= end)
    parts_t.append(times[ended] + validity)
    parts_v.append(np.full(int(ended.sum()), STALE))
    all_t, all_v = np.concatenate(parts_t), np.concatenate(parts_v)
    wanted = (all_t >= start) & (all_t <= end)
    all_t, all_v = all_t[wanted], all_v[wanted]
    order = np.argsort(all_t, kind="stable")
    return all_t[order], all_v[order]
