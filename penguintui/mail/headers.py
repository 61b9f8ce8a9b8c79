"""What Gmail, Yahoo and Microsoft demand of the headers of bulk mail, one-click unsubscribe first (RFC 8058)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from penguintui.mail.mime import Headers, parameters
from penguintui.model.status import Status

_URI = re.compile(r"<\s*([^<>\s]+)\s*>")
_SINGLE = ("from", "date", "subject", "message-id", "to", "cc", "reply-to", "sender", "in-reply-to", "references")
_MESSAGE_ID = re.compile(r"<[^<>@\s]+@[^<>@\s]+>")
_FEEDBACK_ID = re.compile(r"[^:]*:[^:]*:[^:]*:[A-Za-z0-9._-]{5,15}")


@dataclass(frozen=True, slots=True)
class Demand:
    """One demand on a mail: its stable code, whether it is met, what to do if not, and who demands it.

    who: names of providers; empty for what the standards demand, and so all of them.
    """

    code: str
    status: Status
    sentence: str
    remedy: str = ""
    who: tuple[str, ...] = ()


def judge_headers(headers: Headers, *, marketing: bool) -> list[Demand]:
    """All demands on one mail. marketing: whether it is bulk that people may leave, for which one click is demanded."""
    return [
        *_judge_form(headers),
        *(_judge_one_click(headers) if marketing else []),
        *_judge_feedback_id(headers),
    ]


def _judge_form(headers: Headers) -> list[Demand]:
    """RFC 5322, 3.6: what must be there, and what only once. Gmail refuses mails that break it (5.7.1)."""
    found = []
    for name in ("from", "date", "message-id"):
        if name not in headers:
            found.append(
                Demand("missing", Status.CRITICAL, f"there is no {name.title()} header", f"Write {name.title()}.")
            )
    for name in _SINGLE:
        count = sum(1 for key, _ in headers.fields if key == name)
        if count > 1:
            sentence = f"the {name.title()} header stands {count} times"
            found.append(Demand("repeated", Status.CRITICAL, sentence, "Leave one."))
    if "message-id" in headers and not _MESSAGE_ID.fullmatch(headers.get("message-id").strip()):
        sentence = f"{headers.get('message-id')[:80]!r} is no Message-ID"
        found.append(Demand("message-id", Status.WARNING, sentence, "Write <unique@domain>."))
    return found or [Demand("form", Status.OK, "the headers have the form of RFC 5322")]


def _judge_one_click(headers: Headers) -> list[Demand]:
    """RFC 8058: one https: address, a header that says so, and a signature that covers both."""
    status, sentence, remedy = _one_click(headers)
    return [Demand("one-click", status, sentence, remedy, ("Gmail", "Yahoo"))]


def _one_click(headers: Headers) -> tuple[Status, str, str]:
    uris = _URI.findall(headers.get("list-unsubscribe"))
    https = [uri for uri in uris if uri.lower().startswith("https://")]
    if not uris:
        sentence = "there is no List-Unsubscribe header: Gmail and Yahoo demand one of bulk mail"
        return Status.CRITICAL, sentence, "Write List-Unsubscribe: <https://…>."
    if not https:
        sentence = "List-Unsubscribe has no https: address, so one click is not enough"
        return Status.CRITICAL, sentence, "Add an https: address."
    # the words of an ABNF compare without case (RFC 5234, 2.3)
    if headers.get("list-unsubscribe-post").strip().lower() != "list-unsubscribe=one-click":
        sentence = "List-Unsubscribe-Post: List-Unsubscribe=One-Click is missing or written otherwise"
        return Status.CRITICAL, sentence, "Write it exactly so."
    if "dkim-signature" in headers and not _signed(headers, ("list-unsubscribe", "list-unsubscribe-post")):
        sentence = "no DKIM signature covers List-Unsubscribe and List-Unsubscribe-Post (RFC 8058, 4)"
        return Status.CRITICAL, sentence, "Let the signer sign both headers."
    if len(https) > 1 or any(uri.lower().startswith("http://") for uri in uris):
        sentence = "List-Unsubscribe has more web addresses than one https: address (RFC 8058, 3.1)"
        return Status.WARNING, sentence, "Leave one https: address, and a mailto: one if you like."
    return Status.OK, "one click is enough to unsubscribe", ""


def _signed(headers: Headers, names: Sequence[str]) -> bool:
    """Whether one signature covers all these headers (its h= tag)."""
    for value in headers.all("dkim-signature"):
        tags = parameters("x;" + re.sub(r"\s", "", value))
        covered = set(tags.get("h", "").lower().split(":"))
        if covered.issuperset(names):
            return True
    return False


def _judge_feedback_id(headers: Headers) -> list[Demand]:
    """Gmail's Feedback-ID: without it its Postmaster Tools tell nothing by campaign."""
    value = headers.get("feedback-id").strip()
    if not value:
        return []
    if not _FEEDBACK_ID.fullmatch(value):
        sentence = f"Feedback-ID {value[:80]!r} is not a:b:c:SenderId with a SenderId of 5 to 15 characters"
        return [Demand("feedback-id", Status.WARNING, sentence, "Write it as Gmail reads it.", ("Gmail",))]
    return [Demand("feedback-id", Status.OK, "Feedback-ID can be read by Gmail", who=("Gmail",))]
