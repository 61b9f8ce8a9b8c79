"""Screen 7: what can be done, and what is being done?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.style import Style
from textual.containers import Horizontal

from penguintui.model.action import StepStatus
from penguintui.model.status import Status
from penguintui.screens.page import Page, Panel
from penguintui.views.models.actions import ActionChoice, Actions, HistoryRow, RecordEntry, RunView, StepLine
from penguintui.widgets.box import entitle
from penguintui.widgets.canvas import Text
from penguintui.widgets.gauge import gauge
from penguintui.widgets.line import Line, line
from penguintui.widgets.log import LogView
from penguintui.widgets.look import (
    ACCENT,
    ACCENT_STYLE,
    DIM_STYLE,
    FAINT_STYLE,
    KEY,
    STATUS_STRONG,
    STATUS_STYLE,
    STRONG,
    TEXT_STYLE,
    look,
)
from penguintui.widgets.paragraphs import spaced, title_line
from penguintui.widgets.status import mark
from penguintui.widgets.table import Column, Row, Table

if TYPE_CHECKING:
    from textual.app import ComposeResult

_HIGH = 36
"""Rows of a terminal in which the catalogue may take more of them."""
_CATALOGUE = (
    Column("  action", 18, most=48, whole=True),
    Column("danger", 10),
    Column("target", 10, rank=1, most=20),
    Column("what it does", 36, grows=True, rank=2),
    Column("last time", 12, rank=3, most=22),
)
_HISTORY = (
    Column("  run", 6, most=10),
    Column("what", 18, most=44, whole=True),
    Column("when", 12, rank=1, most=16),
    Column("took", 6, "right", rank=2, most=8),
    Column("by", 8, rank=3, most=20),
    Column("result", 12, grows=True, rank=1),
)
_OVER = (StepStatus.SUCCEEDED, StepStatus.SKIPPED)


def step_lines(steps: tuple[StepLine, ...]) -> list[Line]:
    """Steps as they went: mark, number, name, what was seen, how long it took."""
    names = max((len(step.name) for step in steps), default=0)
    return [_step(step, names) for step in steps]


def _step(step: StepLine, names: int) -> Line:
    width = look().shape_width
    waiting = step.status is StepStatus.WAITING
    running = step.status in (StepStatus.RUNNING, StepStatus.UNDOING)
    if running:
        sign = (look().running.ljust(width), Style(color=ACCENT, bold=True))
    elif step.verdict is not None:
        sign = mark(step.verdict)
    else:
        sign = (" " * width, Style())
    name = STRONG if running else FAINT_STYLE if waiting else TEXT_STYLE
    said = step.detail or step.does
    failed = step.status in (StepStatus.FAILED, StepStatus.UNDO_FAILED)
    tell = STATUS_STYLE[Status.CRITICAL] if failed else FAINT_STYLE if waiting else TEXT_STYLE if running else DIM_STYLE
    state = (
        "" if waiting or step.status in (*_OVER, StepStatus.RUNNING, StepStatus.FAILED) else f"{step.status.value}  "
    )
    return (
        sign,
        *line((f" {step.number} {step.name:<{names}}  ", name), (state, STATUS_STYLE[Status.WARNING])),
        *line((said, tell), (f"   {step.took}" if step.took else "", FAINT_STYLE)),
    )


def run_lines(run: RunView, width: int) -> tuple[Line, ...]:
    """One run: who and when, progress, its steps, its result."""
    head = line(
        (run.by, DIM_STYLE),
        (f'  "{run.reason}"' if run.reason else "", FAINT_STYLE),
        (f"   {run.lock}" if run.lock else "", FAINT_STYLE),
    )
    lines: list[Line] = [head]
    if not run.status.finished:
        bar = gauge(run.progress, min(24, width // 3), ACCENT_STYLE)
        lines.append((*bar, *line((f"  {round(run.progress * 100)} %   {run.took}", DIM_STYLE))))
    body = step_lines(run.steps)
    tail: list[Line] = []
    if run.result:
        style = STATUS_STRONG[run.verdict] if run.verdict is not None else TEXT_STYLE
        tail.append(line((run.result, style)))
    return spaced(lines, body, tail)


def choice_row(choice: ActionChoice) -> Row:
    return Row(
        choice.name,
        (
            line(("x ", KEY), (choice.title, TEXT_STYLE if choice.can else DIM_STYLE)),
            line((choice.danger, STATUS_STYLE[choice.danger_status])),
            line((choice.target or choice.environment, FAINT_STYLE)),
            line((choice.help or "; ".join(choice.steps), DIM_STYLE)),
            line((choice.last, FAINT_STYLE)),
        ),
        (choice.title, -int(choice.danger_status), choice.target, choice.help, choice.last),
    )


def history_row(row: HistoryRow) -> Row:
    fine = row.verdict is Status.OK
    told = f"{row.status.value}  {row.result}".strip()
    return Row(
        str(row.id),
        (
            (mark(row.verdict), *line((f" {row.id}", TEXT_STYLE))),
            line((row.title, TEXT_STYLE)),
            line((row.when, FAINT_STYLE)),
            line((row.took, DIM_STYLE)),
            line((row.by, FAINT_STYLE)),
            line((row.status.value if fine else told, DIM_STYLE if fine else STATUS_STYLE[row.verdict])),
        ),
        (float(row.id), row.title, row.when, row.took, row.by, row.result),
    )


def record_line(entry: RecordEntry) -> Line:
    """Who did what, with which result."""
    return line(
        (f"{entry.when} ", FAINT_STYLE),
        (entry.who, TEXT_STYLE),
        (f" {entry.what} ", DIM_STYLE),
        (entry.result, FAINT_STYLE),
    )


class ActionsPage(Page):
    """A run in progress with its live output and its way back; the catalogue; the history with its audit."""

    question = "What can I do, and what is being done?"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._model: Actions | None = None
        self._run: int | None = None

    def compose(self) -> ComposeResult:
        with Panel(id="run-panel"):
            yield Text(id="run-steps", indent=6)
        with Horizontal(classes="row", id="run-row"):
            with Panel(id="output-panel"):
                yield LogView(id="output", empty="no output yet")
            yield Text(id="way-back", indent=2)
        with Panel(id="catalogue-panel"):
            yield Table(_CATALOGUE, id="catalogue")
        with Horizontal(classes="row secondary", id="past"):
            with Panel(id="history-panel"):
                yield Table(_HISTORY, id="history")
            yield Text(id="audit", indent=4)

    def on_mount(self) -> None:
        entitle(self.query_one("#output-panel"), "Live output")
        entitle(self.query_one("#way-back"), "The way back")
        entitle(self.query_one("#catalogue-panel"), "What can be done")
        entitle(self.query_one("#history-panel"), "What was done")
        self.query_one("#way-back").add_class("panel", "secondary")
        self.query_one("#audit").add_class("panel")

    def look_at(self, run: int | None) -> None:
        """Which run is wanted; None shows what is running."""
        self._run = run

    def show_model(self, model: object) -> None:
        assert isinstance(model, Actions)  # noqa: S101  (the desk answers for the screen that was asked)
        self._model = model
        run = self.shown_run
        for name in ("#run-panel", "#run-row"):
            self.query_one(name).display = run is not None
        self.query_one("#catalogue-panel").display = run is None or self.app.size.height >= 44
        if run is not None:
            self._show_run(run, model)
        table = self.query_one("#catalogue", Table)
        need = f"{model.needs[0].text} {model.needs[0].remedy}" if model.needs else "no action is declared"
        table.say_when_empty(need)
        table.show([choice_row(choice) for choice in model.catalogue])
        self.fit_height("#catalogue-panel", len(model.catalogue), 14 if self.app.size.height >= _HIGH else 9)
        held = "   ".join(lock.text for lock in model.locks)
        entitle(self.query_one("#catalogue-panel"), "What can be done", subtitle=held)
        self._show_history(model)

    @property
    def shown_run(self) -> RunView | None:
        """The run asked for, else the first that is not over."""
        if self._model is None:
            return None
        asked = self._model.selected
        if self._run is not None and asked is not None and asked.id == self._run:
            return asked
        return self._model.running[0] if self._model.running else None

    def _show_run(self, run: RunView, model: Actions) -> None:
        entitle(
            self.query_one("#run-panel"),
            run.title,
            run.verdict,
            "  ·  ".join((f"run {run.id}", run.note)) if run.note else f"run {run.id}",
        )
        self.query_one("#run-steps", Text).show(run_lines(run, self.app.size.width))
        self.query_one("#output", LogView).show(run.id, run.output)
        self.query_one("#way-back", Text).show(spaced(self._way_back(run), self._others(run, model)))

    def _way_back(self, run: RunView) -> list[Line]:
        lines: list[Line] = []
        if not run.status.finished:
            lines.append(line(("c ", KEY), ("cancel: stops and undoes what was done", TEXT_STYLE)))
        if run.way_back:
            lines.append(line(("u ", KEY), (f"undo: {run.way_back}", TEXT_STYLE)))
        lines = lines or [line(("this run has no way back", FAINT_STYLE))]
        if self._run is not None:
            lines.append(line(("Esc ", KEY), ("back to what can be done", TEXT_STYLE)))
        return lines

    def _others(self, run: RunView, model: Actions) -> list[Line]:
        others = [one for one in model.running if one.id != run.id]
        lines: list[Line] = [title_line("Also running")] if others else []
        return [*lines, *(line((f"run {one.id} ", FAINT_STYLE), (one.title, TEXT_STYLE)) for one in others)]

    def _show_history(self, model: Actions) -> None:
        table = self.query_one("#history", Table)
        table.say_when_empty("nothing was done yet")
        table.show([history_row(row) for row in model.history])
        audit = self.query_one("#audit", Text)
        audit.display = bool(model.record) and self.wide
        newest = f"head #{model.record[0].seq} {model.record[0].hash[:12]}" if model.record else ""
        entitle(audit, "Record", subtitle=newest)
        audit.show(tuple(record_line(entry) for entry in model.record[:60]))

    def run(self) -> int | None:
        return self._run

    def action(self) -> str:
        """The action selected in the catalogue, "" for none, and while a run stands in the catalogue's place."""
        in_sight = self.query_one("#catalogue-panel").display
        return (self.query_one("#catalogue", Table).selected or "") if in_sight else ""

    def copied(self) -> str:
        run = self.shown_run
        return (
            f"run {run.id}: {run.title}: {run.status.value} {run.result}".strip() if run is not None else self.action()
        )
