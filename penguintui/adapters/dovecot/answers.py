"""What Dovecot says of itself, as samples and findings. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from penguintui.adapters.asking import Answer
from penguintui.adapters.counting import Grown
from penguintui.adapters.levels import judge, limit_crossed
from penguintui.adapters.span import span
from penguintui.adapters.web import number, plain
from penguintui.config.serverprobes import DovecotProbe
from penguintui.model.observation import Finding, Sample
from penguintui.model.status import Status

Rows = Sequence[Mapping[str, Any]]

_NOT_COUNTED = (
    "Add to Dovecot's configuration: metric auth_failures { filter = event=auth_request_finished AND NOT success=yes }"
)
_WAITS = ("sync", "high", "low", "failed", "full resync")


def reached(place: str, answer: Answer, now: float) -> str:
    """The sentence of a Dovecot that answers, with its version and how long it runs where it tells."""
    version = next((s.labels.get("version", "") for s in answer.samples if s.metric == "dovecot_build_info"), "")
    started = total(answer.samples, "process_start_time_seconds")
    words = f"{place} answers: Dovecot {plain(version, 40)}".rstrip()
    return words if started is None else f"{words}, runs for {span(max(0.0, now - started))}"


def total(samples: Sequence[Sample], metric: str) -> float | None:
    """The number of a metric: without labels where there is one, otherwise of all its series; None without any.

    Of a metric with `group_by` Dovecot tells the whole as NAME_count beside the parts NAME_total.
    """
    whole = {s.metric: s.value for s in samples if not s.labels}
    for name in (metric, f"{metric.removesuffix('_total')}_count"):
        if name in whole:
            return whole[name]
    parts = [s.value for s in samples if s.metric == metric]
    return sum(parts) if parts else None


def judge_failures(place: str, value: float | None, grown: Grown | None, settings: DovecotProbe) -> Finding:
    """How many logins failed within the window."""
    if value is None:
        words = f"{place} does not tell how many logins fail: it has no {settings.failures_metric}"
        return Finding("dovecot.logins", Status.UNKNOWN, words, remedy=_NOT_COUNTED)
    evidence = {"since Dovecot started": f"{value:.0f}"}
    if grown is None:
        words = f"{value:.0f} logins have failed at {place} since it started; from now on they are counted"
        return Finding("dovecot.logins", Status.UNKNOWN, words, evidence=evidence)
    status = judge(grown.number, settings.failures)
    crossed = limit_crossed(status, settings.failures)
    words = f"{grown.number:.0f} logins failed at {place} within {span(grown.seconds)}{crossed and f', {crossed}'}"
    remedy = "See in its log who tries, and block them; or which program has an old password." if crossed else ""
    return Finding("dovecot.logins", status, words, remedy=remedy, evidence=evidence)


def services(who: Rows, rows: Rows, settings: DovecotProbe) -> Answer:
    """Sessions by service, and how far each service is from its limit of processes."""
    sessions: Counter[str] = Counter()
    users: Counter[str] = Counter()
    for row in who:
        connections = int(number(row, "connections") or 0)
        sessions[plain(row.get("service") or "?", 40)] += connections
        users[plain(row.get("username") or "?", 80)] += connections
    samples = [Sample("dovecot_sessions", float(n), {"service": name}) for name, n in sorted(sessions.items())]
    samples.append(Sample("dovecot_users_connected", float(len(users))))
    for row in rows:
        samples += _service_samples(row)
    return Answer(tuple(samples), (_judge_sessions(sessions, users, settings), _judge_services(rows, settings)))


def replication(rows: Rows) -> Answer:
    """What the replicator has still to do (doveadm replicator status)."""
    waiting = {
        name: value
        for row in rows
        for name in _WAITS
        if f"'{name}'" in str(row.get("field")) and (value := number(row, "value")) is not None
    }
    samples = tuple(Sample("dovecot_replication_waiting", value, {"priority": name}) for name, value in waiting.items())
    if not waiting:
        words = "the replicator does not say what waits"
        return Answer(findings=(Finding("dovecot.replication", Status.UNKNOWN, words),))
    evidence = {name: f"{value:.0f}" for name, value in waiting.items()}
    failed = waiting.get("failed", 0.0)
    if failed:
        words = f"{failed:.0f} mailboxes could not be replicated and wait to be tried again"
        remedy = "See with `doveadm replicator dsync-status`, and in the log of the other side, what fails."
        return Answer(samples, (Finding("dovecot.replication", Status.WARNING, words, "", remedy, evidence),))
    words = f"replication works: {sum(waiting.values()):.0f} mailboxes wait, none failed"
    return Answer(samples, (Finding("dovecot.replication", Status.OK, words, evidence=evidence),))


def _judge_sessions(sessions: Counter[str], users: Counter[str], settings: DovecotProbe) -> Finding:
    count = sessions.total()
    status = judge(count, settings.sessions)
    crossed = limit_crossed(status, settings.sessions)
    words = f"{count} sessions of {len(users)} users{crossed and f', {crossed}'}"
    evidence = {f"sessions of {name}": str(n) for name, n in sessions.most_common(10)}
    if status is not Status.OK:
        evidence |= {f"most by {name}": str(n) for name, n in users.most_common(3)}
    remedy = "See who has most, and whether mail_max_userip_connections should be lower." if crossed else ""
    return Finding("dovecot.sessions", status, words, remedy=remedy, evidence=evidence)


def _judge_services(rows: Rows, settings: DovecotProbe) -> Finding:
    """The service that is nearest to its limit; those that may have one process only are always at it."""
    used = {}
    for row in rows:
        count, limit = number(row, "process_count"), number(row, "process_limit")
        if count is not None and limit is not None and limit > 1:
            used[plain(row.get("name"), 40)] = (100 * count / limit, count, limit)
    stopped = [plain(row.get("name"), 40) for row in rows if (number(row, "throttle_secs") or 0.0) > 0]
    if not used:
        return Finding("dovecot.services", Status.UNKNOWN, "Dovecot names no services")
    name, (share, count, limit) = max(used.items(), key=lambda entry: entry[1][0])
    status = judge(share, settings.processes_percent)
    crossed = limit_crossed(status, settings.processes_percent, "%")
    words = f"{name} has {count:.0f} of {limit:.0f} processes{crossed and f', {crossed}'}"
    remedy = f"Raise process_limit of the service {name}, or find out why sessions do not end." if crossed else ""
    if stopped:
        status = Status.CRITICAL
        words = f"{', '.join(stopped[:5])} failed to start and waits; {words}"
        remedy = "Look into Dovecot's log: these services end as soon as they begin."
    evidence = {service: f"{n:.0f} of {most:.0f} processes" for service, (_, n, most) in used.items() if n}
    return Finding("dovecot.services", status, words, remedy=remedy, evidence=evidence)


def _service_samples(row: Mapping[str, Any]) -> list[Sample]:
    labels = {"service": plain(row.get("name") or "?", 40)}
    numbers = {
        "dovecot_service_processes": number(row, "process_count"),
        "dovecot_service_process_limit": number(row, "process_limit"),
    }
    return [Sample(metric, value, labels) for metric, value in numbers.items() if value is not None]
