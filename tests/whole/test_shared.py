"""Two agents over one PostgreSQL: one works, the other stands by, and takes over when it must."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from penguintui.agent.lease import LASTS
from penguintui.clock import SystemClock
from penguintui.store.errors import StoreError
from penguintui.store.reader import Store
from tests.adapters.postgres import Postgres
from tests.whole.program import Program, until

pytestmark = pytest.mark.needs("initdb", "postgresql-15")
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


@pytest.fixture
def asked() -> Iterator[Asked]:
    service = Asked()
    yield service
    service.close()


@pytest.fixture
def store_url(postgres: Postgres, request: pytest.FixtureRequest) -> Iterator[str]:
    name = f"whole_{os.getpid()}_{abs(hash(request.node.name)) % 10**8}"
    postgres.run(f"CREATE DATABASE {name}")
    yield postgres.url(database=name)
    postgres.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def pair(tmp_path: Path, store_url: str, asked: Asked) -> Iterator[tuple[Agents, Agents]]:
    text = CONFIGURATION.format(port=asked.port)
    both = Agents(tmp_path / "a", "a", store_url, text), Agents(tmp_path / "b", "b", store_url, text)
    both[0].begin()
    until(lambda: asked.by("a"))
    both[1].begin()
    until(lambda: both[1].said("stands by"))
    yield both
    for one in both:
        if one.process is not None and one.process.poll() is None:
            one.process.send_signal(signal.SIGCONT)
        one.stop()


def rows(url: str, sql: str) -> list[Any]:
    store = Store(url, _CLOCK)
    try:
        return store.driver_rows(sql, ())
    except StoreError:
        return []
    finally:
        store.close()


def test_one_works_and_the_other_stands_by(pair: tuple[Agents, Agents], asked: Asked, store_url: str) -> None:
    before = len(asked.log)
    until(lambda: len(asked.log) > before + 4)
    assert asked.by("b") == []
    until(lambda: rows(store_url, "SELECT 1 FROM heartbeats WHERE standby = 1"))
    assert rows(store_url, "SELECT count(*) FROM heartbeats WHERE standby = 0") == [(1,)]


def test_another_takes_over_when_one_is_killed(pair: tuple[Agents, Agents], asked: Asked, store_url: str) -> None:
    first, _ = pair
    assert first.process is not None
    first.process.kill()
    killed = _CLOCK.monotonic()
    until(lambda: asked.by("b"))
    assert asked.by("a", killed + 0.5) == []
    until(lambda: rows(store_url, "SELECT token FROM leases") == [(2,)])


def test_an_agent_that_was_stopped_writes_nothing_when_it_goes_on(
    pair: tuple[Agents, Agents], asked: Asked, store_url: str
) -> None:
    first, second = pair
    assert first.process is not None
    first.process.send_signal(signal.SIGSTOP)
    stopped = _CLOCK.monotonic()
    until(lambda: asked.by("b"))
    until(lambda: rows(store_url, "SELECT 1 FROM heartbeats WHERE standby = 0 AND message = ''"))
    first.process.send_signal(signal.SIGCONT)
    until(lambda: first.said("the lease is lost"))
    until(lambda: rows(store_url, "SELECT count(*) FROM heartbeats WHERE standby = 0") == [(1,)])
    late = [moment - stopped for moment in asked.by("a", stopped + 0.5)]
    assert late == []
    assert second.process is not None and second.process.poll() is None


def test_who_is_told_to_stop_gives_the_lease_back(pair: tuple[Agents, Agents], asked: Asked) -> None:
    first, second = pair
    first.stop()
    told = _CLOCK.monotonic()
    until(lambda: asked.by("b"))
    assert asked.by("b")[0] - told < LASTS  # not waited for
    assert second.said("the lease is ours (token 2)")
