"""The system's clock: the one module in which the wall clock is read."""

from __future__ import annotations

import os
import time

from penguintui.model.clock import Time

AHEAD = "PENGUINTUI_LAB_AHEAD"
"""By how many seconds the clocks of a demo run ahead of the machine's. Heard only beside `PENGUINTUI_LAB`."""


class SystemClock:
    """The machine's own time; inside a demo that was begun at another time of day, that time."""

    def __init__(self) -> None:
        self._ahead = float(os.environ.get(AHEAD, "0")) if "PENGUINTUI_LAB" in os.environ else 0.0

    def now(self) -> Time:
        return time.time() + self._ahead

    def monotonic(self) -> float:
        return time.monotonic()
