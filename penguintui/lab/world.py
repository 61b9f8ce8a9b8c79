"""The lab itself: every part started in one folder, kept moving, and stopped without a trace."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import shutil
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack
from pathlib import Path

from aiohttp import ClientError, ClientSession, ClientTimeout

from penguintui.lab.breaking import Breaking
from penguintui.lab.configuration import demo_configuration
from penguintui.lab.control_server import ControlServer
from penguintui.lab.mailflow import TICK
from penguintui.lab.nameserver import make_dkim_key
from penguintui.lab.parts import Parts, write_private
from penguintui.lab.ports import LOOPBACK
from penguintui.lab.traffic import load
from penguintui.model.clock import Clock

LOG_TICK = 1.0
REQUESTS_A_SECOND = 3.0
FORGET_EVERY = 60.0
_PATHS = (("GET", "/api/v1/campaigns"), ("GET", "/api/v1/tenants"), ("POST", "/api/v1/messages"))

_log = logging.getLogger("penguintui.lab")


class FolderInUseError(RuntimeError):
    """The lab's folder holds something already."""


class World(Parts):
    """One lab. Made by `World.start`; everything it opened is closed when that is left."""

    def __init__(self, folder: Path, seed: int, clock: Clock) -> None:
        super().__init__(folder, seed, clock)
        self.breaking = Breaking(self)
        self.control = ControlServer(self, self.breaking, self.control_token)
        self.lab_json = folder / "lab.json"
        self.configuration = folder / "config.yaml"

    @classmethod
    @contextlib.asynccontextmanager
    async def start(cls, folder: Path, *, seed: int = 1, clock: Clock) -> AsyncIterator[World]:
        """Start a lab in an empty or new folder; leaving removes what it put there. Raises FolderInUseError."""
        async with AsyncExitStack() as stack:
            _take(folder, stack)
            world = cls(folder, seed, clock)
            await world._open(stack)
            yield world

    async def _open(self, stack: AsyncExitStack) -> None:
        stack.callback(self.database.close)
        stack.callback(self.log.close)
        stack.push_async_callback(self.colours.close)
        for release in (self.running_release, self.previous_release):
            await self.colours.start(release.colour, release.name)
        self._dkim_key = await asyncio.to_thread(make_dkim_key)
        for part in (self.proxy, self.website, self.mail, self.mailbox, self.control):
            stack.push_async_callback(part.close)
            await part.start()
        stack.push_async_callback(self.dns.stop)
        await self.dns.start()
        for report in self._reporters.past(self.began):
            self.mailbox.deliver(report)
        first = self._mailflow.past(self.began)
        await asyncio.to_thread(self.database.create, self._operations.beginning(self.began))
        await asyncio.to_thread(self.database.write, first)
        await self.tick(TICK)
        for release in (self.running_release, self.previous_release):
            await self.colours.ready(release.colour)
        self._write_files()
        for loop in (self._keep_moving(), self._keep_logging(), self._keep_asking(), self._keep_small()):
            task = asyncio.create_task(loop)
            stack.push_async_callback(_cancel, task)

    def _write_files(self) -> None:
        self.configuration.write_text(demo_configuration(self, self.control_url))
        known = {
            "control": self.control_url,
            "token": self.control_token,
            "pid": os.getpid(),
            "folder": str(self.folder),
            "configuration": str(self.configuration),
            "seed": self.seed,
            "began": self.began,
        }
        write_private(self.lab_json, json.dumps(known))

    @property
    def control_url(self) -> str:
        return f"http://{LOOPBACK}:{self.control.port}"

    async def tick(self, seconds: float) -> None:
        """The platform lives on for some seconds: mail, queues, nodes, customers."""
        now = self.clock.now()
        await self.breaking.settle()
        self.spool.tick(now, seconds)
        for report in self._reporters.tick(now):
            self.mailbox.deliver(report)
        batch = self._mailflow.tick(now, seconds)
        state = self._operations.tick(now, seconds)
        batch.statements |= state.statements
        await asyncio.to_thread(self.database.write, batch)

    async def _keep_moving(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            await _noted(self.tick(TICK))

    async def _keep_logging(self) -> None:
        while True:
            await asyncio.sleep(LOG_TICK)
            self.log.tick(self.clock.now(), LOG_TICK)

    async def _keep_small(self) -> None:
        while True:
            await asyncio.sleep(FORGET_EVERY)
            await _noted(asyncio.to_thread(self.database.forget, self.clock.now()))

    async def _keep_asking(self) -> None:
        """The customers' requests. What fails is the platform's trouble: its own statistics tell of it."""
        async with ClientSession(self.api_url, timeout=ClientTimeout(total=5)) as session:
            asking: set[asyncio.Task[None]] = set()
            number = 0
            while True:
                await asyncio.sleep(1 / (REQUESTS_A_SECOND * load(self.clock.now(), self.seed)))
                number += 1
                task = asyncio.create_task(_ask(session, *_PATHS[number % len(_PATHS)]))
                asking.add(task)
                task.add_done_callback(asking.discard)


async def _ask(session: ClientSession, method: str, path: str) -> None:
    with contextlib.suppress(ClientError, TimeoutError):
        async with session.request(method, path) as answer:
            await answer.read()


async def _noted(work: Awaitable[object]) -> None:
    """A tick that fails is written to the lab's log, and the next one goes on."""
    try:
        await work
    except Exception:
        _log.exception("a tick of the lab failed")


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def _take(folder: Path, stack: AsyncExitStack) -> None:
    """Make the folder or take an empty one; put it back as it was found at the end."""
    there_before = folder.exists()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if any(folder.iterdir()):
        raise FolderInUseError(f"{folder} is not empty; name a new folder for the lab, or stop the lab that is there")
    stack.callback(_empty, folder, there_before)


def _empty(folder: Path, keep: bool) -> None:
    for entry in folder.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    if not keep:
        folder.rmdir()
