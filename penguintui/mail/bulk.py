"""Whether one mail is as Gmail, Yahoo and Microsoft demand it of bulk senders: its headers, signatures, size and form.

What a mail alone can say. Whether its signatures verify, SPF passes and DMARC is published, DNS must say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.utils import getaddresses, parsedate_to_datetime
from itertools import takewhile

from penguintui.mail.headers import Demand, judge_headers
from penguintui.mail.mime import Headers, read_mail, split_headers
from penguintui.mail.records import TagError, parse_tags
from penguintui.model.status import Status

LARGEST_MAIL = 25_000_000
"""Bytes that Gmail, Yahoo and Outlook.com take."""
_CLIPPED = 102 * 1024
"""Bytes of HTML from which on Gmail shows a mail cut, with the way to unsubscribe out of sight."""
_LONGEST_LINE = 998
"""RFC 5322, 2.1.1."""
_LONGEST_FIELD = 4096
_MOST_SIGNATURES = 10
_DOMAIN = re.compile(r"(?=.{4,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}")
_SECOND = re.compile("ac|co|com|edu|gob|gov?|id|in|ltd|mil|net?|nom|org?|plc|web")
"""Second labels below the domains of countries that are suffixes, not somebody's: co.uk, or.jp."""
_ALL = ("Gmail", "Yahoo", "Microsoft")


@dataclass(frozen=True, slots=True)
class Signature:
    """What a DKIM-Signature says of itself (RFC 6376, 3.5). headers: the names that it covers, in lower case."""

    domain: str
    selector: str
    algorithm: str
    headers: frozenset[str]
    partial: bool

    def covers(self, name: str) -> bool:
        return name in self.headers


@dataclass(frozen=True, slots=True)
class Judged:
    """One mail. author: the domain of From; empty where it has not exactly one."""

    author: str
    signatures: tuple[Signature, ...]
    demands: tuple[Demand, ...]


def judge_mail(data: bytes, *, marketing: bool) -> Judged:
    """All demands on a mail as it is sent. marketing: whether it is bulk that people may leave. Never raises."""
    headers, body = split_headers(data.lstrip(b"\r\n"))
    author, of_author = _judge_author(headers)
    signatures, of_signatures = _judge_signatures(headers)
    demands = (
        *judge_headers(headers, marketing=marketing),
        *of_author,
        *_judge_date(headers),
        *of_signatures,
        *_judge_alignment(headers, author, signatures),
        *_judge_size(data),
        *_judge_lines(data[: len(data) - len(body)], body),
    )
    return Judged(author, tuple(signatures), demands)


def _judge_author(headers: Headers) -> tuple[str, list[Demand]]:
    """The domain of From, and what is wrong with it: one address, of a domain that there can be (RFC 9989)."""
    value = headers.get("from")[:_LONGEST_FIELD]
    if not value:
        return "", []
    found = [(name, address) for name, address in getaddresses([value]) if address]
    if len(found) != 1:
        sentence = f"From names {len(found)} addresses; by DMARC such a mail belongs to nobody"
        return "", [Demand("from", Status.CRITICAL, sentence, "Write one address into From.")]
    name, address = found[0]
    local, _, domain = address.rpartition("@")
    domain = domain.lower()
    if not local or not _DOMAIN.fullmatch(domain):
        sentence = f"{address[:80]!r} in From is no address"
        return "", [Demand("from", Status.CRITICAL, sentence, "Write user@domain, the domain in A-labels.")]
    other = re.search(r"@([\w.-]+\.\w+)", name)
    if other and not _related(other.group(1).lower(), domain):
        sentence = f"the name in From shows an address of {other.group(1)}, and the mail is of {domain}"
        return domain, [Demand("from", Status.WARNING, sentence, "Write a name that is no address.", ("Gmail",))]
    return domain, [Demand("from", Status.OK, f"one author, of {domain}")]


def _judge_date(headers: Headers) -> Iterator[Demand]:
    value = headers.get("date")
    if value:
        try:
            parsedate_to_datetime(value)
        except (ValueError, TypeError, IndexError, OverflowError):
            yield Demand("date", Status.CRITICAL, f"{value[:60]!r} is no date", "Write Date by RFC 5322, 3.3.")


def _judge_signatures(headers: Headers) -> tuple[list[Signature], list[Demand]]:
    signatures, demands = [], []
    for place, value in enumerate(list(headers.all("dkim-signature"))[:_MOST_SIGNATURES], 1):
        try:
            signature = _read_signature(value)
        except (TagError, KeyError):
            sentence = f"DKIM signature {place} cannot be read"
            demands.append(Demand("dkim", Status.WARNING, sentence, "See RFC 6376, 3.5, or take it out.", _ALL))
            continue
        signatures.append(signature)
        demands += _judge_signature(signature)
    if not signatures:
        sentence = "there is no DKIM signature: all three demand one of who sends more than 5,000 mails a day"
        remedy = "Let the mail server sign; judge the mail as it arrived."
        demands.append(Demand("dkim", Status.CRITICAL, sentence, remedy, _ALL))
    return signatures, demands


