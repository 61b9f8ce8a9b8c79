"""TLS reports (RFC 8460): JSON of how many sessions to us were protected, and how others failed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from penguintui.mail.dmarc.report import ReportError, TlsPolicy, TlsReport

_LARGEST = 32 * 1024 * 1024
_MOST_POLICIES = 1000
_MOST_FAILURES = 10_000


def read_tls(pieces: Iterable[bytes]) -> TlsReport:
    """Reads one report. Raises ReportError with the reason."""
    data = bytearray()
    for piece in pieces:
        data += piece
        if len(data) > _LARGEST:
            raise ReportError(f"the TLS report is larger than {_LARGEST // 2**20} MiB")
    try:
        document = json.loads(bytes(data).decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError) as error:
        raise ReportError(f"no JSON: {error}") from error
    if not isinstance(document, dict):
        raise ReportError("no TLS report: the document is no object")
    span = document.get("date-range")
    if not isinstance(span, dict) or not isinstance(document.get("policies"), list):
        raise ReportError("no TLS report: date-range or policies is missing")
    if not document.get("report-id"):
        raise ReportError("the TLS report lacks its report-id, so that a second copy could not be told from another")
    return TlsReport(
        org=str(document.get("organization-name", "")),
        report_id=str(document.get("report-id", "")),
        begin=_time(span.get("start-datetime")),
        end=_time(span.get("end-datetime")),
        policies=tuple(_policy(entry) for entry in document["policies"][:_MOST_POLICIES]),
        contact=str(document.get("contact-info", "")),
    )


def _policy(entry: Any) -> TlsPolicy:
    policy, summary = (entry.get("policy"), entry.get("summary")) if isinstance(entry, dict) else (None, None)
    if not isinstance(policy, dict) or not isinstance(summary, dict):
        raise ReportError("a policy of the TLS report lacks its policy or its summary")
    failures: dict[str, int] = {}
    details = entry.get("failure-details")
    for detail in details[:_MOST_FAILURES] if isinstance(details, list) else []:
        if isinstance(detail, dict):
            kind = str(detail.get("result-type", "unknown"))[:100]
            failures[kind] = failures.get(kind, 0) + _number(detail.get("failed-session-count", 0))
    return TlsPolicy(
        domain=str(policy.get("policy-domain", "")).lower(),
        type=str(policy.get("policy-type", "")),
        successful=_number(summary.get("total-successful-session-count")),
        failed=_number(summary.get("total-failure-session-count")),
        failures=failures,
    )


def _number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ReportError(f"a count of the TLS report is {str(value)[:40]!r}, not a number")
    try:
        number = int(value)
    except (ValueError, OverflowError):
        raise ReportError(f"a count of the TLS report is {str(value)[:40]!r}, not a number") from None
    if number < 0:
        raise ReportError(f"a count of the TLS report is {number}: out of range")
    return number


def _time(value: Any) -> float:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        raise ReportError(f"a date of the TLS report is {str(value)[:40]!r}, not RFC 3339") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
