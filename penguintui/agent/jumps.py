"""Notices when the wall clock jumps: what is recorded around it cannot be trusted to the second."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from penguintui.model.clock import Clock
from penguintui.model.observation import Event
from penguintui.model.status import Status

_JUMP = 5.0
"""Seconds by which the wall clock may part from the monotonic one before that is an event."""
_LOOK = 1.0


async def watch_for_jumps(clock: Clock, say: Callable[[Event], Awaitable[None]]) -> None:
    """Compare the two clocks for as long as the agent works."""
    apart = clock.now() - clock.monotonic()
    while True:
        await asyncio.sleep(_LOOK)
        jump = clock.now() - clock.monotonic() - apart
        if abs(jump) > _JUMP:
            apart += jump
            words = f"the clock jumped by {jump:+.0f} s; times before and after do not fit together"
            await say(Event(clock.now(), "clock.jumped", words, Status.WARNING))
