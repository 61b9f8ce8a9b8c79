"""How times are said in sentences."""

from __future__ import annotations

from datetime import UTC, datetime

from penguintui.model.clock import Time


def clock_time(time: Time) -> str:
    """The time of day in UTC: 14:02:11Z."""
    return datetime.fromtimestamp(time, UTC).strftime("%H:%M:%SZ")
