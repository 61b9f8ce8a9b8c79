"""The platform's database: an SQLite file that the lab writes, its interfaces read, and a fault locks."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from penguintui.model.clock import Time

_KEPT = {
    "sends": 6 * 3600.0,
    "bounces": 6 * 3600.0,
    "complaints": 6 * 3600.0,
    "opens": 6 * 3600.0,
    "replies": 6 * 3600.0,
    "revenue": 6 * 3600.0,
    "seed_results": 300.0,
    "deliveries": 60.0,
}
"""Seconds for which the batches of each table are kept; the totals of each day stay."""


@dataclass(slots=True)
class Batch:
    """What one tick writes: new rows by table, then statements with the rows they are run for."""

    rows: dict[str, list[tuple[object, ...]]] = field(default_factory=dict)
    statements: dict[str, list[tuple[object, ...]]] = field(default_factory=dict)

    def add(self, table: str, *values: object) -> None:
        self.rows.setdefault(table, []).append(values)

    def run(self, statement: str, *values: object) -> None:
        self.statements.setdefault(statement, []).append(values)


class PlatformDatabase:
    """One writing connection. Its methods block, so call them in threads; they wait for one another."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.locked = False
        self._turn = threading.Lock()
        self._connection = sqlite3.connect(path, timeout=2.0, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA synchronous = OFF")

    def create(self, first: Batch) -> None:
        """The schema and what is there to begin with."""
        self._connection.executescript(Path(__file__).with_name("schema.sql").read_text())
        self.write(first)

    def write(self, batch: Batch) -> None:
        """Write a batch in one transaction. While a fault locks the database nothing is written."""
        with self._turn:
            if self.locked:
                return
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                for table, rows in batch.rows.items():
                    self._insert(table, rows)
                for statement, values in batch.statements.items():
                    self._connection.executemany(statement, values)
                self._connection.execute("COMMIT")
            except sqlite3.Error:
                self._connection.execute("ROLLBACK")
                raise

    def _insert(self, table: str, rows: Sequence[tuple[object, ...]]) -> None:
        marks = ", ".join("?" * len(rows[0]))
        self._connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608 - our own table

    def forget(self, now: Time) -> None:
        """Let go of batches that are older than they are kept."""
        batch = Batch()
        for table, kept in _KEPT.items():
            batch.run(f"DELETE FROM {table} WHERE time < ?", now - kept)  # noqa: S608 - our own table
        self.write(batch)

    def lock(self) -> None:
        """Hold the file exclusively: every other connection waits for its time-out and then fails."""
        with self._turn:
            if not self.locked:
                self._connection.execute("BEGIN EXCLUSIVE")
                self.locked = True

    def unlock(self) -> None:
        with self._turn:
            if self.locked:
                self._connection.execute("ROLLBACK")
                self.locked = False

    def close(self) -> None:
        with self._turn:
            self._connection.close()
