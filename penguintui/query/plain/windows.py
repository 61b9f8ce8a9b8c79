"""Functions of the samples of one window, without arrays: the steps of `rates` and `over_time` in the same order."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from penguintui.query.plain.rows import Labels, NotPlain


@dataclass(slots=True)
class Window:
    """The samples of one series in a range: times in milliseconds, ascending; never none."""

    labels: Labels
    times: Sequence[int]
    values: Sequence[float]
    reached: Sequence[float] | None = None
    """What the values had reached before each of their falls, where that is known already."""


@dataclass(slots=True)
class History:
    """The samples of one series: times in milliseconds, ascending; None in place of a value where the series ended."""

    labels: Labels
    times: Sequence[int]
    values: Sequence[float | None]


_FEW_RESETS = 8
"""Sums of more are added in another order by arrays."""


def divided(left: float, right: float) -> float:
    """Division as floats have it: by zero it is infinite, or nothing."""
    if right:
        return left / right
    if not left or left != left:  # noqa: PLR0124 - NaN
        return math.nan
    return math.copysign(math.inf, left) * math.copysign(1.0, right)


def total_of(values: Sequence[float]) -> float:
    """Neumaier's compensated sum, as `sums.Sum`."""
    if len(values) == 1:
        return values[0] + 0.0
    total = compensation = 0.0
    for value in values:
        new = total + value
        compensation += (total - new) + value if abs(total) >= abs(value) else (value - new) + total
        if math.isinf(new):
            compensation = 0.0
        total = new
    return total + compensation


def _gained(window: Window) -> float:
    """How much a counter grew: the difference, and what it had reached before each reset."""
    values, reached = window.values, window.reached
    if reached is None:
        reached = [before for before, after in pairwise(values) if after < before]
    if not reached:
        return values[-1] - values[0]
    if len(reached) > _FEW_RESETS:
        raise NotPlain
    rest = 0.0
    for one in reached[1:]:
        rest += one
    return values[-1] - values[0] + (reached[0] + rest if len(reached) > 1 else reached[0])


def _stretch(window: Window, moved: float, start: int, end: int, *, is_counter: bool) -> float:
    """By how much a difference between samples grows at the bounds of the window; see `rates`."""
    times, value = window.times, window.values[0]
    sampled = (times[-1] - times[0]) / 1000
    before = (times[0] - start) / 1000
    after = (end - times[-1]) / 1000
    average = sampled / (len(times) - 1)
    threshold = average * 1.1
    if before >= threshold:
        before = average / 2
    if is_counter and moved > 0 and value >= 0:
        before = min(before, sampled * (value / moved))
    if after >= threshold:
        after = average / 2
    return (sampled + before + after) / sampled


def _increase(window: Window, start: int, end: int) -> float | None:
    if len(window.times) < 2:
        return None
    grown = _gained(window)
    return grown * _stretch(window, grown, start, end, is_counter=True)


def _rate(window: Window, start: int, end: int) -> float | None:
    if len(window.times) < 2:
        return None
    grown = _gained(window)
    # Divided first, as Prometheus does: the last digit depends on it, and unit tests of rules compare it.
    return grown * (_stretch(window, grown, start, end, is_counter=True) / ((end - start) / 1000))


def _delta(window: Window, start: int, end: int) -> float | None:
    if len(window.times) < 2:
        return None
    moved = window.values[-1] - window.values[0]
    return moved * _stretch(window, moved, start, end, is_counter=False)


def _mean(window: Window, _start: int, _end: int) -> float:
    total = total_of(window.values)
    if math.isinf(total):
        raise NotPlain  # the parts of a sum that overflowed are divided first
    return total / len(window.values)


def _least(window: Window, _start: int, _end: int) -> float:
    """NaN only where every value is NaN."""
    return min((value for value in window.values if value == value), default=math.nan)  # noqa: PLR0124


def _largest(window: Window, _start: int, _end: int) -> float:
    return max((value for value in window.values if value == value), default=math.nan)  # noqa: PLR0124


def _changes(window: Window, _start: int, _end: int) -> float:
    """Of two that are not numbers neither is a change."""
    return float(sum(old != new and (old == old or new == new) for old, new in pairwise(window.values)))  # noqa: PLR0124


def _resets(window: Window, _start: int, _end: int) -> float:
    return float(sum(new < old for old, new in pairwise(window.values)))


def _quantile(window: Window, _start: int, _end: int, wanted: float) -> float:
    """An interpolated quantile; NaN counts as the smallest of values."""
    if not 0 <= wanted <= 1:
        raise NotPlain  # the engine has something to say about it
    numbers = sorted(value for value in window.values if value == value)  # noqa: PLR0124
    ordered = [math.nan] * (len(window.values) - len(numbers)) + numbers
    rank = wanted * (len(ordered) - 1)
    below = math.floor(rank)
    weight = rank - below
    return ordered[below] * (1 - weight) + ordered[min(len(ordered) - 1, below + 1)] * weight


OVER_WINDOWS: dict[str, Callable[..., float | None]] = {
    "avg_over_time": _mean,
    "changes": _changes,
    "count_over_time": lambda window, _start, _end: float(len(window.values)),
    "delta": _delta,
    "first_over_time": lambda window, _start, _end: window.values[0],
    "increase": _increase,
    "last_over_time": lambda window, _start, _end: window.values[-1],
    "max_over_time": _largest,
    "min_over_time": _least,
    "present_over_time": lambda _window, _start, _end: 1.0,
    "quantile_over_time": _quantile,
    "rate": _rate,
    "resets": _resets,
    "sum_over_time": lambda window, _start, _end: total_of(window.values),
}
"""Functions of a window, the bounds of its range in milliseconds, and parameters; None where it has no value."""
