"""The sending addresses of a domain, asked of DNS: names, SPF, blocklists at the pace that they like."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from penguintui.adapters.certificates import day
from penguintui.config.probes import DnsProbe
from penguintui.mail.listings import SENDER_SCORE
from penguintui.mail.resolver import Resolver
from penguintui.mail.sending import judge_listed, judge_score, judge_sender, pause_of
from penguintui.model.clock import Clock, Time
from penguintui.model.observation import Finding, Sample
from penguintui.model.status import Status


class Senders:
    """Remembers what a list said for as long as its operator likes, so that a quick probe does not ask it each time."""

    def __init__(self, settings: DnsProbe, domain: str, clock: Clock) -> None:
        self._settings, self._domain, self._clock = settings, domain, clock
        self._known: dict[tuple[str, str], tuple[Time, Finding]] = {}

    async def ask(self, resolver: Resolver) -> tuple[list[Finding], list[Sample]]:
        """Findings on each address, and whether it is listed and scored as numbers."""
        settings, now = self._settings, self._clock.now()
        lists = [zone for zone in settings.blocklists if zone != SENDER_SCORE]
        scored = settings.addresses if SENDER_SCORE in settings.blocklists else []
        groups, listed, scores = await asyncio.gather(
            asyncio.gather(
                *(judge_sender(resolver, self._domain, one, settings.helo or "", now) for one in settings.addresses)
            ),
            asyncio.gather(*(self._listed(resolver, one, zone, now) for one in settings.addresses for zone in lists)),
            asyncio.gather(*(judge_score(resolver, one) for one in scored)),
        )
        samples = [sample for finding in listed if (sample := _sample(finding)) is not None]
        samples += [
            Sample("penguintui_sender_score", float(score), {"ip": finding.subject})
            for finding, score in scores
            if score is not None
        ]
        return [*(one for group in groups for one in group), *listed, *(finding for finding, _ in scores)], samples

    async def _listed(self, resolver: Resolver, address: str, zone: str, now: Time) -> Finding:
        time, known = self._known.get((address, zone), (0.0, None))
        if known is not None and now - time < pause_of(zone):
            return replace(known, evidence={**known.evidence, "asked": day(time)})
        found = await judge_listed(resolver, address, zone)
        if found.status is not Status.UNKNOWN:
            self._known[address, zone] = (now, found)
        return found


def _sample(finding: Finding) -> Sample | None:
    """1 for listed, 0 for not; none where nobody knows."""
    if finding.status is Status.UNKNOWN:
        return None
    ip, zone = finding.subject.split(" ")
    return Sample("penguintui_blocklist_listed", float(finding.status is Status.CRITICAL), {"ip": ip, "zone": zone})