def _read_signature(value: str) -> Signature:
    """Raises TagError or KeyError for what is no signature."""
    tags = parse_tags(value.replace("\r", "").replace("\n", ""))
    covered = frozenset(name.strip().lower() for name in tags["h"].split(":"))
    domain = tags["d"].strip().lower().rstrip(".")
    return Signature(domain, tags["s"], tags["a"].lower(), covered, "l" in tags)


def _judge_signature(signature: Signature) -> Iterator[Demand]:
    by, fine = f"the DKIM signature by {signature.selector}._domainkey.{signature.domain}", True
    if not signature.covers("from"):
        fine = False
        sentence = f"{by} does not cover From, so it counts for nothing"
        yield Demand("dkim", Status.CRITICAL, sentence, "Sign From (RFC 6376, 5.4).", _ALL)
    if signature.algorithm == "rsa-sha1":
        fine = False
        yield Demand("dkim", Status.CRITICAL, f"{by} is rsa-sha1", "Sign with rsa-sha256 (RFC 8301).", _ALL)
    if signature.partial:
        fine = False
        sentence = f"{by} covers only the beginning of the body (l=): anybody can add to it"
        yield Demand("dkim", Status.WARNING, sentence, "Sign without l=.", ("Gmail",))
    if fine:
        yield Demand("dkim", Status.OK, f"{by} covers what it must", who=_ALL)


def _judge_alignment(headers: Headers, author: str, signatures: Sequence[Signature]) -> Iterator[Demand]:
    """Hints by names alone: one that leads to the other, or a parent that they share, may be aligned (relaxed)."""
    if not author:
        return
    envelope = headers.get("return-path").strip().strip("<>").rpartition("@")[2].lower()
    by_key = [one.domain for one in signatures if _related(one.domain, author)]
    by_envelope = envelope and _related(envelope, author)
    if by_key:
        yield Demand("alignment", Status.OK, f"DKIM by {by_key[0]} can align with From of {author}", who=_ALL)
    elif by_envelope:
        sentence = f"only SPF by {envelope} can align with From of {author}: that breaks when the mail is forwarded"
        yield Demand("alignment", Status.WARNING, sentence, "Sign with DKIM in the domain of From.", _ALL)
    elif signatures or envelope:
        others = ", ".join(dict.fromkeys(filter(None, (*(one.domain for one in signatures), envelope))))
        sentence = f"nothing aligns with From of {author}: it is of {others}, so DMARC fails"
        yield Demand("alignment", Status.CRITICAL, sentence, "Sign with DKIM in the domain of From.", _ALL)


def _related(one: str, other: str) -> bool:
    """Whether two names may have one organisational domain: what they share at the end is more than a suffix."""
    pairs = zip(reversed(one.rstrip(".").split(".")), reversed(other.rstrip(".").split(".")), strict=False)
    common = [first for first, _ in takewhile(lambda pair: pair[0] == pair[1], pairs)]
    if len(common) < 2:
        return False
    return len(common) > 2 or one == other or not (len(common[0]) == 2 and _SECOND.fullmatch(common[1]))


def _judge_size(data: bytes) -> Iterator[Demand]:
    if len(data) > LARGEST_MAIL:
        sentence = f"it has {len(data) / 1e6:.1f} MB; more than {LARGEST_MAIL // 1_000_000} MB are refused"
        yield Demand("size", Status.CRITICAL, sentence, "Send a link instead of the file.", _ALL)
        return
    yield Demand("size", Status.OK, f"it has {len(data) / 1e3:.1f} kB", who=_ALL)
    html = read_mail(data).first("text/html")
    if html is not None and len(html.content) > _CLIPPED:
        sentence = f"Gmail cuts its HTML, which has {len(html.content) >> 10} KiB, at 102 KiB"
        yield Demand("size", Status.WARNING, sentence, "Make the HTML shorter.", ("Gmail",))


def _judge_lines(head: bytes, body: bytes) -> Iterator[Demand]:
    """RFC 5322, 2.1.1 and 2.2, and RFC 6532 for what is not ASCII."""
    longest = max(map(len, (head + body).splitlines()), default=0)
    if longest > _LONGEST_LINE:
        sentence = f"a line has {longest} bytes; {_LONGEST_LINE} are allowed, and servers on the way break longer ones"
        yield Demand("lines", Status.WARNING, sentence, "Encode it (quoted-printable, base64), or fold the header.")
    if not head.isascii():
        sentence = "the headers hold bytes that are not ASCII"
        yield Demand("ascii", Status.WARNING, sentence, "Encode them (RFC 2047).")
    if b"\0" in head or b"\0" in body:
        yield Demand("nul", Status.WARNING, "it holds NUL bytes", "Encode what has them (base64).")
