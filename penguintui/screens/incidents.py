"""Screen 6: what is happening, and who is on it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Horizontal

from penguintui.model.status import Status
from penguintui.screens.page import Page, Panel
from penguintui.views.models.incidents import IncidentRow, Incidents
from penguintui.widgets.box import entitle
from penguintui.widgets.canvas import Text
from penguintui.widgets.line import line
from penguintui.widgets.look import DIM_STYLE, FAINT_STYLE, STATUS_STYLE, STRONG, TEXT_STYLE
from penguintui.widgets.paragraphs import change_lines, need_lines, spaced
from penguintui.widgets.status import mark
from penguintui.widgets.table import Column, Row, Table

if TYPE_CHECKING:
    from textual.app import ComposeResult

_COLUMNS = (
    Column("  incident", 10, most=18, whole=True),
    Column("severity", 9, rank=1),
    Column("what", 24, grows=True),
    Column("opened", 12, rank=2, most=16),
    Column("resolved", 12, rank=3, most=16),
    Column("took", 8, "right"),
)


def incident_row(row: IncidentRow) -> Row:
    """An open incident speaks, a resolved one is history."""
    over = row.status is Status.OK
    return Row(
        row.name,
        (
            (mark(row.status), *line((f" {row.name}", DIM_STYLE if over else STRONG))),
            line((row.severity, FAINT_STYLE if over else STATUS_STYLE[row.status])),
            line((row.title, DIM_STYLE if over else TEXT_STYLE)),
            line((row.opened, FAINT_STYLE)),
            line((row.resolved or "open", FAINT_STYLE if over else STATUS_STYLE[row.status])),
            line((row.took, DIM_STYLE if over else STRONG)),
        ),
        (row.name, row.severity, row.title, row.opened_at, row.resolved, row.took),
    )


class IncidentsPage(Page):
    """The incidents, and what happened lately."""

    question = "What is happening, and who is on it?"

    def compose(self) -> ComposeResult:
        with Panel(id="incidents-panel"):
            yield Table(_COLUMNS, id="incidents")
        with Horizontal(classes="row secondary", id="what-happened"):
            with Panel(id="timeline-panel"):
                yield Text(id="timeline", indent=8)
            with Panel(id="story-panel"):
                yield Text(id="story", indent=8)

    def on_mount(self) -> None:
        entitle(self.query_one("#incidents-panel"), "Incidents, open ones first")
        entitle(self.query_one("#timeline-panel"), "What happened, newest first")

    def show_model(self, model: object) -> None:
        assert isinstance(model, Incidents)  # noqa: S101  (the desk answers for the screen that was asked)
        opened = [row for row in model.incidents if row.status is not Status.OK]
        panel = self.query_one("#incidents-panel")
        worst = max((row.status for row in opened), default=None)
        entitle(panel, "Incidents, open ones first", worst, f"{len(opened)} open of {len(model.incidents)}")
        self.fit_height("#incidents-panel", len(model.incidents), 12)
        table = self.query_one("#incidents", Table)
        table.say_when_empty("no incident is known")
        table.show([incident_row(row) for row in model.incidents])
        changes = change_lines(model.timeline[:200]) or [line(("nothing happened yet", FAINT_STYLE))]
        self.query_one("#timeline", Text).show(tuple(changes))
        name = f"{model.incidents[0].name}, as it went" if model.incidents else "Where incidents come from"
        entitle(self.query_one("#story-panel"), name)
        self.query_one("#story", Text).show(spaced(change_lines(model.story), need_lines(model.needs)))
