"""Our own store as a source of samples.

A sample holds for as long as the probe that brought it said (`valid_for`). So one of a slow probe is repeated
at every minute until its time is over, and every series ends with a staleness marker when the next asking did
not come in time: an hourly check is not absent for 55 minutes of each hour, and a dead one is not shown as alive.
"""

from __future__ import annotations

import functools
import re
import struct
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from penguintui.query.language.regex import matches
from penguintui.query.source import Matcher, MatchOp, RawSeries
from penguintui.store.chunks import DAY, HOUR
from penguintui.store.recall import Memory

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from penguintui.store.keeping import Era
    from penguintui.store.reader import Reader
    from penguintui.store.recent import Recalled
    from penguintui.store.series import SeriesEntry

SLOW = 240.0
"""Seconds beyond which an observation is repeated; below the look-back of 300 s nobody needs it."""
TICK = 60_000
"""Milliseconds between the repetitions."""
_ROLLED_TICK = 240_000
"""The same for roll-ups, of which there may be years: as far apart as the look-back allows."""
_DAYS_AT_ONCE = 256
"""Days of a series that are read together where they are in chunks: what is too much is noticed before all is read."""

STALE: float = struct.unpack("<d", struct.pack("<Q", 0x7FF0000000000002))[0]
"""The NaN by which Prometheus says that a series ended."""


