"""The memory of a wall that runs at 20 times its speed for a quarter of an hour, or for `MINUTES`.

Promised: at most 90 MB, and the last third within 1 MB of the middle one.
"""

from __future__ import annotations

import os
import statistics
import time

from benchmarks.measuring import Row
from benchmarks.terminals import VIEWER, Watched, platform

_MINUTES = float(os.environ.get("MINUTES", "15"))
_EVERY = 5.0


def measure() -> list[Row]:
    with platform():
        time.sleep(10)
        terminal = Watched((*VIEWER, "wall", "--speed", "20"), os.environ)
        memory = []
        for _ in range(round(_MINUTES * 60 / _EVERY)):
            terminal.let_go_on(_EVERY)
            memory.append(terminal.process.memory_info().rss / 1e6)
        terminal.close()
    third = len(memory) // 3
    middle, last = statistics.mean(memory[third : 2 * third]), statistics.mean(memory[2 * third :])
    return [
        Row(f"wall at 20 times its speed, {_MINUTES:g} minutes: most memory", max(memory), "MB", most=90.0),
        Row("the same: last third less the middle one", last - middle, "MB", most=1.0),
    ]
