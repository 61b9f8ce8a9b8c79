"""How listing the mail queue can fail."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from penguintui.adapters.postfix.queue import PostfixQueueAdapter
from penguintui.clock import SystemClock
from penguintui.config.probes import PostfixQueueProbe
from tests.adapters.contract import Bring, Condition, Trial, case
from tests.adapters.mailqueue import script

_DOWN = "postqueue: fatal: Queue report unavailable - mail system is down"
_FORBIDDEN = "postqueue: fatal: User eva(1000) is not allowed to view the mail queue"
_TELL = "open({begun!r}, 'w').close()\n"

PROGRAMS = {
    Condition.REFUSED: f"import sys; sys.exit(print({_DOWN!r}, file=sys.stderr) or 69)",
    Condition.TIMEOUT: "import time; time.sleep(600)",
    Condition.CANCELLED: "import time; time.sleep(600)",
    Condition.CLOSED: "import os, signal; print('{', flush=True); os.kill(os.getpid(), signal.SIGTERM)",
    Condition.GARBAGE: "print('Mail queue is empty')",
    Condition.HUGE: "import os\nwhile True: os.write(1, b'x' * 65536)",
    Condition.DRIP: "import os, time\nwhile True: os.write(1, b'x'); time.sleep(0.05)",
    Condition.CREDENTIALS: f"import sys; sys.exit(print({_FORBIDDEN!r}, file=sys.stderr) or 69)",
}


def _bring(program: str) -> Bring:
    @contextlib.asynccontextmanager
    async def bring(folder: Path) -> AsyncIterator[Trial]:
        begun = folder / "begun"
        command = script(folder, _TELL.format(begun=str(begun)) + program)
        adapter = PostfixQueueAdapter(PostfixQueueProbe(type="postfix-queue", command=command), SystemClock())
        trial = Trial(adapter, command[-1], "probe.answer")

        async def watch() -> None:
            while not begun.exists():
                await asyncio.sleep(0.01)
            trial.begun.set()

        watching = asyncio.create_task(watch())
        try:
            yield trial
        finally:
            watching.cancel()

    return bring


for _condition, _program in PROGRAMS.items():
    case("postfix-queue", _condition)(_bring(_program))
