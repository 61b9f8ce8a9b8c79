"""How much a counter of somebody else's grew within a window, over restarts of its owner."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Grown:
    """By how much it grew, and over how many seconds that was seen: fewer than the window at first."""

    number: float
    seconds: float


class Counting:
    """Remembers what a counter said within the last `window` seconds."""

    def __init__(self, window: float) -> None:
        self._window = window
        self._seen: deque[tuple[float, float]] = deque()
        self._last: float | None = None
        self._total = 0.0

    def add(self, value: float, now: float) -> Grown | None:
        """Take what it says now (monotonic seconds). None the first time, when nothing can be said of growth."""
        if self._last is not None:  # a smaller number is a new count, begun at zero
            self._total += value - self._last if value >= self._last else value
        self._last = value
        self._seen.append((now, self._total))
        while len(self._seen) > 2 and self._seen[1][0] <= now - self._window:
            self._seen.popleft()
        began, total = self._seen[0]
        return Grown(self._total - total, now - began) if len(self._seen) > 1 else None
