"""What the memory of samples costs: bytes of disk for each after compaction, and a month of one series in one question.

Promised: at most 4 bytes a sample of 10,000 series at 15 s (60 % counters, 25 % whole-number gauges, 15 % durations
rounded to microseconds), without roll-ups; and at most 20 ms (p95) for a range query over one series, 30 days at 15 s,
1,000 steps, through the store and the engine.

What counts is the size of the whole file (names, indexes and the newest rows are in it) after the agent's own
housekeeping and a checkpoint. Free pages, of which that leaves up to a quarter, are in it too; the pages in use are
told beside it. Compaction runs each hour, as the agent's does. Six hours are harder than the day that a chunk gets:
what each chunk costs is shared by fewer samples. The rows of a quarter of an hour are written at once, in the order of
their keys, which is quicker than as they come and leaves the same rows.
"""

from __future__ import annotations

import functools
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measuring import Row
from penguintui.model.moment import LIVE
from penguintui.query.engine import Engine
from penguintui.query.samples.stored import StoredSamples
from penguintui.store.chunks import DAY
from penguintui.store.compacting import Plan, compact
from penguintui.store.reader import Store
from penguintui.store.samples import keep_samples
from penguintui.store.sqlite import give_back
from penguintui.store.writer import Writer

_SERIES, _HOURS, _EVERY, _PER_TARGET = 10_000, 6, 15_000, 50
_BEGIN = 20_000 * DAY


class _At:
    """A clock that stands."""

    def __init__(self, now: float) -> None:
        self._now = now

    def now(self) -> float:
        return self._now

    def monotonic(self) -> float:
        return self._now


def _fleet(steps: int) -> Iterator[tuple[Any, Any]]:
    """Times and values of all series, step by step; the samples of a target have one time, some milliseconds off."""
    chance = np.random.default_rng(15)
    counters, gauges = int(_SERIES * 0.6), int(_SERIES * 0.25)
    speed = chance.lognormal(3, 1.5, counters)
    grown = chance.integers(0, 10**9, counters).astype(float)
    level = chance.integers(10, 5000, gauges).astype(float)
    typical = chance.normal(-3, 1, _SERIES - counters - gauges)
    for step in range(steps):
        grown += chance.poisson(speed)
        level += np.round(chance.normal(0, 2 + level / 50))
        level = np.maximum(level, 0)
        durations = np.round(np.exp(chance.normal(typical, 0.4)), 6)
        off = np.round(chance.normal(0, 3, _SERIES // _PER_TARGET)).astype(int)
        yield _BEGIN + step * _EVERY + np.repeat(off, _PER_TARGET), np.concatenate([grown, level, durations])


def _quarters(steps: int) -> Iterator[tuple[int, list[tuple[int, int, float]]]]:
    """The rows of each quarter of an hour, in the order of their keys, and the step with which it ends."""
    fleet, length = _fleet(steps), 900_000 // _EVERY
    series = np.repeat(np.arange(1, _SERIES + 1), length).tolist()
    for step in range(length, steps + 1, length):
        found = zip(*islice(fleet, length), strict=True)
        times, values = (np.stack(column, axis=1).ravel().tolist() for column in found)
        yield step, list(zip(series, times, values, strict=True))


def _pages(connection: Any) -> tuple[int, int, int]:
    """Pages of the file, those of them that are free, and the bytes of a page."""
    words = ("page_count", "freelist_count", "page_size")
    pages, free, size = (int(connection.exec_driver_sql(f"PRAGMA {word}").scalar_one()) for word in words)
    return pages, free, size


def _compacted(writer: Writer, before: int) -> float:
    """A pass over all series; the longest piece in seconds."""
    plan, after, done, longest = Plan(before, 0), 0, False, 0.0
    while not done:
        begin = time.perf_counter()
        piece = writer.submit(functools.partial(compact, after=after, plan=plan)).result()
        longest = max(longest, time.perf_counter() - begin)
        after, done = piece.last, piece.done
    return longest


def _disk(folder: Path) -> list[Row]:
    path = folder / "fleet.db"
    writer = Writer(f"sqlite:///{path}")
    writer.submit(_name_series).result()
    used, longest = 0.0, 0.0
    steps = _HOURS * 3_600_000 // _EVERY
    for step, rows in _quarters(steps):
        writer.submit(functools.partial(keep_samples, rows=rows)).result()
        if step % (3_600_000 // _EVERY) == 0:
            begin = time.process_time()
            longest = max(longest, _compacted(writer, _BEGIN + (step + 1) * _EVERY))
            used += time.process_time() - begin
    while writer.submit(give_back).result():
        pass
    pages, free, size = writer.submit(_pages).result()
    writer.close()
    count = _SERIES * steps
    return [
        Row("disk after compaction, 10,000 series, 15 s", path.stat().st_size / count, "bytes/sample", most=4),
        Row("the same, pages in use", (pages - free) * size / count, "bytes/sample"),
        Row("compaction, processor time", used / count * 1e6, "µs/sample"),
        Row("longest piece of compaction", longest * 1000, "ms"),
    ]


def _name_series(connection: Any) -> None:
    rows = [(f"metric_{i % 50}", f'{{"instance":"host{i // 50}"}}', 37.5) for i in range(_SERIES)]
    connection.exec_driver_sql("INSERT INTO series (metric, labels, valid_for) VALUES (?, ?, ?)", rows)


def _month(folder: Path) -> list[Row]:
    url, days = f"sqlite:///{folder / 'month.db'}", 30
    writer = Writer(url)
    name = "INSERT INTO series (id, metric, labels, valid_for) VALUES (1, 'm', '{}', 37.5)"
    writer.submit(lambda connection: connection.exec_driver_sql(name)).result()
    chance = np.random.default_rng(4)
    steps = days * DAY // _EVERY
    times = (_BEGIN + np.arange(steps) * _EVERY + chance.integers(-3, 4, steps)).tolist()
    values = np.cumsum(chance.poisson(40, steps)).astype(float).tolist()
    rows = list(zip([1] * steps, times, values, strict=True))
    writer.submit(functools.partial(keep_samples, rows=rows)).result()
    end = _BEGIN + days * DAY
    _compacted(writer, end - 7_200_000)
    store = Store(url, _At(end / 1000))
    step = days * 86400 // 1000 - 2.0
    found = []
    for expr in ("m", "rate(m[5m])", "avg_over_time(m[1h])"):
        taken = []
        for _ in range(41):
            engine = Engine(StoredSamples(store.reader(LIVE)))
            begin, used = time.perf_counter(), time.process_time()
            answer = engine.range(expr, end / 1000 - 999 * step, end / 1000, step)
            taken.append(((time.process_time() - used) * 1000, (time.perf_counter() - begin) * 1000))
        if len(answer.series[0].values) < 1000:
            raise AssertionError("the month has a hole")
        used_p95, p95 = np.percentile(taken[1:], 95, axis=0).tolist()
        what = f"{expr}, 1 series, 30 days at 15 s, 1,000 steps, p95"
        found += [Row(f"{what} (processor time)", used_p95, "ms", most=20), Row("the same by the clock", p95, "ms")]
    store.close()
    writer.close()
    return found


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        return _month(Path(folder)) + _disk(Path(folder))
