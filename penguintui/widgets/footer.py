"""The line of keys under every screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.style import Style

from penguintui.widgets.canvas import Canvas
from penguintui.widgets.line import Line, clean, join, width_of
from penguintui.widgets.look import FAINT_STYLE, KEY


@dataclass(frozen=True, slots=True)
class Hint:
    """A key as it is written, what it does in a word, and the viewer action behind it (for the mouse)."""

    key: str
    word: str
    action: str


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
        kept = [_hint(hint) for hint in self._kept]
        shown = [_hint(hint) for hint in self._hints]
        gap = "   " if width >= 100 else "  "
        while shown and width_of(join([*shown, *kept], gap)) > width:
            shown.pop()
        while kept and width_of(join([*shown, *kept], gap)) > width:
            kept.pop(0)
        return join([*shown, *kept], gap)


def _hint(hint: Hint) -> Line:
    click = Style(meta={"@click": f"app.{hint.action}"})
    return ((clean(hint.key), KEY + click), (f" {clean(hint.word)}", FAINT_STYLE + click))
