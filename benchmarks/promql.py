"""How long the two queries of the promise take: `python -m benchmarks.promql`.

    sum by (x) (rate(m[5m])) over 1,000 series, 6 hours at 15 s, 360 steps: 400 ms at most
    a range query over 1 series, 30 days at 15 s, 1,000 steps: p95 of 40 ms at most

The samples are in memory, so the store's reading is not in these numbers. Where Debian's `prometheus` is installed it
is asked the same, from samples of its own, over HTTP.
"""

from __future__ import annotations

import functools
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from penguintui.query.engine import Engine
from penguintui.query.language.regex import matches
from penguintui.query.source import Matcher, RawSeries
from tests.conftest import find_program
from tests.query.prometheus import serve

EVERY = 15_000
HOUR = 3_600_000
DAY = 24 * HOUR


class Memory:
    """Series in memory, cut to the time that is asked for."""

    def __init__(self, series: Sequence[RawSeries]) -> None:
        self._series = series

    def select(self, matchers: Sequence[Matcher], start: int, end: int) -> Iterator[RawSeries]:
        for one in self._series:
            if all(matches(m, one.labels.get(m.name, "")) for m in matchers):
                times = np.asarray(one.times)
                low, high = np.searchsorted(times, [start, end + 1])
                yield RawSeries(one.labels, times[low:high], np.asarray(one.values)[low:high])


def counters(count: int, length: int, seed: int = 4) -> list[RawSeries]:
    """Counters that start again now and then."""
    random = np.random.default_rng(seed)
    series = []
    for i in range(count):
        values = np.cumsum(random.integers(0, 20, length)).astype(np.float64)
        values -= np.maximum.accumulate(np.where(random.random(length) < 0.001, values, 0.0))
        labels = {"__name__": "m", "x": str(i % 10), "instance": f"host{i}"}
        series.append(RawSeries(labels, np.arange(length, dtype=np.int64) * EVERY, values))
    return series


def milliseconds(ask: Callable[[], object], times: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """How long each of several askings takes; the first, which imports and warms up, does not count."""
    ask()
    taken = []
    for _ in range(times):
        begin = time.perf_counter()
        ask()
        taken.append((time.perf_counter() - begin) * 1000)
    return np.array(taken)


def report(what: str, taken: np.ndarray[tuple[int], np.dtype[np.float64]], most: float) -> bool:
    worst = float(np.percentile(taken, 95))
    print(f"{what:<66} median {np.median(taken):7.1f} ms   p95 {worst:7.1f} ms   at most {most:g} ms")
    return worst <= most


def beside(series: Sequence[RawSeries], expr: str, start: float, end: float, step: float) -> None:
    """Ask Prometheus the same, where there is one."""
    if find_program("prometheus") is None:
        print("    no Prometheus beside it: apt-get install prometheus")
        return
    params = {"query": expr, "start": f"{start:.3f}", "end": f"{end:.3f}", "step": f"{step:.3f}"}
    with tempfile.TemporaryDirectory() as folder, serve(Path(folder), series) as client:
        taken = milliseconds(lambda: client.post("/api/v1/query_range", data=params).raise_for_status(), 20)
    print(f"{'    Prometheus':<66} median {np.median(taken):7.1f} ms   p95 {np.percentile(taken, 95):7.1f} ms")


def main() -> int:
    wide, long = counters(1000, 6 * HOUR // EVERY + 1), counters(1, 30 * DAY // EVERY + 1)
    many, one = Engine(Memory(wide)), Engine(Memory(long))
    what = ("sum by (x) (rate(m[5m]))", 60.0, 6 * HOUR / 1000, 60.0)
    good = report(f"{what[0]}, 1,000 series, 6 h, 360 steps", milliseconds(lambda: many.range(*what), 20), 400)
    beside(wide, *what)
    for expr in ("m", "rate(m[5m])", "avg_over_time(m[1h])"):
        month = (expr, 0.0, 30 * DAY / 1000, 30 * DAY / 1000 / 999)
        taken = milliseconds(functools.partial(one.range, *month), 40)
        good &= report(f"{expr}, 1 series, 30 d at 15 s, 1,000 steps", taken, 40)
        beside(long, *month)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
