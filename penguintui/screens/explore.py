"""Explore: what does this expression give? Opened by `:query EXPR`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Horizontal
from textual.message import Message

from penguintui.model.status import Status
from penguintui.screens.page import Page, Panel
from penguintui.views.models.explore import Explore, ExploreRow
from penguintui.widgets.box import entitle
from penguintui.widgets.canvas import Text
from penguintui.widgets.chart import ChartView
from penguintui.widgets.line import Line, line
from penguintui.widgets.look import DIM_STYLE, FAINT_STYLE, KEY, STATUS_STYLE, STRONG, TEXT_STYLE
from penguintui.widgets.parts import TrendCell
from penguintui.widgets.table import Column, Row, Table

if TYPE_CHECKING:
    from textual.app import ComposeResult

_REMEMBERED = 100

_VALUES = (
    Column("series", 24, most=120),
    Column("value", 8, "right", most=24),
    Column("1h", 12, grows=True, rank=1),
)
_HISTORY = (Column("expression", 20, grows=True), Column("answer", 8, most=28, rank=1))


def value_row(row: ExploreRow) -> Row:
    return Row(
        row.series,
        (line((row.series, TEXT_STYLE)), line((row.text, STRONG)), TrendCell(row.trend, None)),
        (row.series, row.number),
    )


class ExplorePage(Page):
    """An expression, its answer as a chart and a table, and what was asked before."""

    question = "What does this expression give?"

    class Asked(Message):
        """An expression was chosen from those asked before."""

        def __init__(self, expression: str) -> None:
            super().__init__()
            self.expression = expression

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._expression = ""
        self._came_from = ""
        self._before: list[tuple[str, str]] = []

    def compose(self) -> ComposeResult:
        yield Text(id="explore-asked", indent=2)
        yield ChartView(id="explore-chart")
        with Horizontal(classes="row", id="explore-row"):
            with Panel(id="explore-values-panel"):
                yield Table(_VALUES, id="explore-values")
            with Panel(id="explore-history-panel", classes="secondary"):
                yield Table(_HISTORY, empty="nothing was asked yet", id="explore-history")

    def on_mount(self) -> None:
        self.query_one("#explore-asked").add_class("panel")
        self.query_one("#explore-chart").add_class("panel", "secondary")
        entitle(self.query_one("#explore-chart"), "The hour before")
        entitle(self.query_one("#explore-history-panel"), "Asked before", subtitle="Enter asks again")

    def ask(self, expression: str, came_from: str) -> None:
        """Shows another expression, which is answered by the next reading. came_from: the screen that Esc leads to."""
        self._expression, self._came_from = expression, came_from
        self.query_one("#explore-asked", Text).show((line((expression, STRONG)),))

    def expression(self) -> str:
        return self._expression

    def copied(self) -> str:
        selected = self.query_one("#explore-values", Table).selected
        return selected or self._expression

    def show_model(self, model: object) -> None:
        assert isinstance(model, Explore)  # noqa: S101  (the desk answers for the screen that was asked)
        if model.expression != self._expression:
            return  # the answer to what was asked before
        entitle(
            self.query_one("#explore-asked"),
            f"{self._came_from} › Query",
            Status.WARNING if model.trouble else None,
            f"asked {model.place}",
        )
        self.query_one("#explore-asked", Text).show(tuple(self._told(model)))
        chart = self.query_one("#explore-chart", ChartView)
        chart.display = model.chart is not None
        chart.show(model.chart)
        table = self.query_one("#explore-values", Table)
        entitle(self.query_one("#explore-values-panel"), "Values", subtitle="" if model.trouble else model.said)
        table.say_when_empty(model.said)
        table.show([value_row(row) for row in model.rows])
        self._remember(model)

    def _told(self, model: Explore) -> list[Line]:
        """The expression, and under it what is wrong with it, or what one can do."""
        if not model.expression:
            return [
                line(
                    (":", KEY),
                    ("query EXPR asks in PromQL, Tab completes names. ", DIM_STYLE),
                    (f"{model.said}.", FAINT_STYLE),
                )
            ]
        asked = line((model.expression, STRONG))
        return [asked, line((model.trouble, STATUS_STYLE[Status.WARNING]))] if model.trouble else [asked]

    def _remember(self, model: Explore) -> None:
        """The newest first, each expression once, with how it was answered last."""
        if model.expression:
            others = [entry for entry in self._before if entry[0] != model.expression]
            self._before = [(model.expression, model.said), *others][:_REMEMBERED]
        self.query_one("#explore-history", Table).show(
            [Row(text, (line((text, TEXT_STYLE)), line((said, FAINT_STYLE)))) for text, said in self._before]
        )

    def on_table_opened(self, message: Table.Opened) -> None:
        if message.table.id == "explore-history":
            message.stop()
            self.post_message(self.Asked(message.key))
