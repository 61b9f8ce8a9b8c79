"""What `?` shows: what the screen answers, where each of its numbers comes from, and the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.screen import ModalScreen

from penguintui.screens.commands import HELP
from penguintui.screens.keys import ACTIONS, written
from penguintui.screens.page import Scroll
from penguintui.widgets.box import entitle
from penguintui.widgets.canvas import Text
from penguintui.widgets.line import Line, fit, line, span
from penguintui.widgets.look import DIM_STYLE, FAINT_STYLE, KEY, STRONG, TEXT_STYLE
from penguintui.widgets.paragraphs import spaced, title_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.app import ComposeResult

    from penguintui.screens.desk import ExtraCommand
    from penguintui.views.models.what import Source

_KEYS = 16
_NO_NUMBERS = "What stands here is read from the store as the agent wrote it; nothing is computed."


def source_lines(sources: Sequence[Source]) -> list[Line]:
    """Each number: its name, what it says, where it comes from and how old it is."""
    lines: list[Line] = []
    for one in sources:
        age = f", {one.age} ago" if one.age else ""
        lines.append(line((f"{one.name}  ", TEXT_STYLE), (one.text, STRONG), (f"  {one.source}{age}", FAINT_STYLE)))
        if one.reason:
            lines.append(line((f"    {one.reason}", DIM_STYLE)))
    return lines


def key_lines(mapping: Mapping[str, str]) -> list[Line]:
    lines: list[Line] = []
    for action in ACTIONS:
        keys = fit((span(written(mapping.get(action.id, action.keys)), KEY),), _KEYS)
        command = f"  :{action.command}" if action.command else ""
        lines.append((*keys, *line((action.tooltip, TEXT_STYLE), (command, FAINT_STYLE))))
    return lines


def command_lines(extra: Mapping[str, ExtraCommand]) -> list[Line]:
    told = {**HELP, **{name: f"{name}: {command.help}" for name, command in extra.items()}}
    return [line((f":{text.partition(':')[0]}", KEY), (text.partition(":")[2], TEXT_STYLE)) for text in told.values()]


class Help(ModalScreen[None]):
    """Scrolls; any of the usual keys closes it."""

    BINDINGS = [  # noqa: RUF012  (Textual reads it from the class)
        Binding("escape,q,question_mark,enter,backspace", "dismiss", "Close", show=False),
        Binding("down,j", "scroll(1)", "Down", show=False),
        Binding("up,k", "scroll(-1)", "Up", show=False),
        Binding("pagedown,space", "scroll(10)", "Page down", show=False),
        Binding("pageup", "scroll(-10)", "Page up", show=False),
    ]

    DEFAULT_CSS = """
    Help { align: center middle; background: #0d1117; }
    Help > Scroll { width: 100%; max-width: 110; height: 100%; padding: 0 1; }
    """

    def __init__(
        self,
        title: str,
        question: str,
        sources: Sequence[Source],
        mapping: Mapping[str, str],
        extra: Mapping[str, ExtraCommand],
    ) -> None:
        super().__init__()
        self._heading, self._question, self._sources = title, question, sources
        self._mapping, self._extra = mapping, extra

    def compose(self) -> ComposeResult:
        with Scroll(classes="panel"):
            yield Text(id="help", indent=_KEYS)

    def on_mount(self) -> None:
        entitle(self.query_one(Scroll), f"{self._heading}: help", subtitle="Esc closes")
        numbers = source_lines(self._sources)
        self.query_one("#help", Text).show(
            spaced(
                [line((self._question, STRONG))],
                [title_line("Where the numbers come from"), *(numbers or [line((_NO_NUMBERS, TEXT_STYLE))])],
                [title_line("Keys"), *key_lines(self._mapping)],
                [title_line("Commands"), *command_lines(self._extra)],
            )
        )

    def action_scroll(self, by: int) -> None:
        self.query_one(Scroll).scroll_relative(y=by, animate=False)

    async def action_dismiss(self, result: None = None) -> None:
        self.dismiss(None)
