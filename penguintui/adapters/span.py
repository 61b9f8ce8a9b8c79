"""A span of time as people say it."""

from __future__ import annotations


def span(seconds: float) -> str:
    """45 s, 12 min, 3 h, 2 days: whole units, the next one from two of it on."""
    for limit, size, unit in ((120, 1, "s"), (7200, 60, "min"), (172_800, 3600, "h")):
        if seconds < limit:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds / 86400:.0f} days"
