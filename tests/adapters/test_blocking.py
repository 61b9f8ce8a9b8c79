"""Calls that hang hold one thread and nothing else."""

from __future__ import annotations

import asyncio
import threading

import pytest

from penguintui.adapters.blocking import Blocking
from penguintui.adapters.failure import NotAnswered, Reason
from tests.conftest import FrozenClock


async def test_result_and_error_come_back(clock: FrozenClock) -> None:
    blocking = Blocking("disk", clock)
    assert await blocking.call(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        await blocking.call(lambda: 1 // 0)


@pytest.mark.parametrize("give_up", ["cancel", "time out"])
async def test_no_second_call_is_made_while_one_hangs(clock: FrozenClock, give_up: str) -> None:
    blocking, begun, release, ended = (
        Blocking("/mnt/gone", clock),
        threading.Event(),
        threading.Event(),
        threading.Event(),
    )

    def hang() -> None:
        begun.set()
        release.wait(30)
        ended.set()

    call = asyncio.create_task(blocking.call(hang))
    await asyncio.to_thread(begun.wait)
    if give_up == "cancel":
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
    else:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(call, 0)
    clock.advance(12)
    with pytest.raises(NotAnswered) as caught:
        await blocking.call(lambda: 7)
    assert caught.value.failure.reason is Reason.TIMEOUT
    assert caught.value.failure.text == "/mnt/gone still hangs in an earlier asking, since 12 s"
    release.set()
    await asyncio.to_thread(ended.wait)
    while True:  # the thread ends right after
        try:
            assert await blocking.call(lambda: 7) == 7
            break
        except NotAnswered:
            await asyncio.sleep(0)


def test_a_hanging_call_does_not_keep_the_program_from_ending(clock: FrozenClock) -> None:
    started: list[threading.Thread] = []
    release = threading.Event()

    def hang() -> None:
        started.append(threading.current_thread())
        release.wait(30)

    async def give_up() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(Blocking("disk", clock).call(hang), 0.05)

    asyncio.run(give_up())
    assert started[0].is_alive() and started[0].daemon
    release.set()
    started[0].join(10)
