"""A chart's dots, its axes, and what it does with gaps and troubles."""

from __future__ import annotations

import math
import subprocess
import sys
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.app import App, ComposeResult

from penguintui.model.status import Status
from penguintui.views.models.chart import Chart, Limit, Line, Mark, Tick
from penguintui.widgets.chart import ChartView
from penguintui.widgets.line import text_of
from penguintui.widgets.raster import draw, overlay, reduce_line
from penguintui.widgets.spark import resample, sparkline, tall_spark


def chart(*values: float, **more: object) -> Chart:
    line = Line("one", tuple(float(i) for i in range(len(values))), tuple(values))
    given: dict[str, object] = {
        "lines": (line,),
        "low": 0.0,
        "high": 10.0,
        "y_ticks": (Tick(0, "0"), Tick(10, "10")),
        "x_ticks": (Tick(0, "12:00"), Tick(len(values) - 1, "13:00")),
    }
    return Chart("a chart", 0.0, float(len(values) - 1), **{**given, **more})  # type: ignore[arg-type]


def test_a_rising_line_goes_from_the_lower_left_to_the_upper_right() -> None:
    picture = draw(chart(*(i / 10 for i in range(101))), 20, 5, False)
    assert picture.trouble == ""
    rows = picture.layers[0]
    assert len(rows) == 5
    assert rows[0][-1] != " "
    assert rows[4][0] != " "
    assert rows[0][0] == " "
    assert rows[4][-1] == " "


def test_ascii_pictures_are_ascii() -> None:
    picture = draw(chart(1, 5, 2, 9), 20, 5, True)
    assert "".join(picture.layers[0]).isascii()
    assert "*" in "".join(picture.layers[0])


def test_a_gap_stays_empty() -> None:
    values = [5.0] * 40 + [math.nan] * 20 + [5.0] * 40
    rows = draw(chart(*values), 50, 5, False).layers[0]
    middle = "".join(row[22:28] for row in rows)
    assert middle.strip() == ""
    assert "".join(rows).strip()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6) | st.just(math.nan), min_size=1, max_size=500), st.integers(2, 40))
def test_reducing_keeps_the_extremes_and_the_bound(values: list[float], dots: int) -> None:
    line = Line("x", tuple(float(i) for i in range(len(values))), tuple(values))
    times, kept, joined = reduce_line(line, 0.0, float(max(len(values) - 1, 1)), dots)
    known = [value for value in values if not math.isnan(value)]
    assert len(times) == len(kept) == len(joined) <= max(2 * dots, 1)
    assert times == sorted(times)
    if known:
        assert min(kept) == min(known)
        assert max(kept) == max(known)
        assert not joined[0]


def test_few_points_stay_as_they_are_and_a_gap_parts_them() -> None:
    line = Line("x", (0.0, 1.0, 2.0, 3.0, 4.0, 9.0), (math.nan, 5.0, 6.0, math.inf, 7.0, 8.0))
    assert reduce_line(line, 1.0, 4.0, 10) == ([1.0, 2.0, 4.0], [5.0, 6.0, 7.0], [False, True, False])


def test_a_chart_of_few_points_needs_no_arrays() -> None:
    code = """
import sys
from penguintui.views.models.chart import Chart, Line
from penguintui.widgets.raster import draw
picture = draw(Chart("", 0.0, 2.0, lines=(Line("x", (0.0, 1.0, 2.0), (1.0, 3.0, 2.0)),), high=4.0), 20, 5, False)
assert picture.layers[0] and not picture.trouble, picture
assert "numpy" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_strange_numbers_do_not_break_a_picture() -> None:
    for low, high in ((0.0, 0.0), (math.nan, 1.0), (5.0, 1.0)):
        assert draw(chart(1, 2, 3, low=low, high=high), 10, 3, False).trouble == ""
    assert draw(chart(math.inf, 2, -math.inf), 10, 3, False).trouble == ""


def test_two_lines_share_a_cell() -> None:
    cells = overlay([("⠁ ",), ("⠂⠂",)], 0, 2)
    assert cells == [("⠃", 0), ("⠂", 1)]


class Shown(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.view = ChartView()

    def compose(self) -> ComposeResult:
        yield self.view


def text(view: ChartView) -> str:
    return "\n".join(text_of(view.compose_line(y, view.size.width)) for y in range(view.size.height))


async def test_axes_limits_and_marks_stand_around_the_dots() -> None:
    app = Shown()
    async with app.run_test(size=(60, 12)) as pilot:
        marks = (Mark(30.0, "release", "release 7", None), Mark(90.0, "incident", "INC-1", Status.CRITICAL))
        limits = (Limit(8.0, "limit 8", Status.WARNING),)
        app.view.show(chart(*([2.0] * 100), marks=marks, limits=limits))
        for _ in range(200):
            await pilot.pause(0.01)
            if app.view._drawn is not None:
                break
        shown = text(app.view)
        for word in ("12:00", "13:00", "10", "limit 8", "▲ release 7", "▲ INC-1"):
            assert word in shown, shown
        app.view.show(chart(trouble="no data yet"))
        assert "no data yet" in text(app.view)
        app.view.show(None)
        assert text(app.view).strip() == ""


@pytest.mark.parametrize("height", range(6, 24))
async def test_the_labels_of_an_axis_stand_equally_far_apart_where_it_would_be_seen(height: int) -> None:
    app = Shown()
    async with app.run_test(size=(60, height)):
        ticks = (Tick(0, "0 ms"), Tick(50, "50 ms"), Tick(100, "100 ms"), Tick(150, "150 ms"))
        app.view.show(chart(0.0, 150.0, high=150.0, y_ticks=ticks))
        labelled = [y for y, line in enumerate(text(app.view).splitlines()) if " ms" in line]
    apart = [below - above for above, below in pairwise(labelled)]
    assert apart
    assert len(set(apart)) == 1 or min(apart) >= 3, apart


def test_sparklines() -> None:
    assert sparkline([0, 1, 2, 3, 4, 5, 6, 7], 8) == "▁▂▃▄▅▆▇█"
    assert sparkline([5, None, 5], 3) == "▁ ▁"
    assert sparkline([], 4) == "    "
    assert [len(one) for one in tall_spark([1, 9, 3], 12, 2)] == [12, 12]


@given(st.lists(st.none() | st.floats(allow_nan=True, allow_infinity=True), max_size=80), st.integers(0, 60))
def test_any_values_give_a_sparkline_of_the_width(values: list[float | None], width: int) -> None:
    assert len(sparkline(values, width)) == width
    assert len(resample(values, width)) in (0, width)
