"""Runs in the store: made once per intent, followed line by line, with the lock that each holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select

from penguintui.model.action import Lock, OutputLine, Plan, RunStatus, Step, StepStatus
from penguintui.model.clock import Time
from penguintui.store import tables
from penguintui.store.identities import canonical

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection


@dataclass(frozen=True, slots=True)
class Made:
    """What `make_run` did: the run's id, and whether it is new or an earlier one of the same intent."""

    id: int
    new: bool


@dataclass(frozen=True, slots=True)
class Process:
    """The process that executes a run: its id, and when the system says it started (so that a reused id is told).

    host: where it lives; empty where an older version started it. plan_hash: of the plan that it executes.
    """

    run: int
    action: str
    environment: str
    status: RunStatus
    folder: str
    pid: int | None
    pid_started: float | None
    requested_by: str
    host: str
    plan_hash: str


def make_run(connection: Connection, plan: Plan, *, intent: str, requested_by: str, reason: str, now: Time) -> Made:
    """Make a waiting run of a plan, with its steps. The same intent gives the same run."""
    known = known_intent(connection, intent)
    if known is not None:
        return Made(known, False)
    row = connection.exec_driver_sql(
        "INSERT INTO runs (intent, action, title, environment, target, danger, parameters, status, requested_by, "
        "reason, plan_hash, created, result, folder) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', '') RETURNING id",
        (
            intent,
            plan.action,
            plan.title,
            plan.environment,
            plan.target,
            str(plan.danger),
            canonical(plan.parameters),
            str(RunStatus.WAITING),
            requested_by,
            reason,
            plan.hash,
            now,
        ),
    ).one()
    run = int(row[0])
    connection.exec_driver_sql(
        "INSERT INTO run_steps (run_id, position, name, type, does, status, detail) VALUES (?, ?, ?, ?, ?, ?, '')",
        [(run, i, s.name, s.type, s.does, str(StepStatus.WAITING)) for i, s in enumerate(plan.steps)],
    )
    return Made(run, True)


def start_run(
    connection: Connection, run: int, *, folder: str, pid: int, pid_started: float, now: Time, host: str = ""
) -> None:
    """A run goes on under a process; what was said of an earlier one of it holds no more."""
    connection.exec_driver_sql(
        "UPDATE runs SET status = ?, started = ?, folder = ?, pid = ?, pid_started = ?, host = ?, result = '' "
        "WHERE id = ?",
        (str(RunStatus.RUNNING), now, folder, pid, pid_started, host, run),
    )


def set_run_status(
    connection: Connection, run: int, status: RunStatus, *, result: str, now: Time | None = None
) -> None:
    """Where a run stands; `now` is its end when that is an end."""
    connection.exec_driver_sql(
        "UPDATE runs SET status = ?, result = ?, finished = ? WHERE id = ?",
        (str(status), result, now if status.finished else None, run),
    )


def follow_run(connection: Connection, run: int, steps: Sequence[Step], lines: Sequence[OutputLine]) -> None:
    """What a journal brought: steps as they stand, and lines; a line that is there already is not doubled."""
    for step in steps:
        connection.exec_driver_sql(
            "UPDATE run_steps SET status = ?, started = ?, finished = ?, detail = ? WHERE run_id = ? AND position = ?",
            (str(step.status), step.started, step.finished, step.detail, run, step.index),
        )
    if lines:
        connection.exec_driver_sql(
            "INSERT INTO run_output (run_id, seq, time, step, stream, text) VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (run_id, seq) DO NOTHING",
            [(run, line.seq, line.time, line.step, line.stream, line.text) for line in lines],
        )


def unfinished(connection: Connection) -> list[Process]:
    """Runs that are not over: what an agent that restarts adopts."""
    over = [str(status) for status in RunStatus if status.finished]
    return _processes(connection, tables.runs.c.status.not_in(over))


