"""Samples on their way into their table, by the fastest way that each kind of store has, and out of it as arrays."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from penguintui.store.coding import Floats, Integers

_UPSERT = "ON CONFLICT (series_id, time) DO UPDATE SET value = excluded.value"
_ONE = f"INSERT INTO samples (series_id, time, value) VALUES (?, ?, ?) {_UPSERT}"  # noqa: S608 (our own words)
_ALL = (
    "INSERT INTO samples (series_id, time, value) "  # noqa: S608
    "SELECT * FROM unnest(CAST(? AS integer[]), CAST(? AS bigint[]), CAST(? AS double precision[])) " + _UPSERT
)


def keep_samples(connection: Connection, rows: Sequence[tuple[int, int, float]]) -> None:
    """Store (series, milliseconds, value); of two with the same series and time the later word wins.

    SQLite keeps no NaN: it becomes NULL on its way, and NaN again when it is read.
    """
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        # One statement for all: it can touch no row twice.
        values = {(series, time): value for series, time, value in rows}
        series, times = zip(*values, strict=True)
        connection.exec_driver_sql(_ALL, (list(series), list(times), list(values.values())))
    else:
        connection.exec_driver_sql(_ONE, list(rows))


def table_of(rows: Sequence[Sequence[Any]], width: int) -> Floats:
    """Rows of `width` numbers as an array; NULL, which stands for NaN, takes the slower of two ways."""
    import numpy as np

    try:
        return np.fromiter(chain.from_iterable(rows), np.float64, width * len(rows)).reshape(-1, width)
    except TypeError:
        return np.array([tuple(row) for row in rows], dtype=np.float64).reshape(-1, width)


def keyed(rows: Sequence[tuple[int, float | None]]) -> tuple[Integers, Floats]:
    """The same for rows of a whole number of 64 bits and a value, as two arrays."""
    import numpy as np

    columns = np.dtype([("key", np.int64), ("value", np.float64)])
    try:
        table = np.fromiter(rows, columns, len(rows))
    except TypeError:
        table = np.array([(key, math.nan if value is None else value) for key, value in rows], columns)
    return np.ascontiguousarray(table["key"]), np.ascontiguousarray(table["value"])
