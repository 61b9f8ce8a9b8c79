"""One asking is safe, whatever the adapter does."""

from __future__ import annotations

import asyncio

import pytest

from penguintui.agent import prober
from penguintui.agent.prober import ask
from penguintui.clock import SystemClock
from penguintui.model.observation import Finding, Observation, Sample
from penguintui.model.status import Status
from penguintui.model.target import Kind, Target

TARGET = Target("api", Kind.SERVICE, "production")


class Adapter:
    """An adapter that does what the test says."""

    def __init__(self, probe) -> None:
        self._probe = probe

    async def probe(self, target: Target, deadline: float) -> Observation:
        return await self._probe(deadline)

    async def close(self) -> None:
        pass


async def asked(probe, timeout: float = 0.05) -> Observation:
    return await ask(Adapter(probe), TARGET, timeout=timeout, valid_for=10, clock=SystemClock())


def only_unknown(observation: Observation) -> str:
    (finding,) = observation.findings
    assert finding.status is Status.UNKNOWN
    assert not observation.up
    assert not observation.complete
    return finding.summary


async def test_an_adapter_that_raises_is_a_finding() -> None:
    async def probe(_deadline: float) -> Observation:
        raise ZeroDivisionError("by zero")

    assert "ZeroDivisionError: by zero" in only_unknown(await asked(probe))


async def test_an_adapter_that_hangs_is_stopped_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prober, "_GRACE", 0.05)
    stopped = asyncio.Event()

    async def probe(_deadline: float) -> Observation:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()
        raise AssertionError

    assert "did not end within 0.05 s" in only_unknown(await asked(probe))
    assert stopped.is_set()


async def test_an_adapter_that_will_not_be_cancelled_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prober, "_GRACE", 0.05)
    release = asyncio.Event()

    async def probe(_deadline: float) -> Observation:
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue
        return Observation(0, 1, True)

    assert "did not end" in only_unknown(await asked(probe))
    release.set()


@pytest.mark.parametrize(
    "observation",
    [
        Observation(0, 1, True, samples=(Sample("m", 1.0),) * 20_001),
        Observation(0, 1, True, findings=(Finding("c", Status.OK, "x" * (2 << 20)),)),
    ],
)
async def test_an_adapter_that_floods_is_a_finding(observation: Observation) -> None:
    async def probe(_deadline: float) -> Observation:
        return observation

    assert "brought too much" in only_unknown(await asked(probe))


async def test_being_cancelled_reaches_the_adapter() -> None:
    begun, stopped = asyncio.Event(), asyncio.Event()

    async def probe(_deadline: float) -> Observation:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()
        raise AssertionError

    task = asyncio.create_task(asked(probe, timeout=30))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for(stopped.wait(), 1)
