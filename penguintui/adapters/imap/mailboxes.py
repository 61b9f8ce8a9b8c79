"""What a mailbox of bounces, complaints or reports brings, counted mail by mail."""

from __future__ import annotations

import hashlib
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from penguintui.adapters.dmarc.sources import Sources
from penguintui.mail.bounce import Kind, Notice, read
from penguintui.mail.dmarc import AggregateReport, Refused, Report, TlsReport, read_reports
from penguintui.model.clock import Time
from penguintui.model.observation import Event, Sample
from penguintui.model.status import Status

MOST_EVENTS = 500
_MOST_REFUSED = 20
_MOST_KEYS = 10_000
_MOST_LASTING = 1000
_MOST_DOMAINS = 200


@dataclass(slots=True)
class Readings:
    """Counts since the beginning, and the events since they were last taken.

    refused: the latest reports that were none, and why. copies: reports that had been read before.
    sources: where DMARC reports are counted by who sent.
    """

    sources: Sources | None = None
    mails: int = 0
    copies: int = 0
    notices: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    messages: Counter[tuple[str, str]] = field(default_factory=Counter)
    sessions: Counter[tuple[str, str]] = field(default_factory=Counter)
    refused: deque[str] = field(default_factory=lambda: deque(maxlen=_MOST_REFUSED))
    _events: list[Event] = field(default_factory=list)
    _keys: dict[str, None] = field(default_factory=dict)

    def add_bounces(self, mail: bytes, now: Time) -> None:
        """Bounces, complaints and automatic answers (`mail.bounce`)."""
        self.mails += 1
        for notice in read(mail):
            self.notices[notice.kind.value, notice.reason, "hard" if notice.hard else "soft"] += 1
            if notice.kind in (Kind.BOUNCE, Kind.COMPLAINT):
                self._keep(_notice_event(notice, now))

    def add_reports(self, mail: bytes, name: str, now: Time) -> None:
        """DMARC and TLS reports (`mail.dmarc`). One that is refused stops none of the others."""
        self.mails += 1
        for report in read_reports(mail, name):
            if isinstance(report, Refused):
                self.refused.append(f"{name}: {report.reason}")
            elif isinstance(report, AggregateReport | TlsReport):
                self._add_report(report, now)

    def _add_report(self, report: AggregateReport | TlsReport, now: Time) -> None:
        key = hashlib.blake2b(repr(report.key).encode(), digest_size=8).hexdigest()
        if key in self._keys:
            self.copies += 1
            return
        self._keys[key] = None
        if len(self._keys) > _MOST_KEYS:
            del self._keys[next(iter(self._keys))]
        if isinstance(report, AggregateReport):
            self._count(self.messages, report.domain, "yes", report.aligned)
            self._count(self.messages, report.domain, "no", report.messages - report.aligned)
            if self.sources is not None:
                self.sources.add(report, now)
        else:
            for policy in report.policies:
                self._count(self.sessions, policy.domain, "successful", policy.successful)
                self._count(self.sessions, policy.domain, "failed", policy.failed)
        self._keep(_report_event(report, now))

    def _count(self, counts: Counter[tuple[str, str]], domain: str, what: str, count: int) -> None:
        known = (domain, what) in counts or len(counts) < 2 * _MOST_DOMAINS
        counts[domain if known else "other", what] += count

    def _keep(self, event: Event) -> None:
        if len(self._events) < MOST_EVENTS:
            self._events.append(event)

    @property
    def seen(self) -> str:
        """The newest reports that were read, in words that outlive this: each is known again by its digest."""
        return " ".join([*self._keys][-_MOST_LASTING:])

    def remember(self, seen: str) -> None:
        """Know reports that were read before, from what `seen` said."""
        self._keys.update(dict.fromkeys(seen.split()))

    def take_events(self) -> tuple[Event, ...]:
        """The events since they were last taken."""
        events, self._events = tuple(self._events), []
        return events

    def samples(self) -> Iterator[Sample]:
        for (kind, reason, lasting), count in self.notices.items():
            labels = {"kind": kind, "reason": reason, "lasting": lasting}
            yield Sample("penguintui_mail_notices_total", float(count), labels)
        for (domain, aligned), count in self.messages.items():
            yield Sample("penguintui_dmarc_messages_total", float(count), {"domain": domain, "aligned": aligned})
        for (domain, result), count in self.sessions.items():
            yield Sample("penguintui_tls_sessions_total", float(count), {"domain": domain, "result": result})


def _notice_event(notice: Notice, now: Time) -> Event:
    whom = notice.recipient or "nobody named"
    attributes = {
        "recipient": notice.recipient,
        "status": notice.status,
        "reason": notice.reason,
        "suppress": "yes" if notice.suppress else "no",
    }
    if notice.kind is Kind.COMPLAINT:
        return Event(now, "mail.complaint", f"{whom} complains ({notice.feedback_type})", Status.OK, attributes)
    lasting = "for good" if notice.hard else "for now"
    summary = f"{whom} cannot be reached {lasting}: {notice.reason}, {notice.diagnosis[:120]}"
    return Event(now, "mail.bounced", summary, Status.OK, attributes)


def _report_event(report: Report, now: Time) -> Event:
    if isinstance(report, AggregateReport):
        summary = f"{report.org} saw {report.messages} mails from {report.domain}, {report.aligned} of them aligned"
        return Event(now, "mail.report", summary, attributes={"domain": report.domain, "org": report.org})
    assert isinstance(report, TlsReport)  # noqa: S101 - failure reports tell of single mails
    failed = sum(policy.failed for policy in report.policies)
    return Event(now, "mail.report", f"{report.org} saw {failed} failed TLS sessions", attributes={"org": report.org})
