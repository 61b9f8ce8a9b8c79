"""Lines that keep coming: followed at the end, searched, never more than a bounded number kept."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from rich.style import Style
from textual.geometry import Size

from penguintui.widgets.canvas import Canvas
from penguintui.widgets.line import EMPTY, Line, clean, fit, span
from penguintui.widgets.look import ACCENT_STYLE, FAINT_STYLE, TEXT_STYLE, WARNING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from penguintui.views.models.actions import OutputText

_KEPT = 5000


class LogView(Canvas, can_focus=True):
    """Follows the end until somebody scrolls up, and again once they are back at the end."""

    DEFAULT_CSS = """
    LogView { overflow-y: auto; height: 1fr; }
    """

    def __init__(self, *, empty: str = "nothing yet", id: str | None = None) -> None:
        super().__init__(id=id)
        self._kept: deque[OutputText] = deque(maxlen=_KEPT)
        self._of: object = None
        self._empty = empty
        self._search = ""
        self.follows = True

    def show(self, of: object, output: Sequence[OutputText]) -> None:
        """Takes the newest lines of a source (a run's number); those already here are not taken twice.

        Lines that end before those already here are of an earlier moment, and stand alone.
        """
        last_of_all = output[-1].seq if output else -1
        # Output only grows, unless an earlier moment is shown than before.
        anew = of != self._of or (bool(self._kept) and last_of_all < self._kept[-1].seq)
        if anew:
            self._of = of
            self._kept.clear()
            self.follows = True
        last = self._kept[-1].seq if self._kept else -1
        fresh = [entry for entry in output if entry.seq > last]
        if fresh or anew:
            self._kept.extend(fresh)
            self._measure()
        self.repaint()

    def search(self, text: str) -> int:
        """Marks what contains the text and goes to its newest place; how many lines have it."""
        self._search = text.lower()
        found = [index for index, entry in enumerate(self._kept) if self._search and self._search in entry.text.lower()]
        if found:
            self.follows = False
            self.scroll_to(y=max(0, found[-1] - self._window()[1] // 2), animate=False)
        self.show_all_again()
        return len(found)

    def _measure(self) -> None:
        self.virtual_size = Size(self.size.width, len(self._kept))
        if self.follows:
            self.scroll_to(y=len(self._kept), animate=False)

    def resized(self) -> None:
        self._measure()

    def move(self, by: int) -> None:
        """Scrolls by lines; following ends, and begins again at the end."""
        self.scroll_to(y=self.scroll_offset.y + by, animate=False)
        self.follows = self.scroll_offset.y + by >= max(0, len(self._kept) - self._window()[1])

    def compose_line(self, y: int, width: int) -> Line:
        index = y + self.scroll_offset.y
        if not self._kept:
            return (span(self._empty, FAINT_STYLE),) if y == 0 else EMPTY
        if index >= len(self._kept):
            return EMPTY
        entry = self._kept[index]
        style = {"err": Style(color=WARNING), "note": ACCENT_STYLE}.get(entry.stream, TEXT_STYLE)
        text = clean(entry.text)
        if self._search and self._search in text.lower():
            style += Style(reverse=True)
        return fit(((clean(entry.time), FAINT_STYLE), ("  ", Style()), (text, style)), width)
