"""What receivers report: aggregates and failures of DMARC, and the TLS sessions of RFC 8460."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from penguintui.model.clock import Time


class Source(NamedTuple):
    """Messages of one source, each in one of four: by what it aligned. A tuple: a report has tens of thousands."""

    neither: int = 0
    spf: int = 0
    dkim: int = 0
    both: int = 0

    @property
    def messages(self) -> int:
        return sum(self)

    @property
    def aligned(self) -> int:
        return self.messages - self.neither


@dataclass(frozen=True, slots=True)
class AggregateReport:
    """Totals of one aggregate report (RFC 7489, appendix C; RFC 9990).

    org: who reports; the domain of its mail address where it does not say.
    begin, end: the time that is covered. records: rows. messages: the sum of their counts.
    dkim_aligned, spf_aligned, aligned: messages that passed DMARC by DKIM, by SPF, by either.
    policy: what the receiver found published (`p`, `sp`, `np`, `adkim`, …).
    dispositions: messages by what was done with them. sources: messages by sending address.
    """

    org: str
    report_id: str
    domain: str
    begin: Time
    end: Time
    records: int
    messages: int
    dkim_aligned: int
    spf_aligned: int
    aligned: int
    email: str = ""
    policy: Mapping[str, str] = field(default_factory=dict)
    dispositions: Mapping[str, int] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str, str]:
        """What a second copy of the same report has too."""
        return (self.org.lower(), self.report_id, self.domain)


@dataclass(frozen=True, slots=True)
class FailureReport:
    """One message that failed (RFC 6591, RFC 9991). arrival: None when the report gives no time that can be read."""

    reported_domain: str
    source_ip: str
    auth_failure: tuple[str, ...]
    delivery_result: str
    original_mail_from: str = ""
    feedback_type: str = "auth-failure"
    arrival: Time | None = None


@dataclass(frozen=True, slots=True)
class TlsPolicy:
    """Sessions under one policy: how many, and the failed ones by result type (RFC 8460, 4.3)."""

    domain: str
    type: str
    successful: int
    failed: int
    failures: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TlsReport:
    """One TLS report (RFC 8460)."""

    org: str
    report_id: str
    begin: Time
    end: Time
    policies: tuple[TlsPolicy, ...]
    contact: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """What a second copy of the same report has too."""
        return (self.org.lower(), self.report_id, ",".join(policy.domain for policy in self.policies))


@dataclass(frozen=True, slots=True)
class Refused:
    """A report that is none, or breaks a limit: which, and why."""

    name: str
    reason: str


Report = AggregateReport | FailureReport | TlsReport


class ReportError(ValueError):
    """Why a report is refused; the message is a sentence for people."""
