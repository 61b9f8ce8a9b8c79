"""Runs a lab as a process of its own: `python -m penguintui.lab.main`.

When everything listens it prints one line of JSON, `{"lab": PATH}`, PATH being that of `lab.json`. It stops on
SIGTERM, SIGINT and SIGHUP, when its control says so, and, with `--parent FD`, when that file descriptor closes, so
that a killed demo leaves nothing behind.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import Literal

from penguintui.clock import SystemClock
from penguintui.lab.world import FolderInUseError, World


def run(folder: Path | None = None, seed: int = 1, parent: int | None = None) -> int:
    """Run a lab until it is told to stop. Returns the exit code: 0, or 64 when the folder cannot be used.

    folder: empty or new; a fresh temporary one when None. parent: a file descriptor to read until its end.
    """
    chosen = folder or Path(tempfile.mkdtemp(prefix="penguintui-lab-"))
    try:
        asyncio.run(_run(chosen.resolve(), seed, parent))
    except FolderInUseError as error:
        sys.stderr.write(f"{error}\n")
        return 64
    finally:
        if folder is None and chosen.exists():
            chosen.rmdir()
    return 0


async def _run(folder: Path, seed: int, parent: int | None) -> None:
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, stopping.set)
    async with World.start(folder, seed=seed, clock=SystemClock()) as world:
        logging.basicConfig(filename=folder / "lab.log", level=logging.WARNING, force=True)
        watched = [asyncio.create_task(stopping.wait()), asyncio.create_task(world.over.wait())]
        if parent is not None:
            watched.append(asyncio.create_task(_closed(parent)))
        sys.stdout.write(json.dumps({"lab": str(world.lab_json)}) + "\n")
        sys.stdout.flush()
        await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
        for task in watched:
            task.cancel()
        logging.shutdown()


async def _closed(descriptor: int) -> Literal[True]:
    """Wait for the end of what a pipe or socket says."""
    loop = asyncio.get_running_loop()
    closed = asyncio.Event()

    def read() -> None:
        with contextlib.suppress(BlockingIOError):
            if not os.read(descriptor, 1024):
                loop.remove_reader(descriptor)
                closed.set()

    loop.add_reader(descriptor, read)
    return await closed.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description="Runs the lab until it is told to stop.")
    parser.add_argument("--folder", type=Path, help="an empty or new folder; a temporary one when left out")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--parent", type=int, metavar="FD", help="stop when this file descriptor closes")
    options = parser.parse_args()
    sys.exit(run(options.folder, options.seed, options.parent))


if __name__ == "__main__":
    main()
