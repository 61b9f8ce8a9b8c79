"""Screen 6, as far as it is known: incidents that the store's events tell of, and what happened lately."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from penguintui.model.clock import Time
from penguintui.model.status import Status
from penguintui.views import format as say
from penguintui.views.changes import lately
from penguintui.views.models.incidents import IncidentRow, Incidents
from penguintui.views.models.what import Need

if TYPE_CHECKING:
    from penguintui.store.reader import Reader
    from penguintui.store.records import EventRecord

_MONTH = 30 * say.DAY
_ENDS = ("incident.resolved", "incident.closed")


def build(reader: Reader) -> Incidents:
    """Incidents of the last 30 days and the changes of the last day, as of the reader's moment."""
    found = incidents_of(reader.events(reader.at - _MONTH, kinds=("incident.",), limit=1000), reader.at)
    return Incidents(found, tuple(lately(reader, reader.at - say.DAY)), (_NEED,))


_NEED = Need(
    "War room",
    "Opening, leading and resolving incidents, roles, suspects and the status page will stand here.",
    "Until then incidents are read from events whose kind begins with incident.: incident.opened, incident.resolved.",
)


def incidents_of(events: Sequence[EventRecord], at: Time) -> tuple[IncidentRow, ...]:
    """Incidents from their events. The attribute `incident` (else the title) tells which events speak of one."""
    by_name: dict[str, list[EventRecord]] = {}
    for event in sorted(events, key=lambda e: (e.time, e.id)):
        by_name.setdefault(event.attributes.get("incident") or event.summary, []).append(event)
    rows = [_row(name, told, at) for name, told in by_name.items()]
    return tuple(sorted(rows, key=lambda row: (row.resolved_at is not None, -row.opened_at)))


def _row(name: str, told: Sequence[EventRecord], at: Time) -> IncidentRow:
    first = told[0]
    end = next((event.time for event in reversed(told) if event.kind in _ENDS), None)
    worst = max((event.severity for event in told), default=Status.UNKNOWN)
    return IncidentRow(
        name=name,
        severity=first.attributes.get("severity", ""),
        status=Status.OK if end is not None else max(worst, Status.WARNING),
        title=first.summary,
        opened=say.short(first.time, at),
        opened_at=first.time,
        resolved="" if end is None else say.short(end, at),
        took=say.span((at if end is None else end) - first.time),
        resolved_at=end,
    )
