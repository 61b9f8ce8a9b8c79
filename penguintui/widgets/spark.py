"""A trend in one row: eight heights of block, or eight characters in ASCII."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.style import Style

from penguintui.widgets.line import Span
from penguintui.widgets.look import look


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
        cells.append(sum(known) / len(known) if known else None)
    return cells


def sparkline(values: Sequence[float | None], width: int) -> str:
    """`width` characters. The scale starts at zero unless the values stay far from it; a gap stays empty."""
    cells = resample(values, width)
    known = [value for value in cells if value is not None]
    if not known:
        return " " * width
    low, high = min(known), max(known)
    if 0 <= low < high * 0.5:
        low = 0.0
    blocks = look().blocks
    reach = high - low
    flat = reach <= abs(high) * 1e-9
    text = ""
    for value in cells:
        if value is None:
            text += " "
        elif flat:
            text += blocks[0]
        else:
            text += blocks[min(len(blocks) - 1, int((value - low) / reach * len(blocks)))]
    return text


def spark(values: Sequence[float | None], width: int, style: Style) -> Span:
    return (sparkline(values, width), style)


def tall_spark(values: Sequence[float | None], width: int, height: int) -> list[str]:
    """The same trend over several rows, the top one first; for cards that have the room."""
    cells = resample(values, width)
    known = [value for value in cells if value is not None]
    if not known:
        return [" " * width] * height
    low, high = min(known), max(known)
    if 0 <= low < high * 0.5:
        low = 0.0
    blocks = look().blocks
    steps = height * len(blocks)
    reach = high - low
    rows = [""] * height
    for value in cells:
        level = 0 if value is None else 1 if reach <= abs(high) * 1e-9 else max(1, round((value - low) / reach * steps))
        for row in range(height):
            filled = min(max(level - (height - 1 - row) * len(blocks), 0), len(blocks))
            rows[row] += blocks[filled - 1] if filled else " "
    return rows
