"""All the asking that goes on: one task per probe, so that a slow target delays no other."""

from __future__ import annotations

import asyncio
import logging
import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from penguintui.adapters.base import Adapter, Continuing
from penguintui.adapters.registry import build
from penguintui.agent.prober import ask
from penguintui.agent.schedule import Schedule
from penguintui.config.probes import DesiredDnsProbe, Probe
from penguintui.config.settings import Configuration
from penguintui.model.clock import Clock
from penguintui.model.observation import Observation
from penguintui.model.target import Target
from penguintui.store import keeping
from penguintui.store.ingest import Reported

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """One probe of one target, as configured."""

    target: Target
    probe: str
    job: str
    settings: Probe

    @property
    def key(self) -> tuple[str, str]:
        return (self.target.name, self.probe)

    @property
    def host(self) -> str:
        """What the limit per host counts by."""
        return host_of(self.settings) or self.target.name


def host_of(settings: Probe) -> str:
    """The host that a probe bothers; empty when its settings name none."""
    for field in ("url", "host", "nameserver", "domain"):
        value = getattr(settings, field, None)
        if isinstance(value, str) and value:
            return urlsplit(value).hostname or value if "://" in value else value.rsplit(":", 1)[0]
    return ""


def asked(configuration: Configuration) -> dict[tuple[str, str], Asked]:
    """Every probe of a configuration by (target, probe)."""
    found: dict[tuple[str, str], Asked] = {}
    for target in configuration.targets:
        words = Target(target.name, target.kind, configuration.environment, target.labels)
        for probe in target.probes:
            one = Asked(words, probe.name or probe.type, probe.job or probe.type, _settled(probe, configuration))
            found[one.key] = one
    return found


def _settled(probe: Probe, configuration: Configuration) -> Probe:
    """The probe with what other blocks of the configuration say of it, so that it is made anew when they change."""
    if isinstance(probe, DesiredDnsProbe) and not probe.zones:
        return probe.model_copy(update={"zones": configuration.dns.zones})
    return probe


def watched(configuration: Configuration) -> list[keeping.Watched]:
    """The targets as the store keeps them."""
    probes: dict[str, list[keeping.WatchedProbe]] = {}
    targets = {}
    for one in asked(configuration).values():
        settings = one.settings
        targets[one.target.name] = one.target
        probes.setdefault(one.target.name, []).append(
            keeping.WatchedProbe(one.probe, one.job, settings.type, settings.interval, settings.holds)
        )
    runbooks = {target.name: target.runbook or "" for target in configuration.targets}
    return [keeping.Watched(targets[name], tuple(found), runbooks[name]) for name, found in probes.items()]


class _Unusable:
    """Stands for an adapter that could not be made (a library that is missing, for example)."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def probe(self, target: Target, deadline: float) -> Observation:
        raise self._error

    async def close(self) -> None:
        """Nothing was opened."""


class Askings:
    """Keeps a task for every probe of the configuration. `report` gets each observation.

    allowed: whether an asking may begin now; one that may not is passed over.
    bookmarks: where a probe's adapter goes on, by (target, probe) and place; kept up to date with what is reported.
    """

    def __init__(
        self, clock: Clock, report: Callable[[Reported], None], allowed: Callable[[], bool] = lambda: True
    ) -> None:
        self._clock = clock
        self._report = report
        self._allowed = allowed
        self.bookmarks: dict[tuple[str, str], dict[str, str]] = {}
        self._tasks: dict[tuple[str, str], tuple[Asked, asyncio.Task[None]]] = {}
        self._per_host: dict[str, asyncio.Semaphore] = {}
        self._all = asyncio.Semaphore(64)
        self._closes_until = math.inf
        self._chance = random.Random()  # noqa: S311 (spreads load, guards nothing)

    def apply(self, configuration: Configuration) -> None:
        """Ask what this configuration says: new and changed probes begin, gone ones end, others go on."""
        wanted = asked(configuration)
        agent = configuration.agent
        self._all = asyncio.Semaphore(agent.concurrency)
        self._per_host = {one.host: asyncio.Semaphore(agent.per_host) for one in wanted.values()}
        for key in [key for key, (one, _) in self._tasks.items() if wanted.get(key) != one]:
            self._tasks.pop(key)[1].cancel()
        for key, one in wanted.items():
            if key not in self._tasks:
                schedule = Schedule(one.settings.interval, agent.jitter, agent.max_backoff)
                task = asyncio.create_task(self._keep_asking(one, schedule), name=f"{key[0]}/{key[1]}")
                self._tasks[key] = (one, task)

    async def once(self, configuration: Configuration) -> None:
        """Ask every probe one time."""
        agent = configuration.agent
        self._all = asyncio.Semaphore(agent.concurrency)
        self._per_host = {one.host: asyncio.Semaphore(agent.per_host) for one in asked(configuration).values()}
        await asyncio.gather(*(self._ask_and_close(one) for one in asked(configuration).values()))

    async def stop(self, timeout: float) -> None:
        """End all asking; what does not end in `timeout` seconds is left behind, and so is what is open then."""
        self._closes_until = self._clock.monotonic() + timeout
        tasks = [task for _, task in self._tasks.values()]
        for task in tasks:
            task.cancel()
        self._tasks.clear()
        if tasks:
            await asyncio.wait(tasks, timeout=timeout)

    def names(self) -> Mapping[tuple[str, str], Asked]:
        return {key: one for key, (one, _) in self._tasks.items()}

    def _adapter(self, one: Asked) -> Adapter:
        """The adapter of a probe; one that cannot be made fails when asked, so that it is a finding like any other."""
        try:
            adapter = build(one.settings, clock=self._clock)
            if isinstance(adapter, Continuing):
                adapter.go_on(self.bookmarks.get(one.key, {}))
            return adapter
        except Exception as error:
            log.exception("the probe %s of %s cannot be made", one.probe, one.target.name)
            return _Unusable(error)

    async def _ask_and_close(self, one: Asked) -> None:
        adapter = self._adapter(one)
        try:
            await self._ask(one, adapter, one.settings.holds)
        finally:
            await adapter.close()

    async def _keep_asking(self, one: Asked, schedule: Schedule) -> None:
        adapter = self._adapter(one)
        failures = 0
        due = schedule.first(self._clock.monotonic(), self._chance.random())
        try:
            while True:
                await asyncio.sleep(max(0.0, due - self._clock.monotonic()))
                # A probe that is asked less often after failures must not look stale in between.
                holds = max(one.settings.holds, 2.5 * schedule.pause(failures + 1))
                up = await self._ask(one, adapter, holds if failures else one.settings.holds)
                if up is not None:
                    failures = 0 if up else failures + 1
                due = schedule.following(due, self._clock.monotonic(), failures, self._chance.random())
        finally:
            if self._clock.monotonic() < self._closes_until:  # thousands take longer than a stop may
                await adapter.close()

    async def _ask(self, one: Asked, adapter: Adapter, valid_for: float) -> bool | None:
        """Ask once and report it. Whether an answer came; None when nothing may be asked now."""
        async with self._all, self._per_host[one.host]:
            if not self._allowed():
                return None
            observation = await ask(
                adapter, one.target, timeout=one.settings.timeout, valid_for=valid_for, clock=self._clock
            )
        if valid_for > observation.valid_for:
            observation = replace(observation, valid_for=valid_for)
        for bookmark in observation.bookmarks:
            self.bookmarks.setdefault(one.key, {})[bookmark.place] = bookmark.mark
        self._report(Reported(one.target, one.probe, one.job, observation))
        return observation.up
