"""Screen 5: what does the platform earn?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.style import Style
from textual.containers import Horizontal

from penguintui.screens.executive import BusinessFigures
from penguintui.screens.page import Page, Scroll
from penguintui.views.models.business import Business, CountLine, ShareLine
from penguintui.widgets.box import entitle
from penguintui.widgets.canvas import Lines, Text
from penguintui.widgets.chart import ChartView
from penguintui.widgets.gauge import gauge
from penguintui.widgets.line import Line, fit, join, line, span
from penguintui.widgets.look import ACCENT_STYLE, DIM_STYLE, FAINT_STYLE
from penguintui.widgets.paragraphs import need_lines, pairs
from penguintui.widgets.parts import value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.widget import Widget

_CHARTS = 3
_PANELS = tuple(f"#business-{name}" for name in ("figures", "counts", "funnel", "revenue", "needs"))
_ON_A_LINE = 3


def count_lines(counts: Sequence[CountLine]) -> tuple[Line, ...]:
    """Each line: a name, then how many in each state, a few on a line."""
    told = []
    for one in counts:
        states = [(*value(count, strong=True), *line((f" {name}", FAINT_STYLE))) for name, count in one.counts]
        for first in range(0, len(states), _ON_A_LINE):
            told.append(("" if first else one.name, join(states[first : first + _ON_A_LINE], "   ")))
    return tuple(pairs(told))


class Shares(Lines):
    """Parts of a whole: name, number, share with a gauge, and what it was a week ago."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._shares: Sequence[ShareLine] = ()

    def show(self, shares: Sequence[ShareLine]) -> None:
        if shares != self._shares:
            self._shares = shares
            self.rebuild()

    def layout_lines(self, width: int) -> list[Line]:
        if not self._shares:
            return []
        columns = [(one.name, one.value.text, one.share_text, one.change) for one in self._shares]
        names, numbers, shares, changes = (max(map(len, column)) for column in zip(*columns, strict=True))
        bar = min(24, width - names - numbers - shares - changes - 10)
        return [self._line(one, (names, numbers, shares, changes), bar) for one in self._shares]

    def _line(self, one: ShareLine, widths: tuple[int, int, int, int], bar: int) -> Line:
        names, numbers, shares, changes = widths
        shown: Line = (
            *fit((span(one.name, FAINT_STYLE),), names + 2),
            *fit(value(one.value, strong=True), numbers, "right"),
            *fit((span(one.share_text, DIM_STYLE),), shares + 2, "right"),
        )
        told = fit((span(one.change, FAINT_STYLE),), changes + 2, "right")
        return (*shown, ("  ", Style()), *gauge(one.share, bar, ACCENT_STYLE), *told) if bar >= 6 else (*shown, *told)


class BusinessPage(Page):
    """Figures, counts, the funnel and revenue of a day, charts, and what will stand here once it is configured."""

    question = "What does the platform earn?"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._model: Business | None = None

    def compose(self) -> ComposeResult:
        with Scroll():
            with Horizontal(classes="row", id="business-top"):
                yield BusinessFigures(id="business-figures")
                yield Text(id="business-counts", indent=2)
            with Horizontal(classes="row secondary", id="business-shares"):
                yield Shares(id="business-funnel")
                yield Shares(id="business-revenue")
            for number in range(_CHARTS):
                yield ChartView(id=f"business-chart-{number}")
            yield Text(id="business-needs", indent=2)

    def on_mount(self) -> None:
        entitle(self.query_one("#business-figures"), "Today")
        entitle(self.query_one("#business-counts"), "How many")
        entitle(self.query_one("#business-needs"), "Not here yet")
        entitle(self.query_one("#business-funnel"), "How far mails come", subtitle="last 24h, against a week ago")
        entitle(self.query_one("#business-revenue"), "Revenue by source", subtitle="last 24h, against a week ago")
        for panel in _PANELS:
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
        for name, shares in (("funnel", model.funnel), ("revenue", model.revenue)):
            panel = self.query_one(f"#business-{name}", Shares)
            panel.show(shares)
            panel.display = bool(shares)
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
