"""The SSH server's log of mx1: ordinary logins, the usual attackers, and a fault's attacker. Rotated at times."""

from __future__ import annotations

import datetime
import random
from collections.abc import Container
from pathlib import Path

from penguintui.model.clock import Time

ATTACKER = "198.51.100.77"
ATTEMPTS_A_SECOND = 8
ROTATE_AFTER = 1500
USUAL_ATTACKERS = ("198.51.100.14", "198.51.100.201", "192.0.2.66", "192.0.2.131")
GUESSED = ("root", "admin", "postgres", "ubuntu", "test", "oracle", "git", "deploy")
EXISTING = frozenset({"root", "deploy", "postgres"})
"""Those of the guessed accounts that there are."""
_SECONDS_A_LOGIN = 72
"""As many fail in an hour as in the generated past."""
_PEOPLE = (("ana", "192.0.2.10"), ("ben", "192.0.2.11"), ("deploy", "192.0.2.20"))


class AuthLog:
    """Writes lines as sshd's arrive through rsyslog, with ISO stamps."""

    def __init__(self, path: Path, seed: int, faults: Container[str]) -> None:
        self.path = path
        self.blocked: set[str] = set()
        self._faults = faults
        self._chance = random.Random(seed + 3)  # noqa: S311 - a simulation
        self._file = path.open("a")
        self._lines = 0

    def tick(self, now: Time, seconds: float) -> None:
        if self._chance.random() < seconds / _SECONDS_A_LOGIN:
            self._ordinary(now)
        if "brute-force" in self._faults and ATTACKER not in self.blocked:
            for number in reversed(range(round(ATTEMPTS_A_SECOND * seconds))):
                self._failed(now - number * 0.1, ATTACKER)
        self._file.flush()
        if self._lines > ROTATE_AFTER:
            self.rotate()

    def rotate(self) -> None:
        """As logrotate does: the old file keeps its lines under another name, a new one begins."""
        self._file.close()
        self.path.replace(self.path.with_name(self.path.name + ".1"))
        self._file = self.path.open("a")
        self._lines = 0

    def close(self) -> None:
        self._file.close()

    def _ordinary(self, time: Time) -> None:
        if self._chance.random() < 0.6:
            source = self._chance.choice(USUAL_ATTACKERS)
            if source not in self.blocked:
                self._failed(time, source)
            return
        person, source = self._chance.choice(_PEOPLE)
        port, process = self._chance.randint(30_000, 60_000), self._chance.randint(2_000, 30_000)
        key = "ED25519 SHA256:9f3dO2cXlqXbXn0uYJ0nY3b8nQdZr5oTgq1m7vS4h2k"
        self._write(time, process, f"Accepted publickey for {person} from {source} port {port} ssh2: {key}")
        self._write(time, process, f"pam_unix(sshd:session): session opened for user {person}(uid=1000) by (uid=0)")

    def _failed(self, time: Time, source: str) -> None:
        user = self._chance.choice(GUESSED)
        known = "" if user in EXISTING else "invalid user "
        port, process = self._chance.randint(30_000, 60_000), self._chance.randint(2_000, 30_000)
        self._write(time, process, f"Failed password for {known}{user} from {source} port {port} ssh2")

    def _write(self, time: Time, process: int, text: str) -> None:
        stamp = datetime.datetime.fromtimestamp(time, datetime.UTC).isoformat(timespec="microseconds")
        self._file.write(f"{stamp} mx1 sshd[{process}]: {text}\n")
        self._lines += 1
