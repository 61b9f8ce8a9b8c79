"""What a reader gives: rows of the store as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from penguintui.model.clock import Time
from penguintui.model.record import record
from penguintui.model.status import Status


@record
class FindingRecord:
    """A finding as it stands at the moment. `since`: when it took its status; `observed`: when it was last seen."""

    target: str
    probe: str
    check: str
    subject: str
    status: Status
    since: Time
    summary: str
    remedy: str
    evidence: Mapping[str, str]
    observed: Time
    valid_for: float

    def stale(self, at: Time) -> bool:
        return at - self.observed > self.valid_for


@record
class EventRecord:
    id: int
    time: Time
    target: str
    kind: str
    severity: Status
    summary: str
    attributes: Mapping[str, str]


@record
class ConfigurationRecord:
    digest: str
    document: Mapping[str, Any]
    source: str
    valid_from: Time
