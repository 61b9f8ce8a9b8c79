"""Which series a sample belongs to. Ids are remembered, so that a sample of a known series costs one look-up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection


_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, sort_keys=True).encode


def canonical(mapping: Mapping[str, str]) -> str:
    """JSON that is equal for equal mappings."""
    return _encode(dict(mapping))


@dataclass(slots=True)
class Known:
    """A series as the store has it, and for how many seconds each of its samples holds."""

    id: int
    valid_for: float


class Identities:
    """All series of the store by metric and canonical labels. Used in the writer's thread only."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Known] = {}
        self._origins: dict[str, Origin] = {}

    def load(self, connection: Connection) -> None:
        """Begin with what the store has."""
        self.forget()
        for metric, labels, series_id, valid_for in connection.exec_driver_sql(
            "SELECT metric, labels, id, valid_for FROM series"
        ):
            self._known[(metric, labels)] = Known(series_id, valid_for)

    def forget(self) -> None:
        self._known.clear()
        self._origins.clear()

    def origin(self, labels: Mapping[str, str]) -> Origin:
        """The series of all samples that get these labels added."""
        key = canonical(labels)
        found = self._origins.get(key)
        if found is None:
            found = self._origins[key] = Origin(self, dict(labels))
        return found

    def identify(self, connection: Connection, metric: str, labels: Mapping[str, str], valid_for: float) -> Known:
        """The series of a metric with all its labels; made when it is new, corrected when it holds otherwise."""
        key = (metric, canonical(labels))
        known = self._known.get(key)
        if known is None:
            row = connection.exec_driver_sql(
                "INSERT INTO series (metric, labels, valid_for) VALUES (?, ?, ?) RETURNING id", (*key, valid_for)
            ).one()
            known = self._known[key] = Known(int(row[0]), valid_for)
        elif known.valid_for != valid_for:
            connection.exec_driver_sql("UPDATE series SET valid_for = ? WHERE id = ?", (valid_for, known.id))
            known.valid_for = valid_for
        return known


class Origin:
    """Where samples come from: a target and its probe, by the labels that they add to every sample."""

    def __init__(self, identities: Identities, labels: Mapping[str, str]) -> None:
        self._identities = identities
        self._labels = labels
        self._known: dict[tuple[str, tuple[tuple[str, str], ...]], Known] = {}

    def series(self, connection: Connection, metric: str, labels: Mapping[str, str], valid_for: float) -> int:
        """The id of the series to which a sample with these labels of its own belongs."""
        key = (metric, tuple(labels.items()))
        known = self._known.get(key)
        if known is None or known.valid_for != valid_for:
            whole = {**labels, **self._labels}
            known = self._known[key] = self._identities.identify(connection, metric, whole, valid_for)
        return known.id
