"""The open findings, of which what is fine and stays fine is fetched only when somebody looks at its target.

In a large fleet nearly all that an agent writes says that what was fine is fine still. To read that anew each second
would cost a viewer more than everything else it does, and change nothing of what it shows.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from penguintui.model.record import record
from penguintui.store.present import FINDING, finding_of

if TYPE_CHECKING:
    from penguintui.store.queried import Queried
    from penguintui.store.records import FindingRecord

_ROWS = f"SELECT {FINDING}, id, valid_to FROM findings WHERE "  # noqa: S608 (our own words)
_OPEN = "valid_to IS NULL"
_WORRIES = "change > ? AND (status <> 0 OR valid_to IS NOT NULL OR id > ? OR id IN (SELECT value FROM json_each(?)))"
# What ends, or is new, comes by what worries: what is left of a target are findings whose numbers are known.
_KNOWN = "change > ? AND id IN (SELECT value FROM json_each(?))"
_STATE = "SELECT coalesce((SELECT max(change) FROM findings), 0), coalesce((SELECT max(id) FROM findings), 0)"
_COUNT = "SELECT count(*) FROM findings WHERE valid_to IS NULL"
_CHECK = 2
"""Which column says by what check."""
_COUNTED_EVERY = 5.0
"""Seconds after which all are counted, in case that somebody but an agent wrote; it costs more than what changed."""


@record
class _State:
    """The last batch that touched a finding, and the largest number of one."""

    change: int
    last: int

    def goes_on_from(self, before: _State) -> bool:
        return self.change >= before.change and self.last >= before.last


class Lasting:
    """The open findings by target, for whoever reads again and again.

    `follow` fetches what worries, what is new and what has ended; `look_at` all that is known of some targets. So a
    finding that is fine says what it said when its target was last looked at, and by `observed` it may seem older than
    it is: whoever judges by age looks at its target first. What is given out is never changed.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._opened: object = None
        self._state: _State | None = None
        self._begun = 0
        self._seen: dict[str, int] = {}
        self._watched: set[str] = set()
        self._findings: dict[str, dict[int, FindingRecord]] = {}
        self._count = 0
        self._counted = 0.0
        self._touched: dict[str, int] = {}
        self._by_check: dict[str, set[str]] = {}
        self.serial = 0
        self.by_target: Mapping[str, tuple[FindingRecord, ...]] = {}

    def touched(self, since: int) -> list[str]:
        """The targets of which something was fetched after `serial` had been this number."""
        return [name for name, _ in takewhile(lambda one: one[1] > since, reversed(self._touched.items()))]

    def found_by(self, wanted: Callable[[str], bool]) -> set[str]:
        """The targets of which a check has found something, now or before, by the check's name."""
        with self._lock:
            return {name for check, names in self._by_check.items() if wanted(check) for name in names}

    def follow(self, store: Queried) -> None:
        """Fetch what worries, what is new and what has ended since the last time."""
        with self._lock:
            opened, known = store.opened(), self._state
            state = _State(*store.driver_rows(_STATE, ())[0])
            if known is not None and opened is self._opened and state.goes_on_from(known):
                if state != known:
                    self._fetch(store, known, state)
                if self._all_there(store):
                    return
            # The first time; or another file, or numbers that were given anew, or somebody wrote in between.
            self._opened = opened
            self._begin(state, store.driver_rows(_ROWS + _OPEN, ()))

    def _fetch(self, store: Queried, known: _State, state: _State) -> None:
        """What worries, and all of those targets that were looked at last: most likely they are looked at again."""
        watched = [name for name in self._watched if self._seen.get(name, self._begun) == known.change]
        numbers = json.dumps(self._numbers(watched))
        self._take(store.driver_rows(_ROWS + _WORRIES, (known.change, known.last, numbers)))
        self._seen |= dict.fromkeys(watched, state.change)
        self._watched, self._state = set(), state

    def _numbers(self, names: Iterable[str]) -> list[int]:
        """Those of the findings of some targets."""
        return [number for name in names for number in self._findings.get(name, ())]

    def _all_there(self, store: Queried) -> bool:
        """Whether as many are open as are known; looked at now and then."""
        now = store.now()
        if 0 <= now - self._counted < _COUNTED_EVERY:
            return True
        self._counted = now
        return bool(self._count == store.driver_rows(_COUNT, ())[0][0])

    def look_at(self, store: Queried, targets: Collection[str]) -> None:
        """Fetch what was found anew of these targets, fine or not. After `follow`."""
        with self._lock:
            change = 0 if self._state is None else self._state.change
            # Together only those that were seen equally long ago: what did not change since is not fetched again.
            behind: dict[int, list[str]] = {}
            self._watched.update(targets)
            for name in targets:
                if (seen := self._seen.get(name, self._begun)) < change:
                    behind.setdefault(seen, []).append(name)
            for seen, names in behind.items():
                self._take(store.driver_rows(_ROWS + _KNOWN, (seen, json.dumps(self._numbers(names)))))
                self._seen |= dict.fromkeys(names, change)

    def _begin(self, state: _State, rows: Collection[Any]) -> None:
        before = self.by_target.keys()
        self._findings, self._seen, self._count, self.by_target, self._by_check = {}, {}, 0, {}, {}
        self._take(rows)
        self._touch(before - self.by_target.keys())
        self._state, self._begun = state, state.change

    def _take(self, rows: Collection[Any]) -> None:
        touched = set()
        for *row, number, valid_to in rows:
            own = self._findings.setdefault(row[0], {})
            touched.add(row[0])
            if valid_to is not None:
                self._count -= own.pop(number, None) is not None
                continue
            if number not in own:
                self._count += 1
                self._by_check.setdefault(row[_CHECK], set()).add(row[0])
            own[number] = finding_of(row)
        if touched:
            self.by_target = {**self.by_target, **{name: _in_order(self._findings[name]) for name in touched}}
            self._touch(touched)

    def _touch(self, names: Collection[str]) -> None:
        """Names that were touched last stand last."""
        self.serial += 1
        for name in names:
            self._touched.pop(name, None)
            self._touched[name] = self.serial


def _in_order(findings: Mapping[int, FindingRecord]) -> tuple[FindingRecord, ...]:
    """By their numbers, so that they stand in the same order however they came."""
    return tuple([findings[number] for number in sorted(findings)])
