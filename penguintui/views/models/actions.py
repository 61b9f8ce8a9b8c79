"""Screen 7 and the action pane: what can be done, and what is being done?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from penguintui.model.record import record

if TYPE_CHECKING:
    from penguintui.model.action import RunStatus, StepStatus
    from penguintui.model.clock import Time
    from penguintui.model.status import Status
    from penguintui.views.models.what import Need


@record
class ParameterLine:
    """Something the caller says. default: None when it must be said. pattern: what a value must match, whole."""

    name: str
    help: str
    default: str | None
    pattern: str


@record
class ActionChoice:
    """One declared action. Its name is its key.

    danger: safe, guarded or dangerous; danger_status its colour. confirm: how it is confirmed, in words.
    can: whether this viewer could run it now; why_not: the sentence that says why not ("read-only: :arm 10m reason").
    Its plan can always be looked at. steps: what it does, step by step, in words. last: how it went last time.
    """

    name: str
    title: str
    help: str
    target: str
    environment: str
    danger: str
    danger_status: Status
    confirm: str
    can: bool
    why_not: str
    role: str
    second_person: bool
    emergency: bool
    parameters: tuple[ParameterLine, ...]
    steps: tuple[str, ...]
    kinds: tuple[str, ...]
    runbook: str
    last: str


@record
class StepLine:
    """One step of a run. took: "12.1s", or how long it has been running; "" while it waits."""

    number: int
    name: str
    type: str
    does: str
    status: StepStatus
    verdict: Status | None
    took: str
    detail: str


@record
class OutputText:
    """One line of output. stream: out, err or note (ours). seq: its number, for following."""

    seq: int
    time: str
    stream: str
    text: str
    step: int


@record
class RunView:
    """One run, with the tail of its output.

    verdict: the run's state as a status (None while it runs well). title: "Deploy 2026.11.24-3 to production".
    by: "by ana@ops1 at 14:12:40Z". progress: share of steps that are over, 0..1. lock: "lock production #4127" or "".
    note: what a person should know now ("goes on if this viewer leaves", "interrupted: resume, undo or release").
    way_back: what an undo would do, in words; "" when there is none.
    """

    id: int
    action: str
    title: str
    target: str
    environment: str
    danger: str
    status: RunStatus
    verdict: Status | None
    by: str
    reason: str
    parameters: tuple[tuple[str, str], ...]
    started: str
    took: str
    progress: float
    steps: tuple[StepLine, ...]
    output: tuple[OutputText, ...]
    result: str
    lock: str
    note: str
    way_back: str
    finished_at: Time | None


@record
class HistoryRow:
    """A run that is over."""

    id: int
    title: str
    target: str
    status: RunStatus
    verdict: Status
    when: str
    took: str
    by: str
    result: str


@record
class LockLine:
    """An environment that somebody holds: "production is held by run 318 (ana@ops1) since 14:12:40Z"."""

    environment: str
    run: int
    holder: str
    since: str
    text: str


@record
class RecordEntry:
    """One entry of the audit's chain, newest first: who, what, with which result."""

    seq: int
    when: str
    who: str
    what: str
    result: str
    hash: str


@record
class Actions:
    """`catalogue` by danger, the safest first. `running`: runs that are not over, interrupted ones first.

    selected: the run that was asked for by number, finished or not, with its output; None when none was.
    """

    catalogue: tuple[ActionChoice, ...]
    running: tuple[RunView, ...]
    selected: RunView | None
    history: tuple[HistoryRow, ...]
    locks: tuple[LockLine, ...]
    record: tuple[RecordEntry, ...]
    needs: tuple[Need, ...] = ()


@record
class PlanStep:
    """One step as it would be executed. undo: the way back, "" when there is none."""

    number: int
    name: str
    type: str
    does: str
    undo: str
    changes: bool
    timeout: str


@record
class ConditionLine:
    """Something seen when planning. status: OK when it holds, CRITICAL when not."""

    name: str
    seen: str
    status: Status
    reason: str


@record
class PlanView:
    """What would happen, for the action pane.

    refused: why it cannot be run; "" when it can. type_to_confirm: what must be typed, "" when Enter or yes will do.
    lapses: "lapses at 14:22:40Z", or "lapsed" when it is over. changed_since: what changed since the last run.
    """

    action: str
    title: str
    environment: str
    target: str
    danger: str
    danger_status: Status
    confirm: str
    type_to_confirm: str
    parameters: tuple[tuple[str, str], ...]
    steps: tuple[PlanStep, ...]
    conditions: tuple[ConditionLine, ...]
    way_back: str
    changed_since: tuple[str, ...]
    refused: str
    lapsed: bool
    lapses: str
    hash: str
    second_person: bool
    emergency: bool
