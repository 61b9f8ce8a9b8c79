"""Reading the store, as of a moment: live, or a time that has passed."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, not_, or_, select

from penguintui.model.action import AuditEntry, Danger, Lock, OutputLine, Run, RunStatus, Step, StepStatus
from penguintui.model.clock import Clock, Time
from penguintui.model.moment import LIVE, Moment
from penguintui.model.status import Status
from penguintui.store import tables
from penguintui.store.keeping import Era, Heartbeat, Watched
from penguintui.store.opening import open_for_reading, sqlite_path, wal_of
from penguintui.store.present import FINDING, TARGET, Present, finding_of, watched_of
from penguintui.store.records import ConfigurationRecord, EventRecord, FindingRecord
from penguintui.store.series import SeriesIndex

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Engine, Executable, Table


class Store:
    """A store opened for reading. Thread-safe; every query is a short transaction of its own.

    While a writer has the store open, a write-ahead log lies beside it and the file is opened read-only; while
    none does, it is opened as immutable, which needs no right to write beside it. The store is opened anew when
    that changes, or when the file is another one.
    """

    def __init__(self, url: str, clock: Clock) -> None:
        self._url = url
        self._path = sqlite_path(url)
        self._clock = clock
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._opened_as: tuple[bool, int] | None = None
        self._watch: Connection | None = None
        self.series = SeriesIndex()
        self.present = Present()

    def reader(self, moment: Moment = LIVE) -> Reader:
        """A reader of this store at a moment. Raises StoreError when the store cannot be read."""
        return Reader(self, moment, moment.resolve(self._clock.now()))

    def version(self) -> int:
        """A number that changes when somebody wrote. Cheap: asked several times a second."""
        with self._lock:
            engine = self._current()
            if self._watch is None:
                self._watch = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            return int(self._watch.exec_driver_sql("PRAGMA data_version").scalar_one())

    def opened(self) -> object:
        """Stands for the file as it is opened: another object once it was opened anew."""
        with self._lock:
            return self._current()

    def rows(self, query: Executable) -> Sequence[Any]:
        """All rows of one query."""
        with self._lock:
            engine = self._current()
        with engine.connect() as connection:
            return connection.execute(query).all()

    def driver_rows(self, sql: str, parameters: tuple[Any, ...]) -> list[Any]:
        """The same for a statement in the database's own words, without SQLAlchemy's cost a row: for samples."""
        with self._lock:
            engine = self._current()
        raw = engine.raw_connection()
        try:
            cursor = raw.cursor()
            cursor.execute(sql, parameters)
            return list(cursor.fetchall())
        finally:
            raw.close()

    def close(self) -> None:
        with self._lock:
            self._dispose()

    def _current(self) -> Engine:
        state = self._state()
        if self._engine is None or state != self._opened_as:
            self._dispose()
            self._engine = open_for_reading(self._url)
            self._opened_as = state
        return self._engine

    def _state(self) -> tuple[bool, int]:
        try:
            return (wal_of(self._path).exists(), self._path.stat().st_ino)
        except FileNotFoundError:
            return (False, 0)

    def _dispose(self) -> None:
        if self._watch is not None:
            self._watch.close()
            self._watch = None
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None


class Reader:
    """What the store holds, as of one moment. `at` is that moment as a time; nothing later is ever read."""

    def __init__(self, store: Store, moment: Moment, at: Time) -> None:
        self.store = store
        self.moment = moment
        self.at = at

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
        for row in self._as_of(FINDING, "findings"):
            finding = finding_of(row)
            if finding.observed > self.at:
                finding = replace(finding, observed=self.at)
            by_target.setdefault(finding.target, []).append(finding)
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
        t = tables.events
        query = select(t).where(t.c.time > since, t.c.time <= self.at)
        if kinds:
            query = query.where(or_(*map(_of_kind, kinds)))
        for kind in without:
            query = query.where(not_(_of_kind(kind)))
        if target is not None:
            query = query.where(t.c.target == target)
        return [
            EventRecord(r.id, r.time, r.target, r.kind, Status(r.severity), r.summary, json.loads(r.attributes))
            for r in self.store.rows(query.order_by(t.c.time.desc(), t.c.id.desc()).limit(limit))
        ]

    def configuration(self) -> ConfigurationRecord | None:
        """The configuration in force at the moment, secrets hidden."""
        t = tables.configurations
        rows = self.store.rows(select(t).where(self._valid(t)).order_by(t.c.id.desc()).limit(1))
        return (
            ConfigurationRecord(r.digest, json.loads(r.document), r.source, r.valid_from) if (r := _one(rows)) else None
        )

    def newest(self, metrics: Sequence[str]) -> dict[str, tuple[Time, float]]:
        """When each metric was last observed, up to the moment, and for how many seconds its samples hold."""
        rows = self.store.driver_rows(
            "SELECT metric, max((SELECT max(time) FROM samples WHERE series_id = series.id AND time <= ?)), "
            "max(valid_for) FROM series WHERE metric IN (SELECT value FROM json_each(?)) GROUP BY metric",
            (round(self.at * 1000), json.dumps(list(metrics))),
        )
        return {metric: (time / 1000, valid_for) for metric, time, valid_for in rows if time is not None}

    def changes(self) -> dict[str, int]:
        """The number of the batch that brought a sample of each metric last; it grows with every batch."""
        return dict(self.store.driver_rows("SELECT name, change FROM metrics", ()))

    def heartbeat(self) -> Heartbeat | None:
        """The newest word of an agent, of now: a past moment is known by what was recorded then."""
        t = tables.heartbeats
        row = _one(self.store.rows(select(t).order_by(t.c.time.desc()).limit(1)))
        return None if row is None else Heartbeat(**row._mapping)

    def eras(self) -> list[Era]:
        """Spans of time whose samples are coarser than their probes, or generated."""
        t = tables.eras
        return [Era(*row) for row in self.store.rows(select(t.c.begins, t.c.ends, t.c.resolution, t.c.origin))]

    def runs(self, limit: int = 50) -> list[Run]:
        """Runs up to the moment, newest first, each with its steps."""
        t = tables.runs
        query = select(t).where(t.c.created <= self.at).order_by(t.c.id.desc()).limit(limit)
        rows = self.store.rows(query)
        t = tables.run_steps
        steps: dict[int, list[Any]] = {row.id: [] for row in rows}
        for step in self.store.rows(select(t).where(t.c.run_id.in_(steps)).order_by(t.c.run_id, t.c.position)):
            steps[step.run_id].append(step)
        return [_run(row, steps[row.id]) for row in rows]

    def run(self, run: int) -> Run | None:
        """One run with its steps; None when there is none of that number."""
        row = _one(self.store.rows(select(tables.runs).where(tables.runs.c.id == run)))
        t = tables.run_steps
        return (
            None
            if row is None
            else _run(row, self.store.rows(select(t).where(t.c.run_id == run).order_by(t.c.position)))
        )

    def run_output(self, run: int, after: int = -1, limit: int = 2000) -> list[OutputLine]:
        """Lines of a run after the one numbered `after`, in order."""
        t = tables.run_output
        query = select(t.c.seq, t.c.time, t.c.step, t.c.stream, t.c.text)
        query = query.where(t.c.run_id == run, t.c.seq > after, t.c.time <= self.at).order_by(t.c.seq).limit(limit)
        return [OutputLine(*row) for row in self.store.rows(query)]

    def output_tail(self, run: int, limit: int) -> list[OutputLine]:
        """The last lines of a run up to the moment, in order."""
        t = tables.run_output
        query = select(t.c.seq, t.c.time, t.c.step, t.c.stream, t.c.text)
        query = query.where(t.c.run_id == run, t.c.time <= self.at).order_by(t.c.seq.desc()).limit(limit)
        return [OutputLine(*row) for row in reversed(self.store.rows(query))]

    def locks(self) -> list[Lock]:
        """Environments that are held now."""
        t = tables.locks
        query = select(t.c.environment, t.c.run_id, t.c.holder, t.c.since, t.c.token)
        return [Lock(*row) for row in self.store.rows(query.where(t.c.run_id.is_not(None)))]

    def audit(self, after: int = 0, limit: int = 10_000) -> list[AuditEntry]:
        """Entries of the record after number `after`, in order."""
        t = tables.audit
        query = select(t.c.seq, t.c.time, t.c.document, t.c.previous, t.c.hash, t.c.signature)
        return [
            AuditEntry(*row) for row in self.store.rows(query.where(t.c.seq > after).order_by(t.c.seq).limit(limit))
        ]

    def audit_tail(self, limit: int) -> list[AuditEntry]:
        """The record's last entries up to the moment, newest first."""
        t = tables.audit
        query = select(t.c.seq, t.c.time, t.c.document, t.c.previous, t.c.hash, t.c.signature)
        query = query.where(t.c.time <= self.at).order_by(t.c.seq.desc()).limit(limit)
        return [AuditEntry(*row) for row in self.store.rows(query)]

    def _valid(self, table: Table) -> ColumnElement[bool]:
        """Rows whose interval holds the moment."""
        valid_to = table.c.valid_to
        if self.moment.live:
            return valid_to.is_(None)
        return and_(table.c.valid_from <= self.at, or_(valid_to.is_(None), valid_to > self.at))

    def _as_of(self, columns: str, table: str) -> list[Any]:
        """Rows of an interval table that hold at the past moment."""
        return self.store.driver_rows(
            f"SELECT {columns} FROM {table} WHERE valid_from <= ? AND (valid_to IS NULL OR valid_to > ?)",  # noqa: S608
            (self.at, self.at),
        )


def _run(row: Any, steps: Sequence[Any]) -> Run:
    return Run(
        id=row.id,
        action=row.action,
        title=row.title,
        environment=row.environment,
        target=row.target,
        danger=Danger(row.danger),
        parameters=json.loads(row.parameters),
        status=RunStatus(row.status),
        requested_by=row.requested_by,
        reason=row.reason,
        plan_hash=row.plan_hash,
        created=row.created,
        started=row.started,
        finished=row.finished,
        result=row.result,
        steps=tuple(
            Step(s.position, s.name, s.type, s.does, StepStatus(s.status), s.started, s.finished, s.detail)
            for s in steps
        ),
    )


def _of_kind(kind: str) -> ColumnElement[bool]:
    column = tables.events.c.kind
    return column.startswith(kind, autoescape=True) if kind.endswith(".") else column == kind


def _one(rows: Sequence[Any]) -> Any:
    return rows[0] if rows else None
