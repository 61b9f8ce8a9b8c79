"""A little agent for the tests of runs: everything of it that runs need, its loop, and steps to run."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from penguintui.actions.record import Record
from penguintui.actions.signing import load_public
from penguintui.actions.verifying import Trust, trusted_keys
from penguintui.agent.door import Visit
from penguintui.agent.runs import Runs
from penguintui.clock import SystemClock
from penguintui.config.places import Places
from penguintui.config.settings import Configuration
from penguintui.model.action import RunStatus
from penguintui.model.role import Caller, Role
from penguintui.store.reader import Store
from penguintui.store.writer import Writer
from tests.agent.proxying import TwoColours

ANA = Caller("ana", 1000, "ana", 1000, "ops1")
BEN = Caller("ben", 1001, "ben", 1001, "ops1")


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def touch(path: Path) -> list[str]:
    return python(f"open({str(path)!r}, 'w').close(); print('made {path.name}')")


def remove(path: Path) -> dict[str, Any]:
    return {"command": python(f"import os; os.remove({str(path)!r})")}


def wait_for(path: Path) -> list[str]:
    return python(f"import os, time\nwhile not os.path.exists({str(path)!r}): time.sleep(0.02)")


class House:
    """A little agent: everything of it that runs need, and its loop."""

    token: int | None = None

    def __init__(self, tmp_path: Path, proxy: TwoColours, actions: dict[str, Any]) -> None:
        self.tmp_path, self.clock = tmp_path, SystemClock()
        self.places = Places(None, tmp_path / "state", tmp_path / "runtime", shared=False)
        self.places.prepare()
        colours = {colour: f"{proxy.url}/{colour}" for colour in ("blue", "green")}
        self.configuration = Configuration.model_validate(
            {
                "environment": "staging",
                "proxies": {"api": {"type": "http", "url": f"{proxy.url}/active", "colours": colours}},
                "actions": actions,
            }
        )
        self.store = Store(self.url, self.clock)
        self.open()

    @property
    def url(self) -> str:
        return self.places.store_url

    def make_writer(self) -> Writer:
        return Writer(self.url)

    def open(self) -> None:
        self.writer = self.make_writer()
        record = Record(self.places.audit_key, self.places.audit_head, self.writer, self.clock)
        self.runs = Runs(self.places, self.writer, record, self.url, self.clock, lambda: self.configuration, self.token)
        self._following = asyncio.create_task(self._follow())

    async def close(self) -> None:
        self._following.cancel()
        await self.runs.executions.close()
        await asyncio.to_thread(self.writer.close)

    async def _follow(self) -> None:
        while True:
            self.runs.executions.follow()
            await asyncio.sleep(0.02)

    @property
    def trust(self) -> Trust:
        """What `audit verify` believes on this agent's host."""
        own = load_public(self.places.audit_key.with_suffix(".pub"))
        return Trust(own, trusted_keys(self.places.audit_trusted))

    def visit(self, caller: Caller = ANA) -> Visit:
        return Visit(caller, Role.ADMIN)

    async def start(self, action: str, caller: Caller = ANA, confirm: str = "yes", **said: Any) -> int:
        plan = await self.runs.plan(self.visit(caller), {"action": action, "parameters": said.pop("parameters", {})})
        said = {"plan": plan["hash"], "intent": f"{action}-{os.urandom(4).hex()}", "confirm": confirm, **said}
        return int((await self.runs.run(self.visit(caller), said))["run"])

    async def until(self, run: int, holds: Callable[[Any], bool]) -> Any:
        """Wait until a run is as wanted, and give it."""
        async with asyncio.timeout(20):
            while True:
                found = self.store.reader().run(run)
                if found is not None and holds(found):
                    return found
                await asyncio.sleep(0.03)

    async def end_of(self, run: int) -> Any:
        return await self.until(run, lambda found: found.status.finished or found.status is RunStatus.INTERRUPTED)

    async def output(self, run: int) -> str:
        return "\n".join(line.text for line in self.store.reader().run_output(run))


DEPLOY: dict[str, Any] = {
    "title": "Deploy {release}",
    "target": "staging",
    "danger": "guarded",
    "parameters": {"release": {}},
}
