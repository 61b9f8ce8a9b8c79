"""Which series a sample belongs to. Ids are remembered, so that a sample of a known series costs one look-up."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from penguintui.model.observation import Sample


_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, sort_keys=True).encode


def canonical(mapping: Mapping[str, str]) -> str:
    """JSON that is equal for equal mappings."""
    return _encode(dict(mapping)) if mapping else "{}"


@dataclass(slots=True)
class Known:
    """A series as the store has it, and for how many seconds each of its samples holds."""

    id: int
    valid_for: float


class Identities:
    """All series of the store by metric and canonical labels. Used in the writer's thread only."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Known] = {}
        self._last = 0
        self._origins: dict[str, Origin] = {}

    def load(self, connection: Connection) -> None:
        """Begin with what the store has."""
        self.forget()
        self._read_new(connection)

    def forget(self) -> None:
        self._known.clear()
        self._last = 0
        self._origins.clear()

    def origin(self, labels: Mapping[str, str]) -> Origin:
        """The series of all samples that get these labels added."""
        key = canonical(labels)
        found = self._origins.get(key)
        if found is None:
            found = self._origins[key] = Origin(self, dict(labels))
        return found

    def identify(self, connection: Connection, keys: Sequence[tuple[str, str]], valid_for: float) -> list[Known]:
        """The series of metrics with all their labels (canonical): made when new, corrected when they differ."""
        missing = [(*key, valid_for) for key in dict.fromkeys(keys) if key not in self._known]
        if missing:
            connection.exec_driver_sql(
                "INSERT INTO series (metric, labels, valid_for) VALUES (?, ?, ?) "
                "ON CONFLICT (metric, labels) DO NOTHING",
                missing,
            )
            self._read_new(connection)
        found = [self._known[key] for key in keys]
        others = {known.id: known for known in found if known.valid_for != valid_for}
        if others:
            connection.exec_driver_sql(
                "UPDATE series SET valid_for = ? WHERE id = ?", [(valid_for, number) for number in others]
            )
            for known in others.values():
                known.valid_for = valid_for
        return found

    def _read_new(self, connection: Connection) -> None:
        """Learn of all series that were made since the last look, by us or by others."""
        for number, metric, labels, valid_for in connection.exec_driver_sql(
            "SELECT id, metric, labels, valid_for FROM series WHERE id > ? ORDER BY id", (self._last,)
        ):
            self._known[(metric, labels)] = Known(number, valid_for)
            self._last = number


@dataclass(slots=True)
class Layout:
    """Samples as one asking brought them: which series each belongs to. The next asking mostly brings the same."""

    metrics: list[str]
    labels: list[dict[str, str]]
    valid_for: float
    ids: list[int]
    names: frozenset[str]


class Origin:
    """Where samples come from: a target and its probe, by the labels that they add to every sample."""

    def __init__(self, identities: Identities, labels: Mapping[str, str]) -> None:
        self._identities = identities
        self._labels = labels
        self._known: dict[tuple[str, tuple[tuple[str, str], ...]], Known] = {}
        self._layouts: dict[int, Layout] = {}

    def layout(self, connection: Connection, samples: Sequence[Sample], valid_for: float) -> Layout:
        """The series of all samples of an asking. Two equal lists are compared faster than each is looked up."""
        metrics, labels = [sample.metric for sample in samples], [sample.labels for sample in samples]
        layout = self._layouts.get(len(samples))
        if layout is None or layout.metrics != metrics or layout.labels != labels or layout.valid_for != valid_for:
            ids = self._identify(connection, samples, valid_for)
            layout = Layout(metrics, [dict(own) for own in labels], valid_for, ids, frozenset(metrics))
            self._layouts[len(samples)] = layout
        return layout

    def series(self, connection: Connection, sample: Sample, valid_for: float) -> int:
        """The id of the series to which one sample belongs."""
        return self._identify(connection, (sample,), valid_for)[0]

    def _identify(self, connection: Connection, samples: Sequence[Sample], valid_for: float) -> list[int]:
        keys = [(sample.metric, tuple(sample.labels.items())) for sample in samples]
        missing = []
        for key in keys:
            known = self._known.get(key)
            if known is None or known.valid_for != valid_for:
                missing.append(key)
        if missing:
            whole = [(metric, canonical({**dict(own), **self._labels})) for metric, own in missing]
            self._known.update(zip(missing, self._identities.identify(connection, whole, valid_for), strict=True))
        return [self._known[key].id for key in keys]
