"""Notices of Amazon SES: JSON in a mail, often inside the JSON of the SNS topic that brought it."""

from __future__ import annotations

import json
from typing import Any

_TRANSIENT_REASON = {
    "mailboxfull": "mailboxfull",
    "messagetoolarge": "mesgtoobig",
    "contentrejected": "contenterror",
    "attachmentrejected": "policyviolation",
}
_PERMANENT_REASON = {"noemail": "userunknown", "suppressed": "userunknown", "onaccountsuppressionlist": "userunknown"}


def read_notification(text: str) -> dict[str, Any]:
    """The notification in a text; empty when there is none."""
    document = _json(text)
    inner = document.get("Message")
    if isinstance(inner, str):
        document = _json(inner)
    return document if isinstance(document.get("notificationType") or document.get("eventType"), str) else {}


def _json(text: str) -> dict[str, Any]:
    start = text.find("{")
    if start < 0 or text[:start].strip():
        return {}
    try:
        document, _ = json.JSONDecoder(strict=False).raw_decode(text, start)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def section(document: dict[str, Any], name: str) -> dict[str, Any]:
    """A part of a notification by name; empty when it is missing or no object."""
    value = document.get(name)
    return value if isinstance(value, dict) else {}


def recipients(part: dict[str, Any], name: str) -> list[dict[str, str]]:
    """The recipients of a bounce or complaint, their values as text."""
    entries = part.get(name)
    return [
        {str(key): str(value) for key, value in entry.items()}
        for entry in (entries if isinstance(entries, list) else [])[:1000]
        if isinstance(entry, dict)
    ]


def kind_of(bounce: dict[str, Any]) -> str:
    """The types of a bounce, as they are written."""
    return f"{bounce.get('bounceType', '')} {bounce.get('bounceSubType', '')}".strip()[:100]


def reason_of(bounce: dict[str, Any]) -> str:
    """The reason that the types of a bounce give; empty when they are general."""
    kind = str(bounce.get("bounceSubType", "")).lower()
    table = _TRANSIENT_REASON if is_transient(bounce) else _TRANSIENT_REASON | _PERMANENT_REASON
    return table.get(kind, "")


def is_transient(bounce: dict[str, Any]) -> bool:
    return str(bounce.get("bounceType", "")).lower() == "transient"
