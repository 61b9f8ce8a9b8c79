"""Two moments compared: what changed between them? Opened by `:diff FROM TO` and `:since deploy`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from penguintui.model.status import Status
from penguintui.screens.page import Page, Panel
from penguintui.views.models.diff import Diff, Difference
from penguintui.widgets.box import entitle
from penguintui.widgets.canvas import Text
from penguintui.widgets.line import line
from penguintui.widgets.look import DIM_STYLE, FAINT_STYLE, STATUS_STYLE, STRONG, TEXT_STYLE
from penguintui.widgets.paragraphs import need_lines, spaced
from penguintui.widgets.parts import words
from penguintui.widgets.status import mark
from penguintui.widgets.table import Column, Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.app import ComposeResult

    from penguintui.model.clock import Time
    from penguintui.widgets.line import Span

_COLUMNS = (
    Column("  kind", 15),
    Column("what changed, the most surprising first", 30, grows=True),
    Column("when", 6, rank=1, most=16),
    Column("because", 14, rank=2, most=44),
)


def by_key(differences: Iterable[Difference]) -> dict[str, Difference]:
    """Each difference by what it is about, so that the selected one stays selected while others come."""
    found: dict[str, Difference] = {}
    for one in differences:
        key = f"{one.kind} {one.target} {one.about or one.text}"
        while key in found:
            key += "'"
        found[key] = one
    return found


def difference_row(key: str, one: Difference) -> Row:
    return Row(
        key,
        (
            (_mark(one.status), *line((f" {one.kind}", DIM_STYLE))),
            (words(one.text, one.status),) if one.status is not None else line((one.text, TEXT_STYLE)),
            line((one.time, FAINT_STYLE)),
            line((one.why, FAINT_STYLE)),
        ),
        (one.kind, one.text, one.at or 0.0, -one.surprise),
    )


def _mark(status: Status | None) -> Span:
    blank = mark(Status.OK)
    return mark(status) if status is not None else (" " * len(blank[0]), FAINT_STYLE)


class DiffPage(Page):
    """All differences, and the selected one in full."""

    question = "What changed between the two moments?"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._since: Time | str = ""
        self._came_from = ""
        self._shown: dict[str, Difference] = {}

    def compose(self) -> ComposeResult:
        with Panel(id="diff-panel"):
            yield Table(_COLUMNS, id="differences")
        yield Text(id="diff-one", indent=2)

    def on_mount(self) -> None:
        self.query_one("#diff-one").add_class("panel", "secondary")

    def compare(self, since: Time | str, came_from: str) -> None:
        """Compares with another moment, with the next reading. came_from: the screen that Esc leads to."""
        self._since, self._came_from = since, came_from
        self.model = None
        entitle(self.query_one("#diff-panel"), f"{came_from} › comparing")
        self.query_one("#differences", Table).say_when_empty("comparing")
        self.query_one("#differences", Table).show([])
        self.query_one("#diff-one", Text).show(())

    def since(self) -> Time | str:
        return self._since

    def show_model(self, model: object) -> None:
        assert isinstance(model, Diff)  # noqa: S101  (the desk answers for the screen that was asked)
        self._shown = by_key(model.differences)
        title = f"{self._came_from} › {model.title}"
        count = f"{len(model.differences)} changed" if model.differences else ""
        entitle(self.query_one("#diff-panel"), title, Status.WARNING if model.trouble else None, count)
        table = self.query_one("#differences", Table)
        table.say_when_empty(model.trouble or f"nothing changed: {model.same}")
        table.show([difference_row(key, one) for key, one in self._shown.items()])
        self._tell(model)

    def _tell(self, model: Diff) -> None:
        """The selected difference in full, and how much was compared."""
        one = self._selected()
        told = [] if one is None else [
            (_mark(one.status), *line((f" {one.text}", STATUS_STYLE[one.status] if one.status else STRONG))),
            line((f"{one.kind}, {one.why}" if one.why else one.kind, DIM_STYLE),
                 (f"; at {one.time}" if one.time else "", FAINT_STYLE)),
        ]  # fmt: skip
        same = [line((f"{model.same}.", FAINT_STYLE))] if model.same else []
        self.query_one("#diff-one", Text).show(spaced(told, [*same, *need_lines(model.needs)]))

    def _selected(self) -> Difference | None:
        key = self.query_one("#differences", Table).selected
        return self._shown.get(key) if key is not None else None

    def on_table_selected(self, message: Table.Selected) -> None:
        if isinstance(self.model, Diff):
            self._tell(self.model)

    def target(self) -> str:
        one = self._selected()
        return one.target if one is not None else ""

    def copied(self) -> str:
        one = self._selected()
        return one.text if one is not None else ""
