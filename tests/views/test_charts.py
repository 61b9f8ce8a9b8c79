"""Axes in words, and gaps that stay gaps."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from penguintui.views.ask import Past, Series, trend
from penguintui.views.charts import chart, time_ticks, with_gaps
from penguintui.views.models.chart import Limit
from tests.views.making import NOW, at

START, END = at("13:15"), at("14:15")


def past(*values: float, step: float = 300.0) -> Past:
    times = tuple(START + step * i for i in range(len(values)))
    return Past("up", START, END, step, (Series({"instance": "api"}, times, values),))


def test_the_axes_are_in_words() -> None:
    drawn = chart("mx2  disk", past(41.0, 97.0), "percent", NOW, share=True, limits=[Limit(90, "limit 90 %")])
    assert [tick.text for tick in drawn.x_ticks] == ["13:20", "13:30", "13:40", "13:50", "14:00", "14:10"]
    assert [tick.text for tick in drawn.y_ticks] == ["0 %", "25 %", "50 %", "75 %", "100 %"]
    assert drawn.latest == ("97 %",)
    assert drawn.lines[0].name == "api"


def test_thirty_days_are_told_by_dates() -> None:
    assert [tick.text for tick in time_ticks(NOW - 30 * 86400, NOW)][:2] == ["29 Oct", "3 Nov"]


def test_an_empty_chart_says_why() -> None:
    drawn = chart("mx2  cpu", Past("up", START, END, 60.0), "percent", NOW)
    assert drawn.trouble == "no data yet, asked at 14:15:09Z"
    broken = chart("mx2  cpu", Past("up", START, END, 60.0, trouble="no such function: foo"), "percent", NOW)
    assert broken.trouble == "no such function: foo"


def test_no_line_is_drawn_across_a_gap() -> None:
    series = Series({}, (0.0, 60.0, 600.0), (1.0, 2.0, 3.0))
    times, values = with_gaps(series, 60.0)
    assert times == (0.0, 60.0, 120.0, 600.0)
    assert math.isnan(values[2])


def test_a_few_missing_minutes_are_bridged() -> None:
    assert with_gaps(Series({}, (0.0, 120.0, 240.0), (1.0, 2.0, 3.0)), 15.0) == ((0.0, 120.0, 240.0), (1.0, 2.0, 3.0))


def test_a_trend_has_a_place_for_each_step() -> None:
    one = Series({}, (START, START + 600, END), (1.0, math.nan, 3.0))
    points = trend(one, Past("up", START, END, 600.0, (one,)), "1h").points
    assert points == (1.0, None, None, None, None, None, 3.0)


@given(st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=50))
def test_the_y_axis_holds_every_value(values: list[float]) -> None:
    drawn = chart("x", past(*values), "count", NOW)
    assert drawn.low <= min(values) <= max(values) <= drawn.high
    assert drawn.low < drawn.high
    assert 2 <= len(drawn.y_ticks) <= 12
    assert drawn.low <= drawn.y_ticks[0].at <= drawn.y_ticks[-1].at <= drawn.high + 1e-6 * (drawn.high - drawn.low)


@given(st.integers(0, 4_000_000_000), st.integers(1, 100_000_000))
def test_time_ticks_are_few_and_within(start: int, length: int) -> None:
    ticks = time_ticks(start, start + length)
    assert len(ticks) <= 8
    assert all(start <= tick.at <= start + length for tick in ticks)
