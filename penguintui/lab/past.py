"""What happened in the generated 30 days before the lab began: one incident, three releases, hourly mail."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from penguintui.lab.traffic import DAY, HOUR
from penguintui.model.clock import Time

DAYS = 30
DELIVERED_SHARE = 0.976
OPEN_SHARE, REPLY_SHARE = 0.38, 0.021
DOLLARS_A_MAIL = {"attributed": 0.00185, "other": 0.00028}


@dataclass(frozen=True, slots=True)
class Incident:
    """The bad time and a half hours, resolved long since."""

    number: int
    start: Time
    end: Time
    severity: str
    title: str


@dataclass(frozen=True, slots=True)
class Release:
    name: str
    colour: str
    previous: str
    time: Time


def beginning(began: Time) -> Time:
    """When the generated past starts: a full hour, 30 days before the lab began."""
    return math.floor((began - DAYS * DAY) / HOUR) * HOUR


def incident(began: Time) -> Incident:
    start = began - 11.3 * DAY
    return Incident(17, start, start + 6600, "SEV-2", "API slow and mail late")


def releases(began: Time) -> tuple[Release, ...]:
    """Oldest first. The last one runs when the lab begins, the one before it waits in the idle colour."""
    return (
        Release("2026.10.4", "blue", "2026.10.3", began - 23.4 * DAY),
        Release("2026.11.1", "green", "2026.10.4", began - 11.35 * DAY),
        Release("2026.11.2", "blue", "2026.11.1", began - 4.2 * DAY),
    )


def hours(began: Time) -> Iterator[tuple[Time, float]]:
    """(start, seconds) of each hour of the past; the last one is cut off where the lab began."""
    hour = beginning(began)
    while hour < began:
        yield hour, min(HOUR, began - hour)
        hour += HOUR
