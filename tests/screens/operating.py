"""What can be done, what is being done, and what changed, made by hand."""

# ruff: noqa: E501  (tables of made-up data read best as tables)

from __future__ import annotations

from penguintui.model.action import RunStatus, StepStatus
from penguintui.screens.desk import Question
from penguintui.views.models.actions import (
    ActionChoice,
    Actions,
    ConditionLine,
    HistoryRow,
    LockLine,
    OutputText,
    ParameterLine,
    PlanStep,
    PlanView,
    RecordEntry,
    RunView,
    StepLine,
)
from penguintui.views.models.diff import Diff, Difference
from tests.screens.made import CRITICAL, NOW, OK, WARNING


def choices(can: bool) -> tuple[ActionChoice, ...]:
    why = "" if can else "read-only: :arm 10m reason"
    made = []
    for name, title, danger, status, parameters in (
        ("backup", "Back up the database", "safe", OK, ()),
        (
            "deploy",
            "Deploy a release",
            "guarded",
            WARNING,
            (ParameterLine("version", "which release", None, "[0-9.-]+"),),
        ),
        ("rollback", "Roll back production", "dangerous", CRITICAL, ()),
    ):
        made.append(
            ActionChoice(
                name, title, f"{title}, with a way back.", "production", "production", danger, status,
                {"safe": "Enter runs it", "guarded": "yes and Enter run it", "dangerous": "type production to run it"}[danger],
                can, why, "operator", False, False, parameters,
                ("check the health", "switch the proxy", "watch for a minute"), ("service",), name, "succeeded 2 days ago in 41 s",
            )
        )  # fmt: skip
    return tuple(made)


def run_view(status: RunStatus) -> RunView:
    said = (
        ("check", "2 statements, safe online", StepStatus.SUCCEEDED, OK, "0.4s"),
        ("start", "green: 4 of 4 processes healthy", StepStatus.SUCCEEDED, OK, "12.1s"),
        ("compare", "p95 green 141 ms, blue 148 ms; errors 0.00 %, 500 requests", StepStatus.SUCCEEDED, OK, "30.0s"),
        ("switch", "proxy map blue → green", StepStatus.RUNNING, None, "2.1s"),
        ("watch", "10 min: error rate ≤ 0.1 %, p95 ≤ 200 ms; else back to blue", StepStatus.WAITING, None, ""),
        ("retire", "blue kept for 24h as the way back", StepStatus.WAITING, None, ""),
    )
    over = status.finished
    steps = tuple(
        StepLine(i, name, "command", does, StepStatus.SUCCEEDED if over else state, OK if over else verdict, took, "")
        for i, (name, does, state, verdict, took) in enumerate(said, 1)
    )
    output = tuple(
        OutputText(
            i,
            f"14:13:22.{100 + i}",
            "note" if i % 7 == 0 else "out",
            f"edge{i % 2 + 1}: answered by green, probe {i}",
            4,
        )
        for i in range(40)
    )
    return RunView(
        318, "deploy", "Deploy 2026.11.24-3 to production", "production", "production", "guarded", status,
        OK if over else None, "by ana@ops1 at 14:12:40Z", "the release of the week", (("version", "2026.11.24-3"),), "14:12:40Z",
        "44.6s", 1.0 if over else 0.5, steps, output, "done" if over else "", "lock production #4127",
        "goes on if this viewer leaves" if not over else "", "switches the proxy back to blue, about 2s", NOW if over else None,
    )  # fmt: skip


def actions(question: Question, running: RunView | None) -> Actions:
    can = question.viewer.armed_until is not None
    over = running is not None and running.status.finished
    return Actions(
        choices(can),
        (running,) if running is not None and not over else (),
        running if running is not None and question.run == running.id else None,
        tuple(
            HistoryRow(317 - i, title, "production", status, verdict, f"2{4 - i // 3} Nov 12:1{i}", "41.2s", "ana@ops1", "")
            for i, (title, status, verdict) in enumerate(
                (("Back up the database", RunStatus.SUCCEEDED, OK), ("Deploy 2026.11.24-2", RunStatus.UNDONE, WARNING), ("Deploy 2026.11.24-1", RunStatus.SUCCEEDED, OK))
            )
        ),
        (LockLine("production", 318, "ana@ops1", "14:12:40Z", "production is held by run 318 (ana@ops1) since 14:12:40Z"),) if running is not None and not over else (),
        (RecordEntry(4127, "14:12:40Z", "ana", "run deploy", "started", "9f2c41d07be1aa"),),
    )  # fmt: skip


def plan(action: str, refused: str = "") -> PlanView:
    choice = next(one for one in choices(True) if one.name == action)
    return PlanView(
        action, choice.title, "production", "production", choice.danger, choice.danger_status, choice.confirm,
        "production" if choice.danger == "dangerous" else "", (("version", "2026.11.24-3"),),
        (
            PlanStep(1, "health", "gate", "GET http://127.0.0.1:8101/health answers 200 within 2s, 5 times", "", False, "30s"),
            PlanStep(2, "switch", "switch", "proxy main: blue → green", "proxy main: green → blue", True, "10s"),
            PlanStep(3, "watch", "gate", "penguinmails_service_error_ratio ≤ 0.001 for 60 s", "", False, "90s"),
        ),
        (ConditionLine("active colour", "blue", OK, ""), ConditionLine("lock", "free", OK, "")),
        "switches the proxy back to blue, about 2s", ("release 2026.11.24-2 by ben at 13:33",), refused, False, "lapses at 14:25:09Z",
        "6d1f0c7a9b3e55", False, False,
    )  # fmt: skip


def diff(question: Question) -> Diff:
    until = question.moment.resolve(NOW)
    if question.since == "teatime":
        return Diff(until, until, "Nothing to compare", trouble="Nothing is called teatime.")
    return Diff(
        NOW - 3600,
        until,
        "2026-11-23 13:15:09Z, release 2026.11.24-2, to 14:15:09Z: 1h",
        (
            Difference(90, "finding", "mx2.eu-1: Disk /var is CRITICAL, and was OK: /var is 97 % full.", CRITICAL,
                       "mx2.eu-1", NOW - 780, "14:02", "OK", "CRITICAL", "it had not changed for a day", "host.disk /var"),
            Difference(62, "release", "Release 2026.11.24-2 by ben.", None, "api", NOW - 3300, "13:20"),
        ),
        "23 targets and 80 numbers were compared",
    )  # fmt: skip
