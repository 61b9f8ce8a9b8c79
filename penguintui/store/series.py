"""Which series a store holds, kept in memory; only those that are new are read."""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from penguintui.model.record import record

if TYPE_CHECKING:
    from penguintui.store.queried import Queried


_VALIDITY = "SELECT id, valid_for FROM series WHERE id IN (SELECT value FROM json_each(?))"
_STATE = "SELECT coalesce(max(id), 0), coalesce(sum(valid_for), 0.0) FROM series"


@record
class SeriesEntry:
    """One series: its labels with `__name__`, and for how many seconds each of its samples holds."""

    id: int
    labels: Mapping[str, str]
    valid_for: float


class SeriesIndex:
    """All series by metric. Series are never removed, so those with a larger number are the new ones."""

    def __init__(self) -> None:
        self._last = 0
        self._validity = 0.0
        self._by_metric: dict[str, Sequence[SeriesEntry]] = {}
        self._by_instance: dict[str, tuple[Sequence[SeriesEntry], Mapping[str, Sequence[SeriesEntry]]]] = {}
        self._lock = threading.Lock()

    def by_metric(self, store: Queried) -> Mapping[str, Sequence[SeriesEntry]]:
        """The series of each metric, as the store has them now. What was given before stays as it was."""
        last, validity = store.driver_rows(_STATE, ())[0]
        with self._lock:
            if last > self._last:
                self._add(_rows(store, self._last))
            if last < self._last or not math.isclose(validity, self._validity, rel_tol=1e-12):
                # Another store, or series that hold for another time than before: begin anew.
                self._last, self._validity, self._by_metric = 0, 0.0, {}
                self._add(_rows(store, 0))
            return self._by_metric

    def known(self, store: Queried) -> Mapping[str, Sequence[SeriesEntry]]:
        """As `by_metric`, for those who need not know when series begin to hold for another time: it costs less."""
        last = store.driver_rows("SELECT coalesce(max(id), 0) FROM series", ())[0][0]
        if last < self._last:
            return self.by_metric(store)
        with self._lock:
            if last > self._last:
                self._add(_rows(store, self._last))
            return self._by_metric

    def by_instance(self, metric: str, among: Sequence[SeriesEntry]) -> Mapping[str, Sequence[SeriesEntry]]:
        """The series of a metric by their label `instance`; the same object while they are. among: all of them."""
        kept = self._by_instance.get(metric)
        if kept is None or kept[0] is not among:
            found: dict[str, list[SeriesEntry]] = {}
            for entry in among:
                found.setdefault(entry.labels.get("instance", ""), []).append(entry)
            kept = self._by_instance[metric] = (among, found)
        return kept[1]

    def of_instances(self, store: Queried, metric: str | None, instances: Collection[str]) -> list[SeriesEntry]:
        """The series of a metric, or of all, that have one of these as their label `instance`, as they are now.

        It costs what these few series cost, not what all do.
        """
        known = self.known(store)
        asked = known if metric is None else (metric,)
        apart = [self.by_instance(one, known.get(one, ())) for one in asked]
        found = [entry for by_instance in apart for name in instances for entry in by_instance.get(name, ())]
        holds = dict(store.driver_rows(_VALIDITY, (json.dumps([entry.id for entry in found]),)))
        return [replace(entry, valid_for=holds.get(entry.id, entry.valid_for)) for entry in found]

    def _add(self, rows: Sequence[Any]) -> None:
        fresh: dict[str, list[SeriesEntry]] = {}
        for series_id, metric, labels, valid_for in rows:
            entry = SeriesEntry(series_id, {"__name__": metric, **json.loads(labels)}, valid_for)
            fresh.setdefault(metric, []).append(entry)
            self._last = max(self._last, series_id)
            self._validity += valid_for
        known = self._by_metric
        self._by_metric = {**known, **{metric: (*known.get(metric, ()), *new) for metric, new in fresh.items()}}


def _rows(store: Queried, after: int) -> list[Any]:
    return store.driver_rows("SELECT id, metric, labels, valid_for FROM series WHERE id > ? ORDER BY id", (after,))
