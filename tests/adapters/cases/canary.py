"""The contract for canaries: they go several ways, each of which has its own finding (`test_canary.py`)."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from penguintui.adapters.canary.probe import CanaryAdapter
from penguintui.clock import SystemClock
from penguintui.config.mailprobes import CanaryProbe

from ..contract import Condition, Trial, case, exempt
from ..servers import HOST, serving, silent


@case("canary", Condition.CANCELLED)
@contextlib.asynccontextmanager
async def _cancelled(folder: Path) -> AsyncIterator[Trial]:
    async with serving(silent) as server:
        pool = {"host": HOST, "port": server.port, "sender": "a@shop.example"}
        seed = {"host": HOST, "port": server.port, "address": "b@seed.example", "provider": "seed"}
        settings = CanaryProbe.model_validate(
            {"type": "canary", "memory": str(folder / "memory"), "pools": {"news": pool}, "seeds": [seed]}
        )
        yield Trial(CanaryAdapter(settings, SystemClock()), str(folder), "canary.memory", begun=server.contacted)


for _condition in Condition:
    if _condition is not Condition.CANCELLED:
        exempt("canary", _condition, "each pool and each mailbox has a finding of its own, and the others go on")
