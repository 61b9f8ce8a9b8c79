"""Samples that are rows, as arrays.

To make Python objects of rows is most of what reading them costs. So SQLite is asked for two texts of each series, its
times and its values, which numpy reads together. Texts are exact for whole numbers alone: values travel so that are
whole themselves or after a scale (a duration in microseconds); the rest travel as rows.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from penguintui.store.samples import keyed, table_of

if TYPE_CHECKING:
    from penguintui.store.coding import Floats, Integers
    from penguintui.store.queried import Queried

_WANTED = "FROM samples WHERE series_id IN (SELECT value FROM json_each(?)) AND time BETWEEN ? AND ? "
_ALL = f"SELECT series_id, time, value {_WANTED} ORDER BY series_id, time"
_KEYED = f"SELECT series_id * CAST(? AS bigint) + (time - CAST(? AS bigint)), value {_WANTED} ORDER BY series_id, time"
"""Series and time as one number, since each column more costs a row a fifth of its time."""
# Of a group with one max(), SQLite takes the other columns from the row that has it (its documentation, "SELECT").
_NEWEST = {
    "sqlite": f"SELECT series_id, max(time), value {_WANTED} GROUP BY series_id ORDER BY series_id",
    "postgresql": f"SELECT DISTINCT ON (series_id) series_id, time, value {_WANTED} ORDER BY series_id, time DESC",
}
_LARGEST = 2**63 - 1


def _packed(whole: str, back: str) -> str:
    """Of each series whose newest value is exact as that whole number: how many rows, the texts of times and values.

    whole: a value as a whole number; back: what makes of it the value again. A value that is not exact is left out of
    its text. The rows of a series are met in the order of its primary key, which is that of their times.
    """
    exact = f"{whole}{back} = value"
    return (
        f"SELECT series_id, count(*), group_concat(time - ?), group_concat(CASE WHEN {exact} THEN {whole} END) "  # noqa: S608
        "FROM samples WHERE series_id IN (SELECT one.value FROM json_each(?) AS one WHERE "
        f"(SELECT {exact} FROM samples WHERE series_id = one.value ORDER BY time DESC LIMIT 1)) "
        "AND time BETWEEN ? AND ? GROUP BY series_id ORDER BY series_id"
    )


_SCALES = (
    (1.0, _packed("CAST(value AS INTEGER)", "")),
    (1e6, _packed("CAST(round(value * 1e6) AS INTEGER)", " / 1e6")),
)


@dataclass(slots=True)
class Recalled:
    """Samples sorted by series and time: series `numbers[i]` has those from `bounds[i]` to `bounds[i + 1]`.

    buckets: for how many milliseconds each stands; 0 for a sample itself; None where all are samples themselves.
    """

    numbers: Sequence[int]
    bounds: Sequence[int]
    times: Integers
    values: Floats
    buckets: Integers | None = None

    @property
    def ids(self) -> Integers:
        """The series of each sample."""
        import numpy as np

        return np.repeat(np.array(self.numbers, dtype=np.int64), np.diff(self.bounds))

    def one(self, index: int) -> Recalled:
        """The samples of one series alone."""
        part = slice(self.bounds[index], self.bounds[index + 1])
        buckets = None if self.buckets is None else self.buckets[part]
        bounds = (0, part.stop - part.start)
        return Recalled(self.numbers[index : index + 1], bounds, self.times[part], self.values[part], buckets)


def rows(store: Queried, ids: Collection[int], start: int, end: int) -> Recalled:
    """The rows of some series with start <= time <= end (milliseconds)."""
    found, missing = [], set(ids)
    for scale, sql in _SCALES if store.dialect == "sqlite" else ():
        if missing:
            packed = store.driver_rows(sql, (start, json.dumps(list(missing)), start, end))
            found.append(_unpacked(packed, start, scale))
            missing -= set(found[-1].numbers)
    if missing or not found:
        found.append(_by_row(store, missing, start, end))
    return _joined([one for one in found if one.numbers] or found[:1])


def newest_rows(store: Queried, ids: Collection[int], start: int, end: int) -> Recalled:
    """The same, of each series the newest alone."""
    return _tabled(store, _NEWEST[store.dialect], ids, start, end)


def _by_row(store: Queried, ids: Collection[int], start: int, end: int) -> Recalled:
    """The same as `rows`, each row an object of Python for a moment."""
    import numpy as np

    width = end - start + 1
    if (max(ids, default=0) + 1) * width > _LARGEST:
        return _tabled(store, _ALL, ids, start, end)
    keys, values = keyed(store.driver_rows(_KEYED, (width, start, json.dumps(list(ids)), start, end)))
    series, times = np.divmod(keys, width)
    return _recalled(series, times + start, values)


def _tabled(store: Queried, sql: str, ids: Collection[int], start: int, end: int) -> Recalled:
    """What a query finds that asks for series, time and value."""
    import numpy as np

    table = table_of(store.driver_rows(sql, (json.dumps(list(ids)), start, end)), 3)
    return _recalled(table[:, 0], table[:, 1].astype(np.int64), np.ascontiguousarray(table[:, 2]))


def _recalled(series: Integers | Floats, times: Integers, values: Floats) -> Recalled:
    import numpy as np

    firsts = np.flatnonzero(np.diff(series, prepend=-1))
    return Recalled(series[firsts].astype(np.int64).tolist(), [*firsts.tolist(), len(values)], times, values)


def _unpacked(packed: Sequence[tuple[int, int, str, str | None]], start: int, scale: float) -> Recalled:
    """The series whose texts are whole, from the answer to `_packed`."""
    import numpy as np

    whole = [row for row in packed if row[3] is not None and row[3].count(",") + 1 == row[1]]
    counts = [count for _, count, _, _ in whole]
    times = np.fromstring(",".join([row[2] for row in whole]), np.int64, sep=",")
    values = np.fromstring(",".join([row[3] or "" for row in whole]), np.int64, sep=",").astype(np.float64)
    if scale != 1:
        values /= scale
    times += start
    return Recalled([number for number, *_ in whole], [0, *np.cumsum(counts, dtype=np.int64).tolist()], times, values)


def _joined(found: Sequence[Recalled]) -> Recalled:
    """Several that have no series in common as one."""
    import numpy as np

    if len(found) == 1:
        return found[0]
    order = sorted(
        (number, which, index) for which, one in enumerate(found) for index, number in enumerate(one.numbers)
    )
    pieces = [found[which].one(index) for _, which, index in order]
    bounds = [0, *np.cumsum([len(piece.times) for piece in pieces]).tolist()]
    times = np.concatenate([piece.times for piece in pieces])
    return Recalled(
        [number for number, _, _ in order], bounds, times, np.concatenate([piece.values for piece in pieces])
    )
