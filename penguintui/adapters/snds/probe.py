"""Microsoft SNDS, automated data access: what Outlook.com says of each sending address, once a day."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode, urlsplit

from penguintui.adapters.asking import Answer, observe
from penguintui.adapters.failure import NotAnswered, denied, from_httpx
from penguintui.adapters.parts import Part, side_by_side
from penguintui.adapters.snds import answers
from penguintui.adapters.web import Web, place_of
from penguintui.config.reputationprobes import MicrosoftSndsProbe
from penguintui.model.clock import Clock
from penguintui.model.observation import Finding, Observation
from penguintui.model.secret import Secret
from penguintui.model.status import Status
from penguintui.model.target import Target

_EXPIRED = "its links end after 30 days, and access to a network is to be confirmed again from time to time"
_RENEW = "Make a new link in the SNDS portal (automated data access), and write it into this probe's settings."


class SndsAdapter:
    """Asks for the data and for the blocked addresses."""

    def __init__(self, settings: MicrosoftSndsProbe, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._web = Web(settings.ca_file)
        self._data = _keyed(settings.data_url, settings.key)
        self._status = _keyed(settings.status_url, settings.key) if settings.status_url else None
        self._place = place_of(self._data)

    async def probe(self, target: Target, deadline: float) -> Observation:
        return await observe(
            self._ask(deadline),
            check="snds.reach",
            place=self._place,
            settings=self._settings,
            clock=self._clock,
            deadline=deadline,
            translate=from_httpx,
        )

    async def close(self) -> None:
        await self._web.close()

    async def _ask(self, deadline: float) -> Answer:
        parts = [Part("snds.address", self._place, self._numbers)]
        if self._status is not None:
            parts.append(Part("snds.blocked", place_of(self._status), self._blocked))
        answer = await side_by_side(parts, deadline - self._clock.monotonic())
        reached = Finding("snds.reach", Status.OK, f"{self._place} answers")
        return replace(answer, findings=(reached, *answer.findings))

    async def _numbers(self) -> Answer:
        rows = answers.rows(await self._fetch(self._data), self._place)
        return answers.numbers(rows, self._settings, self._clock.now())

    async def _blocked(self) -> Answer:
        url = self._status or ""
        rows = answers.rows(await self._fetch(url), place_of(url))
        return answers.blocked(rows, self._settings, place_of(url))

    async def _fetch(self, url: str) -> str:
        page = await self._web.ask(url)
        if page.status in (301, 302, 303, 307, 308, 400, 401, 403, 404, 410):
            failure = denied(page.place, f"status {page.status}; {_EXPIRED}")
            raise NotAnswered(replace(failure, remedy=_RENEW))
        page.refuse_errors(_RENEW)
        return page.body.decode("utf-8-sig", "replace")


def _keyed(url: str | Secret, key: Secret | None) -> str:
    text = url.reveal() if isinstance(url, Secret) else url
    if key is None:
        return text
    return f"{text}{'&' if urlsplit(text).query else '?'}{urlencode({'key': key.reveal()})}"
