"""Roll-ups: what is kept of the samples of a bucket of time when the samples themselves are let go."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from penguintui.store.coding import Floats, Integers

COLUMNS = ("last", "min", "max", "sum", "count")
"""What a roll-up has of each bucket, in the order in which a chunk keeps it."""


def roll_up(times: Integers, values: Floats, resolution: int) -> tuple[Integers, list[Floats]]:
    """Samples as buckets of `resolution` seconds: the time of each bucket's last sample, and its `COLUMNS`.

    times: milliseconds, ascending. A bucket begins at a multiple of its length and does not hold its end. NaN is left
    out of a least and a largest where there is anything else, as `min_over_time` does, and makes a sum NaN.
    """
    import numpy as np

    if not len(times):
        return times, [np.zeros(0) for _ in COLUMNS]
    buckets = times // (resolution * 1000)
    firsts = np.flatnonzero(np.diff(buckets, prepend=buckets[0] - 1))
    lasts = np.append(firsts[1:], len(times)) - 1
    with np.errstate(invalid="ignore", over="ignore"):
        columns = [
            values[lasts],
            np.fmin.reduceat(values, firsts),
            np.fmax.reduceat(values, firsts),
            np.add.reduceat(values, firsts),
            (lasts - firsts + 1).astype(np.float64),
        ]
    return times[lasts], columns
