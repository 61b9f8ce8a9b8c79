"""A chart of two series with 30 days at one-minute resolution on 120x20.

Promised: at most 40 ms off the event loop (the drawing thread reduces and draws), and at most 15 ms on it (what is
painted of the finished picture, and the look-up of what was drawn).
"""

from __future__ import annotations

import math

from benchmarks.measuring import Row, milliseconds
from penguintui.views.models.chart import Chart, Line, Tick
from penguintui.widgets import raster
from penguintui.widgets.chart import ChartView

_WIDTH, _HEIGHT = 120, 20
_MINUTES = 30 * 24 * 60


def _chart() -> Chart:
    end = 1_795_500_000.0
    times = tuple(end - 60.0 * (_MINUTES - i) for i in range(_MINUTES))
    lines = tuple(
        Line(name, times, tuple(50 + 40 * math.sin(i / 400 + phase) + i % 7 for i in range(_MINUTES)))
        for name, phase in (("today", 0.0), ("before", 1.0))
    )
    ticks = tuple(Tick(times[0] + 86400.0 * day, str(day)) for day in range(0, 30, 5))
    heights = tuple(Tick(float(value), str(value)) for value in (0, 50, 100))
    return Chart("load", times[0], end, "count", lines, x_ticks=ticks, y_ticks=heights, low=0.0, high=100.0)


def measure() -> list[Row]:
    chart = _chart()
    raster.draw(chart, _WIDTH, _HEIGHT, False)
    off = milliseconds(lambda: raster.draw(chart, _WIDTH, _HEIGHT, False), 15)
    picture = raster.draw(chart, _WIDTH, _HEIGHT, False)

    def on_the_loop() -> None:
        """What `Drawn` and the painting that follows do."""
        raster.known(chart, _WIDTH, _HEIGHT, False)
        raster.keep(chart, False, picture)
        view = ChartView()
        view._chart, view._drawn = chart, (chart, picture)
        for y in range(_HEIGHT):
            view._plot_row(y, _WIDTH, _HEIGHT)

    return [
        Row("chart of 2 series, 30 days by the minute, 120x20: off the loop", off, "ms", most=40),
        Row("the same: on the loop", milliseconds(on_the_loop, 15), "ms", most=15),
    ]
