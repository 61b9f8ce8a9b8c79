"""What every adapter of a followed log does: asked in a thread, until most of its time is used, closed at the end."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Iterator

from penguintui.adapters.asking import Answer, observe
from penguintui.adapters.blocking import Blocking
from penguintui.adapters.failure import NotAnswered
from penguintui.adapters.logs.follow import Follower, Reading
from penguintui.adapters.logs.journal import Plain
from penguintui.adapters.logs.reach import translate
from penguintui.config.probes import LogProbe, PostfixLogProbe
from penguintui.model.clock import Clock
from penguintui.model.observation import Observation

_SHARE = 0.9
"""Of the time given, this much is spent on reading; what is left then waits for the next asking."""


class FollowedLog:
    """One log file, read on at each asking. What is read stays counted, even when nobody waits for it any more."""

    def __init__(self, settings: LogProbe | PostfixLogProbe, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._blocking = Blocking(settings.path, clock)
        self._follower = Follower(settings.path, from_start=settings.read_from == "start")
        self._plain = Plain()
        self._given_up = False
        self.lines = 0
        """Lines that were read since the beginning."""

    def go_on(self, mark: str) -> None:
        """Begin at the mark of an earlier reading."""
        self._follower.go_on(mark)

    async def observe(self, asking: Awaitable[Answer], deadline: float) -> Observation:
        """What an asking brings. A file that cannot be read is `log.reach`, UNKNOWN."""
        return await observe(
            asking,
            check="log.reach",
            place=self._settings.path,
            settings=self._settings,
            clock=self._clock,
            deadline=deadline,
            translate=translate,
        )

    async def read(self, deadline: float, count: Callable[[Iterator[str]], None], holding: bytes = b"\n") -> Reading:
        """Give the lines that came since the last reading to `count`, in a thread, all as syslog writes them.

        holding: what the wanted lines hold; see `Follower.read`.
        """
        begin = self._clock.monotonic()
        until = begin + _SHARE * (deadline - begin)
        reading = Reading()

        def stop() -> bool:
            return self._given_up or self._clock.monotonic() >= until

        def read() -> None:
            count(self._plain(self._follower.read(reading, stop, holding)))
            self.lines += reading.lines

        await self._blocking.call(read)
        return reading

    async def close(self) -> None:
        self._given_up = True
        with contextlib.suppress(NotAnswered):  # a reading that hangs keeps its file; nothing can take it away
            await self._blocking.call(self._follower.close)
