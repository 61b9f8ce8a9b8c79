"""Compaction: older rows of samples become chunks, closed days are rolled up, and what is past its time is let go.

A pass goes through all series in the order of their numbers, in pieces. Each piece is one operation of the writer: it
changes rows and chunks in one transaction, so that a sample is in exactly one of both whenever the process dies, and
it is short, so that neither observations nor readers wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

from penguintui.store import chunks
from penguintui.store.chunks import DAMAGED, DAY, NEW, RAW, ROLLED, SPANS, Chunk, span_of
from penguintui.store.coding import DamagedError
from penguintui.store.rollups import roll_up
from penguintui.store.samples import table_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from penguintui.store.coding import Floats, Integers

_SERIES_AT_ONCE = 200
_DAYS_AT_ONCE = 10
_ROLLED_AT_ONCE, _ROLLED_SAMPLES, _DAY_IN_SAMPLES = 64, 120_000, 3_000
"""So many days at most are rolled up at once, of about so many samples; each takes as long as so many more."""
_CHUNK_IN_ROWS = 200
"""To write a chunk takes about as long as to read and delete so many rows."""
_EXTENT = (
    "SELECT id, (SELECT min(time) FROM samples WHERE series_id = series.id), "
    "(SELECT max(time) FROM samples WHERE series_id = series.id) FROM series WHERE id > ? ORDER BY id LIMIT ?"
)
_BEHIND = "SELECT count(*) FROM series WHERE EXISTS (SELECT 1 FROM samples WHERE series_id = series.id AND time < ?)"


@dataclass(frozen=True, slots=True)
class Tier:
    """Roll-ups of `resolution` seconds (a key of `chunks.SPANS`); spans that ended by `kept_from` are let go."""

    resolution: int
    kept_from: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What a pass does. Times in milliseconds since 1970.

    before: rows older than this become chunks. kept_from: days of samples that ended by then are let go once they are
    rolled up. tiers: into which roll-ups, the finest first.
    """

    before: int
    kept_from: int
    tiers: tuple[Tier, ...] = ()

    def outlived(self, resolution: int, kept_from: int, begins: int) -> bool:
        """Whether the span of a chunk ended before what is kept."""
        return begins + SPANS[resolution] <= kept_from


@dataclass(frozen=True, slots=True)
class _Day:
    """A chunk of samples and what it holds."""

    chunk: Chunk
    times: Integers
    values: Floats


@dataclass(slots=True)
class Piece:
    """What one operation did: rows that became part of chunks, samples that came too late for any, damaged chunks.

    last: the number of the series to go on after. series: how many it went through that had older rows. done: there are
    no more series. room: how many more rows it may take.
    """

    last: int
    series: int = 0
    done: bool = False
    room: int = 0
    compacted: int = 0
    refused: int = 0
    damaged: list[str] = field(default_factory=list)


def compact(connection: Connection, after: int, plan: Plan, at_most: int = 10_000) -> Piece:
    """The series after number `after`: a few hundred of them, or about `at_most` rows. Repeating it does no harm."""
    piece = Piece(after, room=at_most)
    extents: Any = connection.exec_driver_sql(_EXTENT, (after, _SERIES_AT_ONCE)).all()
    for series, oldest, newest in extents:
        if oldest is not None and not _rows_to_chunks(connection, (series, oldest, newest), plan, piece):
            break
        piece.last = series
        piece.series += oldest is not None and oldest < plan.before
    else:
        piece.done = len(extents) < _SERIES_AT_ONCE
    _roll_closed_days(connection, after, plan, piece)
    _let_go(connection, after, plan, piece.last)
    return piece


def behind(connection: Connection, plan: Plan) -> int:
    """How many series have older rows. The past of a store that was filled at once lies with a few of them."""
    found = connection.exec_driver_sql(_BEHIND, (plan.before,)).scalar()
    return int(found or 0)


