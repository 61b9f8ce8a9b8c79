"""How a world is put into a store: targets, findings, numbers, runs, the record."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from penguintui.config.document import digest, document
from penguintui.config.settings import Configuration
from penguintui.model.action import Danger, OutputLine, Plan, PlannedStep, RunStatus, Step, StepStatus
from penguintui.model.moment import LIVE, Moment
from penguintui.model.observation import Event, Finding, Observation, Sample
from penguintui.model.status import Status
from penguintui.model.target import Target
from penguintui.store import auditing, keeping, runs
from penguintui.store.ingest import Ingest, Reported, record_events
from penguintui.store.reader import Reader, Store
from penguintui.store.writer import Writer
from penguintui.views.ask import Ask, asking
from tests.conftest import FrozenClock

NOW = 1_795_529_709.0
"""2026-11-24 14:15:09Z."""
HOUR, DAY = 3600.0, 86400.0
_HOLDS = 75.0


def at(clock_time: str, days_ago: int = 0) -> float:
    """The time of a clock time such as 13:42 on the worlds' day, or so many days before."""
    hours, minutes = map(int, clock_time.split(":"))
    return NOW - NOW % DAY + hours * HOUR + minutes * 60 - days_ago * DAY


@dataclass
class World:
    """A store with something in it, and the clock that it was made by."""

    url: str
    clock: FrozenClock
    store: Store

    def reader(self, moment: Moment = LIVE) -> Reader:
        return self.store.reader(moment)

    def ask(self, moment: Moment = LIVE) -> Ask:
        return asking(self.reader(moment))


class Making:
    """A world while it is made."""

    def __init__(self, folder: Path, settings: Configuration) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.url = f"sqlite:///{folder / 'store.db'}"
        self.writer, self.ingest = Writer(self.url), Ingest()
        self.targets = {t.name: Target(t.name, t.kind, settings.environment, t.labels) for t in settings.targets}
        self.probes = {t.name: t.probes[0] for t in settings.targets}
        self._keep(settings)

    def _keep(self, settings: Configuration) -> None:
        since = NOW - 40 * DAY
        watched = [
            keeping.Watched(
                self.targets[t.name],
                tuple(keeping.WatchedProbe(p.type, p.job or p.type, p.type, p.interval, p.holds) for p in t.probes),
                t.runbook or "",
            )
            for t in settings.targets
        ]
        self.do(lambda c: keeping.keep_configuration(c, digest(settings), document(settings), "/etc/penguintui", since))
        self.do(lambda c: keeping.keep_targets(c, watched, since))

    def do(self, operation: Callable[[Any], Any]) -> Any:
        return self.writer.submit(operation).result(20)

    def heartbeat(self, time: float = NOW - 2, message: str = "") -> None:
        beat = keeping.Heartbeat("agent", time, NOW - 40 * DAY, 1.0, 4711, "ops1", "0.1", message)
        self.do(lambda c: keeping.keep_heartbeat(c, beat))

    def find(self, target: str, *findings: Finding, since: float | None = None, seen: float = NOW - 4) -> None:
        """Findings of a target's probe, so since `since` and last seen at `seen`."""
        probe = self.probes[target].type
        for time in sorted({since or NOW - 30 * DAY, seen}):
            observed = Observation(time, _HOLDS, True, findings=findings)
            reported = Reported(self.targets[target], probe, probe, observed)
            self.do(lambda c, r=reported: self.ingest.record(c, [r]))

    def numbers(self, target: str, metric: str, value: float | Callable[[float], float], **labels: str) -> None:
        """A metric of a target: half-hourly over 30 days, by the minute over the last two hours, at round times."""
        last = NOW // 60 * 60
        first = (NOW - 30 * DAY) // 1800 * 1800
        times = [first + 1800 * step for step in range(30 * 48)]
        times = [t for t in times if t < last - 2 * HOUR] + [last - 60 * minute for minute in range(120, -1, -1)]
        wanted = value if callable(value) else (lambda _time: value)
        self._keep_samples(target, [(Sample(metric, wanted(time), labels), time) for time in times])

    def sample(self, target: str, metric: str, value: float, time: float) -> None:
        """A single number of a target."""
        self._keep_samples(target, [(Sample(metric, value), time)])

    def _keep_samples(self, target: str, rows: Sequence[tuple[Sample, float]]) -> None:
        own = self.targets[target]
        added = {**own.labels, "job": self.probes[target].type, "instance": target, "environment": own.environment}
        self.do(lambda c: self.ingest.samples(c, added, rows, _HOLDS))

    def event(self, time: float, kind: str, summary: str, target: str = "", **attributes: str) -> None:
        severity = Status[attributes.pop("severity_status", "OK")]
        event = Event(time, kind, summary, severity, attributes)
        self.do(lambda c: record_events(c, target, [event]))

    def run(
        self,
        action: str,
        title: str,
        steps: Sequence[tuple[str, StepStatus]],
        *,
        status: RunStatus,
        started: float,
        finished: float | None = None,
        result: str = "",
        lines: Sequence[str] = (),
    ) -> int:
        planned = tuple(PlannedStep(name, "command", f"{name} it", f"un{name} it", True) for name, _ in steps)
        plan = Plan(
            action,
            title,
            "production",
            "api",
            Danger.GUARDED,
            {},
            planned,
            (),
            "switch back",
            "f" * 64,
            started,
            started + 600,
            "c" * 64,
        )
        made = self.do(
            lambda c: runs.make_run(
                c, plan, intent=f"{action}{started}", requested_by="ana@ops1", reason="new release", now=started
            )
        )
        self.do(lambda c: runs.start_run(c, made.id, folder="", pid=1, pid_started=1.0, host="ops1", now=started))
        done = [
            Step(
                i,
                name,
                "command",
                f"{name} it",
                state,
                None if state is StepStatus.WAITING else started + 5 * i,
                started + 5 * i + 4 if state is StepStatus.SUCCEEDED else None,
            )
            for i, (name, state) in enumerate(steps)
        ]
        output = [OutputLine(i, started + i, 0, "out", text) for i, text in enumerate(lines)]
        self.do(lambda c: runs.follow_run(c, made.id, done, output))
        if status.finished:
            self.do(lambda c: runs.set_run_status(c, made.id, status, result=result, now=finished))
        else:
            self.do(lambda c: runs.take_lock(c, "production", made.id, "ana@ops1", started))
        return int(made.id)

    def audit(self, time: float, who: str, what: str, result: str, **about: str) -> None:
        entry = {"who": who, "what": what, "about": about, "reason": "", "result": result}
        self.do(lambda c: auditing.append(c, entry, lambda _hash: "signed", time))

    def made(self) -> World:
        self.writer.close()
        clock = FrozenClock(NOW)
        return World(self.url, clock, Store(self.url, clock))


def wave(low: float, high: float, phase: float = 0.0) -> Callable[[float], float]:
    """A number that swings once a day between two others."""
    return lambda time: low + (high - low) * (0.5 + 0.5 * math.sin(2 * math.pi * (time / DAY + phase)))


def rising(before: float, after: float, since: float) -> Callable[[float], float]:
    """A number that stands until a time, and at another height from then on."""
    return lambda time: before if time < since else after


def total(per_hour: float) -> Callable[[float], float]:
    """A counter that grows steadily."""
    return lambda time: per_hour * (time - (NOW - 31 * DAY)) / HOUR
