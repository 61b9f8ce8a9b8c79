"""One family of the platform's API: its token, its way of saying that something failed, its rate limit."""

from __future__ import annotations

import json

from penguintui.adapters.failure import Failure, NotAnswered, Reason
from penguintui.adapters.web import Page, Web, place_of, too_often
from penguintui.model.clock import Clock
from penguintui.model.secret import Secret


class PlatformApi:
    """What lies below one address. After a 429 nothing is asked until the quiet that it wants is over."""

    def __init__(self, url: str, token: Secret | None, ca_file: str | None, clock: Clock) -> None:
        self._url, self._token, self._clock = url.rstrip("/"), token, clock
        self.place = place_of(url)
        self._web = Web(ca_file)
        self._quiet_until = 0.0

    def place_of(self, path: str) -> str:
        return self.place.rstrip("/") + path

    def refuse_haste(self) -> None:
        """Raise NotAnswered while the platform wants quiet."""
        left = self._quiet_until - self._clock.monotonic()
        if left > 0:
            raise NotAnswered(too_often(self.place, left))

    async def get(self, path: str) -> object:
        """The document at a path. Raises NotAnswered, in the platform's own words where it has some."""
        headers = {"Accept": "application/json"}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token.reveal()}"
        page = await self._web.ask(self._url + path, headers=headers)
        if page.status == 429:
            self._quiet_until = self._clock.monotonic() + page.pause
        page.refuse_errors(_REMEDY)
        document = page.document()
        if isinstance(document, dict) and document.get("success") is False:
            raise NotAnswered(_failed(page))
        return document

    async def close(self) -> None:
        await self._web.close()


_REMEDY = "Look into the platform's log for this request, or correct the url of this probe."


def _failed(page: Page) -> Failure:
    """A failure that comes with the status of a success."""
    words = page.words or json.dumps(page.document())[:200]
    return Failure(Reason.GARBLED, f"{page.place} answered {page.status}: {words}", _REMEDY)
