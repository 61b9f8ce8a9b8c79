"""A platform's history as it is written, second by second: what a moment knew, and what came after it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from penguintui.config.document import digest, document
from penguintui.config.settings import Configuration
from penguintui.model.action import Danger, OutputLine, Plan, PlannedStep, RunStatus, Step, StepStatus
from penguintui.model.observation import Event, Finding, Observation, Sample
from penguintui.model.status import Status
from penguintui.model.target import Target
from penguintui.store import auditing, keeping, runs
from penguintui.store.alerts import AlertRecord, keep_alerts
from penguintui.store.ingest import Ingest, Reported, record_events
from penguintui.store.reader import Store
from penguintui.store.writer import Writer
from tests.conftest import FrozenClock
from tests.views.making import NOW
from tests.views.settings import configuration

BEGAN = NOW - NOW % 60
STEP = 15.0
HOLDS = 40.0
LIVES = [90.0, 165.0, 240.0, 315.0, 390.0, 480.0]
"""When somebody looked, in seconds after the beginning."""


class Told:
    """A platform's history as it is written, told second by second."""

    def __init__(self, folder: Path) -> None:
        self.clock = FrozenClock(BEGAN)
        self.url = f"sqlite:///{folder / 'store.db'}"
        self.writer, self.ingest = Writer(self.url), Ingest()
        self.store = Store(self.url, self.clock)
        self.settings = configuration()
        self.keep(self.settings)

    def do(self, operation: Callable[[Any], Any]) -> Any:
        return self.writer.submit(operation).result(20)

    def keep(self, settings: Configuration) -> None:
        now = self.clock.now()
        self.targets = {t.name: Target(t.name, t.kind, settings.environment, t.labels) for t in settings.targets}
        self.probes = {t.name: t.probes[0] for t in settings.targets}
        watched = [
            keeping.Watched(
                self.targets[t.name],
                tuple(keeping.WatchedProbe(p.type, p.type, p.type, p.interval, p.holds) for p in t.probes),
            )
            for t in settings.targets
        ]
        pairs = {(t.name, p.type) for t in settings.targets for p in t.probes}
        self.do(lambda c: keeping.keep_configuration(c, digest(settings), document(settings), "/etc/penguintui", now))
        self.do(lambda c: keeping.keep_targets(c, watched, now))
        self.do(lambda c: self.ingest.keep_only(c, pairs, now))

    def observe(self, target: str, *findings: Finding, **values: float) -> None:
        samples = tuple(Sample(name, value) for name, value in values.items())
        observed = Observation(self.clock.now(), HOLDS, True, samples, findings)
        probe = self.probes[target].type
        self.do(lambda c: self.ingest.record(c, [Reported(self.targets[target], probe, probe, observed)]))

    def beat(self) -> None:
        beat = keeping.Heartbeat("agent", self.clock.now(), BEGAN, 1.0, 1, "ops1", "0.1")
        self.do(lambda c: keeping.keep_heartbeat(c, beat))

    def event(self, kind: str, summary: str, severity: Status = Status.OK, **attributes: str) -> None:
        told = Event(self.clock.now(), kind, summary, severity, attributes)
        self.do(lambda c: record_events(c, "", [told]))

    def alert(self, *, fires: bool) -> None:
        now = self.clock.now()
        labels = {"alertname": "QueueLong", "instance": "mx1-queue", "severity": "critical"}
        record = AlertRecord(
            "f;g", "QueueLong", labels, "firing", now, now, 3.0, {"summary": "the queue is long"}, now, 40.0
        )
        self.do(lambda c: keep_alerts(c, "f;g", [record] if fires else [], now))
        if fires:
            sample = Sample("ALERTS", 1.0, {**labels, "alertstate": "firing"})
            self.do(lambda c: self.ingest.samples(c, {}, [(sample, now)], 40.0))

    def audit(self, what: str, result: str, **about: str) -> None:
        entry = {"who": "ana@ops1", "what": what, "about": about, "reason": "", "result": result}
        self.do(lambda c: auditing.append(c, entry, lambda _hash: "signed", self.clock.now()))


