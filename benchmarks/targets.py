"""What an agent costs that asks 10,000 targets every 60 s, on both kinds of store, and beside one with 100.

Promised: at most 60 % of a core, the store at most 5 s behind the last answer, a target of 10,000 costs at most
1.5 times one of 100. TARGETS and SECONDS in the environment make it shorter.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import psutil

from benchmarks.measuring import Row
from penguintui.clock import SystemClock
from penguintui.store.errors import StoreError
from penguintui.store.reader import Store
from tests.adapters.postgres import running_postgres

_MANY, _FEW = int(os.environ.get("TARGETS", "10000")), 100
_SECONDS = float(os.environ.get("SECONDS", "60"))
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class _Service:
    """Answers every request with two bytes, on as many connections as are opened."""

    def __init__(self) -> None:
        self.answered = 0.0
        self._loop = asyncio.new_event_loop()
        self._server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = self._server.sockets[0].getsockname()[1]
        threading.Thread(target=self._loop.run_forever, daemon=True).start()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(_ANSWER)
                self.answered = time.time()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)


def _configuration(folder: Path, targets: int, port: int) -> Path:
    probe = f"{{type: http, url: http://127.0.0.1:{port}, interval: 60s}}"
    lines = ["environment: production", "agent: {per_host: 64}", "targets:"]
    # Short lines: a configuration is at most 1,024 KiB.
    lines += [f"- {{name: t{number:05}, kind: service, probes: [{probe}]}}" for number in range(targets)]
    path = folder / "config.yaml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def _cost(folder: Path, store: str, targets: int, service: _Service) -> tuple[float, float, float]:
    """Share of a core, how far the store is behind the last answer (s), and observations a second.

    Measured once all have been asked once; all are asked in the first tenth of each minute, and then none.
    """
    folder.mkdir()
    places = {"PENGUINTUI_STATE": str(folder / "state"), "PENGUINTUI_RUNTIME": str(folder / "run")}
    command = [sys.executable, "-m", "penguintui", "agent", "--store", store]
    command += ["--config", str(_configuration(folder, targets, service.port))]
    with (folder / "log").open("wb") as log:
        agent = subprocess.Popen(command, env={**os.environ, **places}, stdout=log, stderr=log)
    reading = Store(store, SystemClock())
    try:
        _wait(reading, "SELECT count(*) FROM series WHERE metric = 'up'", targets, agent)
        time.sleep(5)
        process = psutil.Process(agent.pid)
        before, began, count = process.cpu_times(), time.monotonic(), _ask(reading, _COUNT)
        behind = []
        while time.monotonic() - began < _SECONDS:
            time.sleep(1)
            answered = service.answered
            behind.append(answered - _ask(reading, _NEWEST) / 1000)
        after, took = process.cpu_times(), time.monotonic() - began
        rate = (_ask(reading, _COUNT) - count) / took
        return (after.user + after.system - before.user - before.system) / took, max(behind), rate
    finally:
        reading.close()
        agent.terminate()
        agent.wait(20)


_UPS = "FROM samples s JOIN series r ON r.id = s.series_id WHERE r.metric = 'up'"
_COUNT = f"SELECT count(*) {_UPS}"
_NEWEST = f"SELECT max(s.time) {_UPS}"


def _ask(reading: Store, sql: str) -> float:
    return float(reading.driver_rows(sql, ())[0][0] or 0)


def _wait(reading: Store, sql: str, least: int, agent: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 300
    while time.monotonic() < until:
        assert agent.poll() is None, "the agent ended"
        with suppress(StoreError):  # it is not made yet
            if _ask(reading, sql) >= least:
                return
        time.sleep(1)
    raise AssertionError("not all targets were asked in time")


def measure() -> list[Row]:
    rows = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        postgres = stack.enter_context(running_postgres())
        service = _Service()
        stack.callback(service.close)
        for kind in ("SQLite", "PostgreSQL"):
            costs = {}
            for targets in (_FEW, _MANY):
                place = folder / f"{kind}{targets}"
                if kind == "PostgreSQL":
                    postgres.run(f"CREATE DATABASE t{targets}")
                    store = postgres.url(database=f"t{targets}")
                else:
                    store = f"sqlite:///{place / 'state' / 'store.db'}"
                costs[targets], behind, rate = _cost(place, store, targets, service)
                what = f"{targets:,} targets at 60 s on {kind}"
                rows.append(Row(f"{what}: agent", costs[targets] * 100, "% of a core", most=60))
                if targets == _MANY:
                    rows.append(Row(f"{what}: the store behind the last answer", behind, "s", most=5))
                    rows.append(Row(f"{what}: observations", rate, "a second"))
            ratio = (costs[_MANY] / _MANY) / (costs[_FEW] / _FEW)
            rows.append(Row(f"a target of {_MANY:,} / one of {_FEW} on {kind}", ratio, "", most=1.5))
    return rows
