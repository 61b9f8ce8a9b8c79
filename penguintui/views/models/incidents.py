"""Screen 6: what is happening, and who is on it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from penguintui.model.record import record

if TYPE_CHECKING:
    from penguintui.model.clock import Time
    from penguintui.model.status import Status
    from penguintui.views.models.what import Change, Need


@record
class IncidentRow:
    """One incident as the store's events tell it: opened, and resolved or not.

    status: OK once resolved. took: how long it lasted, or lasts so far.
    """

    name: str
    severity: str
    status: Status
    title: str
    opened: str
    opened_at: Time
    resolved: str
    took: str
    resolved_at: Time | None = None


@record
class Incidents:
    """Open ones first, then the newest. timeline: what happened lately, newest first, for a war room.

    story: what was told of the first of the incidents, oldest first.
    """

    incidents: tuple[IncidentRow, ...]
    timeline: tuple[Change, ...]
    needs: tuple[Need, ...] = ()
    story: tuple[Change, ...] = ()
