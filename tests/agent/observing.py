"""Observations for tests of what becomes of them."""

from __future__ import annotations

from penguintui.model.observation import Event, Finding, Observation, Sample
from penguintui.model.status import Status
from penguintui.model.target import Kind, Target
from penguintui.store.ingest import Reported

API = Target("api", Kind.SERVICE, "production", {"tier": "web"})


def reported(
    time: float, *findings: Finding, events: tuple[Event, ...] = (), complete: bool = True, **values: float
) -> Reported:
    """What a probe saw at a time: findings, events, and metrics by name."""
    samples = tuple(Sample(name, value) for name, value in values.items())
    return Reported(API, "http", "http", Observation(time, 10.0, True, samples, findings, events, complete))


def slow(summary: str = "answered after 3 s", status: Status = Status.WARNING) -> Finding:
    return Finding("http.response", status, summary, remedy="look at the service", evidence={"seconds": "3"})