def process_of(connection: Connection, run: int) -> Process | None:
    """The process that executes a run, or did; None when there is no such run."""
    return next(iter(_processes(connection, tables.runs.c.id == run)), None)


def _processes(connection: Connection, which: ColumnElement[bool]) -> list[Process]:
    t = tables.runs
    query = select(t.c.id, t.c.action, t.c.environment, t.c.status, t.c.folder, t.c.pid, t.c.pid_started)
    query = query.add_columns(t.c.requested_by, t.c.host, t.c.plan_hash).where(which).order_by(t.c.id)
    return [
        Process(
            r.id,
            r.action,
            r.environment,
            RunStatus(r.status),
            r.folder,
            r.pid,
            r.pid_started,
            r.requested_by,
            r.host,
            r.plan_hash,
        )
        for r in connection.execute(query)
    ]


def steps_known(connection: Connection, run: int) -> list[tuple[str, StepStatus]]:
    """The steps of a run by name, each as the store knew it last."""
    rows = connection.exec_driver_sql("SELECT name, status FROM run_steps WHERE run_id = ? ORDER BY position", (run,))
    return [(row[0], StepStatus(row[1])) for row in rows]


def known_intent(connection: Connection, intent: str) -> int | None:
    """The run that an intent has made already."""
    row = connection.exec_driver_sql("SELECT id FROM runs WHERE intent = ?", (intent,)).first()
    return None if row is None else int(row[0])


def undo_intent(connection: Connection, run: int) -> str:
    """The key of an undo of a run: the same one until an undo came to nothing, and then another."""
    failed = [str(status) for status in RunStatus if status.finished and status is not RunStatus.UNDONE]
    t = tables.runs
    of_run = or_(t.c.intent == f"undo-{run}", t.c.intent.startswith(f"undo-{run}-"))
    count = int(connection.execute(select(func.count()).where(of_run, t.c.status.in_(failed))).scalar_one())
    return f"undo-{run}-{count + 1}" if count else f"undo-{run}"


def changes_since_last(connection: Connection, action: str, at_most: int = 10) -> list[tuple[Time, str]]:
    """Releases, runs and changed configurations since an action last ended, newest first; all when it never ran."""
    rows = connection.exec_driver_sql(
        "SELECT time, summary FROM events "
        "WHERE (kind LIKE 'release%' OR kind LIKE 'run.%' OR kind LIKE 'configuration.%') "
        "AND time > (SELECT coalesce(max(finished), 0) FROM runs WHERE action = ?) ORDER BY time DESC LIMIT ?",
        (action, at_most),
    )
    return [(row[0], row[1]) for row in rows]


def take_lock(connection: Connection, environment: str, run: int, holder: str, now: Time) -> Lock | None:
    """Take an environment's lock for a run. None when somebody holds it: see `lock_of`."""
    held = lock_of(connection, environment)
    if held is not None:
        return held if held.run == run else None
    row = connection.exec_driver_sql(
        "INSERT INTO locks (environment, run_id, holder, since, token) VALUES (?, ?, ?, ?, 1) "
        "ON CONFLICT (environment) DO UPDATE SET run_id = excluded.run_id, holder = excluded.holder, "
        "since = excluded.since, token = locks.token + 1 RETURNING token",
        (environment, run, holder, now),
    ).one()
    return Lock(environment, run, holder, now, int(row[0]))


def lock_of(connection: Connection, environment: str) -> Lock | None:
    """Who holds an environment; None when nobody does."""
    row = connection.exec_driver_sql(
        "SELECT environment, run_id, holder, since, token FROM locks WHERE environment = ? AND run_id IS NOT NULL",
        (environment,),
    ).first()
    return None if row is None else Lock(*row)


def release_lock(connection: Connection, environment: str, run: int) -> bool:
    """Give a lock back. Only the run that holds it can; False when it did not."""
    result = connection.exec_driver_sql(
        "UPDATE locks SET run_id = NULL, holder = '' WHERE environment = ? AND run_id = ?", (environment, run)
    )
    return result.rowcount == 1
