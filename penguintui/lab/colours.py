"""Starts and stops the processes of the API's colours."""

from __future__ import annotations

import asyncio
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from penguintui.lab.ports import LOOPBACK, ReservedPort

COLOURS = ("blue", "green")
START_SECONDS = 10.0
STOP_SECONDS = 1.5
DRAIN_SECONDS = 6.0


class ColourError(RuntimeError):
    """A colour did not start, or there is nothing to start. The sentence says which."""


@dataclass(slots=True)
class RunningColour:
    process: asyncio.subprocess.Process
    release: str


class Colours:
    """Each colour keeps its port, whichever release runs there or none."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder = folder
        self._seed = seed
        self._reserved = {colour: ReservedPort() for colour in COLOURS}
        self._running: dict[str, RunningColour] = {}
        self._before: dict[str, str | None] = dict.fromkeys(COLOURS)

    def address(self, colour: str) -> str:
        return f"http://{LOOPBACK}:{self._reserved[colour].number}"

    def release(self, colour: str) -> str | None:
        """The release that runs in it; None when none does."""
        running = self._running.get(colour)
        return running.release if running and running.process.returncode is None else None

    async def start(self, colour: str, release: str, flawed: bool = False) -> None:
        """Start a release; what ran there before is stopped first and remembered for `restore`."""
        before = self._running[colour].release if colour in self._running else None
        await self.stop(colour)
        self._before[colour] = before
        arguments = ["--folder", str(self._folder), "--colour", colour, "--release", release]
        arguments += ["--port", str(self._reserved[colour].number), "--seed", str(self._seed)]
        with (self._folder / f"api-{colour}.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "penguintui.lab.colour",
                *arguments,
                *(["--flawed"] if flawed else []),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        self._running[colour] = RunningColour(process, release)

    async def ready(self, colour: str) -> None:
        """Wait until it listens. Raises ColourError when it does not."""
        running = self._running[colour]
        assert running.process.stdout is not None  # noqa: S101 - opened as a pipe above
        try:
            line = await asyncio.wait_for(running.process.stdout.readline(), START_SECONDS)
        except TimeoutError:
            line = b""
        if line.strip() != b"ready":
            await self.stop(colour)
            log = self._folder / f"api-{colour}.log"
            raise ColourError(f"release {running.release} did not start in {colour}; its words are in {log}")

    async def restore(self, colour: str) -> str | None:
        """Start again what ran in a colour before the last start; stop it when nothing did. Returns the release."""
        before = self._before[colour]
        if before is None:
            await self.stop(colour)
            return None
        await self.start(colour, before)
        await self.ready(colour)
        return before

    async def stop(self, colour: str, patience: float = DRAIN_SECONDS) -> None:
        """Let a colour finish its requests, then end. After `patience` seconds it is killed."""
        running = self._running.pop(colour, None)
        if running is None:
            return
        process = running.process
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), patience)
        except TimeoutError:
            process.kill()
            await process.wait()
        if process.stdin is not None:
            process.stdin.close()

    async def kill(self, colour: str) -> None:
        """End a colour without a word, as a crash does. What ran there is still known to `revive`."""
        running = self._running[colour]
        if running.process.returncode is None:
            running.process.kill()
            await running.process.wait()

    async def revive(self, colour: str) -> None:
        """Start what died in a colour again; nothing when something runs there."""
        if colour in self._running and self.release(colour) is None:
            before = self._before[colour]
            await self.start(colour, self._running[colour].release)
            await self.ready(colour)
            self._before[colour] = before

    async def close(self) -> None:
        await asyncio.gather(*(self.stop(colour, STOP_SECONDS) for colour in COLOURS))
        for reserved in self._reserved.values():
            reserved.close()
