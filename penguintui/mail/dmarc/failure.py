"""Failure reports (RFC 6591, RFC 9991): one message that did not pass, told in ARF or, by Exim, in plain text."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime

from penguintui.mail.dmarc.report import FailureReport, ReportError
from penguintui.mail.mime import Headers, Mail, Part, parse_headers, split_headers

_TEXT_FIELDS = {
    "sender domain": "reported-domain",
    "sender ip address": "source-ip",
    "received date": "arrival-date",
    "original-mail-from": "original-mail-from",
}
_TEXT_LINE = re.compile(r"^\s*([A-Za-z][A-Za-z -]{1,30}):\s+(\S.*)$", re.MULTILINE)
_RESULTS = frozenset({"delivered", "spam", "policy", "reject", "other", "smg-policy-action"})


def find_failure(mail: Mail) -> FailureReport | None:
    """The failure report of a mail, if it is one.

    Raises ReportError for a complaint, and for a report that says neither domain nor address.
    """
    found = read_feedback(mail)
    if found is not None and found.feedback_type != "auth-failure":
        raise ReportError(f"a complaint ({found.feedback_type}), no report of DMARC: `mail arf` reads it")
    return found


def read_feedback(mail: Mail) -> FailureReport | None:
    """The feedback report of a mail (RFC 5965), of any type. Raises ReportError when it is empty."""
    part = mail.first("message/feedback-report")
    if part is not None:
        return _from_fields(parse_headers(part.text().strip()), mail)
    text = mail.first("text/plain")
    if text is not None and "DMARC" in (content := text.text(64 * 1024)) and "Sender IP Address" in content:
        found = [
            (_TEXT_FIELDS.get(name.lower().strip(), ""), value.strip()) for name, value in _TEXT_LINE.findall(content)
        ]
        return _from_fields(Headers(tuple((name, value) for name, value in found if name)), mail)
    return None


def _from_fields(fields: Headers, mail: Mail) -> FailureReport:
    kind = fields.get("feedback-type").lower().strip() or "auth-failure"
    original = mail.first("message/rfc822", "text/rfc822-headers")
    domain = fields.get("reported-domain").lower().strip() or _from_domain(original)
    source = fields.get("source-ip").partition(" ")[0]
    if not domain and not source:
        raise ReportError("the failure report names neither a domain nor a source")
    failures = (
        re.split(r"[\s,]+", fields.get("auth-failure").lower().strip()) if fields.get("auth-failure") else ["dmarc"]
    )
    result = fields.get("delivery-result").lower().strip()
    return FailureReport(
        reported_domain=domain,
        source_ip=source,
        auth_failure=tuple(failure for failure in failures if failure),
        delivery_result=result if result in _RESULTS else "other",
        original_mail_from=fields.get("original-mail-from"),
        feedback_type=kind,
        arrival=_time(fields.get("arrival-date") or fields.get("received-date") or mail.headers.get("date")),
    )


def _from_domain(original: Part | None) -> str:
    """The domain of the From of the returned mail."""
    if original is None:
        return ""
    sender = split_headers(original.content)[0].get("from")
    return sender.rpartition("@")[2].strip("<> \t").lower()


def _time(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
