"""How much waits for the store or a fleet's engine, and how that is said."""

from __future__ import annotations

from dataclasses import dataclass

from penguintui.model.clock import Time
from penguintui.model.words import day_time


@dataclass(frozen=True, slots=True)
class Waiting:
    """What one reader of the backlog has before it.

    count: observations, and results of rules, that wait; oldest: when the first of them was made.
    bytes: what the spool takes on disk, for all readers.
    dropped: how many were let go because there was no room; refused: how many the reader would not take;
    damaged: how many records of the spool could not be read. All three count from when the agent began.
    """

    count: int = 0
    oldest: Time | None = None
    bytes: int = 0
    dropped: int = 0
    refused: int = 0
    damaged: int = 0

    @property
    def words(self) -> str:
        """One clause: how many wait, since when, and what was lost."""
        said = []
        if self.oldest is not None:
            on_disk = f", {size(self.bytes)} of them in the spool" if self.bytes else ""
            said.append(f"{self.count:,} observations wait, the oldest of {day_time(self.oldest)}{on_disk}")
        if self.dropped:
            said.append(f"{self.dropped:,} were dropped because the spool was full")
        if self.refused:
            said.append(f"{self.refused:,} were refused")
        if self.damaged:
            said.append(f"{self.damaged:,} could not be read again")
        return "; ".join(said)


def size(count: float) -> str:
    """Bytes as people say them: 3.4 MiB."""
    for unit in ("bytes", "KiB", "MiB"):
        if count < 1024:
            return f"{count:.3g} {unit}" if unit != "bytes" else f"{count:.0f} bytes"
        count /= 1024
    return f"{count:.3g} GiB"
