"""When a probe is asked next. Pure: time and chance come in."""

from __future__ import annotations

from dataclasses import dataclass

_PATIENCE = 3
"""Failures in a row before a probe is asked less often."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """How often one probe is asked.

    jitter: the share of the interval by which an asking may come early or late.
    max_backoff: the longest pause, in seconds, after failures; never shorter than the interval.
    """

    interval: float
    jitter: float
    max_backoff: float

    def pause(self, failures: int) -> float:
        """Seconds between two askings after so many failures in a row: doubling from the third on."""
        if failures < _PATIENCE:
            return self.interval
        doublings = min(failures - _PATIENCE + 1, 32)
        return min(self.interval * float(2**doublings), max(self.max_backoff, self.interval))

    def following(self, due: float, now: float, failures: int, chance: float) -> float:
        """The monotonic time of the next asking.

        due: when the last one was due; the rhythm is kept from it, but what was missed is not caught up.
        chance: a random number from 0 to 1.
        """
        pause = self.pause(failures)
        spread = pause * self.jitter * (2 * chance - 1)
        following = due + pause
        if following < now:
            following = now + pause
        return max(now, following + spread)

    def first(self, now: float, chance: float) -> float:
        """The time of the first asking: soon, but not all at once."""
        return now + min(self.interval, 1.0) * chance
