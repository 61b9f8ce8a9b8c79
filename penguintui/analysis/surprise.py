"""How surprising a change is: a number against its own spread before, a state against how often it changes. Pure.

The spread is the median absolute deviation, which a few outliers do not move (Rousseeuw and Croux, "Alternatives to
the Median Absolute Deviation", 1993); times 1.4826 it estimates a standard deviation.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

_TO_DEVIATION = 1.4826
_LEAST_SHARE = 0.02
"""A number that never moves still has this share of itself as its spread: a cent is no news beside a dollar."""
FAR = 5.0
"""From so many deviations on, a number has moved far."""
_MOST = 50.0
"""Beyond so many deviations one is as surprising as the next."""
_LEAST_POINTS = 5
_RETURN = 0.5
"""A number that crosses so much of what it had crossed before has moved: it left a peak, or a hole."""


@dataclass(frozen=True, slots=True)
class Move:
    """A number that moved. low, high: between which it had stayed until the first moment.

    deviations: how many of its own robust standard deviations the move is, at most 50; negative when it fell.
    """

    was: float
    after: float
    low: float
    high: float
    deviations: float

    @property
    def far(self) -> bool:
        return abs(self.deviations) >= FAR


def move(before: Sequence[float], was: float, after: float) -> Move | None:
    """How far a number moved from `was`, measured by how it was spread before.

    None when too little is known of it before, or one of the two is no number. Within the bounds in which it had
    stayed nothing has moved.
    """
    known = sorted(filter(math.isfinite, before))
    if len(known) < _LEAST_POINTS or not (math.isfinite(was) and math.isfinite(after)):
        return None
    low, high = known[0], known[-1]
    distance = after - was
    inside = low <= after <= high and low <= was <= high and abs(distance) < _RETURN * (high - low)
    if inside or distance == 0:
        return Move(was, after, low, high, 0.0)
    middle = _middle(known)
    spread = _TO_DEVIATION * _middle(sorted([abs(value - middle) for value in known]))
    spread = max(spread, _LEAST_SHARE * abs(middle))
    deviations = distance / spread if spread > abs(distance) / _MOST else math.copysign(_MOST, distance)
    return Move(was, after, low, high, deviations)


def _middle(ascending: Sequence[float]) -> float:
    """The median of numbers that are in order: asked for thousands of numbers at once."""
    half = len(ascending) // 2
    return ascending[half] if len(ascending) % 2 else (ascending[half - 1] + ascending[half]) / 2


def of_move(deviations: float) -> float:
    """How surprising a number's move is, 0 to 80: each doubling of the deviations counts the same."""
    return min(80.0, 10.0 + 12.0 * math.log2(max(abs(deviations), 1.0)))


def used_to(surprise: float, times: int) -> float:
    """What is left of a surprise when the same has happened so many times lately."""
    return surprise - min(5.0 * math.log2(1 + times), 30.0)
