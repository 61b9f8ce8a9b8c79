"""Chunks: the older samples of one series in one span of time, coded together under a checksum.

Chunks of resolution 0 hold samples as they came, a day in each. Chunks of a resolution hold roll-ups: one entry for
each bucket of so many seconds that had a sample, at the time of the bucket's last sample, with the columns of
`rollups.COLUMNS`. Spans begin at multiples of their length since 1970, so each sample belongs to one chunk.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from penguintui.model.record import record
from penguintui.store.coding import DamagedError, checksum, decode, encode

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from penguintui.store.coding import Floats, Integers

DAY = 86_400_000
"""Milliseconds. The span of a chunk of samples, and what is rolled up at once."""
RAW, FIVE_MINUTES, HOUR = 0, 300, 3600
"""Seconds of a bucket; RAW are samples themselves."""
SPANS = {RAW: DAY, FIVE_MINUTES: 8 * DAY, HOUR: 64 * DAY}
"""Milliseconds that a chunk of each resolution covers: whole days, so that a day is in one chunk of each."""

NEW, ROLLED, DAMAGED = 0, 1, 2
"""States of a chunk: its samples are still to be rolled up; nothing is to be done; its bytes are not what was written.
A damaged one is left where it is, is read no more for anything new, and never hides another of its span."""

FIELDS = "id, series_id, resolution, begins, ends, count, state, checksum, data"
"""The columns of a `Chunk`, in its order."""


@record
class Chunk:
    """One chunk as the store has it. Times in milliseconds; see `tables.chunks`."""

    id: int
    series: int
    resolution: int
    begins: int
    ends: int
    count: int
    state: int
    checksum: int
    data: bytes

    def verify(self) -> None:
        """Raises DamagedError when any bit of it flipped."""
        key = (self.series, self.resolution, self.begins, self.ends, self.count)
        if checksum(key, self.data) != self.checksum:
            raise DamagedError("its checksum is another one")

    def read(self) -> tuple[Integers, list[Floats]]:
        """Times and columns. Raises DamagedError when any bit of it flipped."""
        self.verify()
        times, columns = decode(self.data)
        if len(times) != self.count:
            raise DamagedError(f"it holds {len(times)} entries instead of {self.count}")
        return times, columns

    def named(self, metric: str, labels: str) -> str:
        """Which chunk this is, for a person. labels: JSON."""
        pairs = ", ".join(f'{name}="{value}"' for name, value in sorted(json.loads(labels).items()))
        begins = datetime.fromtimestamp(self.begins / 1000, UTC).strftime("%Y-%m-%d %H:%MZ")
        what = f"{self.count:,} samples" if self.resolution == RAW else f"roll-ups of {self.resolution} s"
        return f"chunk {self.id}, {what} of {metric}{{{pairs}}} from {begins}"


def chunk_of(row: Sequence[Any]) -> Chunk:
    """A chunk from the columns `FIELDS`."""
    return Chunk(*row)


def span_of(resolution: int, time: int) -> int:
    """Where the span begins to which a time belongs (milliseconds)."""
    return time // SPANS[resolution] * SPANS[resolution]


def find(connection: Connection, series: int, resolution: int, begins: int) -> Chunk | None:
    """The chunk of a span that new samples join; a damaged one is none."""
    row: Any = connection.exec_driver_sql(
        f"SELECT {FIELDS} FROM chunks "  # noqa: S608 (our own words)
        "WHERE series_id = ? AND resolution = ? AND begins = ? AND state <> ?",
        (series, resolution, begins, DAMAGED),
    ).first()
    return None if row is None else chunk_of(row)


def of_days(connection: Connection, series: int, first: int, last: int) -> dict[int, Chunk]:
    """The chunks of samples of days that begin from `first` to `last`, by their beginnings; a damaged one is none."""
    rows: Any = connection.exec_driver_sql(
        f"SELECT {FIELDS} FROM chunks "  # noqa: S608 (our own words)
        "WHERE series_id = ? AND resolution = ? AND begins BETWEEN ? AND ? AND state <> ?",
        (series, RAW, first, last, DAMAGED),
    )
    return {chunk.begins: chunk for chunk in map(chunk_of, rows)}


def lost(connection: Connection, series: int, begins: int) -> bool:
    """Whether samples of a day are in a damaged chunk."""
    sql = "SELECT 1 FROM chunks WHERE series_id = ? AND resolution = ? AND begins = ? AND state = ?"
    return connection.exec_driver_sql(sql, (series, RAW, begins, DAMAGED)).first() is not None


def get(connection: Connection, chunk_id: int) -> Chunk:
    """The chunk of that number, which exists."""
    return chunk_of(connection.exec_driver_sql(f"SELECT {FIELDS} FROM chunks WHERE id = ?", (chunk_id,)).one())  # noqa: S608


def keep(
    connection: Connection, key: tuple[int, int, int], times: Integers, columns: Sequence[Floats], old: Chunk | None
) -> None:
    """Write a chunk in place of the old one. key: its series, resolution and beginning."""
    data = encode(times, columns)
    ends, count = int(times[-1]), len(times)
    state = NEW if key[1] == RAW else ROLLED
    found = (ends, count, state, checksum((*key, ends, count), data), data)
    if old is None:
        connection.exec_driver_sql(
            "INSERT INTO chunks (series_id, resolution, begins, ends, count, state, checksum, data) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (*key, *found),
        )
    else:
        connection.exec_driver_sql(
            "UPDATE chunks SET ends = ?, count = ?, state = ?, checksum = ?, data = ? WHERE id = ?", (*found, old.id)
        )


def set_aside(connection: Connection, chunk: Chunk, why: DamagedError) -> str:
    """Mark a chunk as damaged. Returns what there is to say of it."""
    connection.exec_driver_sql("UPDATE chunks SET state = ? WHERE id = ?", (DAMAGED, chunk.id))
    row = connection.exec_driver_sql("SELECT metric, labels FROM series WHERE id = ?", (chunk.series,)).first()
    metric, labels = ("an unknown series", "{}") if row is None else (str(row[0]), str(row[1]))
    return f"{chunk.named(metric, labels)}, is damaged: {why}"


def merged(older: tuple[Integers, Floats], newer: tuple[Integers, Floats]) -> tuple[Integers, Floats]:
    """Samples of both in the order of their times; of two of the same time the newer one."""
    import numpy as np

    times, values = np.concatenate([older[0], newer[0]]), np.concatenate([older[1], newer[1]])
    if len(times) > 1 and not (np.diff(times) > 0).all():
        order = np.argsort(times, kind="stable")
        times, values = times[order], values[order]
        last = np.append(np.diff(times) != 0, True)
        times, values = times[last], values[last]
    return times, values
