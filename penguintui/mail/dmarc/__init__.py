"""Reports of receivers about mail in our name: DMARC aggregates and failures, and TLS reports."""

from penguintui.mail.dmarc.read import read_reports
from penguintui.mail.dmarc.report import (
    AggregateReport,
    FailureReport,
    Refused,
    Report,
    ReportError,
    Source,
    TlsPolicy,
    TlsReport,
)

__all__ = [
    "AggregateReport",
    "FailureReport",
    "Refused",
    "Report",
    "ReportError",
    "Source",
    "TlsPolicy",
    "TlsReport",
    "read_reports",
]
