"""What questions cost through the store as an agent keeps it: the newest samples are rows, older ones chunks.

Before an hourly pass two hours are rows, after it one: what is promised is measured between, and once more before it.

Promised: `sum by (x) (rate(m[5m]))` over 1,000 series, 6 hours, 360 steps, in 400 ms; a range query over 1 series, 30
days at 15 s, 1,000 steps, in 20 ms; a plain question of 20 series in 0.15 ms. Processor time. `promql` measures
the same engine over samples in memory, beside Prometheus.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.measuring import Row, milliseconds
from benchmarks.promql import DAY, EVERY, HOUR, counters
from penguintui.model.moment import Moment
from penguintui.model.observation import Sample
from penguintui.query.asking import EmbeddedQueries
from penguintui.query.source import RawSeries
from penguintui.store.compacting import Plan, compact
from penguintui.store.ingest import Ingest
from penguintui.store.past import keep_series
from penguintui.store.reader import Store
from penguintui.store.writer import Writer

_BEGIN = 1_700_006_400.0
_HOLDS = 37.5
_ROWS = 3 * HOUR // 2


class _At:
    """A clock that stands at the end of what is stored."""

    def __init__(self, time: float) -> None:
        self._time = time

    def now(self) -> float:
        return self._time

    def monotonic(self) -> float:
        return self._time


def _store(folder: Path, series: Sequence[RawSeries], kept: int = _ROWS) -> Store:
    """A store with these series; their first sample was at `_BEGIN`. kept: milliseconds that are rows."""
    url = f"sqlite:///{folder / 'store.db'}"
    writer = Writer(url)
    for one in series:
        labels = {name: value for name, value in one.labels.items() if name != "__name__"}
        points = [(_BEGIN + t / 1000, float(v)) for t, v in zip(one.times, one.values, strict=True)]
        writer.submit(lambda c, ls=labels, ps=points: keep_series(c, "m", ls, ps, _HOLDS)).result()  # type: ignore[misc]
    last = int(series[0].times[-1])
    plan, after, done = Plan(round(_BEGIN * 1000) + last - kept, 0), 0, False
    while not done:
        piece = writer.submit(lambda c, a=after: compact(c, a, plan, 200_000)).result()  # type: ignore[misc]
        after, done = piece.last, piece.done
    writer.close()
    return Store(url, _At(_BEGIN + last / 1000))


def _ranged(series: Sequence[RawSeries], expr: str, step: float, times: int, kept: int = _ROWS) -> float:
    with tempfile.TemporaryDirectory() as folder:
        store = _store(Path(folder), series, kept)
        end = store.now()

        def ask() -> None:
            EmbeddedQueries(store.reader(Moment(end))).range(expr, _BEGIN + step, end, step)

        ask()
        taken = milliseconds(ask, times)
        store.close()
    return taken


def _instants() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/store.db"
        writer, store = Writer(url), Store(url, _At(_BEGIN))
        rows = [
            (Sample("m_total", float(i + j), {"instance": f"host{i}"}), _BEGIN - 15 * j)
            for j in range(20)
            for i in range(20)
        ]
        writer.submit(lambda connection: Ingest().samples(connection, {}, rows, _HOLDS)).result()
        found = []
        for expr in ("m_total", "sum by (instance) (m_total) > 3", "rate(m_total[2m])"):
            queries = EmbeddedQueries(store.reader())
            taken = milliseconds(_hundred(queries, expr), 9) / 100
            found.append(Row(f"{expr}: 20 series, one of a screen's questions", taken, "ms"))
        taken = milliseconds(lambda: EmbeddedQueries(store.reader()).instant("m_total", _BEGIN), 99)
        found.append(Row("m_total: 20 series, the only question of a reading", taken, "ms"))
        found[0] = Row(found[0].what, found[0].value, "ms", most=0.15)
        store.close()
        writer.close()
    return found


def _hundred(queries: EmbeddedQueries, expr: str) -> Callable[[], None]:
    def ask() -> None:
        for _ in range(100):
            queries.instant(expr, _BEGIN)

    return ask


def measure() -> list[Row]:
    month = counters(1, 30 * DAY // EVERY + 1)
    rows = _instants()
    for expr in ("m", "rate(m[5m])", "avg_over_time(m[1h])"):
        taken = _ranged(month, expr, 30 * DAY / 1000 / 1000, 20)
        rows.append(Row(f"{expr}: 1 series, 30 days at 15 s, 1,000 steps", taken, "ms", most=20))
    expr = "sum by (x) (rate(m[5m]))"
    wide = counters(1000, 6 * HOUR // EVERY + 1)
    rows.append(Row(f"{expr}: 1,000 series, 6 h, 360 steps", _ranged(wide, expr, 60.0, 5), "ms", most=400))
    taken = _ranged(wide, expr, 60.0, 5, 2 * HOUR)
    rows.append(Row(f"{expr}: the same when a pass of compaction is due", taken, "ms"))
    return rows
