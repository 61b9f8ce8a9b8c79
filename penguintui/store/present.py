"""What stands now, kept in memory: targets, open findings, the configuration.

A reading fetches only what changed since the last.

What is remembered belongs to the file that was opened: a store that is opened anew is read anew.
"""

from __future__ import annotations

import functools
import json
import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from penguintui.model.status import Status
from penguintui.model.target import Kind, Target
from penguintui.store.keeping import Watched, WatchedProbe
from penguintui.store.records import ConfigurationRecord, FindingRecord

if TYPE_CHECKING:
    from penguintui.store.queried import Queried

FINDING = 'target, probe, "check", subject, status, since, summary, remedy, evidence, observed, valid_for'
"""The columns of a `FindingRecord`, in its order."""
OBSERVED = 9
"""Which of them says when it was last observed."""
_STATUS = tuple(Status)
TARGET = "name, kind, environment, labels, runbook, probes"
"""The columns of a `Watched`."""
# Each is found by an index. Counted are those that ended: they are few, and one more is there whenever one ends.
_STATE = (
    "SELECT (SELECT max(id) FROM targets), (SELECT max(valid_from) FROM targets WHERE valid_to IS NULL), "
    "(SELECT max(valid_to) FROM targets), (SELECT count(*) FROM targets WHERE valid_to IS NOT NULL)"
)


def finding_of(row: Sequence[Any]) -> FindingRecord:
    """A finding from the columns `FINDING`."""
    target, probe, check, subject, status, since, summary, remedy, evidence, observed, valid_for = row
    said, seen = _STATUS[status], _evidence(evidence)
    return FindingRecord(target, probe, check, subject, said, since, summary, remedy, seen, observed, valid_for)


@functools.lru_cache(maxsize=1024)
def _evidence(text: str) -> Mapping[str, str]:
    """Evidence, and labels, are mostly what they were: what was read is shared, and never changed."""
    seen: Mapping[str, str] = json.loads(text)
    return seen


@functools.lru_cache(maxsize=4096)
def _probes(text: str) -> tuple[WatchedProbe, ...]:
    """Many targets are asked in the same way."""
    return tuple(WatchedProbe(**probe) for probe in json.loads(text))


def watched_of(row: Sequence[Any]) -> Watched:
    """A target from the columns `TARGET`."""
    name, kind, environment, labels, runbook, probes = row
    return Watched(Target(name, Kind(kind), environment, _evidence(labels)), _probes(probes), runbook)


class Present:
    """The open findings and the targets. What is given out is never changed: what changed is given anew."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._opened: object = None
        self._begin()

    def _begin(self) -> None:
        self._change = -1
        self._findings: dict[str, dict[int, FindingRecord]] = {}
        self._by_target: dict[str, tuple[FindingRecord, ...]] = {}
        self._state: tuple[Any, ...] = ()
        self._targets: Sequence[Watched] = ()
        self._configuration: tuple[int, ConfigurationRecord] | None = None

    def findings(self, store: Queried) -> Mapping[str, tuple[FindingRecord, ...]]:
        """The open findings by target; the tuple of a target of which nothing changed is the same object as before."""
        with self._lock:
            self._follow(store)
            wanted = "valid_to IS NULL" if self._change < 0 else "change > ?"
            rows = store.driver_rows(
                f"SELECT {FINDING}, id, change, valid_to FROM findings WHERE {wanted}",  # noqa: S608 (our own words)
                () if self._change < 0 else (self._change,),
            )
            touched = set()
            for *row, number, change, valid_to in rows:
                own = self._findings.setdefault(row[0], {})
                touched.add(row[0])
                self._change = max(self._change, change)
                if valid_to is None:
                    own[number] = finding_of(row)
                else:
                    own.pop(number, None)
            if touched:
                self._by_target = {
                    **self._by_target,
                    **{name: tuple(self._findings[name].values()) for name in touched},
                }
            return self._by_target

    def targets(self, store: Queried) -> Sequence[Watched]:
        """The targets of now, in no particular order; the same objects as before while nothing changed."""
        with self._lock:
            self._follow(store)
            state = tuple(store.driver_rows(_STATE, ())[0])
            if state != self._state:
                rows = store.driver_rows(f"SELECT {TARGET} FROM targets WHERE valid_to IS NULL", ())  # noqa: S608
                self._state, self._targets = state, [watched_of(row) for row in rows]
            return self._targets

    def configuration(self, store: Queried, number: int) -> ConfigurationRecord:
        """The configuration of a number, the same object as before: what was in force is never changed."""
        with self._lock:
            self._follow(store)
            kept = self._configuration
            if kept is None or kept[0] != number:
                rows = store.driver_rows(
                    "SELECT digest, document, source, valid_from FROM configurations WHERE id = ?", (number,)
                )
                digest, document, *rest = rows[0]
                kept = self._configuration = (number, ConfigurationRecord(digest, json.loads(document), *rest))
            return kept[1]

    def _follow(self, store: Queried) -> None:
        opened = store.opened()
        if opened is not self._opened:
            self._opened = opened
            self._begin()
