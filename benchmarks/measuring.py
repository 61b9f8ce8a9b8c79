"""What the benchmarks share: rows of results, medians, and how they are printed."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One measured number. most, least: what it must not exceed, or reach; None where nothing was promised."""

    what: str
    value: float
    unit: str
    most: float | None = None
    least: float | None = None

    @property
    def kept(self) -> bool:
        return (self.most is None or self.value <= self.most) and (self.least is None or self.value >= self.least)

    @property
    def promise(self) -> str:
        if self.most is not None:
            return f"≤ {number(self.most)}"
        return "" if self.least is None else f"≥ {number(self.least)}"


def number(value: float) -> str:
    """Three digits are enough."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def table(rows: Sequence[Row]) -> str:
    """Rows as a Markdown table."""
    lines = ["| what | measured | promised | kept |", "|---|---:|---:|---|"]
    for row in rows:
        kept = "" if not row.promise else "yes" if row.kept else "**no**"
        lines.append(f"| {row.what} | {number(row.value)} {row.unit} | {row.promise} | {kept} |")
    return "\n".join(lines)


def milliseconds(work: Callable[[], object], times: int = 5, before: Callable[[], object] = lambda: None) -> float:
    """The median of the processor's milliseconds that some work takes in this process; `before` is not counted."""
    taken = []
    for _ in range(times):
        before()
        begin = time.process_time()
        work()
        taken.append((time.process_time() - begin) * 1000)
    return statistics.median(taken)
