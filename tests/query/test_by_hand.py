"""Functions in their corners, with values worked out by hand from the definitions in Prometheus' documentation."""

from __future__ import annotations

import math

import pytest

from penguintui.query.engine import Engine
from penguintui.query.errors import QueryError
from penguintui.query.results import Vector
from tests.query.listed import Samples, series

NAN, INF = math.nan, math.inf
# One sample a minute; the last one is at the moment that is asked for.
AT = 300.0
ENGINE = Engine(
    Samples(
        [
            series({"__name__": "m", "a": "1"}, [0, 1, 2, 3, 0, 5], 60),
            series({"__name__": "even", "a": "10"}, [5, 5, 5, 5, 5, 5], 60),
            series({"__name__": "even", "a": "2"}, [1, 1, 1, 1, 1, 1], 60),
            series({"__name__": "grows_total"}, [100, 100, 100, 100, 100, 123], 60),
            series({"__name__": "big"}, [1e100, 1, -1e100], 60, 180),
            series({"__name__": "endless"}, [1, INF, 2], 60, 180),
            series({"__name__": "gaps"}, [1, NAN, 2], 60, 180),
        ]
    )
)


def asked(expr: str) -> list[float]:
    answer = ENGINE.instant(expr, AT)
    assert isinstance(answer, Vector)
    return [sample.value for sample in answer.samples]


@pytest.mark.parametrize(
    ("expr", "value"),
    [
        ("sum_over_time(m[3m])", 8.0),  # 3, 0, 5: what is exactly three minutes old is outside
        ("count_over_time(m[1m])", 1.0),
        ("first_over_time(m[3m])", 3.0),
        ("sum_over_time(m[3m:1m])", 8.0),
        ("m @ 60", 1.0),
        ("sum_over_time(m[1m] @ 60)", 1.0),
        ("m offset -1m", 5.0),
        ("resets(m[10m])", 1.0),
        ("changes(m[10m])", 5.0),
        ("sum_over_time(big[5m])", 1.0),
        ("avg_over_time(big[5m])", 1 / 3),
        ("sum_over_time(endless[5m])", INF),
        ("avg_over_time(endless[5m])", INF),
        ("sum_over_time(gaps[5m])", NAN),
        ("max_over_time(gaps[5m])", 2.0),
        ("mad_over_time(m[6m])", 1.5),  # median 1.5; distances 1.5, 0.5, 0.5, 1.5, 1.5, 3.5
        ("ts_of_max_over_time(m[6m])", 300.0),
        ("ts_of_min_over_time(m[6m])", 240.0),
        ("double_exponential_smoothing(m[5m], 0.5, 0.5)", 3.5),
        ("predict_linear(m[5m], 60)", 4.0),  # 0.6 a minute, 3.4 now
        ("round(m, 0)", NAN),
        ("m % 0", NAN),
        ("m / 0", INF),
        ("m atan2 m", math.pi / 4),
        ("quantile(2, m)", INF),
        ("quantile(-1, m)", -INF),
        ("quantile(NaN, m)", NAN),
        ("clamp(m, 1, 3)", 3.0),
        ("absent(nothing)", 1.0),
    ],
)
def test_a_value(expr: str, value: float) -> None:
    assert asked(expr) == pytest.approx([value], nan_ok=True)


def test_rate_to_the_last_digit() -> None:
    """23 over four minutes, stretched to five: divided by the seconds before it is multiplied, as Prometheus does."""
    assert asked("rate(grows_total[5m])") == [0.09583333333333333] != [23 * 1.25 / 300]


@pytest.mark.parametrize(
    "expr", ["rate(m[1m])", "clamp(m, 5, 1)", "absent(m)", "mad_over_time(nothing[5m])", "limitk(0, m)"]
)
def test_nothing_at_all(expr: str) -> None:
    assert asked(expr) == []


@pytest.mark.parametrize("expr", ["quantile(2, m)", "quantile(NaN, m)", "quantile_over_time(-1, m[5m])"])
def test_a_quantile_that_is_none_is_warned_of(expr: str) -> None:
    (warning,) = ENGINE.instant(expr, AT).warnings
    assert "quantile value should be between 0 and 1" in warning


def test_labels_are_sorted_as_people_count() -> None:
    assert asked('sort_by_label(even, "a")') == [1.0, 5.0]
    assert asked('sort_by_label_desc(even, "a")') == [5.0, 1.0]


def test_the_whole_and_its_complement_are_everything() -> None:
    assert len(asked("limit_ratio(1, even)")) == len(asked("limit_ratio(-1, even)")) == 2
    assert len(asked("limit_ratio(0.5, even)")) + len(asked("limit_ratio(-0.5, even)")) == 2


def test_a_pattern_that_is_none_is_named() -> None:
    with pytest.raises(QueryError, match="invalid regular expression in label_replace"):
        ENGINE.instant('label_replace(m, "x", "$1", "a", "(")', AT)
