"""Values, trends and charts made by hand: what the models of the screens' tests are put together from."""

from __future__ import annotations

import math
from typing import Any

from penguintui.model.status import Status
from penguintui.views.models.chart import Chart, Limit, Line, Mark, Tick
from penguintui.views.models.what import Trend, Value

NOW = 1_795_443_309.0  # 2026-11-23T14:15:09Z
OK, UNKNOWN, WARNING, CRITICAL = Status.OK, Status.UNKNOWN, Status.WARNING, Status.CRITICAL


def wave(count: int, seed: float, low: float = 1.0, high: float = 9.0) -> tuple[float, ...]:
    return tuple(
        low + (high - low) * (0.5 + 0.5 * math.sin(i / 4 + seed) * math.cos(i / 9 + seed)) for i in range(count)
    )


def ramp(count: int) -> tuple[float, ...]:
    return tuple(1.0 if i < count * 0.7 else 1 + (i - count * 0.7) * 3 for i in range(count))


def value(text: str, status: Status | None = None, number: float | None = None, **more: Any) -> Value:
    return Value(text, status, number, observed=NOW - 4, age="4s", source="a query", **more)


def trend(points: tuple[float, ...], label: str) -> Trend:
    return Trend(points, NOW - 3600, NOW, label)


def chart(title: str, lines: int = 1, hours: int = 2) -> Chart:
    start = NOW - hours * 3600
    times = tuple(start + i * hours * 12 for i in range(300))
    names = ("/var", "/data")
    return Chart(
        title,
        start,
        NOW,
        "percent",
        tuple(Line(names[i], times, tuple(86 + i + v for v in wave(300, i / 3, 0, 11))) for i in range(lines)),
        (Mark(NOW - 2520, "release", "deploy 2026.11.24-2", WARNING), Mark(NOW - 6000, "incident", "INC-16", CRITICAL)),
        (Limit(95, "warning 95 %", WARNING),),
        tuple(Tick(start + i * hours * 900, f"{12 + i // 4}:{i % 4 * 15:02}") for i in range(0, 5)),
        (Tick(80, "80 %"), Tick(90, "90 %"), Tick(100, "100 %")),
        80,
        100,
        ("97 %", "93 %")[:lines],
        source="node_filesystem_avail_bytes",
    )
