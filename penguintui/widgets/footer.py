"""The line of keys under every screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.style import Style
from textual import events

from penguintui.model.record import record
from penguintui.widgets.canvas import Canvas
from penguintui.widgets.line import Line, clean, join, width_of
from penguintui.widgets.look import FAINT_STYLE, KEY

if TYPE_CHECKING:
    from collections.abc import Sequence


@record
class Hint:
    """A key as it is written, what it does in a word, the viewer action behind it, and its sentence (for the mouse)."""

    key: str
    word: str
    action: str
    tooltip: str = ""


class KeyHints(Canvas):
    """As many hints as fit; the last ones (help, command, quit) stay when room is short."""

    DEFAULT_CSS = """
    KeyHints { height: 1; background: #151c24; padding: 0 1; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._hints: Sequence[Hint] = ()
        self._kept: Sequence[Hint] = ()

    def show(self, hints: Sequence[Hint], kept: Sequence[Hint]) -> None:
        """hints: what this screen offers, most useful first. kept: what must always be there."""
        self._hints, self._kept = hints, kept
        self.repaint()

    def compose_line(self, y: int, width: int) -> Line:
        gap, hints = self._fitting(width)
        return join([_hint(hint) for hint in hints], gap)

    def _fitting(self, width: int) -> tuple[str, list[Hint]]:
        """What stands between two hints, and the hints that there is room for."""
        gap = "   " if width >= 100 else "  "
        shown, kept = list(self._hints), list(self._kept)
        while (shown or kept) and width_of(join([_hint(hint) for hint in (*shown, *kept)], gap)) > width:
            (shown.pop() if shown else kept.pop(0))
        return gap, [*shown, *kept]

    def hint_at(self, x: int, width: int) -> Hint | None:
        """The hint at a column."""
        gap, hints = self._fitting(width)
        for hint in hints:
            wide = width_of(_hint(hint))
            if 0 <= x < wide:
                return hint
            x -= wide + len(gap)
        return None

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """The sentence of the hint under the mouse."""
        at = event.get_content_offset_capture(self)
        hint = self.hint_at(at.x, self.scrollable_content_region.width)
        told = hint.tooltip if hint is not None else None
        if self.tooltip != told:
            self.tooltip = told


def _hint(hint: Hint) -> Line:
    click = Style(meta={"@click": f"app.{hint.action}"})
    return ((clean(hint.key), KEY + click), (f" {clean(hint.word)}", FAINT_STYLE + click))
