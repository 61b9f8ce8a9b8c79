"""The samples of one series, and what their validity makes of them, without arrays: the steps of `stored` in order."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING

from penguintui.query.samples.stored import SLOW, TICK

if TYPE_CHECKING:
    from penguintui.store.keeping import Era


def coarsest(eras: Sequence[Era], start: int, end: int) -> int:
    """Milliseconds for which samples hold in the coarsest era that a window touches."""
    touched = [era.resolution for era in eras if era.begins * 1000 <= end and era.ends * 1000 > start]
    return round(max(touched, default=0.0) * 1000)


def held(
    times: Sequence[int], values: Sequence[float], validity: int, eras: Sequence[Era], end: int
) -> tuple[Sequence[int], Sequence[float | None]]:
    """Samples with what their validity means up to `end`: slow ones are repeated, and None says where none holds.

    validity: for how many milliseconds a sample holds, unless its era is coarser.
    """
    if validity <= SLOW * 1000 and not coarsest(eras, times[0], times[-1]):
        over = times[-1] + validity
        if over > end and max(map(operator.sub, times[1:], times), default=0) <= validity:
            return times, values
    shown: list[int] = []
    told: list[float | None] = []
    for time, value, following in zip(times, values, (*times[1:], None), strict=True):
        inside = [round(era.resolution * 1000) for era in eras if era.begins * 1000 <= time < era.ends * 1000]
        holds = max(validity, *inside) if inside else validity
        over = time + holds
        shown.append(time)
        told.append(value)
        if holds > SLOW * 1000:
            until = min(over, end) if following is None else min(over, following - 1, end)
            more = range(time + TICK, until + 1, TICK)
            shown += more
            told += [value] * len(more)
        if over <= end and (following is None or over < following):
            shown.append(over)
            told.append(None)
    return shown, told
