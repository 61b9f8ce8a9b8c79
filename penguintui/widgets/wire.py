"""What the terminal shows, remembered, so that only what differs is sent over the link.

Textual sends a changed region again with all that stands left of it in its widget, and a style's whole code with every
piece of text. Here each update is compared with the cells that were sent before; only those that differ go out, and of
a style only what is not in force already. On a slow link this is the difference between watching and waiting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.color import ColorSystem
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import Strip

from penguintui.widgets.cells import Cell, cells_of, ground, switch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.console import Console

_NEAR = 5
"""So many unchanged cells between two changed ones are cheaper to send again than to jump over."""


class Picture(CompositorUpdate):
    """An update that is made of cells: of each piece its row, its first column, and what stands there."""

    def __init__(self, pieces: Sequence[tuple[int, int, Sequence[Cell]]]) -> None:
        self.pieces = pieces

    def render_segments(self, console: Console) -> str:
        return Wire().difference(self, console)


class Wire:
    """The rows of the terminal as they were sent."""

    def __init__(self) -> None:
        self._rows: dict[int, list[Cell | None]] = {}

    def forget(self) -> None:
        """Everything is sent again: the terminal was resized, or somebody else wrote into it."""
        self._rows.clear()

    def difference(self, update: CompositorUpdate, console: Console) -> str:
        """The shortest text that makes the terminal show an update."""
        parts: list[str] = []
        style = ""
        for y, x, cells in _pieces(update, console._color_system or ColorSystem.TRUECOLOR):
            row, end = self._rows.setdefault(y, []), x + len(cells)
            row.extend([None] * (end - len(row)))
            before = row[x:end]
            if before == cells:
                continue
            for start, stop in _runs(cells, before):
                parts.append(f"\x1b[{y + 1};{x + start + 1}H")
                style = _write(cells[start:stop], style, parts)
            row[x:end] = cells
        if style:
            parts.append("\x1b[0m")
        return "".join(parts)


class WireUpdate(CompositorUpdate):
    """An update that is written as its difference from what the terminal shows; `text` is that, "" for none."""

    def __init__(self, wire: Wire, update: CompositorUpdate, console: Console) -> None:
        if isinstance(update, (Picture, ChopsUpdate, LayoutUpdate)):
            self.text = wire.difference(update, console)
        else:
            wire.forget()
            self.text = update.render_segments(console)

    def render_segments(self, console: Console) -> str:
        return self.text


def _pieces(update: CompositorUpdate, colours: ColorSystem) -> Iterable[tuple[int, int, Sequence[Cell]]]:
    """Row, column and cells of everything in an update."""
    if isinstance(update, Picture):
        return update.pieces
    return ((y, x, cells_of(strip, colours)) for y, x, strip in _strips(update))


def _strips(update: CompositorUpdate) -> Iterator[tuple[int, int, Strip]]:
    """Row, column and content of everything in an update of Textual's own."""
    if isinstance(update, LayoutUpdate):
        for y, strips in enumerate(update.strips, update.region.y):
            yield y, update.region.x, Strip.join(list(strips))
    elif isinstance(update, ChopsUpdate):
        for y, first, last in update.spans:
            for end, (x, chop) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
                if chop is not None and x < last and end > first:
                    start = max(x, first)
                    yield y, start, chop.crop(start - x, min(end, last) - x)


def _runs(cells: Sequence[Cell], before: Sequence[Cell | None]) -> Iterator[tuple[int, int]]:
    """Where cells differ from those sent before, as (first, one past the last); near ones in one run."""
    start = stop = -1
    for index in [index for index, (new, old) in enumerate(zip(cells, before, strict=True)) if new != old]:
        if start >= 0 and index - stop > _NEAR:
            yield _whole(cells, start, stop)
            start = index
        elif start < 0:
            start = index
        stop = index + 1
    if start >= 0:
        yield _whole(cells, start, stop)


def _whole(cells: Sequence[Cell], start: int, stop: int) -> tuple[int, int]:
    """The run without half of a wide character at either end."""
    while start > 0 and not cells[start][0]:
        start -= 1
    while stop < len(cells) and not cells[stop][0]:
        stop += 1
    return start, stop


def _write(cells: Sequence[Cell], style: str, parts: list[str]) -> str:
    """Writes cells; returns the codes that are in force afterwards."""
    for character, codes in cells:
        if codes != style and character and (character != " " or ground(style) != codes):
            parts.append(switch(style, codes))
            style = codes
        parts.append(character)
    return style
