"""The action pane: what can be done, what exactly would happen, the confirmation, and the run as it goes."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input

from penguintui.model.status import Status
from penguintui.screens.actions import run_lines
from penguintui.screens.commands import parameters as parse_parameters
from penguintui.screens.page import Scroll
from penguintui.widgets.box import entitle, retitle
from penguintui.widgets.canvas import Text
from penguintui.widgets.line import Line, line
from penguintui.widgets.log import LogView
from penguintui.widgets.look import (
    ACCENT_STYLE,
    DIM_STYLE,
    FAINT_STYLE,
    KEY,
    STATUS_STRONG,
    STATUS_STYLE,
    STRONG,
    TEXT_STYLE,
)
from penguintui.widgets.paragraphs import spaced, title_line
from penguintui.widgets.status import mark
from penguintui.widgets.table import Column, Row, Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.app import ComposeResult

    from penguintui.views.models.actions import ActionChoice, Actions, PlanView, RunView

_COLUMNS = (Column("action", 20, grows=True), Column("danger", 10))


def plan_lines(plan: PlanView) -> tuple[Line, ...]:
    """All of a plan: steps with what they change, conditions, and the way back."""
    steps: list[Line] = []
    for step in plan.steps:
        changes = (
            ("  changes something", STATUS_STYLE[Status.WARNING]) if step.changes else ("  only looks", FAINT_STYLE)
        )
        steps.append(
            line(
                (f"{step.number} {step.name}  ", STRONG),
                (step.type, FAINT_STYLE),
                changes,
                (f"  at most {step.timeout}", FAINT_STYLE),
            )
        )
        steps.append(line((f"  {step.does}", TEXT_STYLE)))
        if step.undo:
            steps.append(line(("  back: ", FAINT_STYLE), (step.undo, DIM_STYLE)))
    conditions: list[Line] = [
        (
            mark(one.status),
            *line(
                (f" {one.name}  ", TEXT_STYLE),
                (one.seen, DIM_STYLE),
                (f"  {one.reason}" if one.reason else "", STATUS_STYLE[one.status]),
            ),
        )
        for one in plan.conditions
    ]
    where = line(
        (f"{plan.environment}  ", STRONG),
        (plan.target, TEXT_STYLE),
        ("  ", FAINT_STYLE),
        (plan.danger, STATUS_STYLE[plan.danger_status]),
    )
    told = [line((f"{name} = ", FAINT_STYLE), (value, TEXT_STYLE)) for name, value in plan.parameters]
    changed = [line(("since the last run: ", FAINT_STYLE), (text, TEXT_STYLE)) for text in plan.changed_since]
    return spaced(
        [where, *told],
        [title_line("Steps"), *steps],
        [title_line("Must hold, and is looked at again before each change"), *conditions] if conditions else [],
        [title_line("The way back"), line((plan.way_back or "there is none", TEXT_STYLE))],
        changed,
        [line((f"plan {plan.hash[:12]}  {plan.lapses}", FAINT_STYLE))],
    )


def verdict_on(plan: PlanView, can: str) -> list[Line]:
    """Whether it can be run, and what must be typed. can: why this viewer may not act, "" when it may."""
    if plan.refused:
        return [(mark(Status.CRITICAL), *line((f" refused: {plan.refused}", STATUS_STRONG[Status.CRITICAL])))]
    if plan.lapsed:
        return [line(("this plan has lapsed; Esc, and choose it again", STATUS_STYLE[Status.WARNING]))]
    if can:
        return [line((can, STATUS_STYLE[Status.WARNING]))]
    return [line((plan.confirm, STRONG))]


@dataclass(frozen=True, slots=True)
class Intent:
    """A run that was confirmed. key: tells repetitions of the same intent apart from a second one."""

    plan: str
    confirm: str
    reason: str
    key: str


class ActionPane(Vertical):
    """Goes from the choices to a plan, and from a confirmed plan to its run. The app does what it asks for."""

    class Wanted(Message):
        """The plan of an action is wanted."""

        def __init__(self, action: str, target: str, parameters: Mapping[str, str]) -> None:
            super().__init__()
            self.action, self.target, self.parameters = action, target, parameters

    class Confirmed(Message):
        """A plan was confirmed as its danger demands."""

        def __init__(self, intent: Intent) -> None:
            super().__init__()
            self.intent = intent

    class UndoConfirmed(Message):
        """The undo of a run was confirmed."""

        def __init__(self, run: int, confirm: str, key: str) -> None:
            super().__init__()
            self.run, self.confirm, self.key = run, confirm, key

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._stage = "choices"
        self._choices: Sequence[ActionChoice] = ()
        self._chosen: ActionChoice | None = None
        self.plan: PlanView | None = None
        self.shown: RunView | None = None
        self._about = ""
        self._key = ""
        self.run: int | None = None

    def compose(self) -> ComposeResult:
        yield Table(_COLUMNS, id="pane-choices")
        with Scroll(id="pane-scroll"):
            yield Text(id="pane-text", indent=4)
        yield LogView(id="pane-output", empty="no output yet")
        confirm = Input(id="pane-confirm", compact=True, select_on_focus=False)
        confirm.cursor_blink = False
        yield confirm
        yield Text(id="pane-hint", indent=2)

    def on_mount(self) -> None:
        self.add_class("panel")
        self._stand("choices")

    def on_resize(self) -> None:
        self.call_after_refresh(retitle, self)

    @property
    def opened(self) -> bool:
        return bool(self.display)

    @property
    def stage(self) -> str:
        """choices, parameters, waiting, plan, undo or run."""
        return self._stage

    def _stand(self, stage: str) -> None:
        self._stage = stage
        self.query_one("#pane-choices").display = stage == "choices"
        self.query_one("#pane-scroll").display = stage != "choices"
        self.query_one("#pane-output").display = stage in ("run", "undo")
        self.query_one("#pane-confirm").display = stage in ("parameters", "plan", "undo")

    # choices

    def open(self, about: str, choices: Sequence[ActionChoice]) -> None:
        """Shows what can be done to a thing ("" is everything)."""
        self.display = True
        self.run, self._about = None, about
        self._stand("choices")
        entitle(self, f"What can be done to {about}" if about else "What can be done", subtitle="Esc closes")
        self.take_choices(choices)
        table = self.query_one("#pane-choices", Table)
        table.say_when_empty("no action is declared")
        if table.selected is None:
            table.move(0)
        table.focus()
        self._explain()

    def take_choices(self, choices: Sequence[ActionChoice]) -> None:
        self._choices = choices
        self.query_one("#pane-choices", Table).show(
            [
                Row(
                    choice.name,
                    (
                        line((choice.title, TEXT_STYLE if choice.can else DIM_STYLE)),
                        line((choice.danger, STATUS_STYLE[choice.danger_status])),
                    ),
                )
                for choice in choices
            ]
        )

    def _explain(self) -> None:
        """Under the choices: what the selected one does, and whether this viewer could run it."""
        key = self.query_one("#pane-choices", Table).selected
        choice = next((one for one in self._choices if one.name == key), None)
        hint = self.query_one("#pane-hint", Text)
        if choice is None:
            hint.show((line(("the arrow keys choose, Enter shows the plan", FAINT_STYLE)),))
            return
        steps = [line((f"{number} {step}", DIM_STYLE)) for number, step in enumerate(choice.steps, 1)]
        may = (
            line((choice.why_not, STATUS_STYLE[Status.WARNING]))
            if not choice.can
            else line((choice.confirm, DIM_STYLE))
        )
        last = [line(("last: ", FAINT_STYLE), (choice.last, DIM_STYLE))] if choice.last else []
        hint.show(spaced([line((choice.help or choice.title, TEXT_STYLE))], steps, [may, *last]))

    def on_table_selected(self, message: Table.Selected) -> None:
        message.stop()
        if self._stage == "choices":
            self._explain()

    def on_table_opened(self, message: Table.Opened) -> None:
        message.stop()
        choice = next((one for one in self._choices if one.name == message.key), None)
        if choice is not None:
            self.choose(choice)

    def choose(self, choice: ActionChoice, given: Mapping[str, str] | None = None) -> None:
        """Asks for the plan, after the parameters that have no default."""
        self._chosen = choice
        missing = [one for one in choice.parameters if one.default is None and one.name not in (given or {})]
        entitle(self, choice.title, choice.danger_status if choice.danger != "safe" else None, "Esc goes back")
        if not missing:
            self._want(choice, given or {})
            return
        self._stand("parameters")
        told = [
            line((f"{one.name}  ", STRONG), (one.help, TEXT_STYLE), (f"  {one.pattern}", FAINT_STYLE))
            for one in missing
        ]
        self.query_one("#pane-text", Text).show(spaced([title_line("It needs to know")], told))
        text = " ".join([*(f"{name}={value}" for name, value in (given or {}).items()), f"{missing[0].name}="])
        self._ask(text, "NAME=VALUE NAME=VALUE, then Enter", "Enter shows the plan; nothing is done yet")

    def _want(self, choice: ActionChoice, given: Mapping[str, str]) -> None:
        self._stand("waiting")
        self.query_one("#pane-text", Text).show((line(("waiting for the plan", FAINT_STYLE)),))
        self.query_one("#pane-hint", Text).show(())
        self.post_message(self.Wanted(choice.name, choice.target, given))

    def _ask(self, text: str, placeholder: str, hint: str) -> None:
        confirm = self.query_one("#pane-confirm", Input)
        confirm.placeholder, confirm.value = placeholder, text
        confirm.cursor_position = len(text)
        self.screen.set_focus(confirm)  # at once, where it is shown already: what is typed next is for it
        confirm.focus()
        self.query_one("#pane-hint", Text).show((line((hint, DIM_STYLE)),) if hint else ())

    # plan

    def take_plan(self, plan: PlanView, cannot: str) -> None:
        """Shows a plan. cannot: why this viewer may not act, "" when it may."""
        self.plan, self._key = plan, uuid.uuid4().hex
        self._stand("plan")
        entitle(self, f"Plan: {plan.title}", plan.danger_status if plan.danger != "safe" else None, "Esc goes back")
        self.query_one("#pane-text", Text).show(plan_lines(plan))
        self.query_one("#pane-scroll", Scroll).scroll_home(animate=False)
        if plan.refused or plan.lapsed or cannot:
            self.query_one("#pane-confirm").display = False
            self.query_one("#pane-hint", Text).show(tuple(verdict_on(plan, cannot)))
            self.query_one("#pane-scroll").focus()
            return
        wanted = plan.type_to_confirm or ("yes" if plan.danger != "safe" else "")
        after = " and a reason" if plan.emergency else ""
        self._ask("", f"{wanted}{after}" if wanted else "Enter", "")
        self.query_one("#pane-hint", Text).show(tuple(verdict_on(plan, cannot)))

    def take_trouble(self, text: str) -> None:
        """The plan could not be made, or the run was refused."""
        self._stand("waiting")
        self.query_one("#pane-text", Text).show((line((text, STATUS_STYLE[Status.CRITICAL])),))
        self.query_one("#pane-hint", Text).show((line(("Esc goes back", FAINT_STYLE)),))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        text = event.value.strip()
        if self._stage == "parameters":
            self._take_parameters(text)
        elif self._stage == "plan":
            self._confirm(text)
        elif self._stage == "undo" and self.run is not None:
            self.post_message(self.UndoConfirmed(self.run, text, self._key))

    def _take_parameters(self, text: str) -> None:
        given, trouble = parse_parameters(text.split())
        if trouble or self._chosen is None:
            self.query_one("#pane-hint", Text).show((line((trouble, STATUS_STYLE[Status.WARNING])),))
            return
        self.choose(self._chosen, {name: value for name, value in given.items() if value})

    def _confirm(self, text: str) -> None:
        plan = self.plan
        if plan is None:
            return
        wanted = plan.type_to_confirm or ("yes" if plan.danger != "safe" else "")
        typed, reason = (text[: len(wanted)], text[len(wanted) :].strip()) if text.startswith(wanted) else (text, "")
        if typed != wanted or (reason and plan.type_to_confirm and not text[len(wanted) :].startswith(" ")):
            self._ask("", wanted, f"that is not it: type {wanted} and press Enter; Esc goes back and does nothing")
            return
        if plan.emergency and not reason:
            self._ask(f"{wanted} ", wanted, "an emergency needs a reason too: it is reviewed afterwards")
            return
        self.post_message(self.Confirmed(Intent(plan.hash, typed, reason, self._key)))

    # run

    def follow(self, run: int) -> None:
        """Follows a run live."""
        self.display = True
        self.run = run
        self._stand("run")
        self.query_one("#pane-text", Text).show((line((f"waiting for run {run}", FAINT_STYLE)),))
        self.query_one("#pane-hint", Text).show(())
        self.query_one("#pane-output", LogView).focus()

    def show(self, model: Actions, *, past: bool = False) -> None:
        """Takes what the store says about actions and runs. past: at a moment when a run may not have begun yet."""
        if self._stage == "choices" and not self._about:
            self.take_choices(model.catalogue)
            self._explain()
        if self._stage not in ("run", "undo") or self.run is None:
            return
        run = model.selected if model.selected is not None and model.selected.id == self.run else None
        run = run or next((one for one in model.running if one.id == self.run), None)
        if run is not None:
            self._show_run(run)
        elif past:
            told = f"run {self.run} had not begun at the moment shown"
            self.query_one("#pane-text", Text).show((line((told, DIM_STYLE)),))
            self.query_one("#pane-hint", Text).show(())
            self.query_one("#pane-output", LogView).show(self.run, ())

    def _show_run(self, run: RunView) -> None:
        self.shown = run
        entitle(self, run.title, run.verdict, f"run {run.id}  Esc closes; the run goes on")
        self.query_one("#pane-text", Text).show(run_lines(run, self.size.width))
        self.query_one("#pane-output", LogView).show(run.id, run.output)
        if self._stage == "undo":
            return
        keys: list[Line] = []
        if not run.status.finished:
            keys.append(line(("c ", KEY), ("cancel", DIM_STYLE)))
        if run.way_back:
            keys.append(line(("u ", KEY), (f"undo: {run.way_back}", DIM_STYLE)))
        self.query_one("#pane-hint", Text).show((*keys, *((line((run.note, ACCENT_STYLE)),) if run.note else ())))

    def ask_undo(self, run: RunView) -> None:
        """Asks for the target's name before a run that is over is undone."""
        self.follow(run.id)
        self._show_run(run)
        self._stand("undo")
        self._key = uuid.uuid4().hex
        self._ask("", run.target, f"undo: {run.way_back}. Type {run.target} and press Enter; Esc does nothing")

    def back(self) -> bool:
        """One stage back; False when the pane is closed by it."""
        if self._stage in ("plan", "parameters", "waiting") and self._choices:
            self.open(self._about, self._choices)
            return True
        if self._stage == "undo" and self.run is not None:
            self.follow(self.run)
            return True
        self.close()
        return False

    def close(self) -> None:
        self.display = False
        self.run = None
