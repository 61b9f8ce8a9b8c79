"""Debian's VictoriaMetrics on loopback, its data in a folder: for what is written to it and asked of it."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from tests.conftest import find_program

_PATIENCE = 60.0
_ENDLESS = re.compile(r"\+?Inf(?=[,\]])")


class Victoria:
    """A server that can be stopped and started again at the same address."""

    def __init__(self, folder: Path, *options: str, password: str = "") -> None:
        self._folder, self._options = folder, options
        self._auth = ("penguintui", password) if password else None
        self._process: subprocess.Popen[bytes] | None = None
        # Bound and never listening, it keeps the port ours while the server is stopped.
        self._port = socket.socket()
        self._port.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._port.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._port.getsockname()[1]}"
        self.url = f"http://{self.address}"

    def start(self) -> None:
        program = find_program("victoria-metrics")
        if not program:
            raise FileNotFoundError("victoria-metrics is missing: apt-get install victoria-metrics")
        self._folder.mkdir(exist_ok=True)
        log = self._folder / "log"
        with log.open("wb") as file:
            self._process = subprocess.Popen(
                [
                    program,
                    f"-storageDataPath={self._folder / 'data'}",
                    f"-httpListenAddr={self.address}",
                    "-retentionPeriod=100y",
                    "-dedup.minScrapeInterval=1ms",
                    "-search.latencyOffset=0",
                    *self._options,
                ],
                stdout=file,
                stderr=file,
            )
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline and self._process.poll() is None:
            with contextlib.suppress(httpx.TransportError):
                self.get("/health")
                return
            time.sleep(0.05)
        raise RuntimeError(log.read_text(encoding="utf-8"))

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(30)

    def close(self) -> None:
        self.stop()
        self._port.close()

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(30)

    def exported(self, match: str) -> dict[tuple[tuple[str, str], ...], list[tuple[int, float]]]:
        """The raw samples of all series that match: time in milliseconds and value, by labels."""
        self.get("/internal/force_flush")
        found = {}
        later = f"{time.time() + 3600:.0f}"  # what is asked for without an end stops a little before now
        for line in self.get("/api/v1/export", {"match[]": match, "end": later}).text.splitlines():
            one = json.loads(_ENDLESS.sub("Infinity", line))
            points = list(zip(one["timestamps"], one["values"], strict=True))
            found[tuple(sorted(one["metric"].items()))] = points
        return found

    def get(self, path: str, parameters: dict[str, str] | None = None) -> httpx.Response:
        answer = httpx.get(f"{self.url}{path}", params=parameters, timeout=_PATIENCE, auth=self._auth, trust_env=False)
        answer.raise_for_status()
        return answer


@contextlib.contextmanager
def victoria(folder: Path, *options: str, password: str = "") -> Iterator[Victoria]:
    """A server that runs; it is stopped at the end. password: of penguintui, where the options want one."""
    one = Victoria(folder, *options, password=password)
    try:
        one.start()
        yield one
    finally:
        one.close()
