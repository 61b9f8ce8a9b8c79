"""How the widgets of a screen become its picture: of each only those lines are rendered that are drawn and seen.

Textual renders every line of each widget that a change touches, containers behind them included, and cuts all of them
into strips. A live screen changes some cells each second: what stands between them need not be looked at. And a page
that comes back to the front has most of its lines from before: their cells are known.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from rich.color import ColorSystem
from textual._compositor import Compositor
from textual._context import visible_screen_stack
from textual.geometry import Region, Size
from textual.screen import Screen

from penguintui.widgets.cells import Cell, cells_of
from penguintui.widgets.wire import Picture

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType
    from textual.strip import Strip
    from textual.widget import Widget

Span = tuple[int, int, int]
"""A row, a first column, and one past the last."""
Piece = tuple[int, Sequence[Cell]]
"""A column, and the cells from there on."""


class SparingCompositor(Compositor):
    """Textual's compositor, sparing with lines. What it draws is the same."""

    def __init__(self) -> None:
        super().__init__()
        self._cells: WeakKeyDictionary[Widget, dict[int, tuple[Strip, list[Cell]]]] = WeakKeyDictionary()

    def render_update(
        self, full: bool = False, screen_stack: list[Screen[Any]] | None = None, simplify: bool = False
    ) -> RenderableType | None:
        """What has changed, in cells; None when nothing has. A full update, for a screenshot, is Textual's own."""
        if full:
            return super().render_update(full, screen_stack, simplify)
        visible_screen_stack.set([] if screen_stack is None else screen_stack)
        screen = self.size.region
        dirty = [region.intersection(screen) for region in self._dirty_regions]
        spans = list(self._regions_to_spans([screen] if screen in dirty else dirty))
        self._dirty_regions.clear()
        return Picture(self._draw(spans)) if spans else None  # type: ignore[return-value]  # an update is no renderable

    def _draw(self, spans: Sequence[Span]) -> list[tuple[int, int, Sequence[Cell]]]:
        """The cells of each span."""
        bare: dict[int, list[tuple[int, int]]] = {}
        for y, first, last in spans:
            bare.setdefault(y, []).append((first, last))
        drawn: dict[int, list[Piece]] = {y: [] for y in bare}
        # From the front to the back: what is there already hides what comes.
        for widget, (region, clip) in self.visible_widgets.items():
            if not bare:
                break
            shown = region.intersection(clip)
            left, right = shown.column_span
            rows = [y for y in shown.line_range if any(one[0] < right and one[1] > left for one in bare.get(y, ()))]
            if not rows:
                continue
            for y, cells in self._rows(widget, region, shown, rows):
                bare[y] = _uncovered(bare[y], left, cells, drawn[y])
                if not bare[y]:
                    del bare[y]
        return [(y, x, cells) for y in drawn for x, cells in _joined(drawn[y])]

    def _rows(self, widget: Widget, region: Region, shown: Region, rows: Sequence[int]) -> list[Piece]:
        """Some rows of a widget, as far as it is shown. The cells of a strip that was there before are known."""
        colours = widget.app.console._color_system or ColorSystem.TRUECOLOR
        top, height = rows[0], rows[-1] - rows[0] + 1
        strips = widget.render_lines(Region(shown.x - region.x, top - region.y, shown.width, height))
        known = self._cells.setdefault(widget, {})
        found: list[Piece] = []
        for y in rows:
            strip = strips[y - top]
            before = known.get(y - region.y)
            if before is None or before[0] is not strip:
                before = known[y - region.y] = (strip, _exactly(cells_of(strip, colours), shown.width))
            found.append((y, before[1]))
        return found


def _exactly(cells: list[Cell], width: int) -> list[Cell]:
    """So many cells: a strip may end early."""
    return [*cells[:width], *[(" ", "")] * (width - len(cells))]


def _uncovered(
    bare: Sequence[tuple[int, int]], left: int, cells: Sequence[Cell], drawn: list[Piece]
) -> list[tuple[int, int]]:
    """Puts cells, which begin in the column `left`, where a row is bare; what stays bare then."""
    right = left + len(cells)
    still: list[tuple[int, int]] = []
    for first, last in bare:
        start, stop = max(first, left), min(last, right)
        if start >= stop:
            still.append((first, last))
            continue
        drawn.append((start, cells if (start, stop) == (left, right) else cells[start - left : stop - left]))
        if first < start:
            still.append((first, start))
        if stop < last:
            still.append((stop, last))
    return still


def _joined(drawn: Sequence[Piece]) -> Iterator[Piece]:
    """The pieces of a row from the left, those that touch as one."""
    if len(drawn) == 1:
        yield drawn[0]
        return
    begin, whole = -1, list[Cell]()
    for x, cells in sorted(drawn, key=lambda piece: piece[0]):
        if whole and x != begin + len(whole):
            yield begin, whole
            whole = []
        if not whole:
            begin = x
        whole = [*whole, *cells]
    if whole:
        yield begin, whole


class SparingScreen(Screen[None]):
    """A screen that is painted once for each change of its layout, by the compositor above."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._compositor = SparingCompositor()

    def _refresh_layout(self, size: Size | None = None, scroll: bool = False) -> None:
        """Textual paints what is new, and then all of it when something asked for that too: here all of it at once."""
        if self._repaint_required:
            self._repaint_required = False
            self._compositor._dirty_regions.add(self._compositor.size.region)
        super()._refresh_layout(size, scroll)

    def draw(self) -> None:
        """Draws what has changed now, not only when the time for the next frame has come."""
        if self.is_running and self.is_current:
            self._on_timer_update()
