"""The base of everything that is drawn: lines that are compared before they are painted.

Textual sends again what is marked dirty without comparing it with what the terminal shows. So each widget keeps the
lines that it painted last, compares them with the new ones and marks only the cells that differ. This is what makes
a live screen cost hundreds of bytes a second instead of tens of thousands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.style import Style
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.strip import Strip

from penguintui.widgets.line import EMPTY, Line, changed, crop, segments, width_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events

_DIMMED = Style(dim=True)
_WIDTHS = 4
"""Widths for which lines are remembered."""


class WholeCells(ScrollBarRender):
    """A scroll bar of whole cells: no part of a block, which not every terminal has."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "] * 8
    HORIZONTAL_BARS: ClassVar[list[str]] = [" "] * 8


ScrollBar.renderer = WholeCells


class Canvas(ScrollView, can_focus=False, inherit_bindings=False):
    """A widget made of lines. What it shows is what `compose_line` returns for each row of its window."""

    DEFAULT_CSS = """
    Canvas {
        overflow-x: hidden;
        overflow-y: hidden;
        scrollbar-size-vertical: 1;
        scrollbar-size-horizontal: 0;
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._painted: dict[int, Line] = {}
        self._painted_window = (-1, -1)
        self._fits: tuple[Size, tuple[int, int]] | None = None
        self._blind = False
        self._ground = Style()

    def compose_line(self, y: int, width: int) -> Line:
        """Row `y` of the window, at most `width` cells. Pure: called again whenever something may have changed."""
        return EMPTY

    def repaint(self) -> None:
        """Compares what is shown with what should be, and marks the cells that differ."""
        width, height = window = self._window()
        if window != self._painted_window:
            self._painted.clear()
            self._painted_window = window
            self.refresh()
            return
        for y in range(height):
            old = self._painted.get(y)
            if old is None:
                continue  # never painted: it is marked already
            new = self.compose_line(y, width)
            span = changed(old, new, width)
            if span is not None:
                self._painted[y] = new
                self.refresh(Region(span[0], y, span[1] - span[0], 1))

    def show_all_again(self) -> None:
        """Forgets what was painted: everything moved, as when scrolling."""
        self._painted.clear()
        self.refresh()

    def set_blind(self, blind: bool) -> None:
        """Dims everything, for values that may no longer be true."""
        if blind != self._blind:
            self._blind = blind
            self.show_all_again()

    def _window(self) -> tuple[int, int]:
        size = self.scrollable_content_region.size
        return (size.width, size.height)

    def render_lines(self, crop: Region) -> list[Strip]:
        self._ground = self.rich_style  # of all lines the same, and put together from all that is around
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        width, height = window = self._window()
        if window != self._painted_window:
            self._painted.clear()
            self._painted_window = window
        spans = self._painted.get(y)
        if spans is None:
            spans = self.compose_line(y, width) if y < height else EMPTY
            self._painted[y] = spans
        strip = Strip(segments(crop(spans, width)), min(width_of(spans), width))
        strip = strip.adjust_cell_length(width).apply_style(self._ground)
        return strip.apply_style(_DIMMED) if self._blind else strip

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        self._painted.clear()
        super().watch_scroll_y(old_value, new_value)

    def on_resize(self, event: events.Resize) -> None:
        """Comes also when a hidden widget is shown again: then what it painted still stands."""
        fits = (event.size, self._window())
        if fits != self._fits:
            self._fits = fits
            self.resized()
            self.repaint()

    def resized(self) -> None:
        """For widgets whose lines depend on their size as a whole."""


class Lines(Canvas):
    """A canvas of lines that were laid out for a width: text, cards, forms. Scrolls when there are more than fit."""

    DEFAULT_CSS = """
    Lines { overflow-y: auto; height: auto; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._lines: Sequence[Line] = []
        self._laid_out: dict[int, Sequence[Line]] = {}

    def layout_lines(self, width: int) -> Sequence[Line]:
        """All lines, for a window of this width."""
        return []

    def rebuild(self) -> None:
        """Lays out again after what is shown has changed."""
        self._laid_out.clear()
        if self.size.width <= 0:
            return
        before = len(self._lines)
        self._lines = self._fitted()
        if len(self._lines) != before:
            self.virtual_size = Size(self.size.width, len(self._lines))
            self.refresh(layout=True)
            self.show_all_again()
        else:
            self.repaint()

    def _fitted(self) -> Sequence[Line]:
        """The lines for this size; a cell narrower when they do not fit, for the scroll bar."""
        lines = self._lines_for(self.size.width)
        return lines if len(lines) <= self.size.height else self._lines_for(self.size.width - 1)

    def _lines_for(self, width: int) -> Sequence[Line]:
        """All lines for a width, laid out once: measuring and drawing both ask."""
        lines = self._laid_out.get(width)
        if lines is None:
            if len(self._laid_out) > _WIDTHS:
                self._laid_out.clear()
            lines = self._laid_out[width] = self.layout_lines(width)
        return lines

    def show_all_again(self) -> None:
        self._laid_out.clear()
        super().show_all_again()

    def resized(self) -> None:
        self._lines = self._fitted() if self.size.width > 0 else []
        self.virtual_size = Size(self.size.width, len(self._lines))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._lines_for(width)) if width > 0 else 1

    def compose_line(self, y: int, width: int) -> Line:
        index = y + self.scroll_offset.y
        return self._lines[index] if 0 <= index < len(self._lines) else EMPTY


class Text(Lines):
    """Lines given from outside, wrapped to the width."""

    def __init__(self, *, id: str | None = None, classes: str | None = None, indent: int = 0) -> None:
        super().__init__(id=id, classes=classes)
        self._given: tuple[Line, ...] = ()
        self._indent = indent

    def show(self, lines: tuple[Line, ...]) -> None:
        if lines != self._given:
            self._given = lines
            self.rebuild()

    def layout_lines(self, width: int) -> list[Line]:
        from penguintui.widgets.line import wrap

        laid_out: list[Line] = []
        for given in self._given:
            laid_out.extend(wrap(given, width, self._indent) or [EMPTY])
        return laid_out
