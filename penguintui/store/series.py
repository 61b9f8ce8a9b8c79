"""Which series a store holds, kept in memory; only those that are new are read."""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from penguintui.store.reader import Store


_STATE = "SELECT coalesce(max(id), 0), coalesce(sum(valid_for), 0.0) FROM series"


@dataclass(frozen=True, slots=True)
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
        self._lock = threading.Lock()

    def by_metric(self, store: Store) -> Mapping[str, Sequence[SeriesEntry]]:
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

    def known(self, store: Store) -> Mapping[str, Sequence[SeriesEntry]]:
        """As `by_metric`, for those who need not know when series begin to hold for another time: it costs less."""
        last = store.driver_rows("SELECT coalesce(max(id), 0) FROM series", ())[0][0]
        if last < self._last:
            return self.by_metric(store)
        with self._lock:
            if last > self._last:
                self._add(_rows(store, self._last))
            return self._by_metric

    def _add(self, rows: Sequence[Any]) -> None:
        fresh: dict[str, list[SeriesEntry]] = {}
        for series_id, metric, labels, valid_for in rows:
            entry = SeriesEntry(series_id, {"__name__": metric, **json.loads(labels)}, valid_for)
            fresh.setdefault(metric, []).append(entry)
            self._last = max(self._last, series_id)
            self._validity += valid_for
        known = self._by_metric
        self._by_metric = {**known, **{metric: (*known.get(metric, ()), *new) for metric, new in fresh.items()}}


def _rows(store: Store, after: int) -> list[Any]:
    return store.driver_rows("SELECT id, metric, labels, valid_for FROM series WHERE id > ? ORDER BY id", (after,))
