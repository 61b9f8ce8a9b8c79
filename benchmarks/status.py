"""`penguintui status` on the demo's store, beside `python -c 'import sqlalchemy, pydantic'`.

Promised: within twice the time.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence

from benchmarks.measuring import Row
from benchmarks.terminals import VIEWER, platform, side_by_side

_RUNS = 9


def _run(*command: str, says: str = "") -> Sequence[float]:
    """Seconds by the clock, and by the processor. Fails when the program does not say what it should."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, env=os.environ).stdout
    took, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    assert says in said, f"{command} did not say {says!r}: {said}"
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure() -> list[Row]:
    with platform():
        time.sleep(8)
        (bare, bare_used), (ours, ours_used) = side_by_side(
            _RUNS,
            lambda: _run(sys.executable, "-c", "import sqlalchemy, pydantic"),
            lambda: _run(*VIEWER, "status", says="mx1-queue"),
        )
    return [
        Row("import sqlalchemy, pydantic", bare * 1000, "ms"),
        Row("penguintui status", ours * 1000, "ms"),
        Row("status / the imports", ours / bare, "", most=2.0),
        Row("status / the imports, processor time", ours_used / bare_used, "", most=2.0),
    ]
