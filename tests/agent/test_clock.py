"""A wall clock that jumps while the agent works; and a store that takes nothing while it asks once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from penguintui.agent import agent as module
from penguintui.agent import jumps as jumping
from penguintui.agent.agent import Agent
from penguintui.clock import SystemClock
from penguintui.config.defaults import without_configuration
from penguintui.config.places import Places
from penguintui.store.errors import StoreError
from penguintui.store.reader import Store


class JumpingClock(SystemClock):
    """The system's clock, set forward or back."""

    offset = 0.0

    def now(self) -> float:
        return super().now() + self.offset


async def test_a_jump_is_an_event_and_nothing_stops(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(jumping, "_LOOK", 0.02)
    clock, places = JumpingClock(), Places(None, tmp_path / "state", tmp_path / "run", shared=False)
    places.prepare()
    one = Agent(places, without_configuration("here"), "test", clock, places.store_url)
    running = asyncio.create_task(one.run())
    store = Store(places.store_url, clock)

    async def until(holds) -> None:
        async with asyncio.timeout(20):
            while not holds():
                await asyncio.sleep(0.05)

    def jumps() -> list[str]:
        return [row[0] for row in store.driver_rows("SELECT summary FROM events WHERE kind = 'clock.jumped'", ())]

    def beat() -> float:
        return store.driver_rows("SELECT time FROM heartbeats", ())[0][0]

    try:
        await until(lambda: store.driver_rows("SELECT 1 FROM heartbeats", ()))
        clock.offset = 3600.0
        await until(lambda: len(jumps()) == 1)
        clock.offset = 0.0
        await until(lambda: len(jumps()) == 2)
        before = beat()
        await until(lambda: beat() > before)
    finally:
        one._stop.set()
        await running
    assert sorted(summary.split(";")[0] for summary in jumps()) == [
        "the clock jumped by +3600 s",
        "the clock jumped by -3600 s",
    ]


async def test_asking_once_ends_although_the_store_takes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_REFUSED", 0.2)
    monkeypatch.setattr(module, "_REFUSED_LOOK", 0.1)
    places = Places(None, tmp_path / "state", tmp_path / "run", shared=False)
    places.prepare()
    one = Agent(places, without_configuration("here"), "test", SystemClock(), places.store_url)
    (places.state / "store.db").unlink()
    with pytest.raises(StoreError, match=r"cannot be written: the store .* is gone"):
        async with asyncio.timeout(30):
            await one.once()
