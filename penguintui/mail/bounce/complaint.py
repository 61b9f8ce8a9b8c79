"""Complaints: feedback reports (RFC 5965), and what Microsoft and Apple send in their place."""

from __future__ import annotations

import re

from penguintui.mail.bounce.notice import Kind, Notice
from penguintui.mail.bounce.text import addresses, returned
from penguintui.mail.mime import Headers, Mail, parse_headers, split_headers

_FEEDBACK_PART = re.compile(r"\s*(?:(?:version|user-agent)\s*:[^\n]*\n\s*)*feedback-type\s*:", re.IGNORECASE)
_MICROSOFT_SUBJECT = re.compile(r"\s*complaint about message from ", re.IGNORECASE)
_RECIPIENT_FIELDS = ("x-hmxmroriginalrecipient", "x-original-rcpt-to", "x-rcpt-to", "delivered-to", "to")


def read_complaint(mail: Mail) -> list[Notice]:
    """The complaints of a mail, one per recipient; none when it is no complaint."""
    feedback = _feedback(mail)
    if feedback is not None:
        kind = feedback.get("feedback-type").lower().strip() or "abuse"
        return _notices(kind, _recipients(feedback, mail), feedback.get("user-agent"))
    original = _original(mail)
    if "x-hmxmroriginalrecipient" in original or _MICROSOFT_SUBJECT.match(mail.headers.get("subject")):
        return _notices("abuse", _from_original(original), "complaint of a Microsoft user")
    if mail.headers.get("x-apple-unsubscribe").lower() == "true":
        return _notices("opt-out", addresses(mail.headers.get("from")), "unsubscribed in Apple Mail")
    return []


def _notices(feedback_type: str, recipients: list[str], diagnosis: str) -> list[Notice]:
    return [
        Notice(Kind.COMPLAINT, recipient, reason="feedback", feedback_type=feedback_type, diagnosis=diagnosis)
        for recipient in recipients or [""]
    ]


def _feedback(mail: Mail) -> Headers | None:
    part = mail.first("message/feedback-report")
    if part is None and len(mail.parts) > 1:  # some send it as plain text
        part = next((part for part in mail.parts[1:] if _FEEDBACK_PART.match(part.text(16 * 1024))), None)
    return parse_headers(part.text().strip()) if part else None


def _original(mail: Mail) -> Headers:
    part = returned(mail)
    return split_headers(part.content)[0] if part else Headers()


def _recipients(feedback: Headers, mail: Mail) -> list[str]:
    """Who complains: as the report says it, else as the mail that it returns."""
    for name in ("original-rcpt-to", "removal-recipient", "original-recipient"):
        found = [address for value in feedback.all(name) for address in (addresses(value) or [value.strip("<> ")])]
        if found:
            return list(dict.fromkeys(found))
    return _from_original(_original(mail))


def _from_original(original: Headers) -> list[str]:
    for name in _RECIPIENT_FIELDS:
        found = addresses(original.get(name))
        if found:
            return found
    return []
