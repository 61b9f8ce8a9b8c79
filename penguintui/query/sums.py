"""Sums that do not lose the small numbers: Neumaier's compensated summation, many sums at once."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from penguintui.query.block import Floats, Mask


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