def _rows_to_chunks(connection: Connection, extent: tuple[int, int, int], plan: Plan, piece: Piece) -> bool:
    """Some days at a time, oldest first; False when there is more to do than this piece has room for."""
    series, oldest, newest = extent
    bound = plan.before
    if not plan.outlived(RAW, plan.kept_from, span_of(RAW, newest)):
        bound = min(bound, newest)  # the newest stays a row, where it is found soonest
    while oldest < bound:
        if piece.room <= 0:
            return False
        begins, most = span_of(RAW, oldest), piece.room
        ends = min(bound, begins + _DAYS_AT_ONCE * DAY)
        rows: Any = connection.exec_driver_sql(
            "SELECT time, value FROM samples WHERE series_id = ? AND time < ? ORDER BY time LIMIT ?",
            (series, ends, most),
        ).all()
        done = _take_days(connection, series, rows, plan, piece)
        if done:
            connection.exec_driver_sql(
                "DELETE FROM samples WHERE series_id = ? AND time <= ?", (series, rows[done - 1][0])
            )
        if done == len(rows) < most and ends == bound:
            break
        found = connection.exec_driver_sql("SELECT min(time) FROM samples WHERE series_id = ?", (series,)).scalar()
        if found is None:
            break
        oldest = int(found)
    return True


def _take_days(connection: Connection, series: int, rows: Sequence[Any], plan: Plan, piece: Piece) -> int:
    """Put rows into the chunks of their days while there is room. Returns how many it took, whole days but the last."""
    done = 0
    if rows:
        known = chunks.of_days(connection, series, span_of(RAW, rows[0][0]), span_of(RAW, rows[-1][0]))
    for begins, of_day in groupby(rows, key=lambda row: span_of(RAW, row[0])):
        if done and piece.room <= 0:
            break
        day = list(of_day)
        _take(connection, (series, begins), day, known.get(begins), plan, piece)
        done += len(day)
    return done


def _take(
    connection: Connection, key: tuple[int, int], rows: Sequence[Any], old: Chunk | None, plan: Plan, piece: Piece
) -> None:
    """Put rows of one day into its chunk; count them where their day is rolled up and gone. key: series, beginning."""
    import numpy as np

    series, begins = key
    table = table_of(rows, 2)
    piece.room -= len(table) + _CHUNK_IN_ROWS
    times, values = table[:, 0].astype(np.int64), np.ascontiguousarray(table[:, 1])
    if old is None and plan.outlived(RAW, plan.kept_from, begins) and _too_late(connection, series, begins, plan):
        piece.refused += len(times)
        return
    if old is not None:
        found = _read(connection, old, piece)
        if found is None:
            old = None
        else:
            times, values = chunks.merged((found[0], found[1][0]), (times, values))
    chunks.keep(connection, (series, RAW, begins), times, [values], old)
    piece.compacted += len(table)


def _too_late(connection: Connection, series: int, begins: int, plan: Plan) -> bool:
    """Whether a day without samples is rolled up already, or too old for every roll-up."""
    if all(plan.outlived(tier.resolution, tier.kept_from, span_of(tier.resolution, begins)) for tier in plan.tiers):
        return True
    for tier in plan.tiers:
        old = chunks.find(connection, series, tier.resolution, span_of(tier.resolution, begins))
        if old is None:
            continue
        try:
            times = old.read()[0]
        except DamagedError:
            continue  # told when it is checked or joined
        if ((times >= begins) & (times < begins + DAY)).any():
            return True
    return False


def _roll_closed_days(connection: Connection, after: int, plan: Plan, piece: Piece) -> None:
    """Roll up the days that ended, and those that were rolled up and changed since."""
    if not plan.tiers:
        return
    found: Any = connection.exec_driver_sql(
        "SELECT id, series_id, count FROM chunks WHERE series_id > ? AND series_id <= ? AND resolution = ? "
        "AND begins <= ? AND state = ? ORDER BY series_id, begins LIMIT ?",
        (after, piece.last, RAW, plan.before - DAY, NEW, _ROLLED_AT_ONCE),
    ).all()
    rows = found[: _days_for_a_piece([int(row[2]) for row in found])]
    if len(rows) < len(found) or len(found) == _ROLLED_AT_ONCE:
        piece.last, piece.done = int(rows[-1][1]) - 1, False  # there may be more of that series
    for _, of_series in groupby(rows, key=lambda row: int(row[1])):
        days = []
        for chunk_id, _, _ in of_series:
            day = chunks.get(connection, int(chunk_id))
            known = _read(connection, day, piece)
            if known is not None:
                days.append(_Day(day, known[0], known[1][0]))
        for tier in plan.tiers:
            for begins, of_span in groupby(days, key=lambda day: span_of(tier.resolution, day.chunk.begins)):
                _roll_days(connection, list(of_span), (tier.resolution, begins), piece)
        for one in days:
            connection.exec_driver_sql("UPDATE chunks SET state = ? WHERE id = ?", (ROLLED, one.chunk.id))


