"""What a past moment knew: runs as they stood, and when each thing had last been asked, from what is kept of both.

Rows of runs, steps and open findings hold what became of them. What of that lies after the moment is taken back here,
so that a run that was under way is shown under way, and a probe that was silent is shown silent.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from penguintui.model.action import AuditEntry, Run, RunStatus, Step, StepStatus
from penguintui.model.clock import Time
from penguintui.store.identities import canonical

if TYPE_CHECKING:
    from penguintui.store.queried import AsOf, Queried

FINDING_STATUS = "penguintui_finding_status"
ALERTS = "ALERTS"
_KEPT = 8
_STATUSES = frozenset(map(str, RunStatus))
_TAKEN_BACK = (StepStatus.UNDONE, StepStatus.UNDO_FAILED, StepStatus.UNDOING)
"""Steps that had succeeded before what they say now."""


def beginning(store: Queried) -> Time | None:
    """When the first of what the store remembers was so; None while it is empty."""
    rows = store.driver_rows(
        "SELECT min(began) FROM (SELECT min(valid_from) AS began FROM targets UNION ALL "
        "SELECT min(valid_from) FROM configurations UNION ALL SELECT min(time) FROM events UNION ALL "
        "SELECT min(begins) FROM eras) AS kept",
        (),
    )
    return None if rows[0][0] is None else float(rows[0][0])


class Asked:
    """When series had last got a sample at past moments; of a moment that is over it is looked up once."""

    def __init__(self) -> None:
        self._opened: object = None
        self._kept: dict[tuple[str, Time], list[tuple[Mapping[str, str], Time]]] = {}

    def findings(self, reader: AsOf) -> dict[tuple[str, str, str], Time]:
        """When each finding, by target, check and subject, was last asked up to the reader's moment."""
        found: dict[tuple[str, str, str], Time] = {}
        for labels, time in self._newest(reader, FINDING_STATUS):
            key = (labels.get("instance", ""), labels.get("check", ""), labels.get("subject", ""))
            found[key] = max(found.get(key, 0.0), time)
        return found

    def alerts(self, reader: AsOf) -> dict[str, Time]:
        """When each alert, by its labels with its state, was last evaluated up to the reader's moment."""
        return {canonical(labels): time for labels, time in self._newest(reader, ALERTS)}

    def _newest(self, reader: AsOf, metric: str) -> list[tuple[Mapping[str, str], Time]]:
        if any(era.begins <= reader.at < era.ends for era in reader.eras()):
            return []  # generated, or brought from elsewhere: nobody was asked then
        opened = reader.store.opened()
        if opened is not self._opened:  # another file, of which nothing is known yet
            self._opened, self._kept = opened, {}
        key = (metric, reader.at)
        known = self._kept.get(key)
        if known is None:
            known = _newest_of(reader.store, metric, reader.at)
            if reader.settled:
                while len(self._kept) >= _KEPT:
                    self._kept.pop(next(iter(self._kept)), None)
                self._kept[key] = known
        return known


def _newest_of(store: Queried, metric: str, at: Time) -> list[tuple[Mapping[str, str], Time]]:
    """The labels of each series of a metric, and when its newest sample up to a moment was taken.

    A series whose samples of that time were let go is missing.
    """
    from penguintui.store.recall import Memory

    series = dict(store.driver_rows("SELECT id, labels FROM series WHERE metric = ?", (metric,)))
    newest = Memory(store).newest(series, round(at * 1000)) if series else {}
    return [(json.loads(series[number]), time / 1000) for number, time in newest.items()]


def seen(observed: Time, asked: Time | None, began: Time, at: Time) -> Time:
    """When something had last been seen at a moment, that was last seen at `observed` and is so since `began`.

    asked: when it was last asked up to the moment. Where nobody knows that any more it counts as seen just then.
    """
    if observed <= at:
        return observed
    # Samples have whole milliseconds, so one that began the interval may lie a little before it.
    return min(max(asked, began), at) if asked is not None and asked >= began - 0.001 else at


def first_words(store: Queried, run: int, at: Time) -> dict[int, Time]:
    """When each step of a run first said something, up to a moment: it had begun then, though it began anew later."""
    rows = store.driver_rows(
        "SELECT step, min(time) FROM run_output WHERE run_id = ? AND time <= ? GROUP BY step", (run, at)
    )
    return dict(rows)


def as_of(run: Run, entries: Iterable[AuditEntry], words: Mapping[int, Time], at: Time) -> Run:
    """A run that was not over at a moment, as it stood then.

    entries: the record from the run's making up to the moment, in order. words: see `first_words`.

    The record knows each turn of a run: begun, approved, interrupted, resumed. Where it says nothing the run's own
    times do.
    """
    steps = tuple(_steps_as_of(run.steps, words, at))
    begun = run.started if run.started is not None and run.started <= at else None
    status, result = _told(run, entries) or _by_times(run, begun)
    if begun is None and status is not RunStatus.WAITING:
        # It was begun anew later; its first step says when it had begun.
        begun = min((s.started for s in steps if s.started is not None), default=run.created)
    return replace(run, status=status, result=result, started=begun, finished=None, steps=steps)


def _by_times(run: Run, begun: Time | None) -> tuple[RunStatus, str]:
    if begun is None:
        return RunStatus.WAITING, ""
    return (RunStatus.RUNNING, "") if run.status.finished else (run.status, run.result)


def _told(run: Run, entries: Iterable[AuditEntry]) -> tuple[RunStatus, str] | None:
    """What the record says last of how a run stands; None when it says nothing of it."""
    found = None
    for entry in entries:
        said = json.loads(entry.document)
        if str((said.get("about") or {}).get("run", "")) != str(run.id):
            continue
        result = str(said.get("result") or "")
        status, _, words = result.partition(": ")
        if str(said.get("what", "")).startswith("end ") and status in _STATUSES:
            found = (RunStatus(status), words)
        elif result == "started":
            found = (RunStatus.RUNNING, "")
        elif result == "waits for approval":
            found = (RunStatus.WAITING, "")
    return found


def _steps_as_of(steps: Sequence[Step], words: Mapping[int, Time], at: Time) -> Iterable[Step]:
    """Steps as they stood. When a step that was undone had ended is known by the beginning of the one after it."""
    for step in steps:
        # One that begins after the moment had begun before, and was begun anew, when it had said something by then.
        begun = step.started if step.started is not None and step.started <= at else words.get(step.index)
        if begun is None:
            yield replace(step, status=StepStatus.WAITING, started=None, finished=None, detail="")
        elif step.finished is not None and step.finished <= at:
            yield step
        elif step.status in _TAKEN_BACK and (ended := _ended(steps, words, step.index)) is not None and ended <= at:
            yield replace(step, status=StepStatus.SUCCEEDED, started=begun, finished=ended, detail="")
        elif step.finished is None and step.started == begun:
            yield step
        else:
            yield replace(step, status=StepStatus.RUNNING, started=begun, finished=None, detail="")


def _ended(steps: Sequence[Step], words: Mapping[int, Time], index: int) -> Time | None:
    """When a step had ended that was undone afterwards: when the next began, or first said something."""
    for step in steps[index + 1 :]:
        begun = [time for time in (step.started, words.get(step.index)) if time is not None]
        if begun:
            return min(begun)
    return None
