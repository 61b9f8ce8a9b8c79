"""What observations leave in the store: samples, findings and their changes, events."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import repeat
from typing import TYPE_CHECKING, Any

from penguintui.model.clock import Time
from penguintui.model.observation import Event, Finding, Observation, Sample
from penguintui.model.target import Target
from penguintui.store.bookmarks import keep_bookmarks
from penguintui.store.identities import Identities, Origin, canonical
from penguintui.store.samples import keep_samples

if TYPE_CHECKING:
    from sqlalchemy import Connection

_FINDING_STATUS = "penguintui_finding_status"
_REWORD_SECONDS = 60.0
"""A finding whose words change (a number in it) gets a new interval at most this often, so that a past moment
is right to a minute without a row for every asking."""


@dataclass(frozen=True, slots=True)
class Reported:
    """One observation, and whose it is. `probe` tells a target's probes apart."""

    target: Target
    probe: str
    job: str
    observation: Observation


def labels_of(reported: Reported) -> dict[str, str]:
    """What is added to the own labels of each of its samples."""
    target = reported.target
    return {**target.labels, "job": reported.job, "instance": target.name, "environment": target.environment}


def samples_of(observation: Observation) -> list[Sample]:
    """All samples that an observation leaves: whether anything answered, its own, and the status of its findings."""
    samples = [Sample("up", float(observation.up)), *observation.samples]
    for finding in observation.findings:
        about = {"check": finding.check, "subject": finding.subject}
        samples.append(Sample(_FINDING_STATUS, float(finding.status), about))
    return samples


def without_findings(reported: Reported) -> Reported:
    """The same, leaving samples and events and touching no finding: for what came later than newer words."""
    observation = reported.observation
    samples = tuple(samples_of(observation)[1:])
    return replace(reported, observation=replace(observation, samples=samples, findings=(), complete=False))


@dataclass(slots=True)
class _Open:
    """The open interval of one finding, as the store has it."""

    id: int
    status: int
    since: Time
    summary: str
    valid_from: Time


