"""The platform's system API: queues, infrastructure health and IP reputation (httpx)."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from penguintui.adapters import platformanswer
from penguintui.adapters.asking import Answer, observe
from penguintui.adapters.base import MAX_ANSWER
from penguintui.adapters.certificates import verifying
from penguintui.adapters.failure import Failure, NotAnswered, Reason, denied, from_httpx, garbled, too_large
from penguintui.adapters.http import place_of
from penguintui.config.probes import PlatformProbe
from penguintui.model.clock import Clock
from penguintui.model.observation import Finding, Observation
from penguintui.model.status import Status
from penguintui.model.target import Target

if TYPE_CHECKING:
    import httpx

_SHARE = 0.9
"""Of the time given, each part has this much, so that one that hangs leaves time to tell of the others."""
_LONGEST_PAUSE = 3600.0


@dataclass(frozen=True, slots=True)
class _Part:
    """One address below the API, the list in its answer, and who judges its rows."""

    path: str
    rows: str
    check: str
    judge: platformanswer.Judge


_PARTS = {
    "queues": _Part("/platform/system/queues", "queues", "queue.waiting", platformanswer.queues),
    "health": _Part("/platform/system/infrastructure/health", "services", "platform.service", platformanswer.health),
    "ip-reputation": _Part(
        "/platform/system/infrastructure/ip-reputation", "ips", "platform.reputation", platformanswer.reputation
    ),
}


class PlatformAdapter:
    """Asks the parts that are configured, side by side; one that fails is one UNKNOWN finding."""

    def __init__(self, settings: PlatformProbe, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._place = place_of(settings.url)
        self._client: httpx.AsyncClient | None = None
        self._quiet_until = 0.0

    async def probe(self, target: Target, deadline: float) -> Observation:
        """Ask all parts. When none answers, the first one's failure is the observation's (`probe.answer`)."""
        return await observe(
            self._ask(deadline),
            check="probe.answer",
            place=self._place,
            settings=self._settings,
            clock=self._clock,
            deadline=deadline,
            translate=from_httpx,
        )

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _ask(self, deadline: float) -> Answer:
        now = self._clock.monotonic()
        if now < self._quiet_until:
            raise NotAnswered(_too_often(self._place, self._quiet_until - now))
        client, seconds = self._opened(), _SHARE * max(deadline - now, 0.0)
        parts = [_PARTS[name] for name in self._settings.read]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._ask_part(client, part, seconds)) for part in parts]
        results = [task.result() for task in tasks]
        failures = [result for result in results if isinstance(result, Failure)]
        if failures and len(failures) == len(results):
            raise NotAnswered(failures[0])
        answers = [
            _unknown(part, result) if isinstance(result, Failure) else result
            for part, result in zip(parts, results, strict=True)
        ]
        return Answer(
            samples=tuple(sample for answer in answers for sample in answer.samples),
            findings=tuple(finding for answer in answers for finding in answer.findings),
            complete=not failures,
        )

    async def _ask_part(self, client: httpx.AsyncClient, part: _Part, seconds: float) -> Answer | Failure:
        place = self._place.rstrip("/") + part.path
        try:
            async with asyncio.timeout(seconds):
                document = await self._fetch(client, part.path, place)
                rows = platformanswer.rows_of(document, part.rows)
        except ValueError as error:
            return garbled(place, str(error))
        except Exception as error:
            return from_httpx(error, place, seconds)
        answer = part.judge(rows, self._settings)
        if answer.findings:
            return answer
        nothing = Finding(part.check, Status.UNKNOWN, f"{place} names no {part.rows}, so nothing can be said of them")
        return replace(answer, findings=(nothing,))

    async def _fetch(self, client: httpx.AsyncClient, path: str, place: str) -> object:
        headers = {}
        if self._settings.token is not None:
            headers["Authorization"] = f"Bearer {self._settings.token.reveal()}"
        async with client.stream("GET", self._settings.url.rstrip("/") + path, headers=headers) as response:
            body = bytearray()
            async for piece in response.aiter_raw():
                body += piece
                if len(body) > MAX_ANSWER:
                    raise NotAnswered(too_large(place))
        try:
            document: object = json.loads(body)
        except (ValueError, RecursionError):
            document = None
        self._refuse_errors(response, document, place)
        if document is None:
            raise NotAnswered(garbled(place, "no JSON"))
        return document

    def _refuse_errors(self, response: httpx.Response, document: object, place: str) -> None:
        """Raise NotAnswered, in the platform's own words where it has some, unless the answer is a success."""
        words, status = platformanswer.error_words(document), response.status_code
        if status in (401, 403):
            raise NotAnswered(denied(place, words or f"status {status}"))
        if status == 429:
            seconds = _retry_after(response.headers)
            self._quiet_until = self._clock.monotonic() + seconds
            raise NotAnswered(_too_often(place, seconds))
        failed = isinstance(document, dict) and document.get("success") is False
        if status != 200 or failed:
            raise NotAnswered(
                Failure(
                    Reason.GARBLED,
                    f"{place} answered {status}{f': {words}' if words else ''}",
                    "Look into the platform's log for this request, or correct the url of this probe.",
                )
            )

    def _opened(self) -> httpx.AsyncClient:
        if self._client is None:
            import httpx

            self._client = httpx.AsyncClient(
                verify=verifying(self._place, self._settings.ca_file),
                trust_env=False,
                timeout=None,  # noqa: S113 - each part is bounded by the asking's deadline
                limits=httpx.Limits(max_keepalive_connections=0),
                headers={"User-Agent": "penguintui", "Accept": "application/json", "Accept-Encoding": "identity"},
            )
        return self._client


def _unknown(part: _Part, failure: Failure) -> Answer:
    evidence = {"reason": failure.reason.value}
    return Answer(
        findings=(Finding(part.check, Status.UNKNOWN, failure.text, remedy=failure.remedy, evidence=evidence),)
    )


def _retry_after(headers: httpx.Headers) -> float:
    """Seconds to wait before the next request (RFC 9110, section 10.2.3); a date counts as the usual minute."""
    value = platformanswer.number(headers, "Retry-After")
    return 60.0 if value is None else min(max(value, 0.0), _LONGEST_PAUSE)


def _too_often(place: str, seconds: float) -> Failure:
    return Failure(
        Reason.DENIED,
        f"{place} was asked too often and wants {seconds:.0f} s of quiet; nothing is asked until then",
        "Ask less often (interval), or have the rate limit for this token raised.",
    )
