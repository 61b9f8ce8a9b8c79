"""Numbers, spans and times as they are read."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penguintui.model.metrics import Unit
from penguintui.model.target import Kind
from penguintui.views import format as say
from penguintui.views.figures import word
from penguintui.views.signals import SIGNALS
from tests.views.making import NOW


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.148, "seconds", "148 ms"),
        (0.00042, "seconds", "0.42 ms"),
        (7.2, "seconds", "7.2 s"),
        (60, "seconds", "60 s"),
        (59.97, "seconds", "60 s"),
        (0.9999, "seconds", "1 s"),
        (192, "seconds", "3m12s"),
        (6720, "seconds", "1h52m"),
        (0.0007, "ratio", "0.07 %"),
        (0.99962, "ratio", "99.962 %"),
        (0.9999962, "ratio", "99.99962 %"),
        (1, "ratio", "100 %"),
        (94.1, "percent", "94.1 %"),
        (1.9e9, "bytes", "1.9 GB"),
        (312, "count", "312"),
        (1204, "count", "1,204"),
        (10_600, "count", "10.6 k"),
        (6.41e6, "count", "6.41 M"),
        (18_204, "dollars", "$18,204"),
        (0.21, "dollars", "$0.21"),
        (1_240_000, "dollars", "$1.24 M"),
        (1204, "per second", "1,204/s"),
        (0, "count", "0"),
        (3.0, "mails", "3 mails"),
        (None, "count", "no data"),
        (math.nan, "seconds", "no data"),
    ],
)
def test_quantities(value: float | None, unit: str, text: str) -> None:
    assert say.quantity(value, unit) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0s"), (4.4, "4s"), (192, "3m12s"), (3600, "1h"), (9600, "2h40m"), (273_600, "3d4h"), (-5, "0s")],
)
def test_spans(value: float, text: str) -> None:
    assert say.span(value) == text


def test_times_are_as_short_as_they_can_be() -> None:
    assert say.clock(NOW) == "14:15:09Z"
    assert say.clock_exact(NOW + 0.107) == "14:15:09.107"
    assert say.short(NOW - 1980, NOW) == "13:42"
    assert say.short(NOW - 86400, NOW) == "23 Nov 14:15"
    assert say.short(NOW - 400 * 86400, NOW) == "2025-10-20 14:15"
    assert say.moment(NOW) == "2026-11-24 14:15:09Z"


@given(
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([unit.value for unit in Unit if unit is not Unit.TIME]),
)
def test_every_number_has_a_short_text(value: float, unit: str) -> None:
    text = say.quantity(value, unit)
    assert text
    if abs(value) < 1e15:
        assert len(text) <= 16


@given(st.floats(0, 99.9999999))
def test_a_shortfall_is_never_rounded_away(value: float) -> None:
    assert say.percent(value) != "100 %"


def test_what_is_in_use_of_a_whole_has_three_digits_near_the_whole_too() -> None:
    assert (say.share(99.283), say.percent(99.283)) == ("99.3 %", "99.283 %")
    busy = next(signal for signal in SIGNALS[Kind.HOST] if signal.title == "cpu")
    assert word(busy, 99.283) == "cpu 99.3 %"