class Ingest:
    """Puts observations into the store. Used in the writer's thread only; remembers ids to be fast.

    Each batch has a change number, one more than the batch before. Findings and metrics carry the number of the batch
    that touched them last, so that a reader asks only for what is new to it.

    agent: whose observations these are; bookmarks in what only its host has are kept in its name.
    """

    def __init__(self, agent: str = "") -> None:
        self._agent = agent
        self._identities = Identities()
        self._findings: dict[tuple[str, str], dict[tuple[str, str], _Open]] = {}
        self._rows: list[tuple[int, int, float]] = []
        self._metrics: set[frozenset[str]] = set()
        self._refreshed: list[tuple[str, str, str, Time, float, int, int]] = []
        self._change = 0
        self._loaded = False

    def record(self, connection: Connection, batch: Iterable[Reported]) -> None:
        """Store a batch of observations, late and repeated ones included (the later word on a sample wins)."""
        self._begin(connection)
        try:
            for reported in batch:
                self._record_one(connection, reported)
            self._refresh_findings(connection)
            self._write_samples(connection)
        except BaseException:
            self.forget()
            raise

    def forget(self) -> None:
        """Drop what is remembered: what was written with it has been rolled back."""
        self._identities.forget()
        self._findings.clear()
        self._rows, self._refreshed = [], []
        self._metrics.clear()
        self._loaded = False

    def samples(
        self,
        connection: Connection,
        labels: Mapping[str, str],
        rows: Sequence[tuple[Sample, Time]],
        valid_for: float,
    ) -> None:
        """Store samples with their times, all with `labels` added: for recording rules and generated history."""
        self._begin(connection)
        origin = self._identities.origin(labels)
        for sample, time in rows:
            self._rows.append((origin.series(connection, sample, valid_for), round(time * 1000), sample.value))
        self._metrics.add(frozenset(sample.metric for sample, _ in rows))
        self._write_samples(connection)

    def has(self, connection: Connection, reported: Reported) -> bool:
        """Whether an observation was stored: all its samples are there, single rows still, with its time."""
        if not self._loaded:
            self._load(connection)
        samples, observation = samples_of(reported.observation), reported.observation
        origin = self._identities.origin(labels_of(reported))
        ids = set(origin.layout(connection, samples, observation.valid_for).ids)
        found = connection.exec_driver_sql(
            f"SELECT count(*) FROM samples WHERE time = ? AND series_id IN ({', '.join('?' * len(ids))})",  # noqa: S608
            (round(observation.time * 1000), *ids),
        ).scalar_one()
        return int(found) == len(ids)

    def keep_only(self, connection: Connection, watched: Collection[tuple[str, str]], now: Time) -> None:
        """Close the findings of every (target, probe) that is watched no more."""
        self._begin(connection)
        for key in [key for key in self._findings if key not in watched]:
            for opened in self._findings.pop(key).values():
                self._close(connection, opened.id, now)
                self._metrics.add(frozenset([_FINDING_STATUS]))
        self._write_samples(connection)

    def _begin(self, connection: Connection) -> None:
        if not self._loaded:
            self._load(connection)
        self._change = connection.exec_driver_sql("SELECT coalesce(max(change), 0) + 1 FROM metrics").scalar_one()

    def _record_one(self, connection: Connection, reported: Reported) -> None:
        observation = reported.observation
        origin = self._identities.origin(labels_of(reported))
        self._take(connection, origin, samples_of(observation), observation.time, observation.valid_for)
        self._record_findings(connection, reported)
        record_events(connection, reported.target.name, observation.events)
        keep_bookmarks(connection, self._agent, reported.target.name, reported.probe, observation)

    def _take(
        self, connection: Connection, origin: Origin, samples: Sequence[Sample], time: Time, valid_for: float
    ) -> None:
        """Samples of one origin and time become rows, written together at the end of the batch."""
        layout = origin.layout(connection, samples, valid_for)
        self._rows += zip(layout.ids, repeat(round(time * 1000)), [sample.value for sample in samples])
        self._metrics.add(layout.names)

    def _write_samples(self, connection: Connection) -> None:
        rows, self._rows = self._rows, []
        keep_samples(connection, rows)
        touched = sorted(frozenset().union(*self._metrics))
        if touched:
            connection.exec_driver_sql(
                "INSERT INTO metrics (name, change) VALUES (?, ?) "
                "ON CONFLICT (name) DO UPDATE SET change = excluded.change",
                [(name, self._change) for name in touched],
            )
        self._metrics.clear()

    def _record_findings(self, connection: Connection, reported: Reported) -> None:
        observation = reported.observation
        opened = self._findings.setdefault((reported.target.name, reported.probe), {})
        seen = set()
        for finding in observation.findings:
            seen.add(finding.key)
            self._record_finding(connection, reported, finding, opened)
        if observation.complete:
            gone = [key for key in opened if key not in seen]
            for key in gone:
                self._close(connection, opened.pop(key).id, observation.time)

    def _record_finding(
        self,
        connection: Connection,
        reported: Reported,
        finding: Finding,
        opened: dict[tuple[str, str], _Open],
    ) -> None:
        now = reported.observation.time
        current = opened.get(finding.key)
        if current is not None and not _is_new_word(current, finding, now):
            self._refresh(current, finding, reported.observation)
            current.summary = finding.summary
            return
        since = now
        if current is not None:
            self._close(connection, current.id, now)
            since = current.since if current.status == finding.status else now
        row = connection.exec_driver_sql(
            'INSERT INTO findings (target, probe, "check", subject, status, since, summary, remedy, evidence, '
            "observed, valid_for, valid_from, change) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
            (
                reported.target.name,
                reported.probe,
                finding.check,
                finding.subject,
                int(finding.status),
                since,
                finding.summary,
                finding.remedy,
                canonical(finding.evidence),
                now,
                reported.observation.valid_for,
                now,
                self._change,
            ),
        ).one()
        opened[finding.key] = _Open(int(row[0]), int(finding.status), since, finding.summary, now)

    def _load(self, connection: Connection) -> None:
        """Remember what the store already has, so that an agent that restarts goes on where it was."""
        self._identities.load(connection)
        rows: Any = connection.exec_driver_sql(
            'SELECT target, probe, "check", subject, id, status, since, summary, valid_from FROM findings '
            "WHERE valid_to IS NULL"
        )
        for row in rows:
            self._findings.setdefault((row[0], row[1]), {})[(row[2], row[3])] = _Open(*row[4:9])
        self._loaded = True

    def _refresh(self, current: _Open, finding: Finding, observation: Observation) -> None:
        """Say anew what stays so; written together at the end of the batch."""
        evidence, words = canonical(finding.evidence), (finding.summary, finding.remedy)
        self._refreshed.append((*words, evidence, observation.time, observation.valid_for, self._change, current.id))

    def _refresh_findings(self, connection: Connection) -> None:
        rows, self._refreshed = self._refreshed, []
        if rows:
            connection.exec_driver_sql(
                "UPDATE findings SET summary = ?, remedy = ?, evidence = ?, observed = ?, valid_for = ?, change = ? "
                "WHERE id = ?",
                rows,
            )

    def _close(self, connection: Connection, finding_id: int, now: Time) -> None:
        connection.exec_driver_sql(
            "UPDATE findings SET valid_to = ?, change = ? WHERE id = ?", (now, self._change, finding_id)
        )


def _is_new_word(current: _Open, finding: Finding, now: Time) -> bool:
    """Whether a finding needs a new interval: its status changed, or its words did and a minute has passed."""
    if current.status != finding.status:
        return True
    return current.summary != finding.summary and now - current.valid_from >= _REWORD_SECONDS


def record_events(connection: Connection, target: str, events: Sequence[Event]) -> None:
    """Store what happened; `target` is empty for what concerns none."""
    if events:
        connection.exec_driver_sql(
            "INSERT INTO events (time, target, kind, severity, summary, attributes) VALUES (?, ?, ?, ?, ?, ?)",
            [
                (event.time, target, event.kind, int(event.severity), event.summary, canonical(event.attributes))
                for event in events
            ],
        )


def newest_words(connection: Connection) -> dict[tuple[str, str], Time]:
    """When each (target, probe) that has findings was last observed."""
    rows = connection.exec_driver_sql(
        "SELECT target, probe, max(observed) FROM findings WHERE valid_to IS NULL GROUP BY target, probe"
    )
    return {(row[0], row[1]): float(row[2]) for row in rows}
