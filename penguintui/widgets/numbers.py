"""Big numbers in a grid: as large as all of them fit, each with its name, its limit and its trend."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.style import Style

from penguintui.model.record import record
from penguintui.model.status import Status
from penguintui.widgets.digits import Dot, big, can, fitting, height_of_big, sizes, width_of_big
from penguintui.widgets.line import EMPTY, Line, fit, line
from penguintui.widgets.look import DIM_STYLE, FAINT_STYLE, STATUS_STRONG, STRONG, TEXT_STYLE
from penguintui.widgets.spark import sparkline
from penguintui.widgets.status import mark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from penguintui.views.models.executive import BusinessLine, PromiseCard

_LEAST_CELL = 30
_LONGEST = 36
"""Cells in the smallest size from which on a text is words, which are not drawn large."""


@record
class Grid:
    """Cells for big numbers: how large a dot, how many cells across and down, and whether a trend fits below."""

    dot: Dot | None
    across: int
    down: int
    trend: bool

    @property
    def cells(self) -> int:
        return self.across * self.down


@record
class NumberCell:
    """A big number: a promise or a figure of today."""

    status: Status | None
    name: str
    text: str
    note: str
    stale: str
    points: tuple[float | None, ...]


def written(text: str) -> str:
    """The text as the big font can write it; "" when it cannot."""
    return next((one for one in (text, text.upper(), text.upper().replace("_", "-")) if can(one)), "")


def number(text: str) -> str:
    """A number as the big font writes it; "" for words."""
    large = written(text)
    return large if large and width_of_big(large, sizes()[-1]) <= _LONGEST else ""


def promise_cells(cards: Sequence[PromiseCard]) -> list[NumberCell]:
    return [
        NumberCell(
            card.status,
            card.name,
            card.now.text,
            card.target,
            card.now.age if card.now.stale else "",
            card.trend.points,
        )
        for card in cards
    ]


def figure_cells(figures: Sequence[BusinessLine]) -> list[NumberCell]:
    return [
        NumberCell(
            one.value.status,
            one.name,
            one.value.text,
            one.goal,
            one.value.age if one.value.stale else "",
            one.trend.points,
        )
        for one in figures
    ]


def grid_for(cells: Sequence[NumberCell], width: int, height: int) -> Grid:
    """The largest digits in which all cells fit on a page; else the smallest, in as many as there is room for."""
    texts = [number(cell.text) for cell in cells]
    best = Grid(None, max(1, width // _LEAST_CELL), max(1, height // 3), False)
    for dot in sizes():
        widest = max([_LEAST_CELL, *(width_of_big(text, dot) + 3 for text in texts if text)])
        for trend in (True, False):
            across = min(width // widest, len(cells))
            down = (height + 1) // (height_of_big(dot) + 2 + trend)
            if across and down:
                best = Grid(dot, across, down, trend)
                if best.cells >= len(cells):
                    return best
    return best


def cell_lines(cells: Sequence[NumberCell], grid: Grid, width: int) -> list[Line]:
    lines: list[Line] = []
    share = width // grid.across
    for start in range(0, len(cells), grid.across):
        drawn = [_cell(cell, grid, share - 2) for cell in cells[start : start + grid.across]]
        for row in range(max(len(one) for one in drawn)):
            spans: Line = ()
            for one in drawn:
                spans = (*spans, *fit(one[row] if row < len(one) else EMPTY, share))
            lines.append(spans)
        lines.append(EMPTY)
    return lines


def _cell(cell: NumberCell, grid: Grid, width: int) -> list[Line]:
    worries = cell.status not in (None, Status.OK)
    style = STATUS_STRONG[cell.status] if cell.status is not None and worries else TEXT_STYLE
    stale = f"  stale {cell.stale}" if cell.stale else ""
    if cell.stale:
        style = FAINT_STYLE
    name: Line = (mark(cell.status), (" ", Style())) if cell.status is not None else ()
    head: Line = (
        *name,
        *line((cell.name, STRONG), (f"  {cell.note}" if cell.note else "", DIM_STYLE), (stale, DIM_STYLE)),
    )
    text = number(cell.text)
    if text and grid.dot is not None and fitting([text], width, height_of_big(grid.dot)):
        drawn: list[Line] = [((row, style),) for row in big(text, grid.dot)]
    else:
        drawn = [line((cell.text, style + Style(bold=True)))]
    lines = [fit(head, width), *drawn]
    if grid.trend and any(point is not None for point in cell.points):
        lines.append(((sparkline(cell.points, min(width, 48)), FAINT_STYLE if not worries else style),))
    return lines
