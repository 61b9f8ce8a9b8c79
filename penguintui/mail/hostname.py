"""The names of a sending address: forward-confirmed, no provider's default, and the one said in HELO."""

from __future__ import annotations

import asyncio
import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass

from penguintui.mail.records import Verdict
from penguintui.mail.resolver import Resolver
from penguintui.model.status import Status

_MOST_NAMES = 10
_GENERIC = re.compile(
    r"(?:^|[.-])(?:dynamic|dyn|dhcp|dial|dsl|adsl|cable|pool|ppp|client|customer|static|host|ip|unassigned)"
)


@dataclass(frozen=True, slots=True)
class Names:
    """What DNS says of an address. confirmed: names that lead back. unanswered: questions for which DNS failed."""

    address: str
    names: tuple[str, ...]
    confirmed: tuple[str, ...]
    unanswered: tuple[str, ...] = ()


async def names_of(resolver: Resolver, address: str) -> Names:
    """The names of an address and whether they lead back to it. Raises ValueError for what is no address."""
    ip = ipaddress.ip_address(address)
    pointer = ip.reverse_pointer
    answer = await resolver.query(pointer, "PTR")
    if answer.failed:
        return Names(address, (), (), (pointer,))
    names = tuple(name.rstrip(".").lower() for name in answer.records[:_MOST_NAMES])
    type = "A" if ip.version == 4 else "AAAA"
    forward = await asyncio.gather(*(resolver.query(name, type) for name in names))
    confirmed = [name for name, found in zip(names, forward, strict=True) if _leads_to(found.records, ip)]
    unanswered = [name for name, found in zip(names, forward, strict=True) if found.failed]
    return Names(address, names, tuple(confirmed), tuple(unanswered))


def _leads_to(records: Sequence[str], ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return any(ipaddress.ip_address(record) == ip for record in records)


def is_generic(name: str, address: str) -> bool:
    """Whether a name looks like a provider's default: made of the address's own numbers, or saying dynamic, pool …"""
    ip = ipaddress.ip_address(address)
    if ip.version == 4:
        octets = str(ip).split(".")
        numbers = re.findall(r"\d+", name)
        if sum(number.lstrip("0") in octets or number in octets for number in numbers) >= 3:
            return True
        if "".join(f"{int(octet):02x}" for octet in octets) in name or "".join(f"{int(o):03d}" for o in octets) in name:
            return True
    return bool(_GENERIC.search(name.lower()) and re.search(r"\d", name))


def judge_names(found: Names, helo: str = "") -> Verdict:
    """Whether receivers will take mail from an address with these names (Gmail, Yahoo and Microsoft ask for them)."""
    evidence = {"names": ", ".join(found.names), "confirmed": ", ".join(found.confirmed)}
    if found.confirmed:
        name = found.confirmed[0]
        if is_generic(name, found.address):
            summary = f"{found.address} is called {name}, which looks like a provider's default"
            return Verdict(Status.WARNING, summary, "Give it a name of the mail server's own.", evidence)
        if helo and helo.lower().rstrip(".") not in found.confirmed:
            summary = f"{found.address} is called {name} but says {helo} in HELO"
            return Verdict(Status.WARNING, summary, "Let the mail server say its own name.", evidence)
        return Verdict(Status.OK, f"{found.address} is called {name}, and {name} leads back to it", evidence=evidence)
    if found.unanswered:
        summary = f"the name of {found.address} is unknown: DNS did not answer for {found.unanswered[0]}"
        return Verdict(Status.UNKNOWN, summary, "Ask again; see whether the name server works.", evidence)
    if not found.names:
        summary = f"{found.address} has no name (PTR): Gmail and others refuse its mail"
        return Verdict(Status.CRITICAL, summary, "Set the PTR record at the provider of the address.", evidence)
    summary = f"{found.address} is called {found.names[0]}, which does not lead back to it"
    return Verdict(Status.CRITICAL, summary, f"Give {found.names[0]} the address, or correct the PTR record.", evidence)
