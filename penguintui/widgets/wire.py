"""What the terminal shows, remembered, so that only what differs is sent over the link.

Textual sends a changed region again with all that stands left of it in its widget, and a style's whole code with every
piece of text. Here each update is compared with the cells that were sent before; only those that differ go out, with
a style's code only where the style changes. On a slow link this is the difference between watching and waiting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.color import ColorSystem
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import Strip

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

Cell = tuple[str, str]
"""A character and the codes of its style. The second cell of a wide character has none."""

_NEAR = 5
"""So many unchanged cells between two changed ones are cheaper to send again than to jump over."""


class Wire:
    """The rows of the terminal as they were sent."""

    def __init__(self) -> None:
        self._rows: dict[int, dict[int, Cell]] = {}

    def forget(self) -> None:
        """Everything is sent again: the terminal was resized, or somebody else wrote into it."""
        self._rows.clear()

    def difference(self, update: CompositorUpdate, console: Console) -> str:
        """The shortest text that makes the terminal show an update."""
        colours = console._color_system or ColorSystem.TRUECOLOR
        parts: list[str] = []
        style = ""
        for y, x, strip in _strips(update):
            cells = _cells(strip, colours)
            row = self._rows.setdefault(y, {})
            for start, stop in _runs(cells, row, x):
                parts.append(f"\x1b[{y + 1};{x + start + 1}H")
                style = _write(cells[start:stop], style, parts)
            row.update(enumerate(cells, x))
        if style:
            parts.append("\x1b[0m")
        return "".join(parts)


class WireUpdate(CompositorUpdate):
    """An update that is written as its difference from what the terminal shows; `text` is that, "" for none."""

    def __init__(self, wire: Wire, update: CompositorUpdate, console: Console) -> None:
        if isinstance(update, (ChopsUpdate, LayoutUpdate)):
            self.text = wire.difference(update, console)
        else:
            wire.forget()
            self.text = update.render_segments(console)

    def render_segments(self, console: Console) -> str:
        return self.text


def _strips(update: CompositorUpdate) -> Iterator[tuple[int, int, Strip]]:
    """Row, column and content of everything in an update."""
    if isinstance(update, LayoutUpdate):
        for y, strips in enumerate(update.strips, update.region.y):
            yield y, update.region.x, Strip.join(list(strips))
    elif isinstance(update, ChopsUpdate):
        for y, first, last in update.spans:
            for end, (x, chop) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
                if chop is not None and x < last and end > first:
                    start = max(x, first)
                    yield y, start, chop.crop(start - x, min(end, last) - x)


def _cells(strip: Strip, colours: ColorSystem) -> list[Cell]:
    cells: list[Cell] = []
    for segment in strip:
        if segment.control:
            continue
        codes = Strip.render_ansi(segment.style, colours) if segment.style is not None else ""
        if segment.text.isascii():
            cells.extend((character, codes) for character in segment.text)
            continue
        for character in segment.text:
            width = cell_len(character)
            if width:
                cells.append((character, codes))
                cells.extend(("", codes) for _ in range(width - 1))
            elif cells:  # a combining character belongs to the cell before it
                cells[-1] = (cells[-1][0] + character, cells[-1][1])
    return cells


def _runs(cells: list[Cell], row: dict[int, Cell], x: int) -> Iterator[tuple[int, int]]:
    """Where cells differ from those sent before, as (first, one past the last); near ones in one run."""
    start = stop = -1
    for index, cell in enumerate(cells):
        if row.get(x + index) == cell:
            continue
        if start >= 0 and index - stop > _NEAR:
            yield _whole(cells, start, stop)
            start = index
        elif start < 0:
            start = index
        stop = index + 1
    if start >= 0:
        yield _whole(cells, start, stop)


def _whole(cells: list[Cell], start: int, stop: int) -> tuple[int, int]:
    """The run without half of a wide character at either end."""
    while start > 0 and not cells[start][0]:
        start -= 1
    while stop < len(cells) and not cells[stop][0]:
        stop += 1
    return start, stop


def _write(cells: list[Cell], style: str, parts: list[str]) -> str:
    """Writes cells; returns the codes that are in force afterwards."""
    for character, codes in cells:
        if character:
            if codes != style:
                parts.append(f"\x1b[0;{codes}m" if codes else "\x1b[0m")
                style = codes
            parts.append(character)
    return style
