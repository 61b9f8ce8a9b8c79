"""The line in which the program answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from penguintui.widgets.canvas import Canvas
from penguintui.widgets.line import EMPTY, Line, fit, line
from penguintui.widgets.look import DIM_STYLE, STATUS_STYLE

if TYPE_CHECKING:
    from penguintui.model.status import Status


class MessageLine(Canvas):
    """One sentence to the person: what was done, what is wrong, what to try next."""

    DEFAULT_CSS = """
    MessageLine { height: 1; padding: 0 1; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._text: Line = EMPTY

    def say(self, text: str, status: Status | None = None) -> None:
        """Shows a sentence; a problem in its colour."""
        style = DIM_STYLE if status is None else STATUS_STYLE[status]
        self.show(((text, style),) if text else EMPTY)

    def show(self, text: Line) -> None:
        self._text = text
        self.repaint()

    def compose_line(self, y: int, width: int) -> Line:
        return fit(line(*self._text), width) if self._text else EMPTY
