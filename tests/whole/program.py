"""The program as a person starts it: a process with places of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from penguintui.agent.alive import alive
from penguintui.agent.client import Client


class Program:
    """`penguintui` with its own configuration, state and socket, below one folder."""

    def __init__(self, folder: Path, configuration: str = "") -> None:
        self.folder = folder
        self.config = folder / "config.yaml"
        if configuration:
            self.config.write_text(configuration, encoding="utf-8")
        self.state, self.runtime = folder / "state", folder / "run"
        self._started: list[subprocess.Popen[str]] = []

    @property
    def environment(self) -> dict[str, str]:
        places = {"PENGUINTUI_STATE": str(self.state), "PENGUINTUI_RUNTIME": str(self.runtime)}
        configured = {"PENGUINTUI_CONFIG": str(self.config)} if self.config.exists() else {}
        return {**os.environ, "TERM": "xterm-256color", **places, **configured}

    @property
    def socket(self) -> Path:
        return self.runtime / "agent.sock"

    def run(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """A command to its end."""
        return subprocess.run(
            [sys.executable, "-m", "penguintui", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            stdin=subprocess.DEVNULL,
            **options,
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """A command that goes on."""
        process = subprocess.Popen(
            [sys.executable, "-m", "penguintui", *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._started.append(process)
        return process

    def agent(self) -> subprocess.Popen[str]:
        """An agent that listens."""
        process = self.start("agent")
        until(lambda: alive(self.socket) or process.poll() is not None)
        assert process.poll() is None, process.stdout and process.stdout.read()
        return process

    def ask(self, method: str, **said: Any) -> Any:
        """Ask the agent one thing."""

        async def conversation() -> Any:
            client = Client(self.socket)
            try:
                return await client.ask(method, **said)
            finally:
                await client.close()

        return asyncio.run(conversation())

    def rows(self, sql: str) -> list[Any]:
        """What the store holds."""
        store = self.state / "store.db"
        if not store.exists():
            return []
        connection = sqlite3.connect(f"file:{store}?mode=ro", uri=True, timeout=5)
        try:
            return connection.execute(sql).fetchall()
        except sqlite3.OperationalError:
            return []
        finally:
            connection.close()

    def stop(self) -> None:
        for process in self._started:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self._started:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout is not None:
                process.stdout.close()


def until(holds: Callable[[], Any], seconds: float = 180.0) -> Any:
    """Wait for something to be so, and give it. The bound is for a machine that is eight times busier than ours."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := holds():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not become so in time")
