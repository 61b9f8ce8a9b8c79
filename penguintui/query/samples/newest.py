"""The store's newest samples, remembered between questions: those of metrics that a batch touched are read anew.

A screen asks dozens of questions each second, most of them of what hardly changed. What is remembered belongs to the
store as it was opened, and goes with it.
"""

from __future__ import annotations

import copy
import json
import math
import threading
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from penguintui.query.plain.rows import NAME, Labels, Rows, without_metadata
from penguintui.query.plain.windows import History, Window
from penguintui.query.samples.histories import coarsest, held
from penguintui.query.samples.stored import SLOW, TICK, only
from penguintui.query.source import Matcher, MatchOp

if TYPE_CHECKING:
    from penguintui.store.keeping import Era
    from penguintui.store.reader import Reader, Store
    from penguintui.store.series import SeriesEntry

_NEVER = -(2**62)
_MOST_SELECTIONS = 1000
_MOST_SAMPLES = 30_000
"""Of one range; arrays are faster with more."""
_ASKED_IN_TIME = 2.5
"""For how many of its intervals an observation holds, unless a probe says otherwise."""

# The newest sample of a series is a row always: compaction leaves it where it is found soonest.
_NEWEST = (
    "SELECT series.id, samples.time, samples.value, series.valid_for FROM series JOIN samples "
    "ON samples.series_id = series.id AND samples.time = (SELECT max(time) FROM samples WHERE series_id = series.id) "
    "WHERE series.id IN (SELECT value FROM json_each(?))"
)
_WINDOW = (
    "SELECT series_id, time, value FROM samples WHERE series_id IN (SELECT value FROM json_each(?)) "
    "AND time BETWEEN ? AND ? ORDER BY series_id, time"
)

_UP = (Matcher(NAME, MatchOp.EQUAL, "up"),)


@dataclass(slots=True)
class _Seen:
    """A series and its newest sample, as it was after a batch. Times in milliseconds.

    mark: grows each time that sample is another one.
    """

    id: int
    labels: Labels
    holds: int
    time: int = _NEVER
    value: float = 0.0
    batch: int = -1
    mark: int = 0


@dataclass(slots=True)
class _Selection:
    """The series that some matchers select among those that a metric had; in the order of `StoredSamples`."""

    among: Sequence[SeriesEntry]
    series: Sequence[_Seen]
    distinct: bool


@dataclass(slots=True)
class _Apart:
    """The same for each instance by itself, made when it is asked for. among: the metric's series by instance."""

    among: Mapping[str, Sequence[SeriesEntry]]
    series: dict[str, _Selection]


class NewestSamples:
    """Of one store. Thread-safe: one question at a time."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.opened: object = None
        self._seen: dict[int, _Seen] = {}
        self._selections: dict[Sequence[Matcher], _Selection] = {}
        self._apart: dict[Sequence[Matcher], _Apart] = {}
        self.serial = 0

    def of(self, opened: object) -> None:
        """Forget what was seen of the store as it was opened before."""
        if opened is not self.opened:
            self.opened, self._seen, self._selections, self._apart = opened, {}, {}, {}

    def select(self, among: Sequence[SeriesEntry], matchers: Sequence[Matcher]) -> _Selection:
        """The series that match among all those of the metric that the matchers name."""
        kept = self._selections.get(matchers)
        if kept is not None and kept.among is among:
            return kept
        while len(self._selections) >= _MOST_SELECTIONS:
            del self._selections[next(iter(self._selections))]
        made = self._selections[matchers] = self._selected(among, matchers)
        return made

    def apart(
        self, among: Mapping[str, Sequence[SeriesEntry]], matchers: Sequence[Matcher], instances: Collection[str]
    ) -> Mapping[str, _Selection]:
        """The same of some instances, at least, each by itself. among: the metric's series by instance."""
        apart = self._apart.get(matchers)
        if apart is None or apart.among is not among:
            while len(self._apart) >= _MOST_SELECTIONS:
                del self._apart[next(iter(self._apart))]
            apart = self._apart[matchers] = _Apart(among, {})
        known = apart.series
        for name in instances:
            if name not in known:
                known[name] = self._selected(among.get(name, ()), matchers)
        return known

    def _selected(self, among: Sequence[SeriesEntry], matchers: Sequence[Matcher]) -> _Selection:
        found = among
        for matcher in matchers:
            if matcher.name != NAME or matcher.op is not MatchOp.EQUAL:
                found = only(found, matcher)
        series = [self._of(entry) for entry in _in_order(found)]
        distinct = len({frozenset(without_metadata(one.labels).items()) for one in series}) == len(series)
        return _Selection(among, series, distinct)

    def _of(self, entry: SeriesEntry) -> _Seen:
        seen = self._seen.get(entry.id)
        if seen is None:
            labels = {name: value for name, value in entry.labels.items() if value}
            seen = self._seen[entry.id] = _Seen(entry.id, labels, round(entry.valid_for * 1000))
        return seen

    def renew(self, store: Store, series: Iterable[_Seen], changes: Mapping[str, int]) -> None:
        """Read the newest samples of those series that are not known as they are after their metric's last batch."""
        wanted = [one for one in series if one.batch != changes.get(one.labels[NAME])]
        if not wanted:
            return
        self.serial += 1
        for number, time, value, valid_for in store.driver_rows(_NEWEST, (json.dumps([one.id for one in wanted]),)):
            one = self._seen[number]
            if (time, value) != (one.time, one.value):
                one.time, one.value, one.mark = time, float("nan") if value is None else value, self.serial
            one.holds = round(valid_for * 1000)
        for one in wanted:
            one.batch = changes.get(one.labels[NAME], -1)

    def renew_all_of(self, store: Store, instances: Collection[str], changes: Mapping[str, int]) -> None:
        """The same, with one question, of all that was ever asked of some instances: it is about to be asked again."""
        asked = (apart.series.get(name) for apart in self._apart.values() for name in instances)
        self.renew(store, (one for own in asked if own is not None for one in own.series), changes)


