"""The engine's front door: what goes in, what comes out, and what is said where nothing can."""

from __future__ import annotations

import math
import subprocess
import sys

import pytest

from penguintui.query.engine import Engine
from penguintui.query.errors import LimitExceeded, QueryError, Unsupported
from penguintui.query.limits import Limits
from penguintui.query.results import Matrix, Scalar, Text, Vector
from tests.query.listed import STALE, Samples, series

QUEUE = [
    series({"__name__": "queue_size", "host": "mx1", "queue": "active"}, [float(i) for i in range(41)]),
    series({"__name__": "queue_size", "host": "mx1", "queue": "deferred"}, [10.0] * 41),
    series({"__name__": "queue_size", "host": "mx2", "queue": "active"}, [float(2 * i) for i in range(41)]),
]


@pytest.fixture
def engine() -> Engine:
    return Engine(Samples(QUEUE))


def values(result: object) -> dict[str, float]:
    assert isinstance(result, Vector)
    return {",".join(f"{n}={v}" for n, v in sorted(s.labels.items())): s.value for s in result.samples}


def test_selector(engine: Engine) -> None:
    assert values(engine.instant('queue_size{queue="active"}', 600)) == {
        "__name__=queue_size,host=mx1,queue=active": 40,
        "__name__=queue_size,host=mx2,queue=active": 80,
    }


def test_aggregated_rate(engine: Engine) -> None:
    found = values(engine.instant("sum by (host) (rate(queue_size[5m]))", 600))
    assert found == {"host=mx1": pytest.approx(1 / 15), "host=mx2": pytest.approx(2 / 15)}


def test_scalar_text_and_raw_samples(engine: Engine) -> None:
    assert engine.instant("2 ^ 3", 5) == Scalar(8.0, 5.0)
    assert engine.instant('"hello"', 5) == Text("hello", 5.0)
    raw = engine.instant('queue_size{host="mx2"}[30s]', 600)
    assert isinstance(raw, Matrix)
    assert [s.times for s in raw.series] == [[585.0, 600.0]]


def test_range_has_only_points_that_exist(engine: Engine) -> None:
    found = engine.range('queue_size{host="mx2"} < 5', 0, 60, 15)
    assert [(s.times, s.values) for s in found.series] == [([0, 15, 30], [0, 2, 4])]


def test_data_of_the_http_api(engine: Engine) -> None:
    assert engine.instant("vector(1/0)", 12.5).data() == {
        "resultType": "vector",
        "result": [{"metric": {}, "value": [12.5, "+Inf"]}],
    }
    assert engine.instant("1e21", 1).data() == {"resultType": "scalar", "result": [1.0, "1e+21"]}
    assert engine.range("vector(0.1)", 0, 10, 10).data() == {
        "resultType": "matrix",
        "result": [{"metric": {}, "values": [[0.0, "0.1"], [10.0, "0.1"]]}],
    }


def test_stale_marker_ends_a_series_and_nan_does_not() -> None:
    engine = Engine(Samples([series({"__name__": "m"}, [1, math.nan, STALE, 4])]))
    assert math.isnan(values(engine.instant("m", 29))["__name__=m"])
    assert values(engine.instant("m", 40)) == {}
    assert values(engine.instant("count_over_time(m[1m])", 45)) == {"": 3}


@pytest.mark.parametrize(("semantics", "expected"), [(3, 2.0), (2, 3.0)])
def test_semantics_move_the_bounds(semantics: int, expected: float) -> None:
    engine = Engine(Samples(QUEUE[:1]), semantics=semantics)
    assert list(values(engine.instant("count_over_time(queue_size[30s])", 60)).values()) == [expected]
    assert bool(values(engine.instant("queue_size", 900))) is (semantics == 2)


@pytest.mark.parametrize(
    "expr",
    ["sum(", "nosuch(m)", "m{a=~'('}", "", "1 +", "rate(m)", "m[5m:0s]", "(" * 5000 + "1" + ")" * 5000, "m offset x"],
)
def test_wrong_expressions_are_errors(engine: Engine, expr: str) -> None:
    with pytest.raises(QueryError):
        engine.instant(expr, 0)


@pytest.mark.parametrize("moment", [math.nan, math.inf, -math.inf, 1e300])
def test_times_that_are_none(engine: Engine, moment: float) -> None:
    with pytest.raises(QueryError):
        engine.instant("queue_size", moment)
    with pytest.raises(QueryError):
        engine.range("queue_size", 0, moment, 60)
    with pytest.raises(QueryError):
        engine.range("queue_size", 0, 60, moment)
    with pytest.raises(QueryError, match="out of bounds"):
        engine.instant("queue_size @ 1e300", 0)


def test_native_histograms_are_refused_by_name(engine: Engine) -> None:
    with pytest.raises(Unsupported, match="native histogram"):
        engine.instant("histogram_count(queue_size)", 0)


def test_error_names_the_part_and_its_place(engine: Engine) -> None:
    with pytest.raises(QueryError) as caught:
        engine.instant("1 + topk(NaN, queue_size{})", 600)
    assert caught.value.expression == "topk(NaN, queue_size{})"
    assert caught.value.position == 4


@pytest.mark.parametrize(
    ("limit", "limits", "expr"),
    [
        ("samples", Limits(samples=100), "queue_size[1h]"),
        ("series", Limits(series=2), "queue_size"),
        ("steps", Limits(steps=100), "queue_size"),
        ("steps", Limits(steps=100), "max_over_time(queue_size[1h:1s])"),
        ("samples", Limits(samples=1000), "sum(queue_size) + max_over_time(queue_size[1h:10s])"),
    ],
)
def test_limits_are_named(limit: str, limits: Limits, expr: str) -> None:
    engine = Engine(Samples(QUEUE), limits=limits)
    with pytest.raises(LimitExceeded, match=limit) as caught:
        if limit == "steps" and "[" not in expr:
            engine.range(expr, 0, 600, 1)
        else:
            engine.instant(expr, 600)
    assert caught.value.limit == limit


def test_seconds_are_limited() -> None:
    ticks = iter(range(1000))
    engine = Engine(Samples(QUEUE), limits=Limits(seconds=2), monotonic=lambda: float(next(ticks)))
    with pytest.raises(LimitExceeded) as caught:
        engine.instant("1 + 2 + 3 + sum(queue_size)", 600)
    assert caught.value.limit == "seconds"


def test_a_label_of_a_mebibyte() -> None:
    long = "x" * (1 << 20)
    engine = Engine(Samples([series({"__name__": "m", "a": long}, [1.0])]))
    expr = f'sum by (a) (label_replace(m{{a="{long}"}}, "b", "$1", "a", "(x+)"))'
    assert values(engine.instant(expr, 0)) == {f"a={long}": 1.0}


def test_importing_the_engine_leaves_numpy_alone() -> None:
    check = "import sys, penguintui.query.engine; sys.exit('numpy' in sys.modules or 'promql_parser' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
