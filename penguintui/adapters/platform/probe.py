"""The platform's system API: queues, infrastructure health and IP reputation."""

from __future__ import annotations

from penguintui.adapters.asking import Answer, observe
from penguintui.adapters.failure import from_httpx
from penguintui.adapters.parts import side_by_side
from penguintui.adapters.platform import answers
from penguintui.adapters.platform.api import PlatformApi
from penguintui.adapters.platform.lists import ApiList, part
from penguintui.config.probes import PlatformProbe
from penguintui.model.clock import Clock
from penguintui.model.observation import Observation
from penguintui.model.target import Target

_LISTS = {
    "queues": ApiList("/platform/system/queues", "queues", "queue.waiting", answers.queues),
    "health": ApiList("/platform/system/infrastructure/health", "services", "platform.service", answers.health),
    "ip-reputation": ApiList(
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
        parts = [part(self._api, _LISTS[name], self._settings) for name in self._settings.read]
        return await side_by_side(parts, deadline - self._clock.monotonic())
