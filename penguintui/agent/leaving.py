"""When an agent that a viewer started may leave: a minute after nobody needs it."""

from __future__ import annotations

from penguintui.model.clock import Clock

LINGER = 60.0


class Leaving:
    """Knows since when nobody needs the agent."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._idle_since = clock.monotonic()

    def time_to_go(self, needed: bool) -> bool:
        now = self._clock.monotonic()
        if needed:
            self._idle_since = now
        return now - self._idle_since >= LINGER
