"""Samples as they are remembered: rows, the chunks that older rows became, and roll-ups where samples were let go.

Rows are read before chunks, and chunks of samples before roll-ups: what compaction moves meanwhile is then seen twice,
and shown once, but never missed.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from itertools import pairwise
from typing import TYPE_CHECKING

from penguintui.store.chunks import DAY, FIELDS, RAW, SPANS, Chunk, chunk_of
from penguintui.store.coding import DamagedError
from penguintui.store.recent import Recalled, newest_rows, rows
from penguintui.store.rollups import COLUMNS

if TYPE_CHECKING:
    from penguintui.store.coding import Floats, Integers
    from penguintui.store.queried import Queried

_CHUNKS = (
    f"SELECT {FIELDS} FROM chunks WHERE series_id IN (SELECT value FROM json_each(?)) AND resolution = ? "  # noqa: S608
    "AND begins BETWEEN ? AND ? AND ends >= ? ORDER BY series_id, begins"
)
_FIRST_DAYS = (
    "SELECT series_id, min(begins) FROM chunks WHERE series_id IN (SELECT value FROM json_each(?)) AND resolution = ? "
    "GROUP BY series_id"
)
# A group's maximum would read every sample of the series; asked by itself it is the last entry of the key.
_NEWEST = (
    "SELECT id, (SELECT max(time) FROM samples WHERE series_id = series.id AND time <= ?) FROM series "
    "WHERE id IN (SELECT value FROM json_each(?))"
)
_NEWEST_ENDS = (
    "SELECT series_id, max(ends) FROM chunks WHERE series_id IN (SELECT value FROM json_each(?)) AND ends <= ? "
    "GROUP BY series_id"
)
Part = tuple["Integers", "Floats", "int | Integers"]
"""Times, values, and for how many milliseconds all, or each, of them stand; 0: they are samples themselves."""


class Memory:
    """The samples of a store. What it finds damaged is told in `damaged`, each sentence once."""

    def __init__(self, store: Queried) -> None:
        self._store = store
        self.damaged: dict[str, None] = {}

    def chunked_until(self) -> int:
        """The time of the newest sample in any chunk; -1 while there are no chunks."""
        return int(self._store.driver_rows("SELECT coalesce(max(ends), -1) FROM chunks", ())[0][0])

    def samples(
        self, ids: Collection[int], start: int, end: int, *, newest_only: bool = False, column: str = "last"
    ) -> Recalled:
        """All samples of some series with start <= time <= end (milliseconds).

        newest_only: of each series the newest alone. column: which of `rollups.COLUMNS` a roll-up shows; of a sample
        itself the count is 1 and every other column its value.
        """
        import numpy as np

        found = (newest_rows if newest_only else rows)(self._store, ids, start, end)
        if column == "count":
            found.values = np.ones(len(found.values))
        if start > self.chunked_until():
            return found
        parts = self._chunked(ids, start, end, column)
        return _together(found, parts, newest_only) if parts else found

    def newest(self, ids: Collection[int], at: int) -> dict[int, int]:
        """The time of each series' newest sample up to a time (milliseconds); a series without any is missing."""
        wanted = json.dumps(list(ids))
        rows = self._store.driver_rows(_NEWEST, (at, wanted))
        newest: dict[int, int] = {series: time for series, time in rows if time is not None}
        for series, ends in self._store.driver_rows(_NEWEST_ENDS, (wanted, at)):
            newest[series] = max(newest.get(series, ends), ends)
        begun = at // DAY * DAY
        for resolution, span in SPANS.items():
            # A series that was seen on the day of `at` needs no coarser look.
            missing = [one for one in ids if resolution == RAW or newest.get(one, -1) < begun]
            for chunk in self._chunks(missing, resolution, (at - span + 1, at), at + 1):
                times = self._read(chunk)[0]
                before = int(times.searchsorted(at, "right"))
                if before:
                    newest[chunk.series] = max(newest.get(chunk.series, -1), int(times[before - 1]))
        return newest

    def _chunked(self, ids: Collection[int], start: int, end: int, column: str) -> dict[int, list[Part]]:
        """What chunks of samples hold, and roll-ups for the days of which there is none, oldest first."""
        import numpy as np

        parts: dict[int, list[Part]] = {}
        days: dict[int, list[int]] = {}
        lost: dict[int, set[int]] = {}
        for chunk in self._chunks(ids, RAW, (start - DAY + 1, end), start):
            times, columns = self._read(chunk)
            if not columns:
                lost.setdefault(chunk.series, set()).add(chunk.begins)
                continue
            days.setdefault(chunk.series, []).append(chunk.begins)
            values = np.ones(len(times)) if column == "count" else columns[0]
            _add(parts, chunk, (times, values), start, end)
        first = dict(self._store.driver_rows(_FIRST_DAYS, (json.dumps(list(ids)), RAW)))
        rolled = [one for one in ids if one in lost or first.get(one, end + 1) > start]
        there = {one: [day for day in days.get(one, ()) if day not in lost.get(one, ())] for one in rolled}
        coarse: dict[int, list[Part]] = {}
        for resolution in [one for one in SPANS if one != RAW]:
            finer = {series: list(known) for series, known in there.items()}
            for chunk in self._chunks(rolled, resolution, (start - SPANS[resolution] + 1, end), start):
                times, columns = self._read(chunk)
                if not columns:
                    continue
                missing = ~np.isin(times // DAY * DAY, np.array(finer[chunk.series], dtype=np.int64))
                there[chunk.series] += np.unique(times // DAY * DAY).tolist()
                shown = columns[COLUMNS.index(column)]
                _add(coarse, chunk, (times[missing], shown[missing]), start, end)
        return {series: coarse.get(series, []) + parts.get(series, []) for series in {*coarse, *parts}}

    def _chunks(self, ids: Collection[int], resolution: int, begins: tuple[int, int], since: int) -> list[Chunk]:
        """Chunks that begin in a span of time and have a sample at `since` or later."""
        if not ids:
            return []
        rows = self._store.driver_rows(_CHUNKS, (json.dumps(list(ids)), resolution, *begins, since))
        return [chunk_of(row) for row in rows]

    def _read(self, chunk: Chunk) -> tuple[Integers, list[Floats]]:
        """What a chunk holds; nothing, not even columns, and it is told, when it is damaged."""
        import numpy as np

        try:
            return self._store.unpacked.read(chunk)
        except DamagedError as error:
            rows = self._store.driver_rows("SELECT metric, labels FROM series WHERE id = ?", (chunk.series,))
            name = chunk.named(*rows[0]) if rows else f"chunk {chunk.id} of no known series"
            self.damaged[f"{name} is damaged and left out: {error}"] = None
            return np.zeros(0, dtype=np.int64), []


def _add(parts: dict[int, list[Part]], chunk: Chunk, samples: tuple[Integers, Floats], start: int, end: int) -> None:
    times, values = samples
    low, high = int(times.searchsorted(start, "left")), int(times.searchsorted(end, "right"))
    if high > low:
        parts.setdefault(chunk.series, []).append((times[low:high], values[low:high], chunk.resolution * 1000))


def _together(rows: Recalled, parts: dict[int, list[Part]], newest_only: bool) -> Recalled:
    """Rows and parts by series and time; of two of the same time a row, then a sample, goes before a roll-up."""
    import numpy as np

    for series, (first, last) in zip(rows.numbers, pairwise(rows.bounds), strict=True):
        parts.setdefault(series, []).append((rows.times[first:last], rows.values[first:last], 0))
    numbers = sorted(parts)
    pieces: list[Part] = []
    bounds = [0]
    for series in numbers:
        own_pieces = _in_order(parts[series], newest_only)
        pieces += own_pieces
        bounds.append(bounds[-1] + sum(len(times) for times, _, _ in own_pieces))
    times = np.concatenate([times for times, _, _ in pieces])
    values = np.concatenate([values for _, values, _ in pieces])
    if not any(bucket if isinstance(bucket, int) else bucket.any() for _, _, bucket in pieces):
        return Recalled(numbers, bounds, times, values)
    buckets = np.concatenate([np.broadcast_to(bucket, times.shape) for times, _, bucket in pieces])
    return Recalled(numbers, bounds, times, values, buckets)


def _in_order(pieces: list[Part], newest_only: bool) -> list[Part]:
    """The pieces of one series by time, each of which is in order; of samples with the same time the last alone."""
    import numpy as np

    pieces = [piece for piece in pieces if len(piece[0])]
    if any(before[0][-1] >= after[0][0] for before, after in pairwise(pieces)):
        times = np.concatenate([times for times, _, _ in pieces])
        values = np.concatenate([values for _, values, _ in pieces])
        buckets = np.concatenate([np.broadcast_to(bucket, times.shape) for times, _, bucket in pieces])
        order = np.argsort(times, kind="stable")
        order = order[np.append(np.diff(times[order]) != 0, True)]
        pieces = [(times[order], values[order], buckets[order])]
    if newest_only and pieces:
        times, values, bucket = pieces[-1]
        pieces = [(times[-1:], values[-1:], np.broadcast_to(bucket, times.shape)[-1:])]
    return pieces