def _days_for_a_piece(counts: Sequence[int]) -> int:
    """How many of some days are rolled up at once, by how many samples each holds; at least one where there is any."""
    room = _ROLLED_SAMPLES
    for place, count in enumerate(counts):
        room -= count + _DAY_IN_SAMPLES
        if room < 0 and place:
            return place
    return len(counts)


def _roll_days(connection: Connection, days: Sequence[_Day], span: tuple[int, int], piece: Piece) -> None:
    """Make the buckets of some days of a series those of their samples, whatever they were before.

    span: resolution and beginning of the roll-ups that all of these days are in.
    """
    import numpy as np

    key = (days[0].chunk.series, *span)
    old = chunks.find(connection, *key)
    before = None if old is None else _read(connection, old, piece)
    if before is None:
        old = None
    parts = [] if before is None else [before]
    for day in days:
        begins = day.chunk.begins
        if before is not None:
            others = (parts[0][0] < begins) | (parts[0][0] >= begins + DAY)
            if not others.all():
                if chunks.lost(connection, key[0], begins):
                    continue  # what was rolled up while all samples were there says more than those that came since
                parts[0] = parts[0][0][others], [column[others] for column in parts[0][1]]
        parts.append(roll_up(day.times, day.values, span[0]))
    times = np.concatenate([part[0] for part in parts])
    columns = [np.concatenate(column) for column in zip(*(part[1] for part in parts), strict=True)]
    order = np.argsort(times, kind="stable")
    chunks.keep(connection, key, times[order], [column[order] for column in columns], old)


def _read(connection: Connection, chunk: chunks.Chunk, piece: Piece) -> tuple[Integers, list[Floats]] | None:
    """What a chunk holds; None, and it is set aside and told, when it is damaged."""
    try:
        return chunk.read()
    except DamagedError as error:
        piece.damaged.append(chunks.set_aside(connection, chunk, error))
        return None


def _let_go(connection: Connection, after: int, plan: Plan, last: int) -> None:
    """Drop chunks that are past their time; days of samples only after they were rolled up."""
    for resolution, kept_from in ((RAW, plan.kept_from), *((one.resolution, one.kept_from) for one in plan.tiers)):
        states = (ROLLED, DAMAGED) if resolution == RAW and plan.tiers else (NEW, ROLLED, DAMAGED)
        connection.exec_driver_sql(
            "DELETE FROM chunks WHERE series_id > ? AND series_id <= ? AND resolution = ? AND begins <= ? "
            "AND state BETWEEN ? AND ?",
            (after, last, resolution, kept_from - SPANS[resolution], states[0], states[-1]),
        )


def check(connection: Connection, after: int, at_most: int = 100) -> Piece:
    """Look through chunks after number `after` for bits that flipped; those found are set aside and told."""
    rows = connection.exec_driver_sql(
        f"SELECT {chunks.FIELDS} FROM chunks WHERE id > ? ORDER BY id LIMIT ?",  # noqa: S608 (our own words)
        (after, at_most),
    ).all()
    piece = Piece(after, done=len(rows) < at_most)
    for row in rows:
        chunk = chunks.chunk_of(row)
        piece.last = chunk.id
        if chunk.state == DAMAGED:
            continue
        try:
            chunk.verify()
        except DamagedError as error:
            piece.damaged.append(chunks.set_aside(connection, chunk, error))
    return piece


def damaged_chunks(connection: Connection) -> int:
    """How many chunks are known to be damaged."""
    return int(connection.exec_driver_sql("SELECT count(*) FROM chunks WHERE state = ?", (DAMAGED,)).scalar_one())