class StoredSamples:
    """Samples of a reader's moment and before.

    newest_only: give of each series the newest sample alone, which is all that an expression without ranges and
    subqueries looks at when it is asked for one moment. instances: the values of the label `instance` that series
    have; None for all series.
    """

    def __init__(self, reader: Reader, *, newest_only: bool = False, instances: Collection[str] | None = None) -> None:
        self._reader = reader
        self._newest_only = newest_only
        self._instances = instances
        self._memory = Memory(reader.store)
        self.rolled = False
        self._eras: Sequence[Era] | None = None
        self._by_metric: Mapping[str, Sequence[SeriesEntry]] | None = None

    def begin(self) -> None:
        """See `RolledSource`."""
        self.rolled = False
        self._memory.damaged.clear()

    @property
    def warnings(self) -> Collection[str]:
        """See `RolledSource`."""
        return self._memory.damaged

    def select(self, matchers: Sequence[Matcher], start: int, end: int) -> Iterator[RawSeries]:
        """See `SampleSource`. Nothing after the reader's moment is given."""
        return self.select_column(matchers, start, end, "last")

    def select_column(self, matchers: Sequence[Matcher], start: int, end: int, column: str) -> Iterator[RawSeries]:
        """See `RolledSource`."""
        end = min(end, round(self._reader.at * 1000))
        if self._eras is None:
            self._eras = self._reader.eras()
        by_validity: dict[int, dict[int, SeriesEntry]] = {}
        for entry in self._matching(matchers):
            by_validity.setdefault(round(entry.valid_for * 1000), {})[entry.id] = entry
        for validity, entries in by_validity.items():
            since = start - max(validity, self._coarsest(start, end))
            ids = list(entries)
            together = len(ids)
            if ids and since <= self._memory.chunked_until():
                since = min(since, start - validity - HOUR * 1000)  # so long a roll-up may hold
                together = max(1, _DAYS_AT_ONCE * DAY // (end - since + DAY))
            for first in range(0, len(ids), together or 1):
                found = self._memory.samples(
                    ids[first : first + together], since, end, newest_only=self._newest_only, column=column
                )
                if _is_long(found) and validity <= SLOW * 1000 and not self._coarsest(since, end):
                    yield from self._steady(entries, found, validity, (start, end))
                else:
                    yield from self._series(entries, found, validity, (start, end), repeat=column == "last")

    def _matching(self, matchers: Sequence[Matcher]) -> Sequence[SeriesEntry]:
        named = next((m for m in matchers if m.name == "__name__" and m.op is MatchOp.EQUAL), None)
        tests = [m for m in matchers if m is not named]
        candidates = self._among(None if named is None else named.value)
        for matcher in tests:
            candidates = only(candidates, matcher)
        return candidates

    def _among(self, metric: str | None) -> Sequence[SeriesEntry]:
        """The series of a metric, or of all of them."""
        store = self._reader.store
        if self._instances is not None:
            return store.series.of_instances(store, metric, self._instances)
        if self._by_metric is None:
            self._by_metric = store.series.by_metric(store)
        if metric is not None:
            return self._by_metric.get(metric, ())
        return [entry for entries in self._by_metric.values() for entry in entries]

    def _series(
        self,
        entries: Mapping[int, SeriesEntry],
        found: Recalled,
        validity: int,
        window: tuple[int, int],
        repeat: bool,
    ) -> Iterator[RawSeries]:
        """Series whose samples hold equally long, worked on as one table. repeat: whether roll-ups are repeated."""
        import numpy as np

        if not len(found.times):
            return
        start, end = window
        ids = found.ids
        holds = _holds(found.times, validity, self._eras or ())
        ticks = np.full(len(ids), TICK)
        if found.buckets is not None:
            rolled = found.buckets > 0
            following = np.append(np.where(np.diff(ids) == 0, found.times[1:], end), end)
            self.rolled |= bool((rolled & (following > start)).any())
            holds[rolled] = np.maximum(holds[rolled], found.buckets[rolled] + validity)
            ticks[rolled] = _ROLLED_TICK if repeat else np.iinfo(np.int64).max
        ids, times, values = _with_validity((ids, found.times, found.values), holds, ticks, end)
        wanted = times >= start
        if not wanted.any():
            return
        ids, times, values = ids[wanted], times[wanted], values[wanted]
        firsts = np.flatnonzero(np.diff(ids, prepend=-1))
        for first, last in zip(firsts, [*firsts[1:], len(ids)], strict=True):
            yield RawSeries(entries[int(ids[first])].labels, times[first:last], values[first:last])

    def _steady(
        self, entries: Mapping[int, SeriesEntry], found: Recalled, validity: int, window: tuple[int, int]
    ) -> Iterator[RawSeries]:
        """The same for long series of samples themselves: one whose samples never stopped needs little."""
        import numpy as np

        start, end = window
        bounds = np.array(found.bounds)
        gaps = np.diff(found.times, append=found.times[-1:])
        gaps[bounds[1:] - 1] = 0  # from one series to the next
        longest = np.maximum.reduceat(gaps, bounds[:-1]).tolist()
        for i, number in enumerate(found.numbers):
            if longest[i] > validity:
                yield from self._series(entries, found.one(i), validity, window, repeat=True)
                continue
            first, last = found.bounds[i], found.bounds[i + 1]
            over = int(found.times[last - 1]) + validity
            first += int(found.times[first:last].searchsorted(start))
            times, values = found.times[first:last], found.values[first:last]
            if start <= over <= end:
                times, values = np.append(times, over), np.append(values, STALE)
            if len(times):
                yield RawSeries(entries[number].labels, times, values)

    def _coarsest(self, start: int, end: int) -> int:
        """Milliseconds for which samples hold in the coarsest era that a window touches."""
        touched = [era.resolution for era in self._eras or () if era.begins * 1000 <= end and era.ends * 1000 > start]
        return round(max(touched, default=0.0) * 1000)


def only(entries: Sequence[SeriesEntry], matcher: Matcher) -> Sequence[SeriesEntry]:
    """The series that a matcher wants."""
    name = matcher.name
    listed = _listed(matcher.value) if matcher.op is MatchOp.REGEX else None
    if listed is not None:
        return [entry for entry in entries if entry.labels.get(name, "") in listed]
    return [entry for entry in entries if matches(matcher, entry.labels.get(name, ""))]


_WORD = r"(?:[\w\-:/@ ]|\\[.+*?()|\[\]{}^$\\])+"
_LIST = re.compile(rf"{_WORD}(?:\|{_WORD})*", re.ASCII)
"""A regular expression that only lists words: `mx1|mx2\\.example`."""


@functools.lru_cache(maxsize=64)
def _listed(expression: str) -> frozenset[str] | None:
    """The values that an expression lists, which are looked up faster than matched; None for any other expression."""
    if not _LIST.fullmatch(expression):
        return None
    return frozenset(re.sub(r"\\(.)", r"\1", word) for word in re.findall(_WORD, expression, re.ASCII))


def _holds(times: NDArray[Any], validity: int, eras: Sequence[Era]) -> NDArray[Any]:
    """For how many milliseconds each sample holds: as its probe says, or longer where the era is coarser."""
    import numpy as np

    holds = np.full(len(times), validity, dtype=np.int64)
    for era in eras:
        inside = (times >= era.begins * 1000) & (times < era.ends * 1000)
        holds[inside] = np.maximum(holds[inside], round(era.resolution * 1000))
    return holds


def _is_long(found: Recalled) -> bool:
    """Whether there is more to each series than there is to handling it alone."""
    return len(found.times) > 64 * max(1, len(found.numbers))


def _with_validity(
    samples: tuple[NDArray[Any], NDArray[Any], NDArray[Any]], holds: NDArray[Any], ticks: NDArray[Any], end: int
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Add what validity means: repetitions of slow observations, and a marker where validity ended.

    holds, ticks: for how many milliseconds each sample holds, and at which distance it is repeated. The samples come,
    and go, sorted by series and time.
    """
    import numpy as np

    ids, times, values = samples
    last = np.diff(ids, append=-1) != 0
    following = np.append(times[1:], 0)
    following[last] = np.iinfo(np.int64).max
    over = times + holds
    ended = (over < following) & (over <= end)
    slow = holds > SLOW * 1000
    if not slow.any() and not ended.any():
        return ids, times, values
    until = np.minimum(np.minimum(over, following - 1), end)
    counts = np.where(slow, np.maximum((until - times) // ticks, 0), 0)
    nth = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + 1
    all_ids = np.concatenate([ids, np.repeat(ids, counts), ids[ended]])
    all_times = np.concatenate([times, np.repeat(times, counts) + nth * np.repeat(ticks, counts), over[ended]])
    all_values = np.concatenate([values, np.repeat(values, counts), np.full(int(ended.sum()), STALE)])
    order = np.lexsort((all_times, all_ids))
    return all_ids[order], all_times[order], all_values[order]
