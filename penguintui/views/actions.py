"""Screen 7: what can I do, and what is being done?"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from penguintui.model.action import AuditEntry, Lock, Run, RunStatus, Step, StepStatus
from penguintui.model.clock import Time
from penguintui.model.status import Status
from penguintui.views import catalogue
from penguintui.views import format as say
from penguintui.views.changes import RUN_VERDICTS
from penguintui.views.models.actions import Actions, HistoryRow, LockLine, OutputText, RecordEntry, RunView, StepLine
from penguintui.views.models.frame import Viewer
from penguintui.views.models.what import Need
from penguintui.views.settings import Settings, need, settings

if TYPE_CHECKING:
    from penguintui.store.reader import Reader

TAIL = 400
"""Lines of output that come with a run."""
_HISTORY = 50
_RECORD = 50
_ONLY_LOOK = ("gate", "wait")
"""Kinds of steps that change nothing, so that there is nothing of them to take back."""
_NOTES = {
    RunStatus.WAITING: "waits to be started",
    RunStatus.RUNNING: "goes on if this viewer leaves",
    RunStatus.INTERRUPTED: "it keeps its lock until somebody decides; its result says what can be done",
    RunStatus.FENCED: "an emergency took its lock away",
}
_STEP_VERDICTS = {
    StepStatus.SUCCEEDED: Status.OK,
    StepStatus.FAILED: Status.CRITICAL,
    StepStatus.UNDONE: Status.WARNING,
    StepStatus.UNDO_FAILED: Status.CRITICAL,
}


def build(reader: Reader, *, viewer: Viewer | None = None, now: Time | None = None, run: int | None = None) -> Actions:
    """The actions screen as of the reader's moment. run: the number of a run to show whole. now: the wall clock."""
    known = settings(reader)
    at = reader.at
    runs = reader.runs(_HISTORY)
    hands = catalogue.hands(reader, viewer or Viewer(), at if now is None else now)
    locks = hands.locks or {}
    going = sorted((one for one in runs if not one.status.finished), key=_most_pressing)
    chosen = next((one for one in runs if one.id == run), None)
    if chosen is None and run is not None:
        chosen = reader.run(run)
    return Actions(
        catalogue=catalogue.choices(known, hands, runs, at),
        running=tuple(run_view(reader, one, locks) for one in going),
        selected=None if chosen is None else run_view(reader, chosen, locks),
        history=tuple(_history(one, at) for one in runs if one.status.finished),
        locks=tuple(_lock(lock, at) for lock in locks.values()),
        record=tuple(_entry(entry, at) for entry in reader.audit_tail(_RECORD)),
        needs=tuple(_needs(known)),
    )


def run_view(reader: Reader, run: Run, locks: Mapping[str, Lock]) -> RunView:
    """One run with its steps and the tail of its output."""
    at = reader.at
    lock = locks.get(run.environment)
    held = f"lock {lock.environment} #{lock.token}" if lock is not None and lock.run == run.id else ""
    over = sum(step.status not in (StepStatus.WAITING, StepStatus.RUNNING, StepStatus.UNDOING) for step in run.steps)
    gone = run.status is RunStatus.UNDONE
    undos = [
        step.name
        for step in run.steps
        if step.status is StepStatus.SUCCEEDED and step.type not in _ONLY_LOOK and not gone
    ]
    return RunView(
        id=run.id,
        action=run.action,
        title=run.title,
        target=run.target,
        environment=run.environment,
        danger=run.danger.value,
        status=run.status,
        verdict=RUN_VERDICTS.get(run.status),
        by=f"by {run.requested_by} at {say.clock(run.created)}",
        reason=run.reason,
        parameters=tuple(sorted(run.parameters.items())),
        started="" if run.started is None else say.short(run.started, at),
        took=_took(run.started, run.finished, at),
        progress=over / len(run.steps) if run.steps else 0.0,
        steps=tuple(_step(step, at) for step in run.steps),
        output=_tail(reader, run),
        result=run.result,
        lock=held,
        note=_NOTES.get(run.status, ""),
        way_back=f"undo takes back {', '.join(reversed(undos))}" if undos else "",
        finished_at=run.finished,
    )


def _most_pressing(run: Run) -> tuple[bool, int]:
    return (run.status is not RunStatus.INTERRUPTED, -run.id)


def _step(step: Step, at: Time) -> StepLine:
    return StepLine(
        number=step.index + 1,
        name=step.name,
        type=step.type,
        does=step.does,
        status=step.status,
        verdict=_STEP_VERDICTS.get(step.status),
        took=_took(step.started, step.finished, at),
        detail=step.detail,
    )


def _took(started: Time | None, finished: Time | None, at: Time) -> str:
    """How long something took, or takes so far; "" before it began."""
    if started is None:
        return ""
    length = max((at if finished is None else finished) - started, 0.0)
    return f"{length:.1f}s" if length < 60 else say.span(length)


def _tail(reader: Reader, run: Run) -> tuple[OutputText, ...]:
    lines = reader.output_tail(run.id, TAIL)
    return tuple(OutputText(o.seq, say.clock_exact(o.time), o.stream, o.text, o.step) for o in lines)


def _history(run: Run, at: Time) -> HistoryRow:
    return HistoryRow(
        id=run.id,
        title=run.title,
        target=run.target,
        status=run.status,
        verdict=RUN_VERDICTS[run.status],
        when=say.short(run.started or run.created, at),
        took=_took(run.started, run.finished, at),
        by=run.requested_by,
        result=run.result,
    )


def _lock(lock: Lock, at: Time) -> LockLine:
    since = say.clock(lock.since)
    text = f"{lock.environment} is held by run {lock.run} ({lock.holder}) since {since}, {say.span(at - lock.since)}"
    return LockLine(lock.environment, lock.run, lock.holder, since, text)


def _entry(entry: AuditEntry, at: Time) -> RecordEntry:
    """One line of the record; the whole of it, with the plan's hash, is in its export."""
    said = json.loads(entry.document)
    known = said.get("about") or {}
    words = [f"{name}={value}" for name, value in sorted((known.get("parameters") or {}).items())]
    words += [f"on {known['target']}"] if "target" in known else []
    words += [f"(run {known['run']})"] if "run" in known else []
    words += [f"for {known['for']}"] if "for" in known else []
    about = " ".join(words)
    return RecordEntry(
        seq=entry.seq,
        when=say.short(entry.time, at),
        who=str(said.get("who") or ""),
        what=f"{said.get('what') or ''} {about}".strip(),
        result=str(said.get("result") or ""),
        hash=entry.hash[:12],
    )


def _needs(known: Settings) -> Iterable[Need]:
    if not known.section("actions"):
        yield need("Catalogue", "An action is a list of steps with gates and a way back.", "actions:")
    yield Need("Schedule", "Backups, drills and maintenance by the clock.", "Nothing schedules them yet.")
