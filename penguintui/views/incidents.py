"""Screen 6, as far as it is known: incidents that the store's events tell of, and what happened lately."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from penguintui.model.clock import Time
from penguintui.model.status import Status
from penguintui.views import format as say
from penguintui.views.changes import lately, of_event
from penguintui.views.models.incidents import IncidentRow, Incidents
from penguintui.views.models.what import Change, Need

if TYPE_CHECKING:
    from penguintui.store.reader import Reader
    from penguintui.store.records import EventRecord

_MONTH = 30 * say.DAY
_BEFORE = 6 * 3600.0
"""Seconds in which a release before an incident belongs to its story."""
_ENDS = ("incident.resolved", "incident.closed")


def build(reader: Reader) -> Incidents:
    """Incidents of the last 30 days, the first one's story, and the changes of the last day.

    All as of the reader's moment.
    """
    told = reader.events(reader.at - _MONTH, kinds=("incident.", "release."), limit=1000)
    found = incidents_of([event for event in told if event.kind.startswith("incident.")], reader.at)
    timeline = tuple(lately(reader, reader.at - say.DAY))
    if not found:
        return Incidents((), timeline, (_NEED,))
    return Incidents(found, timeline, story=_story(found[0], told, reader.at))


def _story(row: IncidentRow, told: Sequence[EventRecord], at: Time) -> tuple[Change, ...]:
    """What was told of an incident, oldest first, after the releases that came before it."""
    speaking = [event for event in told if (event.attributes.get("incident") or event.summary) == row.name]
    before = row.opened_at - _BEFORE
    brought = [event for event in told if event.kind.startswith("release.") and before <= event.time <= row.opened_at]
    return tuple(of_event(event, at) for event in sorted(brought + speaking, key=lambda event: (event.time, event.id)))


_NEED = Need(
    "Incidents",
    "They are read from events, and no event tells of one.",
    "Let the platform's events of the kinds incident.opened, incident.note and incident.resolved come in.",
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
