"""Promises: what a service level objective has left, and how fast it is being spent. Pure.

The words and the burn rates are those of the SRE Workbook, chapter 5 ("Alerting on SLOs"): a burn rate of 1 spends the
budget exactly in the window; 14.4 spends two percent of a 30-day budget in an hour, which is worth a page; 6 a ticket.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Sequence

from penguintui.model.clock import Time
from penguintui.model.record import record
from penguintui.model.status import Status

PAGE = 14.4
TICKET = 6.0

_COMPARISON = re.compile(r"\s*(<=|>=|<|>)\s*(-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*")
_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}


@record
class Comparison:
    """A target such as `<= 0.2`."""

    operator: str
    limit: float

    def holds(self, value: float) -> bool:
        """Whether a value meets the target; not a number never does."""
        return _OPERATORS[self.operator](value, self.limit)

    @property
    def small_is_good(self) -> bool:
        return self.operator in ("<=", "<")


def parse_comparison(text: str) -> Comparison:
    """`<= 0.2` and its kin. Raises ValueError, in words, for anything else."""
    found = _COMPARISON.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no comparison; write one such as <= 0.2")
    return Comparison(found[1], float(found[2]))


@record
class Budget:
    """What is left of an error budget.

    left: share of it that is not spent; below 0 when more was spent than there is.
    burn: how many times faster than allowed it was spent over the recent part; None when that part has no data.
    known: share of the window for which there is data, 0..1. Time without data spends nothing.
    mean: the mean of the values that are known.
    """

    left: float
    burn: float | None
    known: float
    mean: float


def budget(
    times: Sequence[Time],
    values: Sequence[float],
    *,
    spent: Callable[[float], float],
    allowed: float,
    window: float,
    step: float,
    recent: Sequence[float],
) -> Budget | None:
    """The budget as the values over the window tell it. None without a single number, or when nothing is allowed.

    times, values: `step` seconds apart, not older than `window` seconds before the newest. spent: how much of what
    is allowed a value spends in its step (`per_breach`, `per_shortfall`). recent: the values of the last hour or so,
    for the burn rate.
    """
    pairs = [(t, v) for t, v in zip(times, values, strict=True) if not math.isnan(v)]
    if not pairs or allowed <= 0 or window <= 0:
        return None
    newest = pairs[-1][0]
    within = [v for t, v in pairs if newest - t < window]
    steps = max(window / step, len(within))
    consumed = sum(map(spent, within)) / (steps * allowed)
    fresh = [v for v in recent if not math.isnan(v)]
    burn = sum(map(spent, fresh)) / (len(fresh) * allowed) if fresh else None
    return Budget(1.0 - consumed, burn, len(within) / steps, sum(within) / len(within))


def per_breach(target: Comparison) -> Callable[[float], float]:
    """A step in which the target is missed spends itself, whole; one in which it is met spends nothing."""
    return lambda value: 0.0 if target.holds(value) else 1.0


def per_shortfall(target: Comparison, best: float) -> Callable[[float], float]:
    """A step spends as much as its value falls short of the best possible: for promises on a mean, as uptime is."""
    sign = 1.0 if target.small_is_good else -1.0
    return lambda value: max(sign * (value - best), 0.0)


def best_of(target: Comparison, unit: str) -> float | None:
    """The best possible value of a share: nothing failed, or everything succeeded. None for what is no share."""
    whole = {"ratio": 1.0, "percent": 100.0}.get(unit)
    if target.small_is_good:
        return 0.0
    return whole


def judge(kept: bool | None, found: Budget | None) -> Status:
    """The verdict on a promise. kept: whether the target is met now, None when nobody knows."""
    if kept is None:
        return Status.UNKNOWN
    if found is None:
        return Status.OK if kept else Status.CRITICAL
    overspent = found.left <= 0
    if not kept:
        return Status.CRITICAL if overspent or (found.burn or 0.0) >= PAGE else Status.WARNING
    return Status.WARNING if overspent or (found.burn or 0.0) >= TICKET else Status.OK
