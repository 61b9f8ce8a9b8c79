"""What every probe's settings have: how often, how long, and where a number begins to worry."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from penguintui.config.base import Settings
from penguintui.config.values import Duration
from penguintui.model.status import Status


class ProbeBase(Settings):
    """What every probe has."""

    name: str | None = Field(None, description="Tells two probes of one type on one target apart.")
    job: str | None = Field(None, description="The label `job` of its samples; the type when left out.")
    interval: Duration = Field(30.0, gt=0, description="How often it is asked.")
    timeout: Duration = Field(10.0, gt=0, description="How long one asking may take.")
    valid_for: Duration | None = Field(
        None, description="How long an answer holds; two and a half intervals when left out."
    )

    @property
    def holds(self) -> float:
        """Seconds for which an answer of this probe holds."""
        return self.valid_for if self.valid_for is not None else 2.5 * self.interval


class Reachable(ProbeBase):
    """A probe whose target is down when it does not answer."""

    unreachable: Literal["critical", "warning", "unknown"] = Field(
        "critical", description="How bad it is when the target refuses, times out or hangs up."
    )

    @property
    def unreachable_status(self) -> Status:
        return Status[self.unreachable.upper()]


class Levels(Settings):
    """Two limits on a number. A missing one is never crossed."""

    warning: float | None = None
    critical: float | None = None
    below: bool = Field(False, description="Whether it is small numbers that worry.")
