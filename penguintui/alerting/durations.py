"""Durations as rule files write them (Prometheus' `model.ParseDuration`): `1h30m`, larger units first."""

from __future__ import annotations

import re

_DURATION = re.compile(r"(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?", re.ASCII)
_MILLISECONDS = (31_536_000_000, 604_800_000, 86_400_000, 3_600_000, 60_000, 1000, 1)
_UNITS = ("y", "w", "d", "h", "m", "s", "ms")
_LONGEST = 2**63 // 1_000_000


def parse_duration(text: str) -> float:
    """Seconds. Raises ValueError with an example."""
    if text == "0":
        return 0.0
    found = _DURATION.fullmatch(text)
    if not text or found is None:
        raise ValueError(f"{text[:60]!r} is no duration; write one such as 30s, 5m or 1h30m")
    total = sum(int(number[:19] or 0) * size for number, size in zip(found.groups(""), _MILLISECONDS, strict=True))
    if total > _LONGEST:
        raise ValueError(f"the duration {text[:60]!r} is out of range")
    return total / 1000


def format_duration(seconds: float) -> str:
    """The duration as it would be written: 90 s is `1m30s`; years and weeks only where nothing is left of them."""
    left = round(abs(seconds) * 1000)
    if not left:
        return "0s"
    made = "-" if seconds < 0 else ""
    for unit, size in zip(_UNITS, _MILLISECONDS, strict=True):
        if unit in ("y", "w") and left % size:
            continue
        if left >= size:
            made += f"{left // size}{unit}"
            left %= size
    return made
