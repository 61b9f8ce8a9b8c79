"""What happened between two moments: runs, releases, incidents, events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from penguintui.model.action import Run, RunStatus
from penguintui.model.status import Status
from penguintui.views import format as say
from penguintui.views.changes import RUN_VERDICTS, lately
from penguintui.views.compare.states import Sides
from penguintui.views.models.diff import Difference
from penguintui.views.models.what import Change

_MOST_RUNS = 500
_SURPRISE: Mapping[str, Mapping[Status | None, float]] = {
    "run": {Status.CRITICAL: 78.0, Status.WARNING: 66.0, None: 52.0, Status.OK: 50.0},
    "release": {None: 62.0},
    "incident": {Status.CRITICAL: 82.0, Status.WARNING: 75.0, None: 48.0},
    "event": {Status.CRITICAL: 72.0, Status.WARNING: 58.0, Status.UNKNOWN: 45.0, None: 15.0},
}


def happened(sides: Sides) -> Iterator[Difference]:
    """Everything but findings, which are compared by themselves."""
    runs = sides.after.runs(_MOST_RUNS)
    for change in lately(sides.after, sides.since, runs):
        if change.kind in _SURPRISE:
            yield _of(change)
    before = {run.id: run for run in sides.before.runs(_MOST_RUNS)}
    for run in runs:
        was = before.get(run.id)
        if was is not None and was.status is not run.status:
            yield _turned(was, run, sides)


def _of(change: Change) -> Difference:
    weights = _SURPRISE[change.kind]
    return Difference(
        surprise=weights.get(change.status, weights[None]),
        kind=change.kind,
        text=say.sentence(say.capital(change.text)),
        status=change.status,
        target=change.target,
        at=change.at,
        time=change.time,
        why="it happened in between",
    )


def _turned(was: Run, run: Run, sides: Sides) -> Difference:
    """A run that was under way at the first moment, and stands otherwise at the second."""
    verdict = RUN_VERDICTS.get(run.status)
    said = f": {run.result}" if run.result else ""
    at = run.finished if run.finished is not None else None
    words = "is running" if run.status is RunStatus.RUNNING else f"is {run.status}"
    return Difference(
        surprise=_SURPRISE["run"].get(verdict, 52.0),
        kind="run",
        text=say.sentence(f"{run.title} (run {run.id}, {run.requested_by}) {words}, and was {was.status}{said}"),
        status=verdict,
        target=run.target,
        at=at,
        time="" if at is None else say.short(at, sides.until),
        before=str(was.status),
        after=str(run.status),
        why="it was under way",
    )
