"""Whether each authoritative name server holds the records that a domain should have, and whether they agree."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from penguintui.adapters.asking import Answer, observe
from penguintui.adapters.dns import authority
from penguintui.adapters.dns.copies import Standings, Unserved, authorities_of, counted
from penguintui.adapters.dns.nameserver import from_dns
from penguintui.adapters.dns.wanting import with_mailu
from penguintui.adapters.failure import NotAnswered, from_error, local
from penguintui.config.desired import wanted
from penguintui.config.probes import DesiredDnsProbe
from penguintui.config.zones import DnsSettings, ZoneSettings, plain_name
from penguintui.mail.desired import Difference, Held, Key, Standing, Wanted, agreeing, compare, meant, shown
from penguintui.model.clock import Clock
from penguintui.model.observation import Finding, Observation, Sample
from penguintui.model.status import Status
from penguintui.model.target import Target

_SHARE = 0.8
"""Of the time there is, for the answers: what does not answer must not cost what the others say."""
_MAILU_SECONDS = 5.0
_VITAL = ("a", "mx", "dkim", "spf")
"""Purposes whose records decide at once whether mail arrives."""

Answers = Mapping[Key, Mapping[str, Held]]


class DesiredDnsAdapter:
    """Asks every authoritative name server of a domain's zone for all that is wanted there."""

    def __init__(self, settings: DesiredDnsProbe, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._domain = plain_name(settings.domain)
        self._zone = DnsSettings(zones=settings.zones).zone_of(self._domain)
        servers = ", ".join(self._zone[1].servers) if self._zone else "no name server"
        self._place = f"{servers}, asked about {self._domain},"
        self._parted_since: float | None = None

    async def probe(self, target: Target, deadline: float) -> Observation:
        return await observe(
            self._ask(deadline),
            check="dns.servers",
            place=self._place,
            settings=self._settings,
            clock=self._clock,
            deadline=deadline,
            translate=from_dns,
        )

    async def close(self) -> None:
        """Nothing is kept between askings."""

    async def _ask(self, deadline: float) -> Answer:
        name, zone, sets = self._wanted()
        name = plain_name(name)
        sets, untold = await self._with_mailu(name, zone, sets)
        seconds = max(0.0, deadline - self._clock.monotonic()) * _SHARE
        authorities, answers = await asyncio.gather(
            asyncio.gather(
                *(authority.ask((name, "SOA"), one, seconds) for one in zone.servers), return_exceptions=True
            ),
            authority.observe([one.key for one in sets], zone.servers, seconds),
        )
        serials = authorities_of(zone.servers, authorities)
        standing = self._standing(serials)
        findings = (_drift(self._domain, sets, answers), _servers(self._domain, sets, answers, standing), *untold)
        samples = (*_samples(self._domain, sets, answers), *standing.samples(self._domain))
        return Answer(samples, findings, complete=not untold)

    async def _with_mailu(
        self, name: str, zone: ZoneSettings, sets: tuple[Wanted, ...]
    ) -> tuple[tuple[Wanted, ...], tuple[Finding, ...]]:
        """What is wanted in all; or what is configured, and why Mailu does not tell the rest."""
        try:
            async with asyncio.timeout(_MAILU_SECONDS):
                return await with_mailu(name, zone, self._domain, sets), ()
        except (NotAnswered, TimeoutError) as error:
            failure = from_error(error, "Mailu", _MAILU_SECONDS)
            words = f"what Mailu wants of {self._domain} is not known: {failure.text}"
            return sets, (Finding("dns.wanted", Status.UNKNOWN, words, self._domain, failure.remedy),)

    def _standing(self, found: Mapping[str, str | Unserved]) -> Standings:
        """How the copies of the zone stand to each other, and since when they differ."""
        numbers = {one for one in found.values() if isinstance(one, str)}
        now = self._clock.monotonic()
        if len(numbers) < 2:
            self._parted_since = None
        elif self._parted_since is None:
            self._parted_since = now
        parted = None if self._parted_since is None else now - self._parted_since
        return Standings(found, parted, self._settings.serial_lag)

    def _wanted(self) -> tuple[str, ZoneSettings, tuple[Wanted, ...]]:
        if self._zone is None:
            why = f"no zone of the block `dns` declares {self._domain}"
            raise NotAnswered(local(self._place, why, "Declare it in `dns.zones`."))
        try:
            return *self._zone, wanted(*self._zone, self._domain)
        except ValueError as error:
            raise NotAnswered(local(self._place, str(error), "Correct it in `dns.zones`.")) from error


def _drift(domain: str, sets: Sequence[Wanted], answers: Answers) -> Finding:
    """The worst of all differences, and each of them as evidence."""
    found = [
        (server, compare(one, held))
        for one in sets
        for server, held in answers[one.key].items()
        if compare(one, held).standing is not Standing.EQUAL
    ]
    if not sets:
        summary = f"nothing is wanted of {domain}: nobody knows whether its records are right"
        return Finding("dns.drift", Status.UNKNOWN, summary, domain, "Declare its records in `dns.zones`.")
    if not found:
        servers = len({server for held in answers.values() for server in held})
        summary = f"all {len(sets)} sets of records of {domain} are as wanted at {counted(servers, 'name server')}"
        return Finding("dns.drift", Status.OK, summary, domain)
    evidence = {
        f"{one.wanted.type} {one.wanted.name} at {server}": f"{one.standing}: {one.why}" for server, one in found
    }
    server, worst = max(found, key=lambda entry: _severity(entry[1]))
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    summary = f"{worst.wanted.type} {worst.wanted.name} at {server}: {worst.why}{more}"
    remedy = "Publish the difference by an action with a step `dns`, or correct what is wanted in `dns.zones`."
    return Finding("dns.drift", _severity(worst), summary, domain, remedy, evidence)


def _severity(difference: Difference) -> Status:
    vital = difference.wanted.purpose in _VITAL and not difference.why.startswith("its TTL")
    if difference.standing is Standing.UNKNOWN:
        return Status.UNKNOWN
    return Status.CRITICAL if vital and difference.standing is not Standing.EXTRA else Status.WARNING


def _servers(domain: str, sets: Sequence[Wanted], answers: Answers, standings: Standings) -> Finding:
    """Whether all name servers answer, and the same."""
    parted = [one for one in sets if not agreeing(one, answers[one.key].values())]
    if parted:
        one = parted[0]
        says = "; ".join(
            f"{server} says {shown(meant(one, held.values))}"
            for server, held in answers[one.key].items()
            if not held.trouble
        )
        more = f" (and {len(parted) - 1} more)" if len(parted) > 1 else ""
        summary = f"the name servers disagree on {one.type} {one.name}: {says}{more}"
        remedy = "See whether a change is still on its way, or whether a secondary no longer gets the zone."
        return Finding("dns.servers", Status.WARNING, summary, domain, remedy, standings.evidence)
    return standings.judge(domain)


def _samples(domain: str, sets: Sequence[Wanted], answers: Answers) -> tuple[Sample, ...]:
    """How many sets differ at each name server; none where one of them was not answered."""
    samples = []
    for server in {server for held in answers.values() for server in held}:
        standings = [compare(one, answers[one.key][server]).standing for one in sets]
        if Standing.UNKNOWN not in standings:
            differing = sum(standing is not Standing.EQUAL for standing in standings)
            labels = {"domain": domain, "server": server}
            samples.append(Sample("penguintui_dns_differences", float(differing), labels))
    return tuple(samples)
