"""The words for what can be done and what was done: plan, run, step, gate, lock."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from penguintui.model.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from penguintui.model.clock import Time


class Danger(enum.StrEnum):
    """How carefully an action is confirmed: safe (Enter), guarded (yes), dangerous (type the target's name)."""

    SAFE = "safe"
    GUARDED = "guarded"
    DANGEROUS = "dangerous"


class RunStatus(enum.StrEnum):
    """Where a run stands.

    `INTERRUPTED`: its process died without a last word; it keeps its lock until somebody resumes,
    undoes or releases it. `UNDONE`: a gate or step failed and what was done was undone.
    `FENCED`: an emergency took its lock away.
    """

    WAITING = "waiting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNDONE = "undone"
    CANCELLED = "cancelled"
    FENCED = "fenced"
    INTERRUPTED = "interrupted"
    RELEASED = "released"

    @property
    def finished(self) -> bool:
        return self not in (RunStatus.WAITING, RunStatus.RUNNING, RunStatus.INTERRUPTED)


class StepStatus(enum.StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNDOING = "undoing"
    UNDONE = "undone"
    UNDO_FAILED = "undo-failed"


@record
class PlannedStep:
    """One step as it would be executed: `does` is the exact command or call, `undo` the way back."""

    name: str
    type: str
    does: str
    undo: str = ""
    changes: bool = False
    timeout: float = 60.0


@record
class Condition:
    """Something seen when planning that must still hold before each step that changes something."""

    name: str
    seen: str
    holds: bool = True
    reason: str = ""


@record
class Plan:
    """What would happen. `hash` binds a confirmation to exactly this; it lapses at `expires`.

    `refused` says why the action cannot be run now; empty when it can.
    """

    action: str
    title: str
    environment: str
    target: str
    danger: Danger
    parameters: Mapping[str, str]
    steps: tuple[PlannedStep, ...]
    conditions: tuple[Condition, ...]
    way_back: str
    hash: str
    created: Time
    expires: Time
    configuration: str
    refused: str = ""
    second_person: bool = False
    emergency: bool = False
    changed_since: tuple[str, ...] = ()


@record
class Step:
    """One step of a run as it went."""

    index: int
    name: str
    type: str
    does: str
    status: StepStatus
    started: Time | None = None
    finished: Time | None = None
    detail: str = ""


@record
class Run:
    """What happened, or is happening."""

    id: int
    action: str
    title: str
    environment: str
    target: str
    danger: Danger
    parameters: Mapping[str, str]
    status: RunStatus
    requested_by: str
    reason: str
    plan_hash: str
    created: Time
    started: Time | None = None
    finished: Time | None = None
    result: str = ""
    steps: tuple[Step, ...] = ()


@record
class OutputLine:
    """One line of a run's output; `stream` is out, err or note (ours)."""

    seq: int
    time: Time
    step: int
    stream: str
    text: str


@record
class Lock:
    """Who holds an environment. `token` only grows; what carries an older one is refused."""

    environment: str
    run: int
    holder: str
    since: Time
    token: int


@record
class AuditEntry:
    """One line of the record. `hash` covers `document` and `previous`; `signature` is the agent's.

    key: the agent's public key; empty in what an older version wrote.
    """

    seq: int
    time: Time
    document: str
    previous: str
    hash: str
    signature: str
    key: str = ""


@record
class AuditKey:
    """What an agent said of the public key with which it signs: on which host it is, and since when it signs."""

    key: str
    host: str
    since: Time
