"""Which DMARC policy applies to a domain, and which names align: the tree walk of RFC 9989 (4.10), without a list."""

from __future__ import annotations

import asyncio
import enum
from dataclasses import dataclass

from penguintui.mail.dmarc.record import DmarcRecord, parse_dmarc, report_domain, select_dmarc
from penguintui.mail.resolver import Resolver

MOST_QUERIES = 8
"""Names asked in one walk (4.10)."""


class Presence(enum.Enum):
    """Whether there is something. `UNKNOWN`: DNS did not answer, so nothing may be concluded."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Walk:
    """What one walk up from a domain found.

    records: domain and record, from the starting domain upwards. several: domains with more than one record, of which
    none counts. unanswered: names for which DNS failed.
    """

    domain: str
    records: tuple[tuple[str, DmarcRecord], ...]
    several: tuple[str, ...] = ()
    unanswered: tuple[str, ...] = ()

    @property
    def organizational(self) -> str:
        """The organisational domain (4.10.2); the domain itself where no record says more."""
        for domain, record in self.records:
            if record.psd == "n":
                return domain
            if record.psd == "y" and domain != self.domain:
                return _one_below(domain, self.domain)
        return self.records[-1][0] if self.records else self.domain

    def record(self, domain: str) -> DmarcRecord | None:
        return dict(self.records).get(domain)


@dataclass(frozen=True, slots=True)
class Applied:
    """The policy for mail from a domain.

    policy: none, quarantine or reject; empty when there is no record. tag: p, sp or np, by which it applies.
    found_at: the domain of the record. known: false when DNS failed on the way, so another policy may apply.
    """

    domain: str
    policy: str
    tag: str
    found_at: str
    record: DmarcRecord | None
    organizational: str
    known: bool


def walk_names(domain: str) -> list[str]:
    """The names that a walk asks, without `_dmarc.`: the domain, then up, long names cut to seven labels (4.10)."""
    labels = domain.lower().strip(".").split(".")
    names = [".".join(labels)]
    rest = labels[1:] if len(labels) < MOST_QUERIES else labels[-(MOST_QUERIES - 1) :]
    names.extend(".".join(rest[start:]) for start in range(len(rest)))
    return names[:MOST_QUERIES]


async def walk(resolver: Resolver, domain: str) -> Walk:
    """Walks up from a domain until a record says that it is, or is not, a public suffix."""
    records: list[tuple[str, DmarcRecord]] = []
    several: list[str] = []
    unanswered: list[str] = []
    for name in walk_names(domain):
        answer = await resolver.query(f"_dmarc.{name}", "TXT")
        if answer.failed:
            unanswered.append(name)
            continue
        texts = select_dmarc(answer.records)
        if len(texts) > 1:
            several.append(name)
        record = parse_dmarc(texts[0]) if len(texts) == 1 else None
        if record is not None:
            records.append((name, record))
            if record.psd in ("y", "n"):
                break
    return Walk(walk_names(domain)[0], tuple(records), tuple(several), tuple(unanswered))


async def applied(resolver: Resolver, domain: str) -> Applied:
    """The policy that a receiver applies to mail From this domain (4.10.1)."""
    found = await walk(resolver, domain)
    own, organizational = found.record(found.domain), found.organizational
    known = not found.unanswered
    if own is not None:
        return Applied(found.domain, own.p, "p", found.domain, own, organizational, known)
    above = found.record(organizational)
    at = organizational
    if above is None and found.records:  # the record of the public suffix
        at, above = found.records[-1]
    if above is None:
        return Applied(found.domain, "", "", "", None, organizational, known)
    exists = await _exists(resolver, found.domain) if above.np != above.sp else Presence.YES
    tag = "np" if exists is Presence.NO else "sp"
    policy = above.np if exists is Presence.NO else above.sp
    return Applied(found.domain, policy, tag, at, above, organizational, known and exists is not Presence.UNKNOWN)


async def aligned(resolver: Resolver, identifier: str, author: str, *, strict: bool) -> Presence:
    """Whether a domain that passed aligns with the author's (4.4): equal or, when relaxed, of one organisation."""
    first, second = identifier.lower().strip("."), author.lower().strip(".")
    if first == second:
        return Presence.YES
    if strict:
        return Presence.NO
    walks = await asyncio.gather(walk(resolver, first), walk(resolver, second))
    if walks[0].organizational == walks[1].organizational:
        return Presence.YES
    return Presence.UNKNOWN if any(found.unanswered for found in walks) else Presence.NO


async def may_report_to(resolver: Resolver, policy_domain: str, uri: str) -> Presence:
    """Whether reports about a domain may be sent to an address (RFC 9990, 3.5).

    One of the same organisation may always; another domain must publish `<policy domain>._report._dmarc`.
    """
    target = report_domain(uri)
    if not target:
        return Presence.NO
    if await aligned(resolver, target, policy_domain, strict=False) is Presence.YES:
        return Presence.YES
    answer = await resolver.query(f"{policy_domain.strip('.')}._report._dmarc.{target}", "TXT")
    if answer.failed:
        return Presence.UNKNOWN
    return Presence.YES if select_dmarc(answer.records) else Presence.NO


async def _exists(resolver: Resolver, domain: str) -> Presence:
    """Whether a name has an address or a mail exchanger (3.2.14)."""
    answers = await asyncio.gather(*(resolver.query(domain, type) for type in ("MX", "A", "AAAA")))
    if any(answer.records for answer in answers):
        return Presence.YES
    return Presence.UNKNOWN if any(answer.failed for answer in answers) else Presence.NO


def _one_below(above: str, domain: str) -> str:
    """The name one label longer than `above` on the way down to `domain`."""
    return ".".join(domain.split(".")[-(above.count(".") + 2) :])
