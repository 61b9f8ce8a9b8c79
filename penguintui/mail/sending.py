"""Our own sending addresses as receivers see them: their names, whether SPF lets them, and the lists that name them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from penguintui.mail.blocklist import judge_listing, query_name
from penguintui.mail.hostname import judge_names, names_of
from penguintui.mail.listings import SENDER_SCORE, TEST_POINTS, ZONES, liveness, sender_score
from penguintui.mail.records import Verdict
from penguintui.mail.resolver import Resolver
from penguintui.mail.spf import Result, check_host
from penguintui.model.clock import Time
from penguintui.model.observation import Finding
from penguintui.model.status import Status

_POOR, _FAIR = 70, 80
"""Sender Scores under which much is refused, and under which some is (Validity's own words)."""


async def judge_sender(resolver: Resolver, domain: str, address: str, helo: str, now: Time) -> list[Finding]:
    """Whether an address has a name that leads back to it, and whether SPF lets it send for a domain.

    helo: what it says in HELO; empty when nobody knows. Without an SPF record nothing is said of SPF.
    """
    try:
        names, allowed = await asyncio.gather(
            names_of(resolver, address), check_host(resolver, address, f"postmaster@{domain}", helo or domain, now=now)
        )
    except ValueError:
        remedy = "Write an IPv4 or IPv6 address."
        return [Finding("dns.ptr", Status.UNKNOWN, f"{address!r} is no address", address, remedy)]
    findings = [_finding("dns.ptr", judge_names(names, helo), address)]
    if allowed.result is not Result.NONE:
        findings.append(_finding("dns.spf", _judge_spf(domain, address, allowed.result, allowed.reason), address))
    return findings


def _judge_spf(domain: str, address: str, result: Result, why: str) -> Verdict:
    evidence = {"result": result.value}
    if result is Result.PASS:
        return Verdict(Status.OK, f"SPF of {domain} lets {address} send: {why}", evidence=evidence)
    if result is Result.TEMPERROR:
        summary = f"whether SPF of {domain} lets {address} send is unknown: {why}"
        return Verdict(Status.UNKNOWN, summary, "Ask again; see whether the name server works.", evidence)
    summary = f"SPF of {domain} does not let {address} send ({result.value}): {why}"
    return Verdict(Status.CRITICAL, summary, "Allow the address in the record, or send from another.", evidence)


async def judge_listed(resolver: Resolver, address: str, zone: str) -> Finding:
    """Whether a list names an address. One whose test points do not answer as they must is not believed (RFC 5782)."""
    subject = f"{address} {zone}"
    try:
        name = query_name(address, zone)
    except ValueError:
        remedy = "Write an IPv4 or IPv6 address into this probe's addresses."
        return Finding("dns.blocklist", Status.UNKNOWN, f"{address!r} is no address", subject, remedy)
    points = (query_name(point, zone) for point in TEST_POINTS[False])
    answer, must, must_not = await asyncio.gather(*(resolver.query(one, "A") for one in (name, *points)))
    verdict = judge_listing(address, zone, answer)
    dead = liveness(zone, must, must_not)
    if dead and verdict.status is not Status.UNKNOWN:
        summary = f"whether {zone} lists {address} is unknown: {dead}"
        verdict = Verdict(Status.UNKNOWN, summary, "Ask another list, or through a resolver of your own.")
    elif verdict.status in (Status.CRITICAL, Status.WARNING):
        reasons = await resolver.query(name, "TXT")
        verdict = judge_listing(address, zone, answer, () if reasons.failed else reasons.records)
    return _finding("dns.blocklist", verdict, subject)


def pause_of(zone: str) -> float:
    """Seconds between two questions that a list's operator likes; 0 for lists that we do not know."""
    known = ZONES.get(zone.lower().strip("."))
    return known.every if known is not None else 0.0


async def judge_score(resolver: Resolver, address: str) -> tuple[Finding, int | None]:
    """The Sender Score of an address, 0 to 100; None when nobody tells us."""
    try:
        answer = await resolver.query(query_name(address, SENDER_SCORE), "A")
    except ValueError:
        return Finding("dns.score", Status.UNKNOWN, f"{address!r} is no address", address, "Correct it."), None
    score = sender_score(answer)
    if score is None:
        why = "it has none" if answer.void else f"it answered {', '.join(answer.records) or answer.outcome.value}"
        remedy = "It answers only resolvers that have an account there, for addresses that send enough."
        return Finding(
            "dns.score", Status.UNKNOWN, f"the Sender Score of {address} is unknown: {why}", address, remedy
        ), None
    status = Status.CRITICAL if score < _POOR else Status.WARNING if score < _FAIR else Status.OK
    remedy = "See complaints, spam traps and unknown users, by which it is made." if status is not Status.OK else ""
    return Finding("dns.score", status, f"the Sender Score of {address} is {score} of 100", address, remedy), score


async def judge_senders(
    resolver: Resolver, domain: str, addresses: Sequence[str], helo: str, zones: Sequence[str], now: Time
) -> list[Finding]:
    """All of it at once, for a lint."""
    groups = await asyncio.gather(*(judge_sender(resolver, domain, address, helo, now) for address in addresses))
    lists = [zone for zone in zones if zone != SENDER_SCORE]
    listed = await asyncio.gather(*(judge_listed(resolver, address, zone) for address in addresses for zone in lists))
    scored = await asyncio.gather(*(judge_score(resolver, address) for address in addresses if SENDER_SCORE in zones))
    return [*(one for group in groups for one in group), *listed, *(finding for finding, _ in scored)]


def _finding(check: str, verdict: Verdict, subject: str) -> Finding:
    return Finding(check, verdict.status, verdict.summary, subject, verdict.remedy, dict(verdict.evidence))
