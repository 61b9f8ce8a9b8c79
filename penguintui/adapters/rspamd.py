"""rspamd: whether its controller answers, what it did with mail, and how long a scan takes (`GET /stat`)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from penguintui.adapters.asking import Answer, observe
from penguintui.adapters.base import MAX_ANSWER
from penguintui.adapters.certificates import verifying
from penguintui.adapters.failure import NotAnswered, denied, from_httpx, garbled, too_large
from penguintui.adapters.levels import judge, limit_crossed
from penguintui.adapters.span import span
from penguintui.adapters.web import number, place_of
from penguintui.config.probes import RspamdProbe
from penguintui.model.clock import Clock
from penguintui.model.observation import Finding, Observation, Sample
from penguintui.model.status import Status
from penguintui.model.target import Target

if TYPE_CHECKING:
    import httpx

Stat = Mapping[str, object]

_COUNTERS = {"scanned": "rspamd_scanned_total", "spam_count": "rspamd_spam_total", "ham_count": "rspamd_ham_total"}
"""Members of the answer and the metrics of the same meaning in rspamd's own `/metrics`."""


class RspamdAdapter:
    """Asks the controller with its read-only password; each asking is a connection of its own."""

    def __init__(self, settings: RspamdProbe, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._place = place_of(settings.url.rstrip("/") + "/stat")

    async def probe(self, target: Target, deadline: float) -> Observation:
        return await observe(
            self._ask(),
            check="rspamd.reach",
            place=self._place,
            settings=self._settings,
            clock=self._clock,
            deadline=deadline,
            translate=from_httpx,
        )

    async def close(self) -> None:
        """Nothing is kept between askings."""

    async def _ask(self) -> Answer:
        stat = await self._fetch()
        return Answer(tuple(samples_of(stat)), (self._judge_reach(stat), self._judge_time(stat)))

    async def _fetch(self) -> Stat:
        import httpx

        headers = {"User-Agent": "penguintui", "Accept-Encoding": "identity"}
        if self._settings.password is not None:
            headers["Password"] = self._settings.password.reveal()
        verify = verifying(self._place, self._settings.ca_file) if self._place.startswith("https") else True
        async with (
            httpx.AsyncClient(verify=verify, trust_env=False, timeout=None) as client,  # noqa: S113 - the deadline bounds it
            client.stream("GET", self._settings.url.rstrip("/") + "/stat", headers=headers) as response,
        ):
            body = bytearray()
            async for piece in response.aiter_raw():
                body += piece
                if len(body) > MAX_ANSWER:
                    raise NotAnswered(too_large(self._place))
        return self._read(response, bytes(body))

    def _read(self, response: httpx.Response, body: bytes) -> Stat:
        if response.status_code in (401, 403, 429):
            why = f"status {response.status_code}; its shipped password q1 never counts, and many wrong ones lock out"
            raise NotAnswered(denied(self._place, why))
        try:
            stat = json.loads(body)
        except (ValueError, RecursionError):
            stat = None
        if response.status_code != 200 or not isinstance(stat, dict) or number(stat, "scanned") is None:
            raise NotAnswered(garbled(self._place, f"no statistics of rspamd (status {response.status_code})"))
        return stat

    def _judge_reach(self, stat: Stat) -> Finding:
        version, up = str(stat.get("version", "?"))[:40], span(number(stat, "uptime") or 0.0)
        scanned = number(stat, "scanned") or 0.0
        summary = f"{self._place} answers: rspamd {version}, {scanned:.0f} mails scanned in {up}"
        evidence = {action: f"{count:.0f}" for action, count in _actions(stat) if count}
        return Finding("rspamd.reach", Status.OK, summary, evidence=evidence)

    def _judge_time(self, stat: Stat) -> Finding:
        """The mean of the latest scans, of which rspamd keeps the times."""
        times = _times(stat)
        if not times:
            summary = f"{self._place}: no mail was scanned since it started, so nobody knows how long that takes"
            return Finding("rspamd.time", Status.UNKNOWN, summary, remedy="See whether the mail server asks it.")
        seconds = sum(times) / len(times)
        status = judge(seconds, self._settings.scan_seconds)
        crossed = limit_crossed(status, self._settings.scan_seconds, "s")
        summary = f"{self._place}: the latest {len(times)} scans took {seconds:.2f} s each{crossed and f', {crossed}'}"
        remedy = "See its load, and whether its DNS and the services that it asks answer quickly." if crossed else ""
        return Finding("rspamd.time", status, summary, remedy=remedy)


def samples_of(stat: Stat) -> Iterator[Sample]:
    """The numbers of an answer; what it does not have is left out."""
    for member, metric in _COUNTERS.items():
        count = number(stat, member)
        if count is not None:
            yield Sample(metric, count)
    for action, count in _actions(stat):
        yield Sample("rspamd_actions_total", count, {"type": action})
    times = _times(stat)
    if times:
        yield Sample("rspamd_scan_time_average", sum(times) / len(times))


def _actions(stat: Stat) -> list[tuple[str, float]]:
    actions = stat.get("actions")
    if not isinstance(actions, Mapping):
        return []
    return [(str(name)[:40], count) for name in list(actions)[:20] if (count := number(actions, name)) is not None]


def _times(stat: Stat) -> list[float]:
    """Seconds of the latest scans; places not used yet are null."""
    times = stat.get("scan_times")
    if not isinstance(times, list):
        return []
    return [float(time) for time in times if isinstance(time, int | float) and not isinstance(time, bool)]
