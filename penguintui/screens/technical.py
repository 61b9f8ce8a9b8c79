"""Screen 2: what is wrong, and where? Also the page of one target, entered from any screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Horizontal

from penguintui.model.status import Status
from penguintui.screens.page import Page, Panel, Scroll
from penguintui.views.models.technical import TargetDetail, TargetRow, Technical
from penguintui.widgets.box import entitle
from penguintui.widgets.canvas import Lines, Text
from penguintui.widgets.chart import ChartView
from penguintui.widgets.line import EMPTY, Line, join, line, span, wrap
from penguintui.widgets.look import DIM_STYLE, FAINT_STYLE, KEY, STATUS_STYLE, STRONG, TEXT_STYLE
from penguintui.widgets.paragraphs import change_lines, choice_lines, finding_lines, need_lines, spaced, title_line
from penguintui.widgets.parts import TrendCell
from penguintui.widgets.rows import DrawnOnce
from penguintui.widgets.status import mark
from penguintui.widgets.table import Column, Row, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.widget import Widget

    from penguintui.views.models.chart import Chart

COLUMNS = (
    Column("  target", 18, most=34, whole=True),
    Column("kind", 8, rank=3, most=10),
    Column("what matters", 36, grows=True),
    Column("since", 6, "right", rank=1, most=14),
    Column("1h", 12, rank=2),
)


_TOLD_BY_NUMBERS = (2,)
"""Columns whose text has numbers in it: only when all are asked can rows be sorted by them."""


def target_row(row: TargetRow) -> Row:
    """One line of the table: quiet while fine, its reason in colour when not."""
    fine = row.status is Status.OK
    name = TEXT_STYLE if fine else STRONG
    matters = FAINT_STYLE if row.stale else TEXT_STYLE if fine else STATUS_STYLE[row.status]
    signals, told = (f"stale {row.age}", FAINT_STYLE) if row.stale else (row.signals, DIM_STYLE)
    return Row(
        row.name,
        (
            (mark(row.status), *line((f" {row.name}", name))),
            line((row.kind, FAINT_STYLE)),
            line((f"{row.matters}  " if signals else row.matters, matters), (signals, told)),
            line((row.since, FAINT_STYLE)),
            TrendCell(row.trend, row.status),
        ),
        (row.name, row.kind, row.matters, row.since_at or 0.0, -int(row.status)),
    )


def why_lines(detail: TargetDetail) -> list[Line]:
    style = STATUS_STYLE[detail.status] if detail.status is not Status.OK else TEXT_STYLE
    return [line(("Why ", STRONG), (detail.why, style))] if detail.why else []


class Side(Lines):
    """What can be done to the selected target, what changed near it, where its numbers come from."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._detail: TargetDetail | None = None

    def show(self, detail: TargetDetail | None) -> None:
        if detail != self._detail:
            self._detail = detail
            self.rebuild()

    def layout_lines(self, width: int) -> list[Line]:
        detail = self._detail
        if detail is None:
            return [line(("nothing selected: the arrow keys select", FAINT_STYLE))]
        changes = change_lines(detail.changes[:6])
        tail = [line(("source ", FAINT_STYLE), (detail.source, DIM_STYLE))] if detail.source else []
        if detail.runbook:
            tail.append((("r ", KEY), span(f"runbook: {detail.runbook}", FAINT_STYLE)))
        groups = spaced(
            choice_lines(detail.actions, width) or [line(("no action is declared for it", FAINT_STYLE))],
            [title_line("Changed near it"), *changes] if changes else [],
            tail,
        )
        lines: list[Line] = []
        for one in groups:
            lines.extend(wrap(one, width, 2) or [EMPTY])
        return lines


