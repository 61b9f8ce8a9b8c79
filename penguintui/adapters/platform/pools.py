"""The platform's pools of sending addresses: which addresses send, how loaded they are, how their warm-up goes."""

from __future__ import annotations

from penguintui.adapters.asking import Answer, observe
from penguintui.adapters.failure import from_httpx
from penguintui.adapters.parts import side_by_side
from penguintui.adapters.platform import poolsanswers
from penguintui.adapters.platform.api import PlatformApi
from penguintui.adapters.platform.lists import ApiList, part
from penguintui.config.serverprobes import SmtpPoolsProbe
from penguintui.model.clock import Clock
from penguintui.model.observation import Finding, Observation
from penguintui.model.status import Status
from penguintui.model.target import Target

_LISTS = (
    ApiList("/pools", "pools", "pools.load", poolsanswers.pools),
    ApiList("/ips", "ips", "pools.address", poolsanswers.addresses),
)


class SmtpPoolsAdapter:
    """Asks for the pools and for their addresses, side by side."""

    def __init__(self, settings: SmtpPoolsProbe, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._api = PlatformApi(settings.url, settings.token, settings.ca_file, clock)

    async def probe(self, target: Target, deadline: float) -> Observation:
        return await observe(
            self._ask(deadline),
            check="pools.reach",
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
        parts = [part(self._api, one, self._settings) for one in _LISTS]
        answer = await side_by_side(parts, deadline - self._clock.monotonic())
        reached = Finding("pools.reach", Status.OK, f"{self._api.place} answers")
        return Answer(answer.samples, (reached, *answer.findings), complete=answer.complete)
