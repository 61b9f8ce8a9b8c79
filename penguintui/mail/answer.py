"""The automatic answer to a person who unsubscribes by mail, and to whom there must be none (RFC 3834)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import format_datetime, parseaddr

from penguintui.mail.mime import Headers
from penguintui.model.clock import Time

PAUSE = 7 * 86_400.0
"""Seconds within which nobody is answered twice (2)."""
_UNATTENDED = re.compile(r"(?:mailer-daemon|postmaster|no-?reply|owner-.*|.*-request|.*-owner|listserv|majordomo)")
_MAILING_LIST = ("list-id", "list-help", "list-unsubscribe", "list-post", "mailing-list")
_PRECEDENCE = ("bulk", "list", "junk")
_LONGEST = 900
_TEXT = """\
You asked to get no more mail from us at this address:

    {address}

It is done. Nobody needs to answer this mail. If you did not ask, write to us and we take it back.
"""


def why_not(headers: Headers) -> str:
    """Why a mail must not be answered by a machine, in words; empty when it may be."""
    sender = parseaddr(headers.get("from"))[1].lower()
    path = headers.get("return-path").strip()
    back = parseaddr(path)[1].lower()
    submitted = headers.get("auto-submitted").partition(";")[0].strip().lower()
    name = back.rpartition("@")[0]
    reasons = (
        (submitted not in ("", "no"), "a machine wrote it (Auto-Submitted)"),
        (path == "<>" or not back, "it has no envelope sender (Return-Path)"),
        (back != sender, "its envelope sender is another than its author: an answer might reach a stranger"),
        (any(field in headers for field in _MAILING_LIST), "it came through a mailing list"),
        (headers.get("precedence").strip().lower() in _PRECEDENCE, "it is bulk mail (Precedence)"),
        (_UNATTENDED.fullmatch(name) is not None, f"nobody reads what is sent to {back}"),
    )
    return next((why for holds, why in reasons if holds), "")


def compose(headers: Headers, sender: str, token: str, now: Time) -> bytes:
    """The answer, with CRLF line ends; it is sent with an empty envelope sender, so that it cannot bounce (3.3).

    sender: in From. token: for its Message-ID. Only what is plain is taken over from the mail that is answered.
    """
    to = parseaddr(headers.get("return-path"))[1]
    asked = _plain(headers.get("message-id"))
    references = " ".join(filter(None, (_plain(headers.get("references")), asked)))[-_LONGEST:]
    fields = [
        ("From", f"<{sender}>"),
        ("To", f"<{to}>"),
        ("Subject", f"Auto: {_plain(headers.get('subject'))[:200] or 'unsubscribe'}"),
        ("Date", format_datetime(datetime.fromtimestamp(now, UTC))),
        ("Message-ID", f"<{token}@{sender.rpartition('@')[2]}>"),
        ("Auto-Submitted", "auto-replied"),
        ("In-Reply-To", asked),
        ("References", references),
        ("MIME-Version", "1.0"),
        ("Content-Type", "text/plain; charset=us-ascii"),
    ]
    head = "".join(f"{name}: {value}\n" for name, value in fields if value)
    return f"{head}\n{_TEXT.format(address=_plain(to))}".replace("\n", "\r\n").encode("ascii", "replace")


def _plain(text: str) -> str:
    """Text of strangers as one line of a header."""
    return "".join(character if " " <= character <= "~" else " " for character in text).strip()
