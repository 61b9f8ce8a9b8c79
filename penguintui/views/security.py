"""Screen 4: who is at the door?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field, replace
from typing import TYPE_CHECKING

from penguintui.model.clock import Time
from penguintui.model.record import record
from penguintui.model.status import Status, worst
from penguintui.model.target import Kind
from penguintui.views import charts
from penguintui.views import format as say
from penguintui.views.ask import Ask
from penguintui.views.changes import happened
from penguintui.views.freshness import Freshness
from penguintui.views.models.security import AttemptRow, Breach, CertificateRow, ControlRow, Security
from penguintui.views.models.what import Need, Value
from penguintui.views.settings import need
from penguintui.views.standing import Stand, Standing, began, effective, reason, stand, worst_first

if TYPE_CHECKING:
    from penguintui.store.reader import Reader
    from penguintui.store.records import EventRecord, FindingRecord

WINDOW = 3600.0
FAILURES = 'sum(increase(penguintui_logins_total{result="failed"}[1h]))'
EXPIRY = "min by (instance) (probe_ssl_earliest_cert_expiry)"
_WEEK = 7 * say.DAY
_DAY_POINTS = 72
_MOST_EVENTS = 2000
_MOST_ROWS = 20
_MOST_OTHERS = 4
_CHECKS = ("login.", "log.", "tls.", "smtp.starttls", "compliance.", "security.")
_CONTROLS, _SCANS = "compliance.", "security."
_FAILED = ("login.failed", "login.invalid-user")
_NO_LOG = "Nobody knows who is at the door: no log is watched."


def build(reader: Reader, ask: Ask, *, standing: Standing | None = None) -> Security:
    """The security screen as of the reader's moment."""
    standing = standing or stand(reader)
    standing = standing.looking_at(standing.names_found_by(_is_ours))
    ours = standing.found_by(_is_ours)
    at = reader.at
    logs = any(map(_is_log, standing.targets.values()))
    events = reader.events(at - WINDOW, kinds=_FAILED, limit=_MOST_EVENTS)
    findings = {f.subject: f for f in ours if f.check == "login.failures" and f.subject}
    breaches = _breaches(reader.events(at - _WEEK, kinds=("login.breach",), limit=50), ours, at)
    certificates = _certificates(ours, ask)
    controls = tuple(_control(f, at) for f in worst_first(ours, at) if f.check.startswith((_CONTROLS, _SCANS)))
    counted = Freshness(ask, [FAILURES]).dated(ask.instant(FAILURES).value("count"))
    failures = _with_events(counted, events)
    status = _status(ours, at, logs)
    return Security(
        status=status,
        headline=_headline(ours, at, failures, breaches) if logs else _NO_LOG,
        window=say.span(WINDOW),
        failures=failures,
        chart=charts.chart("Failed logins in an hour", ask.until_now(FAILURES, say.DAY, _DAY_POINTS), "count", at),
        sources=_sources(events, findings, at),
        accounts=_accounts(events, findings, at),
        breaches=breaches,
        certificates=certificates,
        controls=controls,
        changes=tuple(happened(reader, at - say.DAY)),
        needs=tuple(_needs(logs, bool(certificates), {f.check.partition(".")[0] for f in ours})),
    )


def _is_log(one: Stand) -> bool:
    watched = one.watched
    return watched.target.kind is Kind.LOG or "log" in [probe.type for probe in watched.probes]


def _is_ours(check: str) -> bool:
    return check.startswith(_CHECKS)


def _status(ours: Sequence[FindingRecord], at: Time, logs: bool) -> Status:
    """The worst of what the screen shows; without a log nobody knows who is at the door."""
    status = worst((effective(f, at) for f in ours), default=Status.UNKNOWN)
    return status if logs else max(status, Status.UNKNOWN)


def _headline(ours: Sequence[FindingRecord], at: Time, failures: Value, breaches: Sequence[Breach]) -> str:
    faults = [f for f in worst_first(ours, at) if effective(f, at) is not Status.OK]
    if faults:
        first = min(faults, key=lambda f: (-effective(f, at), not f.check.startswith("login.")))
        return f"{first.target} since {say.short(began(first, at), at)}: {say.sentence(reason(first, at))}"
    if failures.number is None:
        return f"No fault is known; how many logins failed is not: {say.sentence(failures.reason)}"
    past = f" {say.counted(len(breaches), 'breach', 'breaches')} in the last week." if breaches else ""
    return f"Quiet: {say.counted(round(failures.number), 'failed login')} in an hour, none beyond a limit.{past}"


def _with_events(counted: Value, events: Sequence[EventRecord]) -> Value:
    """How many logins failed in the window: the sentence and the tables below it say the same.

    The counter knows nothing of what came before it was first read, and the events are limited: the larger is nearer.
    """
    listed = sum(_times(event) for event in events)
    if counted.number is None:
        return counted
    if counted.number >= listed:
        return replace(counted, text=say.number(round(counted.number)))
    return replace(counted, text=say.number(listed), number=float(listed), source="login events")


def _times(event: EventRecord) -> int:
    """How many failures an event stands for."""
    return int(event.attributes.get("count") or 1)


def _sources(events: Sequence[EventRecord], findings: Mapping[str, FindingRecord], at: Time) -> tuple[AttemptRow, ...]:
    """Failures by source, most first; before all others those that a finding names, also when their events are gone."""
    tries = _tries(events, "source", "user")
    rows = []
    for name in tries.keys() | findings.keys():
        tried = tries.get(name, _Tries())
        finding = findings.get(name)
        if finding is None:
            rows.append(_attempt(name, tried, Status.OK, "", at))
            continue
        counted = int(finding.evidence.get("failures") or 0)
        tried = _Tries(max(tried.count, counted), tried.others, max(tried.last, finding.since))
        status = effective(finding, at)
        words = "" if status is Status.OK else f"{say.sentence(reason(finding, at))} {finding.remedy}".strip()
        rows.append(_attempt(name, tried, status, words, at))
    return _most_first(rows)


