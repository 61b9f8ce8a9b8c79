"""How a log file can fail to be read, whatever is looked for in it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from penguintui.adapters.base import Adapter
from penguintui.adapters.failure import Reason
from penguintui.adapters.logs.probe import LogAdapter
from penguintui.adapters.postfix.log import PostfixLogAdapter
from penguintui.clock import SystemClock
from penguintui.config.probes import LogProbe, PostfixLogProbe
from tests.adapters.contract import Condition, Trial, case, exempt

_MAKE: dict[str, Callable[[str], Adapter]] = {
    "log": lambda path: LogAdapter(LogProbe(type="log", path=path), SystemClock()),
    "postfix-log": lambda path: PostfixLogAdapter(PostfixLogProbe(type="postfix-log", path=path), SystemClock()),
}


def _register(probe_type: str, make: Callable[[str], Adapter]) -> None:
    exempt(probe_type, Condition.REFUSED, "nothing listens: a file is there or not")
    exempt(probe_type, Condition.TIMEOUT, "a local file answers at once; test_blocking.py has the call that hangs")
    exempt(probe_type, Condition.DRIP, "a file that grows slowly is how a log is; what is there is read")
    exempt(probe_type, Condition.HUGE, "a log may be of any size: one asking reads a bounded piece, test_log.py")
    exempt(probe_type, Condition.CANCELLED, "a reading of a local file has no middle; test_blocking.py cancels a call")

    def trial(path: Path, reason: Reason | None = None) -> Trial:
        return Trial(make(str(path)), str(path), "log.reach", reason=reason)

    @case(probe_type, Condition.CLOSED)
    @contextlib.asynccontextmanager
    async def rotated_away(folder: Path) -> AsyncIterator[Trial]:
        """The file was moved away, and no new one has come yet."""
        path = folder / "a.log"
        path.write_text("")
        gone = trial(path, Reason.LOCAL)
        path.unlink()
        yield gone

    @case(probe_type, Condition.GARBAGE)
    @contextlib.asynccontextmanager
    async def no_file(folder: Path) -> AsyncIterator[Trial]:
        """A pipe in the place of the file."""
        path = folder / "a.log"
        os.mkfifo(path)
        yield trial(path, Reason.LOCAL)

    if os.geteuid() == 0:
        exempt(probe_type, Condition.CREDENTIALS, "root may read every file; test_log.py refuses the opening itself")
        return

    @case(probe_type, Condition.CREDENTIALS)
    @contextlib.asynccontextmanager
    async def not_ours(folder: Path) -> AsyncIterator[Trial]:
        """A file that the agent's user may not read."""
        path = folder / "a.log"
        path.touch(mode=0)
        yield trial(path)


for _type, _make in _MAKE.items():
    _register(_type, _make)
