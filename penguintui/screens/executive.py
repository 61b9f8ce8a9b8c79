"""Screen 1: are we keeping our promises, and what does it cost?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.style import Style
from textual.containers import Horizontal

from penguintui.model.status import Status
from penguintui.screens.page import Page, Scroll
from penguintui.views.models.executive import BusinessLine, Executive, RecordLine, Verdict
from penguintui.widgets.box import entitle
from penguintui.widgets.canvas import Lines, Text
from penguintui.widgets.card import Promises
from penguintui.widgets.chart import ChartView
from penguintui.widgets.gauge import gauge
from penguintui.widgets.line import Line, fit, span, wrap
from penguintui.widgets.look import ACCENT_STYLE, FAINT_STYLE, STATUS_STRONG, look
from penguintui.widgets.paragraphs import need_lines
from penguintui.widgets.parts import part, trend, value
from penguintui.widgets.status import mark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult


def verdict_lines(verdict: Verdict) -> tuple[Line, ...]:
    """The headline in the colour of the state, its reasons indented under it."""
    lines: list[Line] = []
    for index, parts in enumerate(verdict.lines):
        told = tuple(part(one) for one in parts)
        start = mark(verdict.status) if index == 0 else (" " * len(mark(verdict.status)[0]), Style())
        if index == 0 and not any(one.status is not None for one in parts):
            told = tuple((text, STATUS_STRONG[verdict.status]) for text, _ in told)
        lines.append((start, (" ", Style()), *told))
    return tuple(lines) or ((mark(verdict.status), span(f" {verdict.text}", STATUS_STRONG[verdict.status])),)


class BusinessFigures(Lines):
    """Figures of today: name, number, goal with a gauge, or a trend."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._figures: Sequence[BusinessLine] = ()

    def show(self, figures: Sequence[BusinessLine]) -> None:
        if figures != self._figures:
            self._figures = figures
            self.rebuild()

    def layout_lines(self, width: int) -> list[Line]:
        names = max((len(one.name) for one in self._figures), default=0)
        numbers = max(
            (len(one.value.text) + (len(one.value.age) + 1) * one.value.stale for one in self._figures), default=0
        )
        goals = max((len(one.goal) for one in self._figures), default=0)
        bar = min(18, width - names - numbers - goals - 6)
        return [self._line(one, names, numbers, goals, bar) for one in self._figures]

    def _line(self, one: BusinessLine, names: int, numbers: int, goals: int, bar: int) -> Line:
        name = fit((span(one.name, FAINT_STYLE),), names)
        number = fit(value(one.value, strong=True), numbers, "right")
        shown: Line = (*name, ("  ", Style()), *number, (" ", Style()), *fit((span(one.goal, FAINT_STYLE),), goals))
        if bar < 6:
            return shown
        behind = one.value.status is not None and one.value.status is not Status.OK
        colour = STATUS_STRONG[one.value.status] if behind and one.value.status is not None else ACCENT_STYLE
        if one.share is not None:
            return (*shown, ("  ", Style()), *gauge(one.share, bar, colour))
        return (*shown, ("  ", Style()), trend(one.trend, bar, one.value.status))


class Record(Lines):
    """The record: incidents, releases, backups."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._record: Sequence[RecordLine] = ()

    def show(self, record: Sequence[RecordLine]) -> None:
        if record != self._record:
            self._record = record
            self.rebuild()

    def layout_lines(self, width: int) -> list[Line]:
        names = max((len(one.name) for one in self._record), default=0)
        lines: list[Line] = []
        for one in self._record:
            told = tuple(part(piece) for piece in one.parts)
            whole: Line = (*fit((span(one.name, FAINT_STYLE),), names), ("  ", Style()), *told)
            lines.extend(wrap(whole, width, names + 2) or [whole])
        return lines


class ExecutivePage(Page):
    """The verdict, the promises, business, the record, and the mail of the day."""

    question = "Are we keeping our promises, and what does it cost?"

    def compose(self) -> ComposeResult:
        with Scroll():
            yield Text(id="verdict", indent=look().shape_width + 1)
            yield Promises(id="promises")
            with Horizontal(id="business-and-record", classes="row secondary"):
                yield BusinessFigures(id="figures")
                yield Record(id="record")
            yield ChartView(id="mails")
            yield Text(id="executive-needs", indent=2)

    def on_mount(self) -> None:
        entitle(self.query_one("#figures"), "Business today")
        entitle(self.query_one("#record"), "Record")
        for name in ("#figures", "#record", "#mails"):
            self.query_one(name).add_class("panel")
        self.query_one("#mails").add_class("secondary")

    def show_model(self, model: object) -> None:
        assert isinstance(model, Executive)  # noqa: S101  (the desk answers for the screen that was asked)
        self._model = model
        self.query_one("#verdict", Text).show(verdict_lines(model.verdict))
        promises = self.query_one("#promises", Promises)
        shown = [card for card in model.promises if card.status is not Status.OK] if self.tiny else model.promises
        promises.show(shown, tall=self.app.size.height >= 38, compact=not self.wide)
        promises.set_class(not self.wide and not self.tiny, "panel")
        entitle(promises, "Promises" if not self.wide and not self.tiny else "")
        self.query_one("#figures", BusinessFigures).show(model.business)
        self.query_one("#figures").display = bool(model.business)
        self.query_one("#record", Record).show(model.record)
        self.query_one("#record").display = bool(model.record)
        self.query_one("#record").styles.min_height = len(model.business) + 2 if self.wide else 0
        chart = self.query_one("#mails", ChartView)
        chart.display = model.mails is not None
        if model.mails is not None:
            entitle(chart, model.mails.title)
            chart.show(model.mails)
        self.query_one("#executive-needs", Text).show(tuple(need_lines(model.needs)))