def _accounts(events: Sequence[EventRecord], findings: Mapping[str, FindingRecord], at: Time) -> tuple[AttemptRow, ...]:
    """Failures by account, most first; each as bad as the worst source that tried it."""
    rows = []
    for name, tried in _tries(events, "user", "source").items():
        known = {source: effective(findings[source], at) for source in tried.others if source in findings}
        status = worst(known.values(), Status.OK)
        named = next((source for source, own in known.items() if own is status), "")
        words = f"tried by {named}" if status is not Status.OK else ""
        rows.append(_attempt(name, tried, status, words, at))
    return _most_first(rows)


@record
class _Tries:
    """Failures of one source or against one account, and whom else they touch."""

    count: int = 0
    others: Mapping[str, int] = field(default_factory=dict)
    last: Time = 0.0


def _tries(events: Sequence[EventRecord], by: str, other: str) -> dict[str, _Tries]:
    found: dict[str, _Tries] = {}
    for event in events:
        name, touched = event.attributes.get(by) or "unknown", event.attributes.get(other) or "unknown"
        times = _times(event)
        known = found.get(name, _Tries())
        others = {**known.others, touched: known.others.get(touched, 0) + times}
        found[name] = _Tries(known.count + times, others, max(known.last, event.time))
    return found


def _attempt(name: str, tried: _Tries, status: Status, words: str, at: Time) -> AttemptRow:
    most = sorted(tried.others.items(), key=lambda pair: (-pair[1], pair[0]))[:_MOST_OTHERS]
    listed = ", ".join(f"{other} {count}" for other, count in most)
    age = say.span(at - tried.last)
    text = say.number(tried.count)
    value = Value(text, status, float(tried.count), "count", tried.last, age, source="login events")
    return AttemptRow(name, value, listed, say.short(tried.last, at), tried.last, status, words)


def _most_first(rows: Iterable[AttemptRow]) -> tuple[AttemptRow, ...]:
    return tuple(sorted(rows, key=lambda row: (-row.status, -(row.failures.number or 0), row.name))[:_MOST_ROWS])


def _breaches(events: Sequence[EventRecord], ours: Sequence[FindingRecord], at: Time) -> tuple[Breach, ...]:
    """Breaches of the last week, newest first; the remedy stands in the target's finding while that lasts."""
    remedies = {f.target: f.remedy for f in ours if f.check == "login.breach" and f.remedy}
    return tuple(Breach(e.time, say.short(e.time, at), e.target, e.summary, remedies.get(e.target, "")) for e in events)


def _certificates(ours: Sequence[FindingRecord], ask: Ask) -> tuple[CertificateRow, ...]:
    """Certificates of all targets, the one that ends first at the top."""
    ends = ask.instant(EXPIRY).by("instance")
    findings = {f.target: f for f in worst_first((f for f in ours if f.check == "tls.certificate"), ask.at)[::-1]}
    targets = ends.keys() | findings.keys()
    rows = [_certificate(name, ends.get(name), findings.get(name), ask.at) for name in targets]
    return tuple(sorted(rows, key=_ends_first))


def _ends_first(row: CertificateRow) -> tuple[int, float, str]:
    return (-row.status, -1.0 if row.days.number is None else row.days.number, row.target)


def _certificate(target: str, ends: float | None, finding: FindingRecord | None, at: Time) -> CertificateRow:
    status = Status.UNKNOWN if finding is None else effective(finding, at)
    if ends is None:
        days = Value(say.NO_DATA, Status.UNKNOWN, unit="days", reason=f"no data yet, asked at {say.clock(at)}")
    else:
        left = (ends - at) / say.DAY
        words = f"{left:.0f} days" if left >= 10 else f"{left:.1f} days"
        days = Value(words if left >= 0 else f"ended {say.span(at - ends)} ago", status, left, "days", source=EXPIRY)
    fine = status is Status.OK
    return CertificateRow(
        target=target,
        days=days,
        ends="" if ends is None else say.date(ends),
        status=status,
        reason="" if fine or finding is None else reason(finding, at),
        remedy="" if finding is None else finding.remedy,
    )


def _control(finding: FindingRecord, at: Time) -> ControlRow:
    return ControlRow(
        name=finding.check.partition(".")[2],
        status=effective(finding, at),
        text=reason(finding, at),
        remedy=finding.remedy,
        age=say.span(at - finding.observed),
        target=finding.target,
    )


def _needs(logs: bool, certificates: bool, areas: Collection[str]) -> Iterable[Need]:
    if not logs:
        text = "Logins, failures and breaches are read from an authentication log."
        yield need("Attempts", text, "a target with a probe of type log (path: /var/log/auth.log)")
    if not certificates:
        yield need("Certificates", "No TLS port is asked.", "a probe of type tls, http (https://) or smtp")
    if "compliance" not in areas:
        text = "What GDPR, CAN-SPAM and SOC 2 demand is judged by queries of its evidence."
        yield need("Controls", text, "a query with levels and check: compliance.NAME (type sql)")
    if "security" not in areas:
        text = "What a scanner found, and for how long it is open, is asked where it writes that."
        yield need("Vulnerabilities", text, "a query with levels and check: security.NAME (type sql)")
