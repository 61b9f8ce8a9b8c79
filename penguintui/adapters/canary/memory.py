"""The canaries that were sent, in a file: a restart forgets none, and sends none twice."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from penguintui.adapters.failure import NotAnswered, local
from penguintui.mail.placement import Canary, Place
from penguintui.model.clock import Time

_PATIENCE = 5.0
_TABLE = """
CREATE TABLE IF NOT EXISTS canaries (
    token TEXT PRIMARY KEY, pool TEXT NOT NULL, seed TEXT NOT NULL, provider TEXT NOT NULL,
    sent REAL NOT NULL, place TEXT NOT NULL, seen REAL NOT NULL, taken INTEGER NOT NULL
) WITHOUT ROWID
"""


@dataclass(frozen=True, slots=True)
class Sent:
    """One canary. token: in its headers. seed: the address to which it was sent. taken: whether a server took it."""

    token: str
    pool: str
    seed: str
    provider: str
    sent: Time
    place: Place = Place.PENDING
    seen: Time = 0.0
    taken: bool = True

    @property
    def canary(self) -> Canary:
        return Canary(self.provider, self.pool, self.sent, self.place, self.seen)


class CanaryMemory:
    """One file; made when it is missing. Every method may raise NotAnswered, and blocks for moments only."""

    def __init__(self, file: str) -> None:
        self._file = Path(file)

    def begin(self, one: Sent, every: float) -> bool:
        """Note a canary before it is sent, so that it is sent once. False when it is not due, as others may have seen.

        every: seconds between two of one pool to one mailbox.
        """
        with self._open() as memory:
            memory.execute("BEGIN IMMEDIATE")  # between the look and the note no other process may come
            latest = memory.execute(
                "SELECT max(sent) FROM canaries WHERE pool = ? AND seed = ?", (one.pool, one.seed)
            ).fetchone()[0]
            due = latest is None or one.sent - latest >= every
            if due:
                row = (one.token, one.pool, one.seed, one.provider, one.sent, Place.PENDING.value, 0.0)
                memory.execute("INSERT INTO canaries VALUES (?, ?, ?, ?, ?, ?, ?, 0)", row)
            memory.execute("COMMIT")
        return bool(due)

    def refused(self, token: str) -> None:
        """Forget a canary that nobody took: it is no mail, and the next may be tried at once."""
        with self._open() as memory:
            memory.execute("DELETE FROM canaries WHERE token = ?", (token,))

    def taken(self, token: str) -> None:
        with self._open() as memory:
            memory.execute("UPDATE canaries SET taken = 1 WHERE token = ?", (token,))

    def found(self, token: str, place: Place, seen: Time) -> None:
        with self._open() as memory:
            memory.execute("UPDATE canaries SET place = ?, seen = ? WHERE token = ?", (place.value, seen, token))

    def since(self, time: Time) -> Sequence[Sent]:
        """All that were sent since then, the oldest first; what is older is forgotten."""
        with self._open() as memory:
            memory.execute("DELETE FROM canaries WHERE sent < ?", (time,))
            rows = memory.execute(
                "SELECT token, pool, seed, provider, sent, place, seen, taken FROM canaries ORDER BY sent, token"
            ).fetchall()
        return [
            Sent(token, pool, seed, provider, sent, Place(place), seen, bool(taken))
            for token, pool, seed, provider, sent, place, seen, taken in rows
        ]

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._file, isolation_level=None, timeout=_PATIENCE)) as memory:
                memory.execute(_TABLE)
                yield memory
        except (sqlite3.Error, ValueError) as error:
            what = f"{self._file}, which remembers the canaries,"
            remedy = "Let the agent write in that folder, or name another file as `memory`."
            raise NotAnswered(local(what, str(error), remedy)) from error
