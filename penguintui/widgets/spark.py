"""A trend in one row: eight heights of block, or eight characters in ASCII."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from penguintui.widgets.look import look

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.style import Style

    from penguintui.widgets.line import Span


def resample(values: Sequence[float | None], width: int) -> list[float | None]:
    """As many values as there are cells: the mean of those that fall into a cell; None where nothing was measured."""
    count = len(values)
    if count == 0 or width <= 0:
        return []
    cells: list[float | None] = []
    for cell in range(width):
        start = cell * count // width
        stop = max(start + 1, (cell + 1) * count // width)
        known = [value for value in values[start:stop] if value is not None and math.isfinite(value)]
        mean = sum(known) / len(known) if known else None
        cells.append(known[0] if mean is not None and math.isinf(mean) else mean)
    return cells


def _shares(cells: Sequence[float | None]) -> list[float | None]:
    """Each value as a share of the scale, 0 to 1; 0 for all when they are alike. Nothing when nothing is known."""
    known = [value for value in cells if value is not None]
    if not known:
        return []
    low, high = min(known), max(known)
    if 0 <= low < high * 0.5:
        low = 0.0
    reach = high / 2 - low / 2  # in halves, which the largest numbers have too
    flat = reach <= abs(high) * 5e-10
    return [None if value is None else 0.0 if flat else (value / 2 - low / 2) / reach for value in cells]


def sparkline(values: Sequence[float | None], width: int) -> str:
    """`width` characters. The scale starts at zero unless the values stay far from it; a gap stays empty."""
    blocks = look().blocks
    shares = _shares(resample(values, width))
    if not shares:
        return " " * width
    return "".join(" " if s is None else blocks[min(len(blocks) - 1, int(s * len(blocks)))] for s in shares)


def spark(values: Sequence[float | None], width: int, style: Style) -> Span:
    return (sparkline(values, width), style)


def tall_spark(values: Sequence[float | None], width: int, height: int) -> list[str]:
    """The same trend over several rows, the top one first; for cards that have the room."""
    blocks = look().blocks
    shares = _shares(resample(values, width))
    if not shares:
        return [" " * width] * height
    rows = [""] * height
    for share in shares:
        level = 0 if share is None else max(1, round(share * height * len(blocks)))
        for row in range(height):
            filled = min(max(level - (height - 1 - row) * len(blocks), 0), len(blocks))
            rows[row] += blocks[filled - 1] if filled else " "
    return rows
