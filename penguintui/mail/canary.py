"""A mail of our own that is sent in order to see where it arrives, and what it says when it has arrived."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parseaddr

from penguintui.mail.authresults import Result, read_results
from penguintui.mail.dmarc.policy import Presence, aligned
from penguintui.mail.mime import Headers
from penguintui.mail.records import Verdict
from penguintui.mail.resolver import Resolver
from penguintui.model.clock import Time
from penguintui.model.status import Status

HEADER = "X-Canary-Id"
"""By which a canary is known again where a relay has written a Message-ID of its own."""

_TEXT = """\
This mail was sent by the platform to one of its own mailboxes, in order to see whether and where it arrives.
Nobody needs to read or answer it.
"""


def compose(token: str, sender: str, recipient: str, now: Time, unsubscribe: str | None = None) -> bytes:
    """The mail, with CRLF line ends. token: unguessable, so that nobody else's mail is taken for this one."""
    domain = sender.rpartition("@")[2]
    fields = [
        ("From", f"<{sender}>"),
        ("To", f"<{recipient}>"),
        ("Subject", f"Delivery check {token[:8]}"),
        ("Date", format_datetime(datetime.fromtimestamp(now, UTC))),
        ("Message-ID", message_id(token, domain)),
        (HEADER, token),
        ("Auto-Submitted", "auto-generated"),
    ]
    if unsubscribe:
        fields += [("List-Unsubscribe", f"<{unsubscribe}>"), ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")]
    fields += [("MIME-Version", "1.0"), ("Content-Type", "text/plain; charset=us-ascii")]
    head = "".join(f"{name}: {value}\n" for name, value in fields)
    return f"{head}\n{_TEXT}".replace("\n", "\r\n").encode("ascii", "replace")


def message_id(token: str, domain: str) -> str:
    return f"<{token}@{domain}>"


@dataclass(frozen=True, slots=True)
class Identifiers:
    """The domains by which a mail that arrived is judged. author: of From."""

    author: str
    results: tuple[Result, ...]

    @classmethod
    def of(cls, headers: Headers, trusted: str) -> Identifiers:
        """Of a mail as it stands in the mailbox."""
        author = parseaddr(headers.get("from"))[1].rpartition("@")[2].lower()
        return cls(author, tuple(read_results(headers, trusted)))


async def judge_alignment(resolver: Resolver, found: Identifiers, trusted: str) -> Verdict:
    """Whether the receiver let the mail pass in the name of its author (RFC 9989, 4.4): by SPF or by DKIM."""
    evidence = {f"{one.method} {one.domain}".strip(): one.result for one in found.results}
    if not found.results:
        summary = f"{trusted} wrote no Authentication-Results: what it made of the mail is unknown"
        return Verdict(Status.UNKNOWN, summary, "Correct `trusted`, or look at the mail's headers.")
    told = next((one.result for one in found.results if one.method == "dmarc"), "")
    passed = [one for one in found.results if one.method in ("spf", "dkim") and one.result == "pass" and one.domain]
    presences = [await aligned(resolver, one.domain, found.author, strict=False) for one in passed]
    ways = [one.method for one, presence in zip(passed, presences, strict=True) if presence is Presence.YES]
    if told == "fail":
        summary = f"DMARC of {found.author} failed at {trusted}"
    elif ways:
        by = " and ".join(dict.fromkeys(way.upper() for way in ways))
        status = Status.OK if "dkim" in ways else Status.WARNING
        remedy = (
            "" if status is Status.OK else "Sign with DKIM in the domain of From: SPF breaks when mail is forwarded."
        )
        return Verdict(status, f"aligned with {found.author} by {by} at {trusted}", remedy, evidence)
    elif Presence.UNKNOWN in presences:
        summary = f"whether the mail is aligned with {found.author} is unknown: DNS did not answer"
        return Verdict(Status.UNKNOWN, summary, "Ask again.", evidence)
    else:
        summary = f"neither SPF nor DKIM passed at {trusted} for {found.author}"
    return Verdict(
        Status.CRITICAL, summary, "Sign with DKIM in the domain of From, and allow the sender in SPF.", evidence
    )
