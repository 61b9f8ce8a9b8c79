"""Reading the store, as of a moment: live, or a time that has passed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from penguintui.model.action import AuditEntry, AuditKey, Danger, Lock, OutputLine, Run, RunStatus, Step, StepStatus
from penguintui.model.clock import Clock, Time
from penguintui.model.moment import LIVE, Moment
from penguintui.model.status import Status
from penguintui.store import then
from penguintui.store.keeping import Era, Heartbeat, Watched
from penguintui.store.lasting import Lasting
from penguintui.store.opening import open_for_reading
from penguintui.store.present import FINDING, OBSERVED, TARGET, Present, finding_of, watched_of
from penguintui.store.records import ConfigurationRecord, EventRecord, FindingRecord
from penguintui.store.series import SeriesIndex
from penguintui.store.unpacked import Unpacked

_ARRIVES = 60.0
"""Seconds after which nothing is still on its way into a store that can be written."""
_OUTPUT = "SELECT seq, time, step, stream, text FROM run_output"
_STEPS = "SELECT run_id, position, name, type, does, status, started, finished, detail FROM run_steps"
_HEARTBEAT = "SELECT agent, time, started, tick, pid, host, version, message, standby, configuration FROM heartbeats"
_AUDIT = "SELECT seq, time, document, previous, hash, signature, key FROM audit"


class Store:
    """A store opened for reading, of whichever kind. Thread-safe.

    Every query is a short transaction of its own, unless asked `together`.
    """

    def __init__(self, url: str, clock: Clock) -> None:
        self._reading = open_for_reading(url)
        self._clock = clock
        self.series = SeriesIndex()
        self.present = Present()
        self.asked = then.Asked()
        self.lasting = Lasting()
        self.unpacked = Unpacked()

    def reader(self, moment: Moment = LIVE) -> Reader:
        """A reader of this store at a moment. Raises StoreError when the store cannot be read."""
        return Reader(self, moment, moment.resolve(self._clock.now()))

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`, for the few questions that each is asked in words of its own."""
        return self._reading.dialect

    def now(self) -> Time:
        """What the store's clock says."""
        return self._clock.now()

    def version(self) -> int:
        """A number that changes when somebody wrote. Cheap: asked several times a second."""
        return self._reading.version()

    def opened(self) -> object:
        """Stands for the store as it is opened: another object once it was opened anew."""
        return self._reading.opened()

    def driver_rows(self, sql: str, parameters: tuple[Any, ...]) -> list[Any]:
        """All rows of one query, as tuples. See `opening.Reading` for how queries are written."""
        return self._reading.rows(sql, parameters)

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        """All rows of one query, whose columns are asked for by name."""
        return self._reading.named_rows(sql, parameters)

    def together(self) -> AbstractContextManager[None]:
        """What this thread asks within is asked of one state of a file, and costs less; see `opening.Reading`."""
        return self._reading.together()

    def close(self) -> None:
        self._reading.close()


