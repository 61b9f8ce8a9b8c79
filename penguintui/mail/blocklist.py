"""DNS blocklists (RFC 5782): the name to ask, and what the answer means."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from penguintui.mail.listings import ZONES, Sort, listed
from penguintui.mail.records import Verdict
from penguintui.mail.resolver import Answer
from penguintui.model.status import Status

_ERROR_WORDS = {
    "127.255.255.252": "the zone's name is written wrongly",
    "127.255.255.254": "it does not answer queries through public resolvers",
    "127.255.255.255": "too many queries came from this resolver",
}


def query_name(address: str, zone: str) -> str:
    """The name under which an address stands in a zone (2.1, 2.4): `2.2.0.192.zone`. ValueError for no address."""
    parsed = ipaddress.ip_address(address)
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return f"{parsed.reverse_pointer.removesuffix('.in-addr.arpa').removesuffix('.ip6.arpa')}.{zone.strip('.')}"


def judge_listing(address: str, zone: str, answer: Answer, reasons: Sequence[str] = ()) -> Verdict:
    """Whether an address is listed. `answer` is to the A query, `reasons` the TXT records.

    Addresses in 127.255.255.0/24 are error codes of the zone, as is 127.0.0.1, and whatever is not in 127.0.0.0/8
    is the answer of a zone that somebody else has taken over: UNKNOWN, neither listed nor clean.
    """
    if answer.failed:
        why = f"it could not be asked ({answer.outcome.value})"
        return _unknown(address, zone, why, "See whether the name server resolves this zone.")
    if answer.void:
        return Verdict(Status.OK, f"{zone} does not list {address}")
    codes = sorted(answer.records)
    found = listed(zone.lower().strip("."), answer)
    worst, reason = found[0], f": {' / '.join(reasons)}" if reasons else ""
    evidence = {
        "codes": ", ".join(codes),
        "meaning": "; ".join(one.text for one in found),
        "reason": " / ".join(reasons),
    }
    known = zone.lower().strip(".") in ZONES
    told = f" ({worst.text})" if known else ""
    if worst.sort is Sort.LISTED:
        remedy = "Stop the cause, then ask the list to remove the address; its TXT record says where."
        return Verdict(Status.CRITICAL, f"{zone} lists {address}{told}{reason}", remedy, evidence)
    if worst.sort is Sort.INFO:
        summary = f"{zone} lists the network of {address}: {worst.text}{reason}"
        return Verdict(Status.WARNING, summary, "See whether the provider acts; few receivers refuse for it.", evidence)
    if worst.sort is Sort.GOOD:
        return Verdict(Status.OK, f"{zone} thinks well of {address}: {worst.text}", evidence=evidence)
    why = next((_ERROR_WORDS[code] for code in codes if code in _ERROR_WORDS), worst.text)
    remedy = "Ask through a resolver of your own, or with the key that the list gives to its users."
    return _unknown(address, zone, f"it answered {', '.join(codes)}: {why}", remedy)


def _unknown(address: str, zone: str, why: str, remedy: str) -> Verdict:
    return Verdict(Status.UNKNOWN, f"whether {zone} lists {address} is unknown: {why}", remedy)
