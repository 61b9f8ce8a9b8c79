"""Which series a store holds, kept in memory and renewed when new ones appear."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from penguintui.store.reader import Store


@dataclass(frozen=True, slots=True)
class SeriesEntry:
    """One series: its labels with `__name__`, and for how many seconds each of its samples holds."""

    id: int
    labels: Mapping[str, str]
    valid_for: float


class SeriesIndex:
    """All series by metric."""

    def __init__(self) -> None:
        self._state: tuple[int, float] | None = None
        self._by_metric: dict[str, list[SeriesEntry]] = {}
        self._lock = threading.Lock()

    def by_metric(self, store: Store) -> Mapping[str, list[SeriesEntry]]:
        """The series of each metric, as the store has them now."""
        count, validity = store.driver_rows("SELECT coalesce(max(id), 0), total(valid_for) FROM series", ())[0]
        with self._lock:
            if self._state != (count, validity):
                self._by_metric = _read(store)
                self._state = (count, validity)
            return self._by_metric


def _read(store: Store) -> dict[str, list[SeriesEntry]]:
    found: dict[str, list[SeriesEntry]] = {}
    for series_id, metric, labels, valid_for in store.driver_rows(
        "SELECT id, metric, labels, valid_for FROM series", ()
    ):
        entry = SeriesEntry(series_id, {"__name__": metric, **json.loads(labels)}, valid_for)
        found.setdefault(metric, []).append(entry)
    return found
