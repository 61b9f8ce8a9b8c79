"""The platform's pools of sending addresses: which addresses send, how loaded they are, how their warm-up goes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from penguintui.adapters.asking import Answer, observe
from penguintui.adapters.failure import NotAnswered, from_httpx, garbled
from penguintui.adapters.parts import Part, side_by_side
from penguintui.adapters.platform import poolsanswers
from penguintui.adapters.platform.answers import Row, rows_of
from penguintui.adapters.platform.api import PlatformApi
from penguintui.config.serverprobes import SmtpPoolsProbe
from penguintui.model.clock import Clock
from penguintui.model.observation import Finding, Observation
from penguintui.model.status import Status
from penguintui.model.target import Target

_Judge = Callable[[Sequence[Row], SmtpPoolsProbe], Answer]


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
        parts = [
            self._part("/pools", "pools", "pools.load", poolsanswers.pools),
            self._part("/ips", "ips", "pools.address", poolsanswers.addresses),
        ]
        answer = await side_by_side(parts, deadline - self._clock.monotonic())
        reached = Finding("pools.reach", Status.OK, f"{self._api.place} answers")
        return Answer(answer.samples, (reached, *answer.findings), complete=answer.complete)

    def _part(self, path: str, name: str, check: str, judge: _Judge) -> Part:
        place = self._api.place_of(path)

        async def ask() -> Answer:
            document = await self._api.get(path)
            try:
                rows = rows_of(document, name)
            except ValueError as error:
                raise NotAnswered(garbled(place, str(error))) from error
            answer = judge(rows, self._settings)
            if answer.findings:
                return answer
            words = f"{place} names no {name}, so nothing can be said of them"
            return Answer(answer.samples, (Finding(check, Status.UNKNOWN, words),))

        return Part(check, place, ask)
