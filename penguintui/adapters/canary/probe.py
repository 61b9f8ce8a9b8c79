"""Canaries: sent through each pool when they are due, looked for in each seed mailbox, judged as they arrived."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import replace

from penguintui.adapters.asking import Answer, observe
from penguintui.adapters.canary.findings import arrival, judged, placement, samples
from penguintui.adapters.canary.memory import CanaryMemory, Sent
from penguintui.adapters.canary.seedmailbox import Arrived, arrivals
from penguintui.adapters.dns.nameserver import SYSTEM, opened
from penguintui.adapters.failure import NotAnswered, from_error
from penguintui.adapters.smtp.submission import place_of, submit
from penguintui.adapters.span import span
from penguintui.config.mailprobes import CanaryProbe, Pool, Seed
from penguintui.mail.canary import compose
from penguintui.mail.placement import Place, placements
from penguintui.model.clock import Clock
from penguintui.model.observation import Event, Finding, Observation
from penguintui.model.status import Status
from penguintui.model.target import Target

_SHARE = 0.4
"""Of the time there is: so much for sending, as much for looking, the rest for judging."""
_LOOKED_FOR = 86_400.0
"""Seconds after which a canary that has not arrived is looked for no more."""
_MOST = 50
"""Canaries that are looked for in one mailbox at one asking, the latest first."""

Route = tuple[str, str]
"""Pool and address: a way that canaries take."""


class CanaryAdapter:
    """Sends mail: each pool to each seed mailbox, once every so often, whoever asks and however often."""

    def __init__(self, settings: CanaryProbe, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._memory = CanaryMemory(settings.memory)
        self._place = f"the canaries of {settings.memory}"
        self._verdicts: dict[Route, tuple[str, tuple[Finding, ...]]] = {}

    async def probe(self, target: Target, deadline: float) -> Observation:
        return await observe(
            self._ask(deadline),
            check="canary.memory",
            place=self._place,
            settings=self._settings,
            clock=self._clock,
            deadline=deadline,
        )

    async def close(self) -> None:
        """Nothing is kept open between askings."""

    async def _ask(self, deadline: float) -> Answer:
        settings, begun = self._settings, self._clock.monotonic()
        seconds = max(0.0, deadline - begun) * _SHARE
        now = self._clock.now()
        self._memory.since(now - settings.window)  # nothing is sent when it cannot be remembered
        sent = await asyncio.gather(*(self._send(name, pool, seconds) for name, pool in settings.pools.items()))
        known = self._memory.since(now - settings.window)
        looked = await asyncio.gather(*(self._look(seed, known, seconds) for seed in settings.seeds))
        events = tuple([event for _, found in looked for one in found if (event := self._remember(one)) is not None])
        await self._judge([one for _, found in looked for one in found], deadline)
        now, known = self._clock.now(), self._memory.since(now - settings.window)
        counted = [one.canary for one in known if one.taken or one.place is not Place.PENDING]
        placed = placements(counted, now, settings.least)
        routes = self._routes()
        findings = [
            Finding("canary.memory", Status.OK, f"{len(known)} canaries in the last {span(settings.window)}"),
            *sent,
            *(finding for finding, _ in looked),
            *(arrival(pool, seed.address, _of(known, pool, seed), now, settings) for pool, seed in routes),
            *(finding for pool, seed in routes for finding in self._verdicts.get((pool, seed.address), ("", ()))[1]),
            *(placement(one, settings) for one in placed),
        ]
        up = any(finding.status is not Status.UNKNOWN for finding, _ in looked)
        return Answer(tuple(samples(known, placed, now)), tuple(findings), events, up=up)

    def _routes(self) -> list[tuple[str, Seed]]:
        return [(pool, seed) for pool in self._settings.pools for seed in self._settings.seeds]

    async def _send(self, name: str, pool: Pool, seconds: float) -> Finding:
        """What is due from one pool; the finding on the first that was refused, or on all."""
        try:
            async with asyncio.timeout(seconds):
                count = [await self._send_one(name, pool, seed) for seed in self._settings.seeds].count(True)
        except (NotAnswered, OSError, EOFError) as error:
            failure = from_error(error, place_of(pool), seconds)
            summary = f"{name} sends nothing: {failure.text}"
            return Finding(
                "canary.sent", Status.CRITICAL, summary, name, failure.remedy, {"reason": failure.reason.value}
            )
        words = f"sent {count} canaries through {place_of(pool)}" if count else "no canary is due"
        return Finding("canary.sent", Status.OK, f"{name}: {words}", name)

    async def _send_one(self, name: str, pool: Pool, seed: Seed) -> bool:
        """Send one when it is due; whether it was. What nobody took is forgotten, whatever the reason."""
        now = self._clock.now()
        one = Sent(secrets.token_hex(16), name, seed.address, seed.provider, now)
        if not self._memory.begin(one, self._settings.every):
            return False
        mail = compose(one.token, pool.sender, seed.address, now, pool.unsubscribe)
        try:
            await submit(pool, pool.return_path or pool.sender, seed.address, mail, self._clock)
        except BaseException:
            self._memory.refused(one.token)
            raise
        self._memory.taken(one.token)
        return True

    async def _look(self, seed: Seed, known: Sequence[Sent], seconds: float) -> tuple[Finding, list[Arrived]]:
        place = f"{seed.host}:{seed.port}"
        wanted = self._wanted(seed, known)
        try:
            async with asyncio.timeout(seconds):
                found = await arrivals(seed, wanted, self._clock)
        except (NotAnswered, OSError, EOFError) as error:
            failure = from_error(error, place, seconds)
            summary = f"the mailbox {seed.address} cannot be looked into: {failure.text}"
            evidence = {"reason": failure.reason.value}
            return Finding("canary.seed", Status.UNKNOWN, summary, seed.address, failure.remedy, evidence), []
        return Finding("canary.seed", Status.OK, f"{place} was asked for {len(wanted)} canaries", seed.address), found

    def _wanted(self, seed: Seed, known: Sequence[Sent]) -> list[Sent]:
        """Those that have not arrived, and of each pool the latest that has, when it is not judged yet."""
        now, own = self._clock.now(), [one for one in known if one.seed == seed.address]
        waiting = [one for one in own if one.place is Place.PENDING and now - one.sent < _LOOKED_FOR]
        arrived = {one.pool: one for one in own if one.place is not Place.PENDING}
        again = [one for one in arrived.values() if self._verdicts.get((one.pool, one.seed), ("",))[0] != one.token]
        return [*waiting[-_MOST:], *again]

    def _remember(self, one: Arrived) -> Event | None:
        """Keep where a canary arrived; the event of it, the first time."""
        sent = one.sent
        if sent.place is not Place.PENDING:
            return None
        seen = max(
            one.time or self._clock.now(), sent.sent
        )  # clocks differ, and mail does not arrive before it is sent
        self._memory.found(sent.token, one.place, seen)
        where = "the inbox" if one.place is Place.INBOX else "spam"
        summary = f"a canary of {sent.pool} arrived in {where} of {sent.seed} after {span(seen - sent.sent)}"
        attributes = {"pool": sent.pool, "provider": sent.provider, "place": one.place.value}
        return Event(seen, "canary.arrived", summary, Status.OK, attributes)

    async def _judge(self, found: Iterable[Arrived], deadline: float) -> None:
        """Judge the latest of each route as it arrived. Without an answer of DNS it is judged again next time."""
        latest: dict[Route, Arrived] = {}
        for one in found:
            route = (one.sent.pool, one.sent.seed)
            if route not in latest or latest[route].sent.sent < one.sent.sent:
                latest[route] = one
        if not latest:
            return
        place = f"{self._settings.nameserver or SYSTEM}, asked about DKIM keys,"
        resolver = await opened(self._settings.nameserver, place, max(0.1, deadline - self._clock.monotonic()) * _SHARE)
        seeds = {seed.address: seed for seed in self._settings.seeds}
        for route, one in latest.items():
            bulk = self._settings.pools[route[0]].unsubscribe is not None if route[0] in self._settings.pools else False
            findings = await judged(resolver, one.mail, seeds[route[1]].trusted or "", bulk=bulk)
            subject = f"{route[0]} to {route[1]}"
            sure = all(finding.status is not Status.UNKNOWN for finding in findings)
            token = one.sent.token if sure else ""
            self._verdicts[route] = (token, tuple(replace(finding, subject=subject) for finding in findings))


def _of(known: Sequence[Sent], pool: str, seed: Seed) -> list[Sent]:
    return [one for one in known if one.pool == pool and one.seed == seed.address]
