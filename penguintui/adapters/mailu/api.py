"""Mailu's REST API (its Swagger document): domains with the records that they want, users, aliases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from penguintui.adapters.failure import Failure, NotAnswered, Reason, denied, garbled
from penguintui.adapters.web import Web, place_of
from penguintui.model.secret import Secret

MAX_LIST = 16 << 20
"""Bytes of a list of users: about 700 for each."""

Row = Mapping[str, Any]


class MailuApi:
    """Looks, and changes nothing. Of what it is told of users it keeps no more than is asked of it."""

    def __init__(self, url: str, token: Secret, ca_file: str | None) -> None:
        self._url, self._token = url.rstrip("/"), token
        self.place = place_of(url).rstrip("/")
        self._web = Web(ca_file)

    async def rows(self, name: str) -> list[Row]:
        """All of `domain`, `user` or `alias`. Raises NotAnswered."""
        document = await self._get(f"/{name}")
        if not isinstance(document, list):
            raise NotAnswered(garbled(f"{self.place}/{name}", "JSON that is no list"))
        return [row for row in document if isinstance(row, dict)]

    async def domain(self, name: str) -> Row:
        """One domain. Raises NotAnswered, also where Mailu does not have it."""
        document = await self._get(f"/domain/{quote(name, safe='')}")
        if not isinstance(document, dict) or document.get("name") != name:
            raise NotAnswered(garbled(f"{self.place}/domain/{name}", "JSON that is not this domain"))
        return document

    async def close(self) -> None:
        await self._web.close()

    async def _get(self, path: str) -> object:
        headers = {"Authorization": f"Bearer {self._token.reveal()}", "Accept": "application/json"}
        page = await self._web.ask(self._url + path, headers=headers, most=MAX_LIST)
        if page.status in (401, 403, 429):
            why = f"{page.words or f'status {page.status}'}; Mailu locks out who comes with many wrong tokens"
            raise NotAnswered(denied(page.place, why))
        if page.status == 404:
            words = f": {page.words}" if page.words else ""
            remedy = "Correct the url (it ends in /api/v1, and Mailu must have API=true), or the domain's name."
            raise NotAnswered(Failure(Reason.GARBLED, f"{page.place} answered 404{words}", remedy))
        page.refuse_errors("Look into the log of Mailu's admin container.")
        return page.document()
