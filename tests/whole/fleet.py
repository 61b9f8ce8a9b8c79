"""Agents that share a store, and a service that remembers which of them asked it when."""

from __future__ import annotations

import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from penguintui.clock import SystemClock
from tests.whole.program import Program

_CLOCK = SystemClock()

CONFIGURATION = """
environment: production
store: !env TEST_STORE
targets:
  - name: api
    kind: service
    probes:
      - {{type: http, url: "http://127.0.0.1:{port}/health", interval: 250ms, headers: {{X-Agent: !env TEST_AGENT}}}}
"""


class Asked:
    """A service that remembers who asked it when (monotonic)."""

    def __init__(self) -> None:
        self.log: list[tuple[str, float]] = []
        asked = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.log.append((self.headers["X-Agent"] or "", _CLOCK.monotonic()))
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *words: Any) -> None:
                """The log above is enough."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def by(self, agent: str, after: float = 0.0) -> list[float]:
        return [moment for name, moment in self.log if name == agent and moment > after]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Agents(Program):
    """An agent of a fleet: a state folder of its own, the store of all."""

    def __init__(self, folder: Path, name: str, store: str, configuration: str) -> None:
        folder.mkdir()
        super().__init__(folder, configuration)
        self.name, self.store = name, store
        self.process: subprocess.Popen[str] | None = None
        self.log = folder / "log"

    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, "TEST_STORE": self.store, "TEST_AGENT": self.name}

    def begin(self) -> subprocess.Popen[str]:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "penguintui", "agent"],
                env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, text=True,
            )  # fmt: skip
        self._started.append(self.process)
        return self.process

    def said(self, words: str) -> bool:
        return words in self.log.read_text(encoding="utf-8")
