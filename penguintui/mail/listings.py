"""What answers of well-known DNS lists mean: a listing, an error, or something good; and whether a list is alive."""

from __future__ import annotations

import enum
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from penguintui.mail.resolver import Answer


class Sort(enum.Enum):
    """`ERROR`: the list refused to answer us, which is no listing. `INFO`: whole networks, no proof of anything."""

    LISTED = "listed"
    INFO = "info"
    GOOD = "good"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one address in an answer says."""

    sort: Sort
    text: str


@dataclass(frozen=True, slots=True)
class Zone:
    """One list.

    codes: meaning by last octet, or by whole address. domains: whether it lists domain names rather than addresses.
    every: seconds between questions that its operator likes.
    """

    name: str
    title: str
    codes: dict[str, Meaning]
    domains: bool = False
    every: float = 7200.0


def _listed(text: str) -> Meaning:
    return Meaning(Sort.LISTED, text)


_SPAMHAUS_ERRORS = {
    "127.255.255.252": Meaning(Sort.ERROR, "the zone's name is written wrongly"),
    "127.255.255.254": Meaning(Sort.ERROR, "the resolver is public: ask through one of your own, or with a DQS key"),
    "127.255.255.255": Meaning(Sort.ERROR, "too many queries"),
}
_SPAMHAUS = {
    "2": _listed("SBL: a known source of spam"),
    "3": _listed("CSS: sends spam or is compromised"),
    "4": _listed("XBL: compromised, sends by itself"),
    "5": _listed("XBL: compromised"),
    "6": _listed("XBL: compromised"),
    "7": _listed("XBL: compromised"),
    "9": _listed("DROP: a hijacked network"),
    "10": Meaning(Sort.INFO, "PBL: the provider says that it should not send mail directly"),
    "11": Meaning(Sort.INFO, "PBL: Spamhaus says that it should not send mail directly"),
}
_BLOCKED = Meaning(Sort.ERROR, "the resolver is not allowed to ask")

ZONES = {
    zone.name: zone
    for zone in (
        Zone("zen.spamhaus.org", "Spamhaus ZEN", _SPAMHAUS | _SPAMHAUS_ERRORS),
        Zone("dbl.spamhaus.org", "Spamhaus DBL", _SPAMHAUS_ERRORS | {"255": _BLOCKED}, domains=True),
        Zone("b.barracudacentral.org", "Barracuda", {"2": _listed("a source of spam")}),
        Zone("bl.spamcop.net", "SpamCop", {"2": _listed("reported by users within the last day")}),
        Zone("psbl.surriel.com", "PSBL", {"2": _listed("hit a spam trap")}),
        Zone("ix.dnsbl.manitu.net", "NiX Spam", {"2": _listed("hit a spam trap")}),
        Zone("dnsbl-1.uceprotect.net", "UCEPROTECT 1", {"2": _listed("hit a spam trap")}),
        Zone("dnsbl-2.uceprotect.net", "UCEPROTECT 2", {"2": Meaning(Sort.INFO, "the network around it sends spam")}),
        Zone("dnsbl-3.uceprotect.net", "UCEPROTECT 3", {"2": Meaning(Sort.INFO, "the provider's networks send spam")}),
        Zone("multi.surbl.org", "SURBL", {"1": _BLOCKED}, domains=True),
        Zone("multi.uribl.com", "URIBL", {"1": _BLOCKED}, domains=True),
        Zone("bl.mailspike.net", "Mailspike", {"2": _listed("a source of spam")}),
        Zone(
            "rep.mailspike.net",
            "Mailspike reputation",
            {str(octet): _listed("bad reputation") for octet in (10, 11, 12)}
            | {str(octet): Meaning(Sort.GOOD, "neutral or good reputation") for octet in range(13, 21)},
        ),
        Zone("list.dnswl.org", "DNSWL", {"127.0.0.255": _BLOCKED}),
    )
}
"""The lists that we know, by name. Closed ones, such as SORBS (2024), are missing on purpose."""

SENDER_SCORE = "score.senderscore.com"


def meaning(zone: str, address: str) -> Meaning:
    """What an address in a zone's answer means. For unknown zones: what RFC 5782 says of all."""
    parsed = _address(address)
    if parsed is None or parsed not in ipaddress.ip_network("127.0.0.0/8"):
        return Meaning(Sort.ERROR, f"it answered {address}, which no list does: someone else owns the zone")
    return _known(zone, address) or _general(address)


def _known(zone: str, address: str) -> Meaning | None:
    """What the list's operator says that the code means."""
    known = ZONES.get(zone)
    last = address.rpartition(".")[2]
    if known is None:
        return None
    if zone == "list.dnswl.org":
        return known.codes.get(address, Meaning(Sort.GOOD, "known good"))
    found = known.codes.get(address) or known.codes.get(last)
    if found is None and known.domains and int(last) & 1:
        return known.codes.get("1")  # bit 1: the query was blocked
    return found


def _general(address: str) -> Meaning:
    if address.startswith("127.255.255."):
        return Meaning(Sort.ERROR, f"it answered {address}, an error code")
    if address == "127.0.0.1":
        return Meaning(Sort.ERROR, "it answered 127.0.0.1, which must never be listed (RFC 5782, 5)")
    return Meaning(Sort.LISTED, f"listed as {address}")


def listed(zone: str, answer: Answer) -> list[Meaning]:
    """What all addresses of an answer mean, the worst first; empty when it is not listed."""
    order = [Sort.LISTED, Sort.ERROR, Sort.INFO, Sort.GOOD]
    found = {meaning(zone, address) for address in answer.records}
    return sorted(found, key=lambda one: (order.index(one.sort), one.text))


def sender_score(answer: Answer) -> int | None:
    """The Sender Score of an address, 0 to 100; None when it has none or we may not ask."""
    for address in answer.records:
        parts = address.split(".")
        if parts[:3] == ["127", "0", "4"] and parts[3].isdigit() and int(parts[3]) <= 100:
            return int(parts[3])
    return None


TEST_POINTS = {False: ("127.0.0.2", "127.0.0.1"), True: ("TEST", "INVALID")}
"""What every list of addresses (False) or domains (True) must, and must not, list (RFC 5782, 5)."""


def liveness(zone: str, must: Answer, must_not: Answer) -> str:
    """Why a list cannot be believed now; empty when its test points answer as they must.

    must, must_not: the answers for the two `TEST_POINTS`. A list that has closed answers neither, or everything.
    """
    if must.failed or must_not.failed:
        return f"{zone} does not answer"
    if _is_listing(zone, must_not.records):
        return f"{zone} lists everything: it is closed or was taken over"
    if not must.records:
        return f"{zone} does not list its own test entry: it is closed or empty"
    if not _is_listing(zone, must.records):
        return f"{zone} refuses: {meaning(zone, must.records[0]).text}"
    return ""


def _is_listing(zone: str, addresses: Sequence[str]) -> bool:
    return any(meaning(zone, address).sort is not Sort.ERROR for address in addresses)


def _address(text: str) -> ipaddress.IPv4Address | None:
    try:
        return ipaddress.IPv4Address(text)
    except ValueError:
        return None