class Reader:
    """What the store holds, as of one moment. `at` is that moment as a time; nothing later is ever read."""

    def __init__(self, store: Store, moment: Moment, at: Time) -> None:
        self.store = store
        self.moment = moment
        self.at = at

    @property
    def settled(self) -> bool:
        """Whether the moment is so long past that what was observed of it has arrived."""
        return not self.moment.live and self.store.now() - self.at > _ARRIVES

    def targets(self) -> Sequence[Watched]:
        """The targets of the moment, in no particular order."""
        if self.moment.live:
            return self.store.present.targets(self.store)
        return [watched_of(row) for row in self._as_of(TARGET, "targets")]

    def findings_by_target(self) -> Mapping[str, Sequence[FindingRecord]]:
        """The findings of the moment by target, fine ones included. Live, what did not change is the same object."""
        if self.moment.live:
            return self.store.present.findings(self.store)
        by_target: dict[str, list[FindingRecord]] = {}
        asked = self.store.asked.findings(self)
        for *row, valid_from in self._as_of(f"{FINDING}, valid_from", "findings"):
            target, _, check, subject, *_ = row
            row[OBSERVED] = then.seen(row[OBSERVED], asked.get((target, check, subject)), valid_from, self.at)
            by_target.setdefault(target, []).append(finding_of(row))
        return by_target

    def findings(self, target: str | None = None) -> list[FindingRecord]:
        """The findings of the moment, of all targets or of one."""
        by_target = self.findings_by_target()
        if target is not None:
            return list(by_target.get(target, ()))
        return [finding for findings in by_target.values() for finding in findings]

    def finding_changes(self, since: Time, target: str | None = None, limit: int = 200) -> list[FindingRecord]:
        """Findings that took a new status between `since` and the moment, newest first."""
        where = "since = valid_from AND valid_from > ? AND valid_from <= ?"
        values: tuple[Time | str, ...] = (since, self.at)
        if target is not None:
            where, values = f"{where} AND target = ?", (*values, target)
        rows = self.store.driver_rows(
            f"SELECT {FINDING} FROM findings WHERE {where} ORDER BY valid_from DESC LIMIT ?",  # noqa: S608
            (*values, limit),
        )
        return [finding_of(row) for row in rows]

    def events(
        self,
        since: Time = 0.0,
        *,
        kinds: Sequence[str] = (),
        without: Sequence[str] = (),
        target: str | None = None,
        limit: int = 200,
    ) -> list[EventRecord]:
        """Events after `since`, newest first: of these kinds (all when none is named), without those.

        A kind that ends in a dot stands for all that begin so: `login.`.
        """
        where = ["time > ?", "time <= ?"]
        values: list[Time | str] = [since, self.at]
        if kinds:
            where.append(f"({' OR '.join(map(_of_kind, kinds))})")
        where += [f"NOT {_of_kind(kind)}" for kind in without]
        values += [value for kind in (*kinds, *without) for value in _bounds_of(kind)]
        if target is not None:
            where.append("target = ?")
            values.append(target)
        rows = self.store.driver_rows(
            "SELECT id, time, target, kind, severity, summary, attributes FROM events "  # noqa: S608 (our own words)
            f"WHERE {' AND '.join(where)} ORDER BY time DESC, id DESC LIMIT ?",
            (*values, limit),
        )
        return [
            EventRecord(number, time, name, kind, Status(severity), summary, json.loads(attributes))
            for number, time, name, kind, severity, summary, attributes in rows
        ]

    def configuration(self) -> ConfigurationRecord | None:
        """The configuration in force at the moment, secrets hidden."""
        where, values = self.valid()
        rows = self.store.driver_rows(f"SELECT id FROM configurations WHERE {where} ORDER BY id DESC LIMIT 1", values)  # noqa: S608
        return self.store.present.configuration(self.store, row[0]) if (row := _one(rows)) else None

    def newest(self, metrics: Sequence[str]) -> dict[str, tuple[Time, float]]:
        """When each metric was last observed, up to the moment, and for how many seconds its samples hold."""
        if not self.moment.live:
            return self._newest_of_then(metrics)
        rows = self.store.driver_rows(
            "SELECT metric, max((SELECT max(time) FROM samples WHERE series_id = series.id AND time <= ?)), "
            "max(valid_for) FROM series WHERE metric IN (SELECT value FROM json_each(?)) GROUP BY metric",
            (round(self.at * 1000), json.dumps(list(metrics))),
        )
        return {metric: (time / 1000, valid_for) for metric, time, valid_for in rows if time is not None}

    def _newest_of_then(self, metrics: Sequence[str]) -> dict[str, tuple[Time, float]]:
        """The same of a moment that is past, whose samples may be in chunks."""
        from penguintui.store.recall import Memory

        rows = self.store.driver_rows(
            "SELECT id, metric, valid_for FROM series WHERE metric IN (SELECT value FROM json_each(?))",
            (json.dumps(list(metrics)),),
        )
        times = Memory(self.store).newest([row[0] for row in rows], round(self.at * 1000))
        newest: dict[str, tuple[Time, float]] = {}
        for number, metric, valid_for in rows:
            if number in times:
                time, holds = newest.get(metric, (0.0, 0.0))
                newest[metric] = (max(time, times[number] / 1000), max(holds, valid_for))
        coarse = [era for era in self.eras() if era.begins <= self.at < era.ends]
        least = max((era.resolution for era in coarse), default=0.0)
        return {metric: (time, max(holds, least)) for metric, (time, holds) in newest.items()}

    def changes(self) -> dict[str, int]:
        """The number of the batch that brought a sample of each metric last; it grows with every batch."""
        return dict(self.store.driver_rows("SELECT name, change FROM metrics", ()))

    def heartbeat(self) -> Heartbeat | None:
        """The newest word of the agent that works, of now: a past moment is known by what was recorded then."""
        rows = self.store.driver_rows(f"{_HEARTBEAT} WHERE standby = 0 ORDER BY time DESC LIMIT 1", ())
        return _heartbeat(row) if (row := _one(rows)) else None

    def standbys(self) -> list[Heartbeat]:
        """The last words of the agents that stand by, newest first. A file has only the one agent."""
        if self.store.dialect == "sqlite":
            return []
        rows = self.store.driver_rows(f"{_HEARTBEAT} WHERE standby = 1 ORDER BY time DESC", ())
        return [_heartbeat(row) for row in rows]

    def eras(self) -> list[Era]:
        """Spans of time whose samples are coarser than their probes, or generated."""
        return [Era(*row) for row in self.store.driver_rows("SELECT begins, ends, resolution, origin FROM eras", ())]

    def runs(self, limit: int = 50) -> list[Run]:
        """Runs up to the moment, newest first, each with its steps."""
        rows = self.store.rows("SELECT * FROM runs WHERE created <= ? ORDER BY id DESC LIMIT ?", (self.at, limit))
        steps: dict[int, list[Any]] = {row["id"]: [] for row in rows}
        for step in self.store.rows(
            f"{_STEPS} WHERE run_id IN (SELECT value FROM json_each(?)) ORDER BY run_id, position",  # noqa: S608
            (json.dumps(list(steps)),),
        ):
            steps[step["run_id"]].append(step)
        return self._as_they_stood([_run(row, steps[row["id"]]) for row in rows])

    def run(self, run: int) -> Run | None:
        """One run with its steps; None when there was none of that number up to the moment."""
        row = _one(self.store.rows("SELECT * FROM runs WHERE id = ? AND created <= ?", (run, self.at)))
        if row is None:
            return None
        steps = self.store.rows(f"{_STEPS} WHERE run_id = ? ORDER BY position", (run,))
        return self._as_they_stood([_run(row, steps)])[0]

    def _as_they_stood(self, runs: list[Run]) -> list[Run]:
        """Runs as of the moment: what came of them later is taken back."""
        if self.moment.live:
            return runs
        later = [run.created for run in runs if run.finished is None or run.finished > self.at]
        told = f"{_AUDIT} WHERE time BETWEEN ? AND ? ORDER BY seq"
        rows = self.store.driver_rows(told, (min(later), self.at)) if later else []
        entries = [AuditEntry(*row) for row in rows]
        return [
            run
            if run.finished is not None and run.finished <= self.at
            else then.as_of(run, entries, then.first_words(self.store, run.id, self.at), self.at)
            for run in runs
        ]

    def run_output(self, run: int, after: int = -1, limit: int = 2000) -> list[OutputLine]:
        """Lines of a run after the one numbered `after`, in order."""
        rows = self.store.driver_rows(
            f"{_OUTPUT} WHERE run_id = ? AND seq > ? AND time <= ? ORDER BY seq LIMIT ?", (run, after, self.at, limit)
        )
        return [OutputLine(*row) for row in rows]

    def output_tail(self, run: int, limit: int) -> list[OutputLine]:
        """The last lines of a run up to the moment, in order."""
        rows = self.store.driver_rows(
            f"{_OUTPUT} WHERE run_id = ? AND time <= ? ORDER BY seq DESC LIMIT ?", (run, self.at, limit)
        )
        return [OutputLine(*row) for row in reversed(rows)]

    def locks(self) -> list[Lock]:
        """Environments that are held now."""
        rows = self.store.driver_rows(
            "SELECT environment, run_id, holder, since, token FROM locks WHERE run_id IS NOT NULL", ()
        )
        return [Lock(*row) for row in rows]

    def audit(self, after: int = 0, limit: int = 10_000) -> list[AuditEntry]:
        """Entries of the record after number `after`, in order."""
        rows = self.store.driver_rows(f"{_AUDIT} WHERE seq > ? ORDER BY seq LIMIT ?", (after, limit))
        return [AuditEntry(*row) for row in rows]

    def audit_tail(self, limit: int) -> list[AuditEntry]:
        """The record's last entries up to the moment, newest first."""
        rows = self.store.driver_rows(f"{_AUDIT} WHERE time <= ? ORDER BY seq DESC LIMIT ?", (self.at, limit))
        return [AuditEntry(*row) for row in rows]

    def audit_keys(self) -> list[AuditKey]:
        """What agents said of the keys with which they sign the record, the oldest first."""
        rows = self.store.driver_rows("SELECT key, host, since FROM audit_keys ORDER BY since, key", ())
        return [AuditKey(*row) for row in rows]

    def beginning(self) -> Time | None:
        """When the first of what is remembered was so; None while the store is empty."""
        return then.beginning(self.store)

    def valid(self) -> tuple[str, tuple[Time, ...]]:
        """The condition that leaves the rows whose interval holds the moment, and its values."""
        if self.moment.live:
            return "valid_to IS NULL", ()
        return "valid_from <= ? AND (valid_to IS NULL OR valid_to > ?)", (self.at, self.at)

    def _as_of(self, columns: str, table: str) -> list[Any]:
        """Rows of an interval table that hold at the moment."""
        where, values = self.valid()
        return self.store.driver_rows(f"SELECT {columns} FROM {table} WHERE {where}", values)  # noqa: S608