def _in_order(entries: Iterable[SeriesEntry]) -> Iterator[SeriesEntry]:
    """As `StoredSamples` yields them: together what holds equally long, by number."""
    by_validity: dict[float, list[SeriesEntry]] = {}
    for entry in entries:
        by_validity.setdefault(round(entry.valid_for * 1000), []).append(entry)
    for together in by_validity.values():
        yield from sorted(together, key=lambda entry: entry.id)


_remembered: WeakKeyDictionary[Store, NewestSamples] = WeakKeyDictionary()
_remembering = threading.Lock()


def newest_of(store: Store) -> NewestSamples:
    """What is remembered of a store."""
    with _remembering:
        return _remembered.setdefault(store, NewestSamples())


class StoredNewest:
    """Plain questions to the store, as of a reader's moment. See `PlainSource`."""

    _instances: Collection[str] | None = None

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._store = reader.store
        self._newest = newest_of(reader.store)
        self._end = round(reader.at * 1000)
        self._opened: object = None
        self._changes: Mapping[str, int] | None = None
        self._series: Mapping[str, Sequence[SeriesEntry]] = {}
        self._eras: Sequence[Era] = ()
        self._coded_until = -1

    def newest(self, matchers: Sequence[Matcher], oldest: int, moment: int) -> Rows | None:
        """See `PlainSource`."""
        name = _name_of(matchers)
        if name is None or moment > self._end:
            return None
        with self._newest.lock:
            series = self._renewed(name, matchers)
            return None if series is None else self._shown(series, oldest, moment)

    def windows(self, matchers: Sequence[Matcher], oldest: int, newest: int) -> Sequence[Window] | None:
        """See `PlainSource`."""
        found = self.histories(matchers, oldest, newest)
        if found is None:
            return None
        windows = []
        for one in found:
            times, values = one.times, one.values
            if None in values:
                times = [time for time, value in zip(times, values, strict=True) if value is not None]
            there = [value for value in values if value is not None]
            if there:
                windows.append(Window(one.labels, times, there))
        return windows

    def histories(self, matchers: Sequence[Matcher], oldest: int, newest: int) -> Sequence[History] | None:
        """See `PastSource`."""
        name = _name_of(matchers)
        if name is None or newest > self._end:
            return None
        with self._newest.lock:
            series = self._renewed(name, matchers)  # a probe may hold for another time than before
            if series is None:
                return None
            since = oldest - max(max((one.holds for one in series), default=0), coarsest(self._eras, oldest, newest))
            if since <= self._coded_until:
                return None
            if sum((newest - since) * _ASKED_IN_TIME / max(one.holds, 1) for one in series) > _MOST_SAMPLES:
                return None
            rows = self._store.driver_rows(_WINDOW, (json.dumps([one.id for one in series]), since, newest))
        return self._histories_of(series, rows, oldest, newest)

    def _histories_of(
        self, series: Sequence[_Seen], rows: Sequence[tuple[int, int, float | None]], oldest: int, newest: int
    ) -> Sequence[History]:
        """rows: the samples of all series, by series and time."""
        if not rows:
            return []
        ids, times, values = zip(*rows, strict=True)
        if None in values:
            values = tuple(math.nan if value is None else value for value in values)
        coarse = coarsest(self._eras, oldest, newest)
        found = []
        for one in series:
            low, high = bisect_left(ids, one.id), bisect_right(ids, one.id)
            low = bisect_left(times, oldest - max(one.holds, coarse), low, high)
            if low < high:
                shown, told = held(times[low:high], values[low:high], one.holds, self._eras, newest)
                first = bisect_left(shown, oldest)
                if first < len(shown):
                    found.append(History(one.labels, shown[first:], told[first:]))
        return found

    def of(self, instances: Collection[str]) -> StoredNewest:
        """The same of the series that have one of these as their label `instance`."""
        with self._newest.lock:
            self._looked()
        other = copy.copy(self)
        other._instances = instances
        return other

    def changes(self) -> Mapping[str, int]:
        """The batches that touched each metric last, as this source sees them; see `Reader.changes`."""
        with self._newest.lock:
            return self._looked()

    def marks(self, instances: Collection[str]) -> dict[str, int] | None:
        """For each instance a number that is another one once it was observed anew; with one question for all.

        Every observation leaves a sample of `up`; what comes in another way, or late, is not noticed here. None when
        the store was opened anew meanwhile.
        """
        with self._newest.lock:
            changes = self._looked()
            if self._opened is not self._newest.opened:
                return None
            known, before = self._apart("up", _UP, instances), self._newest.serial
            self._newest.renew(self._store, (one for name in instances for one in known[name].series), changes)
            marks = {name: max([one.mark for one in known[name].series], default=0) for name in instances}
            self._newest.renew_all_of(self._store, [name for name in instances if marks[name] > before], changes)
            return marks

    def _renewed(self, name: str, matchers: Sequence[Matcher]) -> Sequence[_Seen] | None:
        """The matching series with their newest samples; None where the store was opened anew, or two would be one."""
        changes = self._looked()
        if self._opened is not self._newest.opened:
            return None
        selection = self._select(name, matchers)
        if not selection.distinct:
            return None
        self._newest.renew(self._store, selection.series, changes)
        return selection.series

    def _select(self, name: str, matchers: Sequence[Matcher]) -> _Selection:
        if self._instances is None:
            return self._newest.select(self._series.get(name, ()), matchers)
        known = self._apart(name, matchers, self._instances)
        found = [known[instance] for instance in self._instances]
        return _Selection((), [one for own in found for one in own.series], all(own.distinct for own in found))

    def _apart(self, metric: str, matchers: Sequence[Matcher], instances: Collection[str]) -> Mapping[str, _Selection]:
        among = self._store.series.by_instance(metric, self._series.get(metric, ()))
        return self._newest.apart(among, matchers, instances)

    def _looked(self) -> Mapping[str, int]:
        """What there is to know of the reader's moment, looked up once: the batches that touched each metric last."""
        if self._changes is None:
            self._opened = self._store.opened()
            self._newest.of(self._opened)
            self._changes = self._reader.changes()
            self._series = self._store.series.known(self._store)
            self._eras = self._reader.eras()
            coded = self._store.driver_rows("SELECT coalesce(max(ends), -1) FROM chunks", ())
            self._coded_until = int(coded[0][0])
        return self._changes

    def _resolution(self, time: int) -> int:
        """For how many milliseconds a sample of a coarse era holds."""
        inside = [era.resolution for era in self._eras if era.begins * 1000 <= time < era.ends * 1000]
        return round(max(inside, default=0.0) * 1000)

    def _shown(self, series: Sequence[_Seen], oldest: int, moment: int) -> Rows | None:
        """The samples that hold at the moment; None where one is newer, so that those before it are wanted."""
        labels: list[Labels] = []
        values: list[float] = []
        coarse = max((era.ends * 1000 for era in self._eras), default=_NEVER)
        for one in series:
            time, holds = one.time, one.holds
            if time > moment:
                return None
            if _NEVER < time < coarse:
                holds = max(holds, self._resolution(time))
                if time < oldest - one.holds:
                    return None  # how far the store looks back then depends on what else is there
            if moment < time + holds:
                last = time if holds <= SLOW * 1000 else time + (moment - time) // TICK * TICK
                if last >= oldest:
                    labels.append(one.labels)
                    values.append(one.value)
        return Rows(labels, values, [False] * len(values))


def _name_of(matchers: Sequence[Matcher]) -> str | None:
    """The metric that the matchers name, when they name one."""
    names = [matcher for matcher in matchers if matcher.name == NAME]
    return names[0].value if len(names) == 1 and names[0].op is MatchOp.EQUAL else None
