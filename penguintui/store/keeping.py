"""What the agent keeps besides observations: targets, configurations, its heartbeat, and for how long."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from penguintui.model.clock import Time
from penguintui.model.record import record
from penguintui.model.target import Target
from penguintui.store.identities import canonical

if TYPE_CHECKING:
    from sqlalchemy import Connection


@record
class WatchedProbe:
    """How a target is asked, as the store keeps it."""

    name: str
    job: str
    type: str
    interval: float
    valid_for: float


@record
class Watched:
    """A target with its probes and its runbook."""

    target: Target
    probes: tuple[WatchedProbe, ...]
    runbook: str = ""


@record
class Era:
    """A span of time, begins <= t < ends, whose samples each hold for at least `resolution` seconds."""

    begins: Time
    ends: Time
    resolution: float
    origin: str


HEARTBEAT = (
    "INSERT INTO heartbeats (agent, time, started, tick, pid, host, version, message, standby, configuration) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (agent) DO UPDATE SET time = excluded.time, "
    "started = excluded.started, tick = excluded.tick, pid = excluded.pid, host = excluded.host, "
    "version = excluded.version, message = excluded.message, standby = excluded.standby, "
    "configuration = excluded.configuration"
)


@record
class Heartbeat:
    """An agent's last word. standby: it waits for the lease of another. configuration: the digest of the one it has."""

    agent: str
    time: Time
    started: Time
    tick: float
    pid: int
    host: str
    version: str
    message: str = ""
    standby: bool = False
    configuration: str = ""


def keep_configuration(connection: Connection, digest: str, document: str, source: str, now: Time) -> None:
    """Make this the configuration in force from `now`; nothing happens when it already is."""
    current = connection.exec_driver_sql(
        "SELECT id, digest, source FROM configurations WHERE valid_to IS NULL ORDER BY id DESC"
    ).first()
    if current is not None and (current[1], current[2]) == (digest, source):
        return
    connection.exec_driver_sql("UPDATE configurations SET valid_to = ? WHERE valid_to IS NULL", (now,))
    connection.exec_driver_sql(
        "INSERT INTO configurations (digest, document, source, valid_from) VALUES (?, ?, ?, ?)",
        (digest, document, source, now),
    )


def keep_targets(connection: Connection, watched: Sequence[Watched], now: Time) -> set[str]:
    """Make these the targets from `now`. Returns the names of targets that are watched no more."""
    rows = {_target_row(one): one.target.name for one in watched}
    current = {
        tuple(row[1:]): row[0]
        for row in connection.exec_driver_sql(
            "SELECT id, name, kind, environment, labels, runbook, probes FROM targets WHERE valid_to IS NULL"
        )
    }
    for row, target_id in current.items():
        if row not in rows:
            connection.exec_driver_sql("UPDATE targets SET valid_to = ? WHERE id = ?", (now, target_id))
    fresh = [(*row, now) for row in rows if row not in current]
    if fresh:
        connection.exec_driver_sql(
            "INSERT INTO targets (name, kind, environment, labels, runbook, probes, valid_from) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            fresh,
        )
    return {str(row[0]) for row in current} - set(rows.values())


def _target_row(one: Watched) -> tuple[str, str, str, str, str, str]:
    probes = [
        {"name": p.name, "job": p.job, "type": p.type, "interval": p.interval, "valid_for": p.valid_for}
        for p in one.probes
    ]
    target = one.target
    return (
        target.name,
        str(target.kind),
        target.environment,
        canonical(target.labels),
        one.runbook,
        json.dumps(probes, separators=(",", ":")),
    )


def keep_era(connection: Connection, era: Era) -> None:
    """Say of a span of time that its samples are coarser than their probes, and where they come from."""
    connection.exec_driver_sql(
        "INSERT INTO eras (begins, ends, resolution, origin) VALUES (?, ?, ?, ?)",
        (era.begins, era.ends, era.resolution, era.origin),
    )


def keep_heartbeat(connection: Connection, beat: Heartbeat) -> None:
    """Keep the word of the agent that works. One that worked before it does so no more, whatever its clock said."""
    connection.exec_driver_sql("DELETE FROM heartbeats WHERE standby = 0 AND agent <> ?", (beat.agent,))
    connection.exec_driver_sql(HEARTBEAT, heartbeat_row(beat))


def other_configurations(connection: Connection, beat: Heartbeat, within: float = 30.0) -> list[str]:
    """The hosts of agents that stood by in the last seconds with another configuration than this agent's."""
    rows = connection.exec_driver_sql(
        "SELECT DISTINCT host FROM heartbeats WHERE standby = 1 AND time > ? AND configuration <> ? ORDER BY host",
        (beat.time - within, beat.configuration),
    )
    return [str(row[0]) for row in rows]


def heartbeat_row(beat: Heartbeat) -> tuple[str | float, ...]:
    """The parameters of `HEARTBEAT`."""
    words = (beat.agent, beat.time, beat.started, beat.tick, beat.pid, beat.host, beat.version, beat.message)
    return (*words, int(beat.standby), beat.configuration)


@record
class Limits:
    """Times before which each kind of memory is let go. Samples have a way of their own: see `compacting`."""

    findings: Time
    events: Time
    runs: Time
    output: Time


def let_go(connection: Connection, limits: Limits, at_most: int = 20_000) -> int:
    """Delete what is older than its limit, `at_most` rows of a kind at once so that nobody waits. Returns how many."""
    statements: list[tuple[str, Time | int]] = [
        ("DELETE FROM findings WHERE id IN (SELECT id FROM findings WHERE valid_to < ? LIMIT ?)", limits.findings),
        ("DELETE FROM alerts WHERE id IN (SELECT id FROM alerts WHERE valid_to < ? LIMIT ?)", limits.findings),
        ("DELETE FROM events WHERE id IN (SELECT id FROM events WHERE time < ? LIMIT ?)", limits.events),
        ("DELETE FROM targets WHERE id IN (SELECT id FROM targets WHERE valid_to < ? LIMIT ?)", limits.findings),
        (
            "DELETE FROM configurations WHERE id IN (SELECT id FROM configurations WHERE valid_to < ? LIMIT ?)",
            limits.findings,
        ),
        ("DELETE FROM intents WHERE number IN (SELECT number FROM intents WHERE created < ? LIMIT ?)", limits.events),
        (
            "DELETE FROM run_output WHERE (run_id, seq) IN (SELECT run_id, seq FROM run_output WHERE time < ? LIMIT ?)",
            limits.output,
        ),
        (
            "DELETE FROM runs WHERE id IN (SELECT id FROM runs WHERE finished < ? "
            "AND id NOT IN (SELECT run_id FROM locks WHERE run_id IS NOT NULL) LIMIT ?)",
            limits.runs,
        ),
    ]
    return sum(connection.exec_driver_sql(sql, (limit, at_most)).rowcount for sql, limit in statements)
