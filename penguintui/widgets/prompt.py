"""The line in which commands and filters are typed."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from textual.binding import Binding
from textual.message import Message as Posted
from textual.suggester import Suggester
from textual.widgets import Input

_HISTORY = 200

Complete = Callable[[str], list[str]]
"""All lines that a line's beginning could become, best first."""


class _Completer(Suggester):
    """Shows the rest of the best completion behind the cursor."""

    def __init__(self, complete: Complete) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._complete = complete

    async def get_suggestion(self, value: str) -> str | None:
        return next((line for line in self._complete(value) if line.startswith(value) and line != value), None)


class Prompt(Input):
    """Where a command (`:`) or a filter (`/`) is typed. Does not blink: that alone would cost 2.5 kB a second."""

    DEFAULT_CSS = """
    Prompt, Prompt:focus {
        height: 1; border: none; padding: 0; background: #151c24; color: #e6edf3;
    }
    Prompt > .input--suggestion { color: #6e7681; }
    Prompt > .input--placeholder { color: #6e7681; }
    """

    BINDINGS = [  # noqa: RUF012  (Textual reads it from the class)
        Binding("escape", "leave", "Leave", show=False),
        Binding("up", "older", "Older", show=False),
        Binding("down", "newer", "Newer", show=False),
        Binding("tab", "complete", "Complete", show=False),
    ]

    class Given(Posted):
        """Enter was pressed."""

        def __init__(self, kind: str, text: str) -> None:
            super().__init__()
            self.kind = kind
            self.text = text

    class Left(Posted):
        """Escape was pressed: nothing shall happen."""

        def __init__(self, kind: str) -> None:
            super().__init__()
            self.kind = kind

    class Offered(Posted):
        """Tab was pressed where several completions are possible."""

        def __init__(self, lines: list[str]) -> None:
            super().__init__()
            self.lines = lines

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, compact=True, select_on_focus=False)
        self.cursor_blink = False
        self.kind = ":"
        self._complete: Complete = lambda _: []
        self._histories: dict[str, deque[str]] = {}
        self._back = 0

    def open(self, kind: str, text: str, complete: Complete, placeholder: str) -> None:
        """Makes the line ready for a kind of input and takes the focus."""
        self.kind = kind
        self._back = 0
        self._complete = complete
        self.suggester = _Completer(complete)
        self.placeholder = placeholder
        self.value = text
        self.cursor_position = len(text)
        # Not self.focus(): that happens later, and what is typed fast or pasted would go to the screen's keys.
        self.screen.set_focus(self)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        text = event.value.strip()
        history = self._histories.setdefault(self.kind, deque(maxlen=_HISTORY))
        if text and (not history or history[-1] != text):
            history.append(text)
        self.post_message(self.Given(self.kind, text))

    def action_leave(self) -> None:
        self.post_message(self.Left(self.kind))

    def action_older(self) -> None:
        self._recall(1)

    def action_newer(self) -> None:
        self._recall(-1)

    def _recall(self, by: int) -> None:
        history = self._histories.get(self.kind, deque())
        self._back = min(max(self._back + by, 0), len(history))
        self.value = history[-self._back] if self._back else ""
        self.cursor_position = len(self.value)

    def action_complete(self) -> None:
        """Takes what all completions have in common; shows them when there is more than one."""
        lines = self._complete(self.value)
        if not lines:
            return
        common = _common_start(lines)
        if len(common) > len(self.value):
            self.value = common
            self.cursor_position = len(common)
        if len(lines) > 1:
            self.post_message(self.Offered(lines))


def _common_start(lines: list[str]) -> str:
    shortest = min(lines, key=len)
    for index, character in enumerate(shortest):
        if any(line[index] != character for line in lines):
            return shortest[:index]
    return shortest
