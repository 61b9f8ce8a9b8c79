"""What a run's process and the agent say to each other: two files of JSON lines in the run's folder.

`journal.jsonl` is the process's: what it begins, what comes out, how it ends. `orders.jsonl` is the agent's:
leave to go on, or the order to stop. Files, not a connection, so that either side may die and come back.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

JOURNAL = "journal.jsonl"
ORDERS = "orders.jsonl"
MAX_TEXT = 8192
"""Characters of one line of output that are kept."""


class Lines:
    """Appends JSON lines to a file, each complete and on the disk before the next."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, **entry: Any) -> None:
        os.write(self._file, json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")

    def sync(self) -> None:
        os.fsync(self._file)

    def close(self) -> None:
        os.close(self._file)


@dataclass(frozen=True, slots=True)
class Page:
    """What a file brought from a position on: whole lines only, and the position after them."""

    entries: tuple[Mapping[str, Any], ...]
    position: int


def read(path: Path, position: int, at_most: int = 1 << 20) -> Page:
    """Read on from a position. A line still being written waits; one that is no JSON becomes an entry that says so."""
    try:
        with path.open("rb") as file:
            file.seek(position)
            data = file.read(at_most)
    except FileNotFoundError:
        return Page((), position)
    end = data.rfind(b"\n") + 1
    return Page(tuple(_entries(data[:end])), position + end)


def _entries(data: bytes) -> Iterator[Mapping[str, Any]]:
    for line in data.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            entry = None
        if isinstance(entry, dict):
            yield entry
        else:
            yield {"kind": "output", "step": -1, "stream": "note", "text": "a line of the journal cannot be read"}
