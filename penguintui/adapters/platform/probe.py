"""The platform's system API: queues, infrastructure health and IP reputation."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from penguintui.adapters.asking import Answer, observe
from penguintui.adapters.failure import NotAnswered, from_httpx, garbled
from penguintui.adapters.parts import Part, side_by_side
from penguintui.adapters.platform import answers
from penguintui.adapters.platform.api import PlatformApi
from penguintui.config.probes import PlatformProbe
from penguintui.model.clock import Clock
from penguintui.model.observation import Finding, Observation
from penguintui.model.status import Status
from penguintui.model.target import Target


@dataclass(frozen=True, slots=True)
class _List:
    """One address below the API, the list in its answer, and who judges its rows."""

    path: str
    rows: str
    check: str
    judge: answers.Judge


_LISTS = {
    "queues": _List("/platform/system/queues", "queues", "queue.waiting", answers.queues),
    "health": _List("/platform/system/infrastructure/health", "services", "platform.service", answers.health),
    "ip-reputation": _List(
        "/platform/system/infrastructure/ip-reputation", "ips", "platform.reputation", answers.reputation
    ),
}


class PlatformAdapter:
    """Asks the parts that are configured, side by side; one that fails is one UNKNOWN finding."""

    def __init__(self, settings: PlatformProbe, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._api = PlatformApi(settings.url, settings.token, settings.ca_file, clock)

    async def probe(self, target: Target, deadline: float) -> Observation:
        """Ask all parts. When none answers, the first one's failure is the observation's (`probe.answer`)."""
        return await observe(
            self._ask(deadline),
            check="probe.answer",
            place=self._api.place,
            settings=self._settings,
            clock=self._clock,
            deadline=deadline,
            translate=from_httpx,
        )

    async def close(self) -> None:
        await self._api.close()

    async def _ask(self, deadline: float) -> Answer:
        self._api.refuse_haste()
        lists = [_LISTS[name] for name in self._settings.read]
        parts = [Part(one.check, self._api.place_of(one.path), self._asking(one)) for one in lists]
        return await side_by_side(parts, deadline - self._clock.monotonic())

    def _asking(self, one: _List) -> Callable[[], Awaitable[Answer]]:
        async def ask() -> Answer:
            place = self._api.place_of(one.path)
            document = await self._api.get(one.path)
            try:
                answer = one.judge(answers.rows_of(document, one.rows), self._settings)
            except ValueError as error:
                raise NotAnswered(garbled(place, str(error))) from error
            if answer.findings:
                return answer
            words = f"{place} names no {one.rows}, so nothing can be said of them"
            return replace(answer, findings=(Finding(one.check, Status.UNKNOWN, words),))

        return ask
