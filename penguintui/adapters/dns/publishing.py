"""Publishing a zone's records, whoever keeps them, and watching until every authoritative name server has them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from penguintui.adapters.dns import authority
from penguintui.adapters.dns.publisher import Publisher, PublishError
from penguintui.config.zones import Rfc2136, ZoneSettings
from penguintui.mail.desired import Held, Key, Wanted, shown

_FIRST_LOOK, _LONGEST_PAUSE = 0.2, 5.0
PATIENCE = 3.0
"""Seconds in which a name server must answer."""


@dataclass(frozen=True, slots=True)
class Late:
    """A name server that does not have the new values. silent: whether it cannot be asked. why: in words."""

    why: str
    silent: bool


@dataclass(frozen=True, slots=True)
class ZoneSeen:
    """What was seen of the records of one domain: where they are written (`place`), and at each name server.

    wanted: what should be there, all in all, where somebody else than the configuration was asked for it.
    """

    place: str
    source: Mapping[Key, Held] = field(default_factory=dict)
    servers: Mapping[Key, Mapping[str, Held]] = field(default_factory=dict)
    wanted: tuple[Wanted, ...] = ()

    @property
    def trouble(self) -> str:
        """Why the place that is written to does not tell; empty when it does."""
        return next((held.trouble for held in self.source.values() if held.trouble), "")


def publisher(name: str, zone: ZoneSettings) -> Publisher:
    """The one that writes a zone. Raises PublishError when the zone is only looked at."""
    if zone.update is None:
        raise PublishError(f"the zone {name} has no `update`: it is only looked at")
    if isinstance(zone.update, Rfc2136):
        from penguintui.adapters.dns.update import DynamicUpdate

        return DynamicUpdate(name, zone.update)
    from penguintui.adapters.dns.cloudflare import CloudflareZone

    return CloudflareZone(zone.update)


async def look(name: str, zone: ZoneSettings, keys: Iterable[Key]) -> ZoneSeen:
    """What is there now for these names and types. Raises PublishError when the zone cannot be written at all."""
    asked = tuple(dict.fromkeys(keys))
    writer = publisher(name, zone)
    source, servers = await asyncio.gather(
        writer.read(asked, PATIENCE), authority.observe(asked, zone.servers, PATIENCE)
    )
    return ZoneSeen(writer.place, source, servers)


async def watch(
    servers: Iterable[str], wanted: Mapping[Key, Sequence[str]], seconds: float, say: Callable[[str], None]
) -> dict[str, Late]:
    """Wait until each of the name servers answers with these values. `say` is told each that does.

    Returns what is the matter with each that does not after `seconds`; empty when all do.
    """

    async def one(server: str) -> Late | None:
        loop = asyncio.get_running_loop()
        begun, pause = loop.time(), _FIRST_LOOK
        while True:
            left = seconds - (loop.time() - begun)
            late = await _late(server, wanted, max(0.1, min(PATIENCE, left)))
            if late is None:
                say(f"{server} has it after {loop.time() - begun:.1f} s")
                return None
            left = seconds - (loop.time() - begun)
            if left <= 0:
                return late
            await asyncio.sleep(min(pause, left))
            pause = min(2 * pause, _LONGEST_PAUSE)

    watched = list(dict.fromkeys(servers))
    found = await asyncio.gather(*(one(server) for server in watched))
    return {server: late for server, late in zip(watched, found, strict=True) if late is not None}


async def silent(servers: Iterable[str], keys: Iterable[Key]) -> dict[str, str]:
    """The name servers that do not answer, and why."""
    answers = await authority.observe(keys, servers, PATIENCE)
    return {
        server: held.trouble for by_server in answers.values() for server, held in by_server.items() if held.trouble
    }


async def _late(server: str, wanted: Mapping[Key, Sequence[str]], seconds: float) -> Late | None:
    answers = await authority.observe(wanted, [server], seconds)
    for key, values in wanted.items():
        held = answers[key][server]
        if held.trouble:
            return Late(held.trouble, silent=True)
        if set(held.values) != set(values):
            return Late(f"{key[1]} {key[0]} is {shown(held.values)} there", silent=False)
    return None
