"""How the widgets of a screen become its picture: of each only those lines are rendered that are drawn and seen.

Textual renders every line of each widget that a change touches, containers behind them included. A live screen changes
some cells each second: what stands between them need not be looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual._compositor import Compositor
from textual.geometry import Region, Size
from textual.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from textual.strip import Strip


class SparingCompositor(Compositor):
    """Textual's compositor, sparing with lines. What it draws is the same."""

    def _render_chops(self, crop: Region, is_rendered_line: Callable[[int], bool]) -> Sequence[Mapping[int, Strip]]:
        """The pieces of each line by the column where they begin; of lines that are not drawn there are none."""
        cuts = self.cuts
        chops: list[dict[int, Strip | None]] = [dict.fromkeys(line[:-1]) for line in cuts]
        drawn = [y for y in crop.line_range if is_rendered_line(y)]
        # From the front to the back: what is there already hides what comes.
        for widget, (region, clip) in self.visible_widgets.items():
            shown = region.intersection(clip)
            left, right = shown.column_span
            bare = {}
            for y in drawn:
                if shown.y <= y < shown.bottom:
                    columns = [cut for cut in cuts[y] if left <= cut <= right]
                    if any(chops[y][column] is None for column in columns[:-1]):
                        bare[y] = columns
            if not bare:
                continue
            top, bottom = min(bare), max(bare)
            rendered = Region(left - region.x, top - region.y, right - left, bottom - top + 1)
            strips = widget.render_lines(rendered)
            for y, columns in bare.items():
                line = chops[y]
                parts = strips[y - top].divide([column - left for column in columns[1:]])
                for column, part in zip(columns, parts, strict=False):
                    if line[column] is None:
                        line[column] = part
        return chops  # type: ignore[return-value]  # as Textual has it: what nobody fills stays None


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
