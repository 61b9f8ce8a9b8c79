"""Logs are read on across the death of the agent, and what log rotation does meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import count
from pathlib import Path

from tests.whole.program import Program, until

CONFIGURATION = """
environment: test
targets:
  - name: logins
    kind: log
    probes: [{{type: log, path: {path}, read_from: start, interval: 100ms, failures: {{}}}}]
"""
LINE = "2026-11-24T10:00:00Z mx1 sshd[7]: Accepted publickey for {user} from 192.0.2.1 port 1 ssh2\n"


class Writing:
    """Somebody who logs in again and again, each time as another user.

    As often as is allowed: of what a slow machine finds all at once, a reading keeps 500 and counts the rest.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.number = path, 0
        self._allowed = threading.Semaphore(0)
        self._lock, self._over = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._work)

    def __enter__(self) -> Writing:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def write(self, times: int = 1) -> None:
        with self._lock, self.path.open("a") as file:
            for _ in range(times):
                self.number += 1
                file.write(LINE.format(user=f"u{self.number}"))

    def allow(self, times: int) -> None:
        """So many more, one after another while the caller goes on."""
        self._allowed.release(times)

    def rotate(self, name: str) -> None:
        with self._lock:
            self.path.rename(self.path.with_name(name))
            self.path.touch()

    def _work(self) -> None:
        while not self._over.wait(0.01):
            if self._allowed.acquire(timeout=0.05):
                self.write()


def users(program: Program) -> list[str]:
    kind = "SELECT json_extract(attributes, '$.user') FROM events WHERE kind = 'login.accepted'"
    return [str(row[0]) for row in program.rows(kind)]


def test_each_line_counts_once_across_kills_and_rotation(program: Callable[..., Program], tmp_path: Path) -> None:
    path = tmp_path / "auth.log"
    path.touch()
    one = program(CONFIGURATION.format(path=path))
    names = count(1)
    with Writing(path) as writing:
        for _ in range(3):
            agent = one.agent()
            before = len(users(one))
            writing.allow(150)
            until(lambda: len(users(one)) > before + 20)  # noqa: B023 (used at once)
            agent.kill()
            agent.wait()
            writing.write(50)
            writing.rotate(f"auth.log.{next(names)}")
            writing.write(50)
    one.agent()
    until(lambda: len(users(one)) >= writing.number)
    assert sorted(users(one)) == sorted(f"u{number}" for number in range(1, writing.number + 1))
