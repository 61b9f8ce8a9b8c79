"""The runs of the generated past: three deploys, and the backups of the last nights."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from penguintui.lab import past
from penguintui.lab.traffic import DAY
from penguintui.model.action import OutputLine, Plan, PlannedStep, RunStatus, Step, StepStatus
from penguintui.model.clock import Time

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from penguintui.config.settings import Configuration

_Run = tuple[Time, str, dict[str, str], str]
"""When it began, its action, the words of its plan, who asked for it."""

BACKUPS = 7
_BACKUP_HOUR = 2.25
_STEP_SECONDS = {"http": 1.4, "gate": 6.0, "switch": 0.2, "backup": 0.8}
_SAID = {
    "start": "started in {colour}",
    "health": "3 requests, none failed",
    "latency": "p95 104 ms, 1.03 times that of the running release",
    "switch": "{colour} is active",
    "watch": "api: OK for 8 s",
    "copy": "copied and verified: 1,249 tenants",
}


def keep_runs(connection: Connection, configuration: Configuration, began: Time) -> None:
    """Store them as runs that succeeded, oldest first, as their numbers tell."""
    for time, name, words, person in sorted((*_deploys(began), *_backups(began)), key=lambda run: run[0]):
        _keep_run(connection, configuration, name, time, words, person)


def _deploys(began: Time) -> Iterator[_Run]:
    for release in past.releases(began):
        yield release.time - 40, "deploy", {"release": release.name, "colour": release.colour}, "ben"


def _backups(began: Time) -> Iterator[_Run]:
    midnight = began // DAY * DAY
    for nights in range(BACKUPS):
        time = midnight - nights * DAY + _BACKUP_HOUR * 3600
        if time < began:
            yield time, "backup", {}, "cron"


def _keep_run(
    connection: Connection, configuration: Configuration, name: str, begun: Time, words: dict[str, str], person: str
) -> None:
    from penguintui.store import runs

    plan = _plan(configuration, name, begun, words)
    made = runs.make_run(
        connection, plan, intent=f"generated/{name}/{begun:.0f}", requested_by=person, reason="generated", now=begun
    )
    steps, lines, time = [], [], begun
    for index, step in enumerate(plan.steps):
        said = _SAID.get(step.name, "done").format_map(words)
        ended = time + _STEP_SECONDS.get(step.type, 1.0)
        steps.append(Step(index, step.name, step.type, step.does, StepStatus.SUCCEEDED, time, ended, said))
        lines.append(OutputLine(index, ended, index, "out", f"{step.name}: {said}"))
        time = ended
    runs.start_run(connection, made.id, folder="", pid=0, pid_started=0.0, now=begun)
    runs.follow_run(connection, made.id, steps, lines)
    runs.set_run_status(connection, made.id, RunStatus.SUCCEEDED, result="every step succeeded", now=time)


def _plan(configuration: Configuration, name: str, begun: Time, words: dict[str, str]) -> Plan:
    action = configuration.actions[name]
    parameters = {key: words[key] for key in action.parameters if key in words}
    steps = tuple(PlannedStep(step.name, step.type, f"{step.type} {step.name}") for step in action.steps)
    return Plan(
        action=name,
        title=action.title.replace("{release}", words.get("release", "")),
        environment=configuration.environment,
        target=action.target,
        danger=action.danger,
        parameters=parameters,
        steps=steps,
        conditions=(),
        way_back="",
        hash=hashlib.sha256(f"generated/{name}/{begun}".encode()).hexdigest(),
        created=begun,
        expires=begun + 600,
        configuration="",
    )