class TechnicalPage(Page):
    """The table of targets, worst first, and beside it the one that is selected."""

    question = "What is wrong, and where?"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._model: Technical | None = None
        self._drawn = DrawnOnce(target_row, lambda row: row.name)

    def compose(self) -> ComposeResult:
        with Panel(id="targets-panel"):
            yield Table(COLUMNS, first=True, id="targets")
        with Horizontal(classes="row secondary", id="target-row"):
            with Panel(id="target-panel"):
                yield ChartView(id="target-chart")
                yield Text(id="target-why", indent=4)
            yield Side(id="target-side")

    def on_mount(self) -> None:
        entitle(self.query_one("#targets-panel"), "Targets, worst first")
        entitle(self.query_one("#target-side"), "What can be done")
        self.query_one("#target-side").add_class("panel")

    def show_model(self, model: object) -> None:
        assert isinstance(model, Technical)  # noqa: S101  (the desk answers for the screen that was asked)
        self._model = model
        table = self.query_one("#targets", Table)
        table.say_when_empty(self._empty(model))
        table.show(self._drawn.rows(model.rows), model.rows.names)
        faults = "f all" if model.faults_only else "f faults"
        shown = f"{model.shown}  ·  {faults}  ·  / {model.filter or 'filter'}"
        title = "Targets, worst first" if not model.faults_only else "Targets with faults, worst first"
        entitle(self.query_one("#targets-panel"), title, subtitle=shown)
        if self.wide:
            self.fit_height("#targets-panel", len(model.rows), max(6, (self.room.height - 7) // 2))
        else:
            self.query_one("#targets-panel").styles.height = "1fr"
        self._show_detail(model)

    def shows(self, target: str | None) -> bool:
        selected = self._model.selected if self._model is not None else None
        return selected is not None and selected.name == target

    def in_sight(self) -> tuple[str, ...] | None:
        table = self.query_one("#targets", Table)
        return None if table.sorted_by in _TOLD_BY_NUMBERS else table.keys_in_sight

    def _empty(self, model: Technical) -> str:
        if model.filter_error:
            return model.filter_error
        if model.needs:
            need = model.needs[0]
            return f"{need.text} {need.remedy}"
        return "every target is fine" if model.faults_only and not model.filter else "nothing matches the filter"

    def _show_detail(self, model: Technical) -> None:
        detail = model.selected
        panel, chart = self.query_one("#target-panel"), self.query_one("#target-chart", ChartView)
        why = self.query_one("#target-why", Text)
        self.query_one("#target-side", Side).show(detail)
        self.query_one("#target-side").display = self.room.width >= 100
        if detail is None:
            entitle(panel, "Nothing selected")
            chart.show(None)
            chart.display = False
            why.show(tuple(self._overview(model)))
            return
        shown = detail.charts[0] if detail.charts else None
        title = shown.title.removeprefix(detail.name).strip() if shown is not None else ""
        entitle(panel, f"{detail.name}  {title}".strip(), detail.status)
        chart.display = shown is not None and self.app.size.height >= 30
        chart.show(shown)
        findings = [one for one in detail.findings if one.status is not Status.OK] or list(detail.findings[:4])
        told = [*finding_lines(findings), *finding_lines(detail.alerts)]
        besides = finding_lines(one for one in model.alerts if not one.target)
        besides = [title_line("Alerts of no target"), *besides] if besides else []
        lines = spaced(why_lines(detail), told, besides) if self.wide else spaced(told, besides)
        why.show(lines or tuple(why_lines(detail)))

    def _overview(self, model: Technical) -> list[Line]:
        """While nothing is selected: the kinds, and the worst state of each."""
        lines: list[Line] = []
        for group in model.groups:
            style = STATUS_STYLE[group.status] if group.faults else FAINT_STYLE
            rest = f"{group.faults} of {group.total} with faults" if group.faults else f"{group.total} fine"
            lines.append((mark(group.status), *line((f" {group.title:<14}", DIM_STYLE), (rest, style))))
        if model.alerts:
            lines += [EMPTY, title_line("Alerts"), *finding_lines(model.alerts)]
        return [*lines, *need_lines(model.needs if model.rows else ())]

    def target(self) -> str:
        return self.query_one("#targets", Table).selected or ""

    def copied(self) -> str:
        model, name = self._model, self.target()
        row = next((one for one in model.rows if one.name == name), None) if model is not None else None
        return f"{row.name}: {row.status.word}: {row.matters}" if row is not None else ""

    def runbook(self) -> str:
        return self._model.selected.runbook if self._model is not None and self._model.selected is not None else ""


class TargetPage(Page):
    """One target, entered with Enter: reasons and remedies, every chart of its signals, what changed."""

    question = "What is it, why is it so, and what can be done?"
    _CHARTS = 4

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._subject = ""
        self._from = ""
        self._detail: TargetDetail | None = None

    def compose(self) -> ComposeResult:
        with Horizontal(classes="row", id="one-target"):
            with Scroll(id="one-left"):
                yield Text(id="one-findings", indent=4)
                for number in range(self._CHARTS):
                    yield ChartView(id=f"one-chart-{number}")
            yield Side(id="one-side")

    def on_mount(self) -> None:
        for panel in (self.query_one("#one-findings"), self.query_one("#one-side"), *self.query(ChartView)):
            panel.add_class("panel")
        for chart in self.query(ChartView):
            chart.add_class("secondary")
        self.query_one("#one-side").add_class("secondary")

    def enter(self, name: str, came_from: str) -> None:
        """Which target is wanted; its detail comes with the next reading."""
        if name != self._subject:
            self._subject, self._detail = name, None
            self.query_one("#one-findings", Text).show((line(("waiting for its findings", FAINT_STYLE)),))
            for chart in self.query(ChartView):
                chart.show(None)
                chart.display = False
        self._from = came_from
        entitle(self.query_one("#one-findings"), f"{came_from} › {name}")

    def show_model(self, model: object) -> None:
        assert isinstance(model, Technical)  # noqa: S101  (the desk answers for the screen that was asked)
        detail = model.selected
        findings = self.query_one("#one-findings", Text)
        if detail is None or detail.name != self._subject:
            findings.show(
                (
                    line(
                        (f"{self._subject} is not watched at this moment. Esc goes back.", STATUS_STYLE[Status.UNKNOWN])
                    ),
                )
            )
            return
        self._detail = detail
        entitle(findings, f"{self._from} › {detail.name}", detail.status, subtitle=detail.kind)
        labels = [line((f"{name}=", FAINT_STYLE), (text, DIM_STYLE)) for name, text in detail.labels.items()]
        told = [*finding_lines(detail.findings), *finding_lines(detail.alerts)]
        findings.show(spaced(why_lines(detail), told, [join(labels)] if labels else []))
        entitle(self.query_one("#one-side"), "What can be done")
        self.query_one("#one-side", Side).show(detail)
        self._show_charts(detail.charts)

    def _show_charts(self, charts: Sequence[Chart]) -> None:
        for number in range(self._CHARTS):
            view = self.query_one(f"#one-chart-{number}", ChartView)
            view.display = number < len(charts)
            if number < len(charts):
                latest = charts[number].latest
                title = charts[number].title.removeprefix(self._subject).strip()
                entitle(view, title, subtitle=latest[0] if len(latest) == 1 else "")
                view.show(charts[number])

    def first_focus(self) -> Widget | None:
        return None

    def in_sight(self) -> tuple[str, ...]:
        return ()

    def target(self) -> str:
        return self._subject

    def copied(self) -> str:
        if self._detail is None:
            return self._subject
        worst = [f"{one.title}: {one.summary}" for one in self._detail.findings if one.status is not Status.OK]
        return f"{self._subject}: {self._detail.status.word}: {'; '.join(worst) or self._detail.why}"

    def runbook(self) -> str:
        return self._detail.runbook if self._detail is not None else ""
