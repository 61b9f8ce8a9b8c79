"""Web answers, whole and bounded: for adapters that ask one service at several addresses (httpx)."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from penguintui.adapters.base import MAX_ANSWER
from penguintui.adapters.certificates import verifying_shared
from penguintui.adapters.failure import Failure, NotAnswered, Reason, denied, garbled, too_large

if TYPE_CHECKING:
    import httpx

_LONGEST_PAUSE = 3600.0
_USUAL_PAUSE = 60.0


@dataclass(frozen=True, slots=True)
class Page:
    """One answer. place: its address as it may be shown; headers: by their names in lower case."""

    place: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    def document(self) -> object:
        """The answer read as JSON. Raises NotAnswered when it is none."""
        try:
            found: object = json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise NotAnswered(garbled(self.place, f"no JSON (status {self.status})")) from error
        return found

    @property
    def words(self) -> str:
        """What an answer in JSON says of an error, in its own words; empty when it says nothing."""
        try:
            return error_words(json.loads(self.body))
        except (ValueError, RecursionError):
            return ""

    @property
    def pause(self) -> float:
        """Seconds of quiet that are asked for (RFC 9110, 10.2.3); a date counts as the usual minute."""
        try:
            return min(max(float(self.headers.get("retry-after", "")), 0.0), _LONGEST_PAUSE)
        except ValueError:
            return _USUAL_PAUSE

    def refuse_errors(self, remedy: str = "Correct the url of this probe, or look into the service's log.") -> None:
        """Raise NotAnswered unless the status is 200."""
        words = self.words or f"status {self.status}"
        if self.status in (401, 403):
            raise NotAnswered(denied(self.place, words))
        if self.status == 429:
            raise NotAnswered(too_often(self.place, self.pause))
        if self.status != 200:
            text = f"{self.place} answered {self.status}{f': {self.words}' if self.words else ''}"
            raise NotAnswered(Failure(Reason.GARBLED, text, remedy))


class Web:
    """One client for all askings. Each request is a connection of its own, and redirects are not followed."""

    def __init__(self, ca_file: str | None = None) -> None:
        self._ca_file = ca_file
        self._client: httpx.AsyncClient | None = None

    async def ask(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        most: int = MAX_ANSWER,
    ) -> Page:
        """GET, or POST where there is something to send. Raises NotAnswered, and what httpx raises.

        most: bytes of the answer; a longer one is a failure that says so.
        """
        place = place_of(url)
        client = self._opened(place)
        method = "GET" if json is None and form is None else "POST"
        async with client.stream(method, url, headers=headers, json=json, data=form) as response:
            body = bytearray()
            async for piece in response.aiter_raw():
                body += piece
                if len(body) > most:
                    raise NotAnswered(too_large(place, most))
        return Page(place, response.status_code, response.headers, bytes(body))

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def _opened(self, place: str) -> httpx.AsyncClient:
        if self._client is None:
            import httpx

            self._client = httpx.AsyncClient(
                verify=verifying_shared(place, self._ca_file),
                trust_env=False,
                timeout=None,  # noqa: S113 - the asking's deadline bounds it
                limits=httpx.Limits(max_keepalive_connections=0),
                headers={"User-Agent": "penguintui", "Accept-Encoding": "identity"},
            )
        return self._client


def error_words(document: object) -> str:
    """An error's code, message and request in words, as web APIs put them; empty when there is none."""
    error = document.get("error", document) if isinstance(document, Mapping) else None
    if isinstance(error, Mapping):
        said = ": ".join(plain(error[key]) for key in ("code", "status", "message") if error.get(key))
        request = plain(error.get("request_id") or "")
        return f"{said} (request {request})" if said and request else said
    if isinstance(error, str) and isinstance(document, Mapping):
        return ": ".join(plain(word) for word in (error, document.get("error_description")) if word)
    return ""


def plain(value: object, most: int = 200) -> str:
    """Foreign text as it may stand in a sentence: printable, and not longer than it helps."""
    return "".join(character if character.isprintable() else "?" for character in str(value)[:most]).strip()


def number(row: Mapping[str, Any], field: str) -> float | None:
    """A finite number of a JSON object, also where it is written as text; None for anything else."""
    value = row.get(field)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        result = float(value)
    except (ValueError, OverflowError):
        return None
    return result if math.isfinite(result) else None


def place_of(url: str) -> str:
    """A web address as it may be shown: without user, password, query and fragment, where secrets hide."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "the web address of this probe"  # as it cannot be read, nobody knows where a secret is in it
    host = parts.hostname or ""
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}{parts.path}"


def too_often(place: str, seconds: float) -> Failure:
    return Failure(
        Reason.DENIED,
        f"{place} was asked too often and wants {seconds:.0f} s of quiet",
        "Ask less often (interval), or have the rate limit for this probe raised.",
    )