def _heartbeat(row: Sequence[Any]) -> Heartbeat:
    return replace(Heartbeat(*row), standby=bool(row[8]))


def _of_kind(kind: str) -> str:
    """The condition that an event is of a kind, or of one that begins so."""
    return "(kind >= ? AND kind < ?)" if kind.endswith(".") else "(kind = ?)"


def _bounds_of(kind: str) -> tuple[str, ...]:
    """The values of that condition: after the dot comes the slash."""
    return (kind, f"{kind[:-1]}/") if kind.endswith(".") else (kind,)


def _run(row: Any, steps: Sequence[Any]) -> Run:
    return Run(
        id=row["id"],
        action=row["action"],
        title=row["title"],
        environment=row["environment"],
        target=row["target"],
        danger=Danger(row["danger"]),
        parameters=json.loads(row["parameters"]),
        status=RunStatus(row["status"]),
        requested_by=row["requested_by"],
        reason=row["reason"],
        plan_hash=row["plan_hash"],
        created=row["created"],
        started=row["started"],
        finished=row["finished"],
        result=row["result"],
        steps=tuple(
            Step(
                s["position"],
                s["name"],
                s["type"],
                s["does"],
                StepStatus(s["status"]),
                s["started"],
                s["finished"],
                s["detail"],
            )
            for s in steps
        ),
    )


def _one(rows: Sequence[Any]) -> Any:
    return rows[0] if rows else None