class Deploy:
    """A run of three steps: it begins, is interrupted in its second, is resumed, fails in its third, and is undone."""

    def __init__(self, told: Told) -> None:
        self.told, self.said = told, 0
        steps = tuple(PlannedStep(name, "command", f"{name} it", f"un{name} it", True) for name in ("a", "b", "c"))
        plan = Plan("deploy", "Deploy 3", "production", "api", Danger.GUARDED, {}, steps, (), "back", "f" * 64,
                    BEGAN, BEGAN + 600, "c" * 64)  # fmt: skip
        self.id = told.do(
            lambda c: runs.make_run(c, plan, intent="x", requested_by="ana@ops1", reason="new", now=told.clock.now())
        ).id
        self.steps = [Step(i, s.name, s.type, s.does, StepStatus.WAITING) for i, s in enumerate(steps)]
        told.audit("run deploy", "started", run=str(self.id))
        self.start()

    def start(self) -> None:
        now = self.told.clock.now()
        self.told.do(lambda c: runs.start_run(c, self.id, folder="", pid=1, pid_started=1.0, host="ops1", now=now))

    def step(self, index: int, status: StepStatus, detail: str = "") -> None:
        now, step = self.told.clock.now(), self.steps[index]
        begins = status is StepStatus.RUNNING
        ends = status not in (StepStatus.RUNNING, StepStatus.UNDOING)
        self.steps[index] = replace(
            step,
            status=status,
            detail=detail or step.detail,
            started=now if begins else step.started,
            finished=now if ends else step.finished,
        )
        self.said += 1
        line = OutputLine(self.said, now, index, "out", f"{step.name} {status}")
        self.told.do(lambda c: runs.follow_run(c, self.id, [self.steps[index]], [line]))

    def stand(self, status: RunStatus, result: str) -> None:
        now = self.told.clock.now()
        self.told.audit("end deploy", f"{status}: {result}", run=str(self.id))
        self.told.event(f"run.{status}", f"Deploy 3: {status}", run=str(self.id))
        self.told.do(lambda c: runs.set_run_status(c, self.id, status, result=result, now=now))


def happen(told: Told, after: float, deploy: list[Deploy]) -> None:
    """What happened so many seconds after the beginning."""
    disk = Status.CRITICAL if 120 <= after < 300 else Status.OK
    told.observe(
        "mx2", Finding("host.disk", disk, f"/var is {97 if disk else 41} % full", "/var"), node_load1=1 + after / 60
    )
    if not 150 <= after < 330:  # its probe hangs meanwhile
        told.observe("redis", Finding("http.reach", Status.OK, "answers"), probe_duration_seconds=0.02)
    if "acme.test" in told.targets:
        told.observe("acme.test", Finding("dns.spf", Status.WARNING, "SPF ends in ?all"))
    told.observe("api", Finding("http.status", Status.OK, "answered 200"), probe_duration_seconds=0.03 + after / 1e4)
    if not 210 <= after < 270:  # rules are not evaluated meanwhile
        told.alert(fires=after < 360)
    match after:
        case 60:
            told.event("release", "release 2026.11.2 by ben")
            told.event("incident.opened", "mail is late", Status.CRITICAL, incident="INC-1")
        case 75:
            deploy.append(Deploy(told))
            deploy[0].step(0, StepStatus.RUNNING)
        case 105:
            deploy[0].step(0, StepStatus.SUCCEEDED, "a is done")
            deploy[0].step(1, StepStatus.RUNNING)
        case 180:
            deploy[0].stand(RunStatus.INTERRUPTED, "its process died")
        case 255:
            told.audit("resume", "started", run=str(deploy[0].id))
            deploy[0].start()
            told.do(lambda c: c.exec_driver_sql("UPDATE runs SET result = ''"))
            deploy[0].step(1, StepStatus.RUNNING)
        case 285:
            deploy[0].step(1, StepStatus.SUCCEEDED, "b is done")
            deploy[0].step(2, StepStatus.RUNNING)
        case 330:
            told.keep(configuration(targets=[t for t in targets() if t["name"] != "acme.test"], promises=[]))
        case 345:
            told.event("incident.resolved", "mail is late", incident="INC-1")
        case 420:
            deploy[0].step(2, StepStatus.FAILED, "c broke")
            deploy[0].step(1, StepStatus.UNDONE, "b is undone")
            deploy[0].step(0, StepStatus.UNDONE, "a is undone")
            deploy[0].stand(RunStatus.UNDONE, "c: c broke")


def targets() -> list[dict[str, Any]]:
    from tests.views.settings import TARGETS

    return list(TARGETS)
