"""One run that goes on: its process, its journal, and what has come of it so far."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psutil

from penguintui.actions import journal, zones
from penguintui.actions.conditions import Seen
from penguintui.actions.journal import JOURNAL, ORDERS, Lines
from penguintui.actions.planning import Prepared
from penguintui.agent import keptplans
from penguintui.config.actions import DnsStep, SwitchStep
from penguintui.model.action import OutputLine, PlannedStep, RunStatus, Step, StepStatus

PLAN = "plan.json"
"""The plan in a run's folder."""
_IN_DOUBT = (StepStatus.RUNNING, StepStatus.UNDOING, StepStatus.FAILED, StepStatus.UNDO_FAILED)
_ENDED = (StepStatus.SUCCEEDED, StepStatus.FAILED, StepStatus.UNDONE, StepStatus.UNDO_FAILED)


@dataclass(frozen=True, slots=True)
class News:
    """What reading a journal brought: changed steps, new lines, steps that want leave, and the end if it came."""

    steps: tuple[Step, ...] = ()
    lines: tuple[OutputLine, ...] = ()
    asks: tuple[int, ...] = ()
    end: tuple[RunStatus, str] | None = None


@dataclass(slots=True)
class Execution:
    """A run under way.

    undoes: the run that it undoes, itself when it was interrupted; None when it goes forward.
    done: steps that succeeded and were not undone, in order.
    token: of the lease under which its agent works; every order carries it. None over a store of one's own.
    """

    run: int
    prepared: Prepared
    folder: Path
    requested_by: str
    pid: int = 0
    pid_started: float = 0.0
    seen: Seen = field(default_factory=Seen)
    undoes: int | None = None
    token: int | None = None
    steps: list[Step] = field(default_factory=list)
    done: list[int] = field(default_factory=list)
    _position: int = 0
    _seq: int = 0
    _orders: Lines | None = None

    def __post_init__(self) -> None:
        if not self.steps:
            self.steps = waiting(self.prepared.plan.steps)

    @property
    def switched(self) -> dict[str, tuple[str, ...]]:
        """What this run may have made itself: of each proxy its colour, of each set of records its values."""
        made: dict[str, tuple[str, ...]] = {}
        for index in self.done:
            step = self.prepared.steps[index]
            if isinstance(step, SwitchStep) and " → " in self.steps[index].detail:
                made[step.proxy] = (self.steps[index].detail.split(" → ")[1],)
        for index, step in enumerate(self.prepared.steps):
            in_doubt = self.steps[index].status in _IN_DOUBT
            if isinstance(step, DnsStep) and (in_doubt or index in self.done):
                made |= zones.made(self.prepared.changes.get(index, ()), in_doubt=in_doubt)
        return made

    def take_over(self, finished: Execution) -> None:
        """Begin with what another run has done, in order to undo it."""
        self.done = list(finished.done)
        self.steps = [replace(step, status=StepStatus.WAITING, started=None, finished=None) for step in finished.steps]

    def read(self) -> News:
        """Read on in the journal."""
        page = journal.read(self.folder / JOURNAL, self._position)
        self._position = page.position
        changed: dict[int, Step] = {}
        lines, asks = [], []
        end = None
        for entry in page.entries:
            self._seq += 1
            kind, index = entry.get("kind"), int(entry.get("step", -1))
            moment = float(entry.get("time", 0.0))
            if kind == "output":
                lines.append(OutputLine(self._seq, moment, index, str(entry["stream"]), str(entry["text"])))
            elif kind == "ask":
                asks.append(index)
            elif kind == "step":
                changed[index] = self._take_step(index, entry, moment)
            elif kind == "end":
                end = (RunStatus(entry["status"]), str(entry["result"]))
        return News(tuple(changed.values()), tuple(lines), tuple(asks), end)

    def order(self, kind: str, why: str = "", step: int | None = None) -> None:
        """Give the process an order."""
        if self._orders is None:
            self._orders = Lines(self.folder / ORDERS)
        more = {"step": step, "token": self.token}
        self._orders.write(kind=kind, why=why, **{name: word for name, word in more.items() if word is not None})

    def close(self) -> None:
        if self._orders is not None:
            self._orders.close()
            self._orders = None

    def _take_step(self, index: int, entry: Mapping[str, Any], moment: float) -> Step:
        status = StepStatus(entry["status"])
        step = replace(self.steps[index], status=status, detail=str(entry["detail"]) or self.steps[index].detail)
        if status is StepStatus.RUNNING:
            step = replace(step, started=moment)
        elif status in _ENDED:
            step = replace(step, finished=moment)
        if status is StepStatus.SUCCEEDED:
            self.done.append(index)
        elif status is StepStatus.UNDONE and index in self.done:
            self.done.remove(index)
        self.steps[index] = step
        return step


def waiting(planned: tuple[PlannedStep, ...]) -> list[Step]:
    """The steps of a run that has not begun."""
    return [Step(i, step.name, step.type, step.does, StepStatus.WAITING) for i, step in enumerate(planned)]


def keep_plan(folder: Path, prepared: Prepared, seen: Seen, undoes: int | None) -> None:
    """Keep, in the folder of a new run, what an agent that restarts needs to go on."""
    _set_aside(folder)
    folder.mkdir(parents=True, mode=0o700)
    (folder / PLAN).write_text(keptplans.written(prepared, seen, undoes), encoding="utf-8")


def _set_aside(folder: Path) -> None:
    """Keep a folder of the same number under another name.

    A store that was lost, or put back from an older copy, counts runs from a lower number again. The journal of the
    earlier run would tell of the new one that it is over, and its orders would grant steps that nobody asked for.
    """
    if folder.exists():
        names = (folder.with_name(f"{folder.name}.before-{count}") for count in itertools.count(1))
        folder.rename(next(name for name in names if not name.exists()))


def start_process(folder: Path, work: bytes) -> tuple[int, float]:
    """Start the process of a run, in a session of its own. Returns its id and when it started."""
    with (folder / "runner.log").open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "penguintui.actions.runner", str(folder)],
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=out,
            start_new_session=True,
            cwd=folder,
        )
    if process.stdin is not None:
        process.stdin.write(work)
        process.stdin.close()
    return process.pid, _started(process.pid) or 0.0


def process_alive(pid: int, started: float) -> bool:
    """Whether that very process still runs: not another one that got its number, nor what is left of it."""
    now = _started(pid)
    return now is not None and abs(now - started) < 1.0


def end_process(pid: int, started: float, patience: float) -> None:
    """Kill the process with all that it started, unless it ends of itself within `patience` seconds."""
    deadline = time.monotonic() + patience
    while process_alive(pid, started):
        if time.monotonic() >= deadline:
            try:
                os.killpg(pid, signal.SIGKILL)
            except ProcessLookupError:
                return
            deadline += 60.0
        time.sleep(0.05)


def _started(pid: int) -> float | None:
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            process.wait(0)
            return None
        return process.create_time()
    except (psutil.Error, ChildProcessError):
        return None
