"""Sums that do not lose the small numbers: Neumaier's compensated summation, many sums at once.

Sums of many windows of one long row of numbers are differences of its running sums, where these are exact enough.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from penguintui.query.vectors.block import Floats, Indices, Mask

_SURE = 2.0**10
"""By how much the error of a difference of running sums must be smaller than what rounding its result loses."""
_PART = 1 << 12


class Sum:
    """Running sums. `add` takes one addend for each sum; zero leaves a sum as it is."""

    __slots__ = ("compensation", "total")

    def __init__(self, shape: int | tuple[int, ...]) -> None:
        self.total = np.zeros(shape)
        self.compensation = np.zeros(shape)

    def add(self, addends: Floats, first: int | None = None) -> None:
        """Add to all sums, or to the `first` so many along the first axis."""
        total, compensation = self.total[:first], self.compensation[:first]
        new = total + addends
        bigger = np.abs(total) >= np.abs(addends)
        lost = np.where(bigger, (total - new) + addends, (addends - new) + total)
        compensation += lost
        compensation[np.isinf(new)] = 0.0
        total[...] = new

    def result(self) -> Floats:
        return self.total + self.compensation


def column_sums(values: Floats, mask: Mask) -> Floats:
    """The sum of each column's values where the mask holds, added from the top."""
    sums = Sum(values.shape[1])
    for row in np.where(mask, values, 0.0):
        sums.add(row)
    return sums.result()


def mean_of_sums(sums: Floats, counts: Floats, rows: Iterable[tuple[int | None, Floats]]) -> Floats:
    """Means from sums; where a sum of finite numbers overflowed, the mean is summed again from the parts.

    `rows` gives the addends again, each with the number of sums it belongs to (as in `Sum.add`).
    """
    means: Floats = sums / counts
    overflow = np.isinf(sums)
    if not overflow.any():
        return means
    scaled = Sum(sums.shape)
    for first, row in rows:
        scaled.add(row / counts[:first], first)
    repaired = scaled.result()
    means[overflow] = repaired[overflow]
    return means


def sums_between(values: Floats, low: Indices, high: Indices) -> tuple[Floats, Mask]:
    """The sums of `values[low:high]` for each pair of bounds, and which of them are right to the last digit.

    The others, too small beside what was summed before them, or with infinities or NaN among them, mean nothing.
    """
    finite = np.isfinite(values)
    whole = bool(finite.all())
    known = values if whole else np.where(finite, values, 0.0)
    sums = _from_zero(known)
    losses = _losses(sums, known)
    difference = sums[high] - sums[low]
    if losses is None:  # most are so: counters, and whole numbers altogether
        result, good = difference, np.ones(low.shape, dtype=bool)
    else:
        lost = _from_zero(losses)
        result = difference + (_lost(sums[high], -sums[low], difference) + (lost[high] - lost[low]))
        good = len(values) * np.abs(lost).max() * _SURE <= np.abs(result)
        good = (good | _none_between(losses != 0, low, high)) & np.isfinite(result)
    return result, good if whole else good & _none_between(~finite, low, high)


def _from_zero(addends: Floats) -> Floats:
    """The running sums, before the first addend, too."""
    sums = np.empty(len(addends) + 1)
    sums[0] = 0.0
    np.cumsum(addends, out=sums[1:])
    return sums


def _losses(sums: Floats, addends: Floats) -> Floats | None:
    """What each step of the running sums lost; None when none did. Large arrays cost more than the arithmetic."""
    losses = None
    for begin in range(0, len(addends), _PART):
        part = slice(begin, begin + _PART)
        lost = _lost(sums[:-1][part], addends[part], sums[1:][part])
        if lost.any():
            losses = np.zeros(len(addends)) if losses is None else losses
            losses[part] = lost
    return losses


def _lost(one: Floats, other: Floats, total: Floats) -> Floats:
    """What the sum of two numbers lost to rounding, exactly (Knuth, volume 2, 4.2.2, theorem B)."""
    part = total - one
    return np.asarray((one - (total - part)) + (other - part))


def _none_between(marks: Mask, low: Indices, high: Indices) -> Mask:
    """Where no mark is set from `low` to before `high`."""
    before = np.concatenate([[0], np.cumsum(marks)])
    return np.asarray(before[high] == before[low])
