"""Whether each authoritative name server holds the records that a domain should have, and whether they agree."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from penguintui.adapters import authority
from penguintui.adapters.asking import Answer, observe
from penguintui.adapters.failure import NotAnswered, local
from penguintui.adapters.nameserver import from_dns
from penguintui.config.desired import wanted
from penguintui.config.probes import DesiredDnsProbe
from penguintui.config.zones import DnsSettings, ZoneSettings, plain_name
from penguintui.mail.desired import Difference, Held, Key, Standing, Wanted, agreeing, compare, meant, shown
from penguintui.model.clock import Clock
from penguintui.model.observation import Finding, Observation, Sample
from penguintui.model.status import Status
from penguintui.model.target import Target

if TYPE_CHECKING:
    from dns.rdataset import Rdataset

_SHARE = 0.8
"""Of the time there is, for the answers: what does not answer must not cost what the others say."""
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
        seconds = max(0.0, deadline - self._clock.monotonic()) * _SHARE
        authorities, answers = await asyncio.gather(
            asyncio.gather(
                *(authority.ask((name, "SOA"), one, seconds) for one in zone.servers), return_exceptions=True
            ),
            authority.observe([one.key for one in sets], zone.servers, seconds),
        )
        serials = _serials(zone.servers, authorities)
        findings = (_drift(self._domain, sets, answers), _servers(self._domain, sets, answers, serials))
        return Answer(_samples(self._domain, sets, answers), findings)

    def _wanted(self) -> tuple[str, ZoneSettings, tuple[Wanted, ...]]:
        if self._zone is None:
            why = f"no zone of the block `dns` declares {self._domain}"
            raise NotAnswered(local(self._place, why, "Declare it in `dns.zones`."))
        try:
            return *self._zone, wanted(*self._zone, self._domain)
        except ValueError as error:
            raise NotAnswered(local(self._place, str(error), "Correct it in `dns.zones`.")) from error


def _serials(servers: Sequence[str], answers: Sequence[tuple[Rdataset | None, str] | BaseException]) -> dict[str, str]:
    """The serial number of each server's copy of the zone, or why there is none. Raises what failed when all did."""
    failures = [answer for answer in answers if isinstance(answer, BaseException)]
    if len(failures) == len(answers):
        raise failures[0]
    told: dict[str, str] = {}
    for server, answer in zip(servers, answers, strict=True):
        if isinstance(answer, BaseException):
            told[server] = from_dns(answer, f"the name server {server}").text
        else:
            told[server] = answer[0][0].to_text().split()[2] if answer[0] else "it has no SOA record"
    return told


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
        summary = f"all {len(sets)} sets of records of {domain} are as wanted at {_count(servers, 'name server')}"
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


def _servers(domain: str, sets: Sequence[Wanted], answers: Answers, serials: Mapping[str, str]) -> Finding:
    """Whether all name servers answer, and the same."""
    evidence = {f"serial at {server}": serial for server, serial in serials.items()}
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
        return Finding("dns.servers", Status.WARNING, summary, domain, remedy, evidence)
    silent = {server: words for server, words in serials.items() if not words.isdigit()}
    if silent:
        first = next(iter(silent.values()))
        summary = f"{len(silent)} of the {_count(len(serials), 'name server')} of {domain} cannot be asked: {first}"
        remedy = "Let it answer, or take it out of the delegation and of `servers`."
        return Finding("dns.servers", Status.UNKNOWN, summary, domain, remedy, evidence)
    summary = f"{_count(len(serials), 'name server')} of {domain} answer, and agree"
    return Finding("dns.servers", Status.OK, summary, domain, evidence=evidence)


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


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
