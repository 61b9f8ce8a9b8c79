"""How a log file can fail to be read."""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

from penguintui.adapters.failure import Reason
from penguintui.adapters.log import LogAdapter
from penguintui.clock import SystemClock
from penguintui.config.probes import LogProbe
from tests.adapters.contract import Condition, Trial, case, exempt

exempt("log", Condition.REFUSED, "nothing listens: a file is there or not")
exempt("log", Condition.TIMEOUT, "a local file answers at once; test_blocking.py has the call that hangs")
exempt("log", Condition.DRIP, "a file that grows slowly is how a log is; what is there is read")
exempt("log", Condition.HUGE, "a log may be of any size: one asking reads a bounded piece, test_log.py")
exempt("log", Condition.CANCELLED, "a reading of a local file has no middle; test_blocking.py cancels a call")


def _trial(path: Path, reason: Reason | None = None) -> Trial:
    adapter = LogAdapter(LogProbe(type="log", path=str(path)), SystemClock())
    return Trial(adapter, str(path), "log.reach", reason=reason)


@case("log", Condition.CLOSED)
@contextlib.asynccontextmanager
async def rotated_away(folder: Path) -> AsyncIterator[Trial]:
    """The file was moved away, and no new one has come yet."""
    path = folder / "auth.log"
    path.write_text("")
    trial = _trial(path, Reason.LOCAL)
    path.unlink()
    yield trial


@case("log", Condition.GARBAGE)
@contextlib.asynccontextmanager
async def no_file(folder: Path) -> AsyncIterator[Trial]:
    """A pipe in the place of the file."""
    path = folder / "auth.log"
    os.mkfifo(path)
    yield _trial(path, Reason.LOCAL)


if os.geteuid() == 0:
    exempt("log", Condition.CREDENTIALS, "root may read every file; test_log.py refuses the opening itself")
else:

    @case("log", Condition.CREDENTIALS)
    @contextlib.asynccontextmanager
    async def not_ours(folder: Path) -> AsyncIterator[Trial]:
        """A file that the agent's user may not read."""
        path = folder / "auth.log"
        path.touch(mode=0)
        yield _trial(path)
