"""Time comes in from outside: the protocol of a clock, and the one kind of time we speak."""

from __future__ import annotations

from typing import Protocol

Time = float
"""Seconds since 1970-01-01T00:00:00Z. All stored and passed times are this; zones appear only where a person reads."""


class Clock(Protocol):
    """Where the agent, the store's writer and the viewer get their time from."""

    def now(self) -> Time:
        """The wall clock, in seconds since 1970 (UTC)."""
        ...

    def monotonic(self) -> float:
        """Seconds from an arbitrary start that never jump; for intervals, time-outs and leases."""
        ...
