"""The system's clock: the one module in which the wall clock is read."""

from __future__ import annotations

import time

from penguintui.model.clock import Time


class SystemClock:
    """The machine's own time."""

    def now(self) -> Time:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()
