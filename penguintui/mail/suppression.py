"""To whom nothing more is sent, and why: what follows from a mail to the bounce address, and what never does.

Suppressed are addresses that will never work again (`bounce.HARD` with a permanent status), people who complained, and
those who write to an address of List-Unsubscribe (RFC 2369, 3.2).
Never: what may work tomorrow (4.x.x, a full mailbox), what is said of the sender or the mail (policy, blocklists,
content; RFC 3463, 3.8), automatic answers (RFC 3834), reports of success, complaints that are none (`not-spam`,
`auth-failure`). What may work tomorrow, and never does, is counted: see `SoftRule`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from email.utils import getaddresses, parseaddr, parsedate_to_datetime

from penguintui.mail.bounce import Kind, Notice, read
from penguintui.mail.bounce.text import returned
from penguintui.mail.mime import Headers, Mail, read_mail, split_headers
from penguintui.model.clock import Time

_SOFT = frozenset({"mailboxfull", "suspend", "userunknown", "hostunknown", "networkerror", "expired"})
"""Reasons that speak of one mailbox, or of its host, and may pass."""
_RECIPIENTS = ("to", "cc", "delivered-to", "x-original-to", "envelope-to")
_DAY = 86_400.0
_SENDERS = ("from", "sender", "return-path", "x-original-from")


@dataclass(frozen=True, slots=True)
class Suppression:
    """One reason why nothing more is sent to an address. The three first tell it from all others.

    reason: a word of `bounce.REASONS`, or `complaint`, `unsubscribed`, `soft-bounces`, `by-hand`.
    message_id: of the mail that says so.
    status: the enhanced code (RFC 3463), of a bounce. evidence: what the mail says, for people.
    """

    address: str
    reason: str
    message_id: str
    status: str
    evidence: str
    created: Time


@dataclass(frozen=True, slots=True)
class SoftRule:
    """When temporary failures are enough: on so many different days (UTC) within so many seconds.

    Days and not mails are counted: one bad day of a receiver makes many failures, and suppresses nobody.
    """

    count: int
    within: float


@dataclass(frozen=True, slots=True)
class SoftBounce:
    """A temporary failure of one address. time: of the mail that tells it."""

    address: str
    reason: str
    status: str
    evidence: str
    time: Time

    @property
    def day(self) -> int:
        return int(self.time // _DAY)


@dataclass(frozen=True, slots=True)
class Decision:
    """What follows from one notice. suppression: None when nothing is done. why: in words, in either case.

    soft: the temporary failure that is counted, where it is one.
    """

    notice: Notice
    suppression: Suppression | None
    why: str
    soft: SoftBounce | None = None


@dataclass(frozen=True, slots=True)
class Processed:
    """One mail and all that follows from it. digest: of its bytes, by which it is known again."""

    digest: str
    message_id: str
    decisions: tuple[Decision, ...]


def process(data: bytes, now: Time, ours: Sequence[str] = (), unsubscribe: Sequence[str] = ()) -> Processed:
    """Decide on one mail to the bounce address. Never raises.

    ours: domains that we send from. When there are any, a mail counts only if it returns one of ours: bounces can be
    forged by anyone, in order to have somebody's address suppressed.
    unsubscribe: addresses of List-Unsubscribe; `unsubscribe+anything@` is one, too.
    """
    mail = read_mail(data)
    digest = hashlib.sha256(data).hexdigest()
    message_id = mail.headers.get("message-id").strip().strip("<>")[:255] or f"sha256:{digest[:32]}"
    foreign = _foreign(mail, frozenset(domain.lower().rstrip(".") for domain in ours))
    leaving = is_unsubscription(mail, unsubscribe)
    decisions = tuple(
        _leave(notice, mail, message_id, now)
        if leaving and notice.kind is Kind.OTHER and notice.reason != "delivered"
        else _decide(notice, message_id, now, foreign, _time_of(mail, now))
        for notice in read(data)
    )
    return Processed(digest, message_id, decisions)


def by_hand(address: str, why: str, now: Time) -> Suppression | None:
    """A suppression that a person asks for; None for what is no address."""
    address = normal(address)
    return Suppression(address, "by-hand", f"by-hand:{now:.0f}", "", why[:500], now) if _is_address(address) else None


def is_unsubscription(mail: Mail, addresses: Sequence[str]) -> bool:
    """Whether a mail to one of these addresses asks for no more mail.

    It says so by its subject, as programs fill it in (`?subject=unsubscribe`), or by a part after a plus sign, which
    only who got one of our mails knows. Anything else may be spam with somebody's address in From.
    """
    wanted = {normal(address) for address in addresses}
    values = [value for name in _RECIPIENTS for value in mail.headers.all(name)] if wanted else []
    found = {normal(address) for _, address in getaddresses(values)}
    parts = (one.rpartition("@") for one in found - wanted)
    tagged = {f"{local.partition('+')[0]}@{domain}" for local, _, domain in parts if "+" in local}
    return bool(wanted & tagged) or (bool(wanted & found) and "unsubscribe" in mail.headers.get("subject").lower())


def enough(rule: SoftRule, failures: Sequence[SoftBounce], message_id: str, now: Time) -> Suppression | None:
    """The suppression that follows from the temporary failures of one address, if they are enough by now."""
    counted = [one for one in failures if now - rule.within <= one.time <= now]
    days = len({one.day for one in counted})
    if days < rule.count:
        return None
    latest = max(counted, key=lambda one: one.time)
    span = f"{rule.within / _DAY:g} days"
    evidence = f"temporary failures on {days} days within {span}, the last: {latest.reason}, {latest.evidence}"
    return Suppression(latest.address, "soft-bounces", message_id, latest.status, evidence[:500], now)


def normal(address: str) -> str:
    """An address as it is kept and looked up: lower case, which every large provider takes as the same."""
    return address.strip().strip("<>").lower()


def _time_of(mail: Mail, now: Time) -> Time:
    """When a mail says that it was written; now when it does not say, or says the future."""
    try:
        said = parsedate_to_datetime(mail.headers.get("date")).timestamp()
    except (ValueError, TypeError, OverflowError):
        return now
    return said if 0 < said < now else now


def _leave(notice: Notice, mail: Mail, message_id: str, now: Time) -> Decision:
    """Who writes to an address of List-Unsubscribe wants nothing more."""
    address = normal(parseaddr(mail.headers.get("from"))[1])
    if not _is_address(address):
        return Decision(notice, None, f"who wants to leave is not said: {address[:80]!r} is no address")
    said = mail.headers.get("subject")[:200]
    leaver = replace(notice, recipient=address)
    return Decision(leaver, Suppression(address, "unsubscribed", message_id, "", said, now), "wants nothing more")


def _is_address(address: str) -> bool:
    return "@" in address.strip("@") and len(address) <= 320


def _decide(notice: Notice, message_id: str, now: Time, foreign: str, written: Time) -> Decision:
    address = normal(notice.recipient)
    if not notice.suppress:
        soft = notice.kind is Kind.BOUNCE and notice.reason in _SOFT and _is_address(address) and not foreign
        failure = SoftBounce(address, notice.reason, notice.status, notice.diagnosis[:500], written) if soft else None
        return Decision(notice, None, _why_not(notice), failure)
    if not _is_address(address):
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
