"""Google Postmaster Tools, version 2: compliance with Gmail's rules, and the daily numbers of each domain.

The reputation of domains and addresses (HIGH to BAD) is gone since version 1 was switched off. What takes its place is
compliance, the rate of complaints, and mail refused for low reputation.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from penguintui.adapters.asking import Answer, observe
from penguintui.adapters.failure import NotAnswered, from_httpx, garbled, local
from penguintui.adapters.parts import Part, side_by_side
from penguintui.adapters.postmaster import answers
from penguintui.adapters.postmaster.token import GoogleToken
from penguintui.adapters.web import Page, Web, place_of
from penguintui.config.reputationprobes import GooglePostmasterProbe
from penguintui.config.zones import plain_name
from penguintui.model.clock import Clock
from penguintui.model.observation import Finding, Observation
from penguintui.model.status import Status
from penguintui.model.target import Target

SCOPE = "https://www.googleapis.com/auth/postmaster.traffic.readonly"
_MOST_PAGES = 20
_PAGE_SIZE = 200


class PostmasterAdapter:
    """Two questions for each domain: what it complies with, and its numbers of the last days."""

    def __init__(self, settings: GooglePostmasterProbe, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._url = settings.url.rstrip("/")
        self._place = place_of(self._url)
        self._web = Web(settings.ca_file)
        self._token = GoogleToken(settings.credentials, SCOPE, settings.act_as, clock)
        self._turn = asyncio.Lock()

    async def probe(self, target: Target, deadline: float) -> Observation:
        return await observe(
            self._ask(deadline),
            check="postmaster.reach",
            place=self._place,
            settings=self._settings,
            clock=self._clock,
            deadline=deadline,
            translate=from_httpx,
        )

    async def close(self) -> None:
        await self._web.close()

    async def _ask(self, deadline: float) -> Answer:
        parts: list[Part] = []
        for domain in dict.fromkeys(plain_name(one) for one in self._settings.domains):
            parts += (
                Part("postmaster.compliance", self._url, self._compliance(domain), domain),
                Part("postmaster.numbers", self._url, self._numbers(domain), domain),
            )
        await self._token.get(self._web)
        answer = await side_by_side(parts, deadline - self._clock.monotonic())
        return replace(
            answer, findings=(Finding("postmaster.reach", Status.OK, f"{self._place} answers"), *answer.findings)
        )

    def _compliance(self, domain: str) -> Any:
        async def ask() -> Answer:
            page = await self._fetch(f"domains/{domain}/complianceStatus")
            return answers.compliance(domain, page.document())

        return ask

    def _numbers(self, domain: str) -> Any:
        async def ask() -> Answer:
            stats: list[Any] = []
            token = ""
            for _ in range(_MOST_PAGES):
                page = await self._fetch(f"domains/{domain}/domainStats:query", self._query(domain, token))
                document = page.document()
                if not isinstance(document, dict):
                    raise NotAnswered(garbled(page.place, "JSON that is no object"))
                found = document.get("domainStats", [])
                stats += found if isinstance(found, list) else []
                token = str(document.get("nextPageToken") or "")
                if not token:
                    break
            return answers.numbers(domain, stats, self._settings, self._clock.now())

        return ask

    def _query(self, domain: str, token: str) -> dict[str, Any]:
        today = datetime.fromtimestamp(self._clock.now(), UTC).date()
        start = today - timedelta(days=self._settings.days)
        dates = [{"year": day.year, "month": day.month, "day": day.day} for day in (start, today)]
        definitions = [
            {"name": name, "baseMetric": {"standardMetric": metric}} | ({"filter": chosen} if chosen else {})
            for name, (metric, chosen) in answers.ASKED.items()
        ]
        query = {
            "parent": f"domains/{domain}",
            "metricDefinitions": definitions,
            "timeQuery": {"dateRanges": {"dateRanges": [{"start": dates[0], "end": dates[1]}]}},
            "aggregationGranularity": "DAILY",
            "pageSize": _PAGE_SIZE,
        }
        return query | ({"pageToken": token} if token else {})

    async def _fetch(self, path: str, query: dict[str, Any] | None = None) -> Page:
        async with self._turn:
            token = await self._token.get(self._web)
        headers = {"Authorization": f"Bearer {token.reveal()}"}
        page = await self._web.ask(f"{self._url}/v2/{path}", headers=headers, json=query)
        if page.status == 401:
            self._token.forget()
        if page.status == 404:
            why = f"this account has no such domain{f' ({page.words})' if page.words else ''}"
            remedy = "Add the domain in Postmaster Tools, verify it, and give this account access to it."
            raise NotAnswered(local(page.place, why, remedy))
        page.refuse_errors("See whether the API is enabled in the project of these credentials.")
        return page
