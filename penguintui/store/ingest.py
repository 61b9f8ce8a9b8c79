"""What observations leave in the store: samples, findings and their changes, events."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from penguintui.model.clock import Time
from penguintui.model.observation import Event, Finding, Observation, Sample
from penguintui.model.target import Target

if TYPE_CHECKING:
    from sqlalchemy import Connection

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


@dataclass(slots=True)
class _Open:
    """The open interval of one finding, as the store has it."""

    id: int
    status: int
    since: Time
    summary: str
    valid_from: Time


def canonical(mapping: Mapping[str, str]) -> str:
    """JSON that is equal for equal mappings."""
    return json.dumps(dict(sorted(mapping.items())), separators=(",", ":"), ensure_ascii=False)


class Ingest:
    """Puts observations into the store. Used in the writer's thread only; remembers ids to be fast."""

    def __init__(self) -> None:
        self._series: dict[tuple[str, str], tuple[int, float]] = {}
        self._findings: dict[tuple[str, str], dict[tuple[str, str], _Open]] = {}
        self._rows: list[tuple[int, int, float | None]] = []
        self._loaded = False

    def record(self, connection: Connection, batch: Iterable[Reported]) -> None:
        """Store a batch of observations, late and repeated ones included (the later word on a sample wins)."""
        if not self._loaded:
            self._load(connection)
        try:
            for reported in batch:
                self._record_one(connection, reported)
            self._write_samples(connection)
        except BaseException:
            self.forget()
            raise

    def forget(self) -> None:
        """Drop what is remembered: what was written with it has been rolled back."""
        self._series.clear()
        self._findings.clear()
        self._rows = []
        self._loaded = False

    def samples(
        self,
        connection: Connection,
        labels: Mapping[str, str],
        rows: Sequence[tuple[Sample, Time]],
        valid_for: float,
    ) -> None:
        """Store samples with their times, all with `labels` added: for recording rules and generated history."""
        if not self._loaded:
            self._load(connection)
        for sample, time in rows:
            self._sample(connection, sample, labels, time, valid_for)
        self._write_samples(connection)

    def _record_one(self, connection: Connection, reported: Reported) -> None:
        target, observation = reported.target, reported.observation
        labels = {
            **target.labels,
            "job": reported.job,
            "instance": target.name,
            "environment": target.environment,
        }
        time, valid_for = observation.time, observation.valid_for
        self._sample(connection, Sample("up", float(observation.up)), labels, time, valid_for)
        for sample in observation.samples:
            self._sample(connection, sample, labels, time, valid_for)
        for finding in observation.findings:
            status = Sample(
                "penguintui_finding_status",
                float(finding.status),
                {"check": finding.check, "subject": finding.subject},
            )
            self._sample(connection, status, labels, time, valid_for)
        self._record_findings(connection, reported)
        record_events(connection, target.name, observation.events)

    def _sample(
        self, connection: Connection, sample: Sample, labels: Mapping[str, str], time: Time, valid_for: float
    ) -> None:
        key = (sample.metric, canonical({**sample.labels, **labels}))
        known = self._series.get(key)
        if known is None:
            known = self._new_series(connection, key, valid_for)
        elif known[1] != valid_for:
            connection.exec_driver_sql("UPDATE series SET valid_for = ? WHERE id = ?", (valid_for, known[0]))
            known = self._series[key] = (known[0], valid_for)
        value = sample.value
        self._rows.append((known[0], round(time * 1000), value if value == value else None))  # noqa: PLR0124

    def _new_series(self, connection: Connection, key: tuple[str, str], valid_for: float) -> tuple[int, float]:
        row = connection.exec_driver_sql(
            "INSERT INTO series (metric, labels, valid_for) VALUES (?, ?, ?) RETURNING id", (*key, valid_for)
        ).one()
        self._series[key] = (int(row[0]), valid_for)
        return self._series[key]

    def _write_samples(self, connection: Connection) -> None:
        rows, self._rows = self._rows, []
        if rows:
            connection.exec_driver_sql(
                "INSERT INTO samples (series_id, time, value) VALUES (?, ?, ?) "
                "ON CONFLICT (series_id, time) DO UPDATE SET value = excluded.value",
                rows,
            )

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
                _close(connection, opened.pop(key).id, observation.time)

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
            _refresh(connection, current, finding, reported.observation)
            current.summary = finding.summary
            return
        since = now
        if current is not None:
            _close(connection, current.id, now)
            since = current.since if current.status == finding.status else now
        row = connection.exec_driver_sql(
            'INSERT INTO findings (target, probe, "check", subject, status, since, summary, remedy, evidence, '
            "observed, valid_for, valid_from) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
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
            ),
        ).one()
        opened[finding.key] = _Open(int(row[0]), int(finding.status), since, finding.summary, now)

    def _load(self, connection: Connection) -> None:
        """Remember what the store already has, so that an agent that restarts goes on where it was."""
        for row in connection.exec_driver_sql("SELECT metric, labels, id, valid_for FROM series"):
            self._series[(row[0], row[1])] = (row[2], row[3])
        rows: Any = connection.exec_driver_sql(
            'SELECT target, probe, "check", subject, id, status, since, summary, valid_from FROM findings '
            "WHERE valid_to IS NULL"
        )
        for row in rows:
            self._findings.setdefault((row[0], row[1]), {})[(row[2], row[3])] = _Open(*row[4:9])
        self._loaded = True

    def keep_only(self, connection: Connection, watched: Collection[tuple[str, str]], now: Time) -> None:
        """Close the findings of every (target, probe) that is watched no more."""
        if not self._loaded:
            self._load(connection)
        for key in [key for key in self._findings if key not in watched]:
            for opened in self._findings.pop(key).values():
                _close(connection, opened.id, now)


def _is_new_word(current: _Open, finding: Finding, now: Time) -> bool:
    """Whether a finding needs a new interval: its status changed, or its words did and a minute has passed."""
    if current.status != finding.status:
        return True
    return current.summary != finding.summary and now - current.valid_from >= _REWORD_SECONDS


def _refresh(connection: Connection, current: _Open, finding: Finding, observation: Observation) -> None:
    connection.exec_driver_sql(
        "UPDATE findings SET summary = ?, remedy = ?, evidence = ?, observed = ?, valid_for = ? WHERE id = ?",
        (
            finding.summary,
            finding.remedy,
            canonical(finding.evidence),
            observation.time,
            observation.valid_for,
            current.id,
        ),
    )


def _close(connection: Connection, finding_id: int, now: Time) -> None:
    connection.exec_driver_sql("UPDATE findings SET valid_to = ? WHERE id = ?", (now, finding_id))


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
