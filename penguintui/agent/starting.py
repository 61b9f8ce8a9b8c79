"""Finding an agent or starting one, so that one command is a whole monitoring system."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from penguintui.agent.alive import alive
from penguintui.config.places import Places

_PATIENCE = 15.0


class NotStartedError(Exception):
    """The agent did not start; the text says why and where its log is."""


class OneAgent:
    """The lock that only one agent of a state folder can hold, for as long as its process lives."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    def take(self) -> bool:
        """Take it; False when another agent has it."""
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
        os.ftruncate(handle, 0)
        os.write(handle, f"{os.getpid()}\n".encode())
        self._handle = handle
        return True


def ensure_agent(places: Places, options: list[str], wait: Callable[[float], None] = time.sleep) -> bool:
    """Start an agent when none listens, in a session of its own, and wait until it does.

    options: further arguments of `penguintui agent`. Returns whether one had to be started.
    Raises NotStartedError.
    """
    if alive(places.socket):
        return False
    places.prepare()
    with places.agent_log.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "penguintui", "agent", "--leave", *options],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if alive(places.socket):
            return True
        code = process.poll()
        # 75: another agent was quicker; its socket is about to appear.
        if code not in (None, 75):
            raise NotStartedError(f"the agent ended with exit code {code}: {_last_words(places.agent_log)}")
        wait(0.05)
    raise NotStartedError(f"the agent did not answer within {_PATIENCE:g} s; its log is {places.agent_log}")


def _last_words(log: Path) -> str:
    lines = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else f"it said nothing; its log is {log}"
