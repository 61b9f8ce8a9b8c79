"""To whom nothing more is sent, and why: what follows from a mail to the bounce address, and what never does.

Suppressed are addresses that will never work again (`bounce.HARD` with a permanent status) and people who complained.
Never: what may work tomorrow (4.x.x, a full mailbox), what is said of the sender or the mail (policy, blocklists,
content; RFC 3463, 3.8), automatic answers (RFC 3834), reports of success, complaints that are none (`not-spam`,
`auth-failure`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import parseaddr

from penguintui.mail.bounce import Kind, Notice, read
from penguintui.mail.bounce.text import returned
from penguintui.mail.mime import Headers, Mail, read_mail, split_headers
from penguintui.model.clock import Time

_SENDERS = ("from", "sender", "return-path", "x-original-from")


@dataclass(frozen=True, slots=True)
class Suppression:
    """One reason why nothing more is sent to an address. The three first tell it from all others.

    reason: a word of `bounce.REASONS`, or `complaint`. message_id: of the mail that says so.
    status: the enhanced code (RFC 3463), of a bounce. evidence: what the mail says, for people.
    """

    address: str
    reason: str
    message_id: str
    status: str
    evidence: str
    created: Time


@dataclass(frozen=True, slots=True)
class Decision:
    """What follows from one notice. suppression: None when nothing is done. why: in words, in either case."""

    notice: Notice
    suppression: Suppression | None
    why: str


@dataclass(frozen=True, slots=True)
class Processed:
    """One mail and all that follows from it. digest: of its bytes, by which it is known again."""

    digest: str
    message_id: str
    decisions: tuple[Decision, ...]


def process(data: bytes, now: Time, ours: Sequence[str] = ()) -> Processed:
    """Decide on one mail to the bounce address. Never raises.

    ours: domains that we send from. When there are any, a mail counts only if it returns one of ours: bounces can be
    forged by anyone, in order to have somebody's address suppressed.
    """
    mail = read_mail(data)
    digest = hashlib.sha256(data).hexdigest()
    message_id = mail.headers.get("message-id").strip().strip("<>")[:255] or f"sha256:{digest[:32]}"
    foreign = _foreign(mail, frozenset(domain.lower().rstrip(".") for domain in ours))
    decisions = tuple(_decide(notice, message_id, now, foreign) for notice in read(data))
    return Processed(digest, message_id, decisions)


def normal(address: str) -> str:
    """An address as it is kept and looked up: lower case, which every large provider takes as the same."""
    return address.strip().strip("<>").lower()


def _decide(notice: Notice, message_id: str, now: Time, foreign: str) -> Decision:
    if not notice.suppress:
        return Decision(notice, None, _why_not(notice))
    address = normal(notice.recipient)
    if "@" not in address.strip("@") or len(address) > 320:
        return Decision(notice, None, f"{address[:80]!r} is no address")
    if foreign:
        return Decision(notice, None, foreign)
    complaint = notice.kind is Kind.COMPLAINT
    reason = "complaint" if complaint else notice.reason
    said = f"complained ({notice.feedback_type})" if complaint else f"{notice.reason}, {notice.status}"
    suppression = Suppression(address, reason, message_id, notice.status, notice.diagnosis[:500], now)
    return Decision(notice, suppression, said)


def _why_not(notice: Notice) -> str:
    if notice.kind is Kind.AUTO_REPLY:
        return "an automatic answer: the address works"
    if notice.kind is Kind.OTHER:
        return "no bounce and no complaint"
    if not notice.recipient:
        return f"a {notice.kind} that does not say of whom"
    if notice.kind is Kind.COMPLAINT:
        return f"feedback of the type {notice.feedback_type} asks for nothing"
    lasting = "temporary" if notice.status.startswith("4") else "that says nothing against the address"
    return f"{notice.reason}, {notice.status}: {lasting}"


def _foreign(mail: Mail, ours: frozenset[str]) -> str:
    """Why a mail does not prove that it speaks of one of ours; empty when it does, or nobody asks."""
    if not ours:
        return ""
    part = returned(mail)
    if part is None:
        return "it returns no mail, so nobody can tell whether it was one of ours; look at it"
    headers = split_headers(part.content)[0]
    found = _domains(headers)
    if any(domain == own or domain.endswith(f".{own}") for domain in found for own in ours):
        return ""
    return f"the mail that it returns is not ours ({', '.join(sorted(found)) or 'it has no sender'}); it may be forged"


def _domains(headers: Headers) -> set[str]:
    found = {parseaddr(value)[1].rpartition("@")[2].lower() for name in _SENDERS for value in headers.all(name)}
    return found - {""}
