"""How times are said in sentences."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from penguintui.model.clock import Time


def clock_time(time: Time) -> str:
    """The time of day in UTC: 14:02:11Z."""
    return datetime.fromtimestamp(time, UTC).strftime("%H:%M:%SZ")


def parse_time(text: str, now: Time) -> Time:
    """A time that a person wrote: `14:05` or `14:05:30` (the last such, UTC), ISO 8601, or seconds since 1970.

    Raises ValueError with an example for anything else.
    """
    words = text.strip()
    with contextlib.suppress(ValueError):
        return float(words)
    try:
        clock = time.fromisoformat(words)
    except ValueError:
        clock = None
    if clock is not None:
        today = datetime.fromtimestamp(now, UTC).date()
        found = datetime.combine(today, clock.replace(tzinfo=None), clock.tzinfo or UTC)
        return (found if found.timestamp() <= now else found - timedelta(days=1)).timestamp()
    try:
        found = datetime.fromisoformat(words)
    except ValueError:
        raise ValueError(f"{text!r} is no time; write 14:05, 2026-11-24T14:05Z or seconds since 1970") from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
