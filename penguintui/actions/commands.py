"""Running a program for a step: an argument list, its output line by line, and its whole process group on time-out."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Mapping, Sequence

from penguintui.actions.failing import StepFailed

Say = Callable[[str, str], None]
"""Takes a stream's name (out, err, note) and a line."""

_GRACE = 5.0
_LONGEST_LINE = 1 << 16


async def run_command(command: Sequence[str], environment: Mapping[str, str], say: Say) -> str:
    """Run it to its end. Raises StepFailed when it cannot be started or exits with something but 0.

    When cancelled, the program and all that it started are ended: asked first, killed after five seconds.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, **environment},
            process_group=0,
            limit=_LONGEST_LINE,
        )
    except OSError as error:
        raise StepFailed(f"{command[0]} cannot be started: {error.strerror}") from error
    # Tasks of their own, which read on while the program is being ended: a full pipe would keep it from that.
    relays = [asyncio.create_task(_relay(stream, name, say)) for stream, name in
              ((process.stdout, "out"), (process.stderr, "err"))]  # fmt: skip
    try:
        await asyncio.wait(relays)
        code = await process.wait()
    except asyncio.CancelledError:
        await _end(process)
        raise
    finally:
        for relay in relays:
            relay.cancel()
    if code:
        raise StepFailed(f"{command[0]} ended with {_exit_words(code)}")
    return "done"


async def _relay(stream: asyncio.StreamReader | None, name: str, say: Say) -> None:
    while stream is not None:
        try:
            line = await stream.readline()
        except ValueError:
            say("note", f"a line of more than {_LONGEST_LINE:,} bytes was left out")
            continue
        if not line:
            return
        say(name, line.decode(errors="replace").rstrip("\r\n"))


async def _end(process: asyncio.subprocess.Process) -> None:
    for signum in (signal.SIGTERM, signal.SIGKILL):
        if process.returncode is not None:
            return
        try:
            os.killpg(process.pid, signum)
        except ProcessLookupError:
            return
        try:
            async with asyncio.timeout(_GRACE):
                await process.wait()
        except TimeoutError:
            continue


def _exit_words(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
