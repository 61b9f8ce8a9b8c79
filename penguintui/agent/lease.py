"""When an agent may work and when another may take over, by each one's own monotonic clock and nothing else.

The holder renews its lease again and again, and each renewal holds from the moment at which it was *sent*. Another
agent takes the lease once it has seen no renewal for longer than that. No two clocks are ever compared, so it does not
matter what time the hosts, or the store's server, believe it is.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

LASTS = 4.0
"""Seconds for which a renewal holds, from when it was sent."""
PATIENCE = 5.0
"""Seconds without a renewal after which another agent takes the lease. Longer than `LASTS` by what clocks may drift."""
RENEW = 1.0
"""Seconds between renewals."""
LOOK = 0.5
"""Seconds between two looks of an agent that stands by."""


class Term:
    """The time during which one agent holds the lease: from when it took it until it lost it.

    It *lapses* while the store cannot be reached: then nothing begins, and it goes on once a renewal succeeds. It is
    *lost* when another agent has taken the lease, or the store is not what it was: then it never goes on.
    """

    def __init__(self, token: int, sent: float, beat: int = 0, *, older: bool = False, after: str = "") -> None:
        """sent: when the lease was asked for. beat: the store's count of renewals. older: it came back from a copy.

        after: whose lease it was, where that agent did not give it back.
        """
        self.token = token
        self.after = after
        self.beat = beat
        self.older = older
        self._until = sent + LASTS
        self._lock = threading.Lock()
        self._why = ""
        self._tell: list[Callable[[], object]] = []

    def renewed(self, sent: float, beat: int = 0) -> None:
        """A renewal that was sent at that time succeeded. One that comes late shortens nothing."""
        with self._lock:
            self._until = max(self._until, sent + LASTS)
            self.beat = max(self.beat, beat)

    def holds(self, now: float) -> bool:
        """Whether something may begin."""
        return not self._why and now < self._until

    def lapsed_for(self, now: float) -> float:
        """Seconds since the lease ended; 0 while it holds."""
        return max(now - self._until, 0.0)

    def lose(self, why: str) -> None:
        """It is over. Only the first reason counts."""
        with self._lock:
            if self._why:
                return
            self._why = why
        for tell in self._tell:
            tell()

    def when_lost(self, tell: Callable[[], object]) -> None:
        """Call this, in whichever thread, once it is lost; at once when it is already."""
        with self._lock:
            lost = bool(self._why)
            self._tell.append(tell)
        if lost:
            tell()

    @property
    def lost(self) -> str:
        """Why it is over; empty while it is not."""
        return self._why


class Watch:
    """What an agent that stands by has seen of the lease, and whether it may take it."""

    def __init__(self) -> None:
        self._seen: tuple[int, int] | None = None
        self._since = 0.0

    def may_take(self, *, token: int, beat: int, owner: str, own: str, now: float) -> bool:
        """Whether the lease is free, seen just now: nobody has it, it was our own, or it was not renewed for long.

        own: this agent's number. Only one process at a time has it, so a lease under it is of a process that is gone.
        """
        if (token, beat) != self._seen:
            self._seen, self._since = (token, beat), now
        return owner in ("", own) or now - self._since >= PATIENCE
