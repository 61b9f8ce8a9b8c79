"""The names of those who send in our domains' names, as DNS has them in both directions: a PTR record alone may lie."""

from __future__ import annotations

import asyncio
import ipaddress
from itertools import islice

from penguintui.adapters.dmarc.sources import Seen, Sources
from penguintui.adapters.dns.nameserver import NameServer, opened
from penguintui.adapters.failure import NotAnswered, from_error
from penguintui.mail.hostname import names_of
from penguintui.model.observation import Finding
from penguintui.model.status import Status

_AT_A_TIME = 50
"""Sources whose names one asking asks for; the others wait for the next."""


async def name_sources(sources: Sources, nameserver: str, seconds: float) -> list[Finding]:
    """Ask for names that are not known yet; one for which DNS does not answer in time is asked for again later.

    Returns a finding when nothing was answered at all. What was read of the reports does not depend on it.
    """
    nameless = list(islice(sources.nameless(), _AT_A_TIME))
    if not nameless:
        return []
    try:
        resolver = await opened(nameserver, nameserver, seconds, seconds / 2)
    except NotAnswered as error:
        return [_unasked(error.failure.text, error.failure.remedy)]
    except OSError as error:
        failure = from_error(error, nameserver, seconds)
        return [_unasked(failure.text, failure.remedy)]
    if any(await asyncio.gather(*(_name(sources, seen, resolver) for seen in nameless))):
        return []
    return [_unasked(f"{nameserver} answered for none of {len(nameless)} addresses", "See whether it answers to dig.")]


def _unasked(why: str, remedy: str) -> Finding:
    return Finding("dmarc.names", Status.UNKNOWN, f"the names of sources are not known: {why}", remedy=remedy)


async def _name(sources: Sources, seen: Seen, resolver: NameServer) -> bool:
    """Whether there was an answer."""
    try:
        ipaddress.ip_address(seen.address)
    except ValueError:
        sources.name(seen, "")
        return True
    found = await names_of(resolver, seen.address)
    if found.unanswered:
        return False
    sources.name(seen, min(found.confirmed, default=""))
    return True
