"""Screen 5: what does the platform earn?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Horizontal

from penguintui.screens.executive import BusinessFigures
from penguintui.screens.page import Page, Scroll
from penguintui.views.models.business import Business, CountLine
from penguintui.widgets.box import entitle
from penguintui.widgets.canvas import Text
from penguintui.widgets.chart import ChartView
from penguintui.widgets.line import Line, join, line
from penguintui.widgets.look import FAINT_STYLE
from penguintui.widgets.paragraphs import need_lines, pairs
from penguintui.widgets.parts import value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.widget import Widget

_CHARTS = 3
_ON_A_LINE = 3


def count_lines(counts: Sequence[CountLine]) -> tuple[Line, ...]:
    """Each line: a name, then how many in each state, a few on a line."""
    told = []
    for one in counts:
        states = [(*value(count, strong=True), *line((f" {name}", FAINT_STYLE))) for name, count in one.counts]
        for first in range(0, len(states), _ON_A_LINE):
            told.append(("" if first else one.name, join(states[first : first + _ON_A_LINE], "   ")))
    return tuple(pairs(told))


class BusinessPage(Page):
    """Figures, counts, charts, and what will stand here once it is configured."""

    question = "What does the platform earn?"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._model: Business | None = None

    def compose(self) -> ComposeResult:
        with Scroll():
            with Horizontal(classes="row", id="business-top"):
                yield BusinessFigures(id="business-figures")
                yield Text(id="business-counts", indent=2)
            for number in range(_CHARTS):
                yield ChartView(id=f"business-chart-{number}")
            yield Text(id="business-needs", indent=2)

    def on_mount(self) -> None:
        entitle(self.query_one("#business-figures"), "Today")
        entitle(self.query_one("#business-counts"), "How many")
        entitle(self.query_one("#business-needs"), "Not here yet")
        for panel in ("#business-figures", "#business-counts", "#business-needs"):
            self.query_one(panel).add_class("panel")
        for chart in self.query(ChartView):
            chart.add_class("panel", "secondary")
        self.query_one("#business-needs").add_class("secondary")

    def show_model(self, model: object) -> None:
        assert isinstance(model, Business)  # noqa: S101  (the desk answers for the screen that was asked)
        self._model = model
        self.query_one("#business-figures", BusinessFigures).show(model.figures)
        self.query_one("#business-counts", Text).show(count_lines(model.counts))
        self.query_one("#business-counts").display = bool(model.counts)
        self.query_one("#business-figures").display = bool(model.figures)
        for number in range(_CHARTS):
            chart = self.query_one(f"#business-chart-{number}", ChartView)
            chart.display = number < len(model.charts)
            if number < len(model.charts):
                entitle(chart, model.charts[number].title)
                chart.show(model.charts[number])
        self.query_one("#business-needs", Text).show(tuple(need_lines(model.needs)))
        self.query_one("#business-needs").display = bool(model.needs)

    def first_focus(self) -> Widget | None:
        return None
