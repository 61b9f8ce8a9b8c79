"""DNS blocklists (RFC 5782): the name to ask, and what the answer means."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from penguintui.mail.records import Verdict
from penguintui.mail.resolver import Answer
from penguintui.model.status import Status

_LOOPBACK = ipaddress.ip_network("127.0.0.0/8")
_ERRORS = ipaddress.ip_network("127.255.255.0/24")
_NOT_LISTED = ipaddress.ip_address("127.0.0.1")
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
    listed = [code for code in codes if _is_listing(code)]
    if listed:
        reason = f": {' / '.join(reasons)}" if reasons else ""
        remedy = "Stop the cause, then ask the list to remove the address; its TXT record says where."
        evidence = {"codes": ", ".join(listed), "reason": " / ".join(reasons)}
        return Verdict(Status.CRITICAL, f"{zone} lists {address}{reason}", remedy, evidence)
    why = next((_ERROR_WORDS[code] for code in codes if code in _ERROR_WORDS), "that is no listing and no answer")
    remedy = "Ask through a resolver of your own, or with the key that the list gives to its users."
    return _unknown(address, zone, f"it answered {', '.join(codes)}: {why}", remedy)


def _is_listing(code: str) -> bool:
    try:
        parsed = ipaddress.ip_address(code)
    except ValueError:
        return False
    return parsed in _LOOPBACK and parsed not in _ERRORS and parsed != _NOT_LISTED


def _unknown(address: str, zone: str, why: str, remedy: str) -> Verdict:
    return Verdict(Status.UNKNOWN, f"whether {zone} lists {address} is unknown: {why}", remedy)
