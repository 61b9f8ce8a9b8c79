"""A number against its two limits."""

from __future__ import annotations

import math

from penguintui.config.probes import Levels
from penguintui.model.status import Status


def judge(value: float | None, levels: Levels) -> Status:
    """CRITICAL or WARNING when the value lies beyond that limit; a value on the limit has not crossed it.

    No value and NaN are UNKNOWN, whatever the limits: what was not measured is not fine.
    """
    if value is None or math.isnan(value):
        return Status.UNKNOWN
    for status, limit in ((Status.CRITICAL, levels.critical), (Status.WARNING, levels.warning)):
        if limit is not None and (value < limit if levels.below else value > limit):
            return status
    return Status.OK


def rounded(value: float, levels: Levels) -> str:
    """A number without decimals, and with one where it would read like the limit that it lies beyond or below."""
    whole = f"{value:.0f}"
    near = float(whole) != value and float(whole) in (levels.warning, levels.critical)
    return f"{value:.1f}" if near else whole


def limit_crossed(status: Status, levels: Levels, unit: str = "") -> str:
    """The limit that made `judge` say this, in words: "over the limit of 95 %"; empty when none was crossed."""
    limit = {Status.CRITICAL: levels.critical, Status.WARNING: levels.warning}.get(status)
    if limit is None:
        return ""
    return f"{'under' if levels.below else 'over'} the limit of {limit:g}{' ' if unit else ''}{unit}"
