"""What must hold for all samples: the engine beside plain loops over the same numbers."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from penguintui.query.engine import Engine
from penguintui.query.errors import QueryError
from penguintui.query.results import Matrix, Vector
from penguintui.query.source import RawSeries
from tests.query.expressions import BASE, expressions, held_series
from tests.query.listed import STALE, Samples

numbers = st.floats(-1e6, 1e6) | st.sampled_from([0.0, math.nan, math.inf, -math.inf, STALE])
finite = st.floats(-1e6, 1e6).map(lambda v: round(v, 3))


@st.composite
def samples(draw: st.DrawFn, values: st.SearchStrategy[float] = numbers, most: int = 4) -> list[RawSeries]:
    """Some series of the metric m with samples at odd moments of ten minutes."""
    found = []
    for i in range(draw(st.integers(1, most))):
        times = draw(st.lists(st.integers(0, 600), min_size=1, max_size=25, unique=True).map(sorted))
        labels = {"__name__": "m", "i": str(i), "group": draw(st.sampled_from(["a", "b"]))}
        found.append(RawSeries(labels, [t * 1000 for t in times], [draw(values) for _ in times]))
    return found


def table(vector: object) -> dict[tuple[tuple[str, str], ...], float]:
    assert isinstance(vector, Vector)
    return {tuple(sorted(s.labels.items())): s.value for s in vector.samples}


def same(a: float, b: float) -> bool:
    return (math.isnan(a) and math.isnan(b)) or math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-6)


def is_stale(value: float) -> bool:
    return int(np.array([value]).view(np.int64)[0]) == 0x7FF0000000000002


@given(expr=expressions(), step=st.integers(0, 19))
def test_instant_is_a_range_of_one_step(expr: str, step: int) -> None:
    if "start()" in expr or "end()" in expr:
        expr = expr.replace("start()", str(BASE)).replace("end()", str(BASE + 3000))
    engine = Engine(Samples(held_series()))
    moment = BASE + 60 + step * 147
    try:
        alone = table(engine.instant(expr, moment))
        whole = engine.range(expr, BASE + 60, BASE + 2853, 147)
    except QueryError as error:
        # A range may meet an ambiguity at another step, never the other way round.
        with pytest.raises(type(error)):
            engine.range(expr, BASE + 60, BASE + 2853, 147)
        return
    assert isinstance(whole, Matrix)
    column = {
        tuple(sorted(s.labels.items())): s.values[s.times.index(moment)] for s in whole.series if moment in s.times
    }
    assert alone.keys() == column.keys()
    assert all(same(alone[k], column[k]) for k in alone)


@given(held=samples(), at=st.integers(0, 1000), lookback=st.integers(1, 300), semantics=st.sampled_from([2, 3]))
def test_selector_takes_the_last_sample_in_sight(held: list[RawSeries], at: int, lookback: int, semantics: int) -> None:
    expected = {}
    for one in held:
        seen = [(t, v) for t, v in zip(one.times, one.values, strict=True) if t <= at * 1000]
        if seen and not is_stale(seen[-1][1]):
            age = at * 1000 - seen[-1][0]
            if age < lookback * 1000 or (semantics == 2 and age == lookback * 1000):
                expected[tuple(sorted(one.labels.items()))] = seen[-1][1]
    found = table(Engine(Samples(held), semantics=semantics, lookback=lookback).instant("m", at))
    assert found.keys() == expected.keys()
    assert all(same(found[k], expected[k]) for k in found)


@given(
    held=samples(finite),
    at=st.integers(0, 700),
    length=st.integers(1, 400),
    semantics=st.sampled_from([2, 3]),
    function=st.sampled_from(["sum", "avg", "min", "max", "count", "last", "stdvar", "present"]),
)
def test_over_time_is_a_loop_over_the_window(
    held: list[RawSeries], at: int, length: int, semantics: int, function: str
) -> None:
    reference = {
        "sum": math.fsum,
        "avg": lambda v: math.fsum(v) / len(v),
        "min": min,
        "max": max,
        "count": len,
        "last": lambda v: v[-1],
        "stdvar": lambda v: float(np.var(v)),
        "present": lambda v: 1.0,
    }[function]
    expected = {}
    for one in held:
        first = (at - length) * 1000 + (0 if semantics == 2 else 1)
        window = [v for t, v in zip(one.times, one.values, strict=True) if first <= t <= at * 1000]
        if window:
            labels = {n: v for n, v in one.labels.items() if n != "__name__" or function == "last"}
            expected[tuple(sorted(labels.items()))] = reference(window)
    engine = Engine(Samples(held), semantics=semantics)
    found = table(engine.instant(f"{function}_over_time(m[{length}s])", at))
    assert found.keys() == expected.keys()
    assert all(same(found[k], expected[k]) for k in found)


def rate_by_hand(window: list[tuple[int, float]], start: int, end: int) -> float:
    """Prometheus' extrapolated increase, sample by sample."""
    times, values = [t for t, _ in window], [v for _, v in window]
    moved = values[-1] - values[0]
    moved += math.fsum(a for a, b in itertools.pairwise(values) if b < a)
    sampled = (times[-1] - times[0]) / 1000
    average = sampled / (len(window) - 1)
    before, after = (times[0] - start) / 1000, (end - times[-1]) / 1000
    if before >= average * 1.1:
        before = average / 2
    if moved > 0 and values[0] >= 0:
        before = min(before, sampled * values[0] / moved)
    if after >= average * 1.1:
        after = average / 2
    return moved * (sampled + before + after) / sampled


@given(held=samples(st.integers(0, 1000).map(float)), at=st.integers(0, 700), length=st.integers(1, 400))
def test_increase_is_the_loop_of_prometheus(held: list[RawSeries], at: int, length: int) -> None:
    start, end = (at - length) * 1000, at * 1000
    expected = {}
    for one in held:
        window = [(t, v) for t, v in zip(one.times, one.values, strict=True) if start < t <= end]
        if len(window) > 1:
            labels = {n: v for n, v in one.labels.items() if n != "__name__"}
            expected[tuple(sorted(labels.items()))] = rate_by_hand(window, start, end)
    engine = Engine(Samples(held))
    found = table(engine.instant(f"increase(m[{length}s])", at))
    per_second = table(engine.instant(f"rate(m[{length}s]) * {length}", at))
    assert found.keys() == expected.keys() == per_second.keys()
    assert all(same(found[k], expected[k]) and same(found[k], per_second[k]) for k in found)


@given(held=samples(finite, most=6), at=st.integers(0, 700))
def test_aggregation_is_a_loop_over_the_group(held: list[RawSeries], at: int) -> None:
    engine = Engine(Samples(held))
    groups: dict[str, list[float]] = defaultdict(list)
    for labels, value in table(engine.instant("m", at)).items():
        groups[dict(labels)["group"]].append(value)
    for op, reference in {
        "sum": math.fsum,
        "avg": lambda v: math.fsum(v) / len(v),
        "min": min,
        "max": max,
        "count": len,
        "stddev": lambda v: float(np.std(v)),
        "quantile(0.5, {})": lambda v: float(np.quantile(v, 0.5)),
    }.items():
        expr = op.replace("(", " by (group) (", 1).format("m") if "{}" in op else f"{op} by (group) (m)"
        found = table(engine.instant(expr, at))
        assert {dict(k)["group"] for k in found} == set(groups)
        assert all(same(v, reference(groups[dict(k)["group"]])) for k, v in found.items())


@given(held=samples(finite, most=6), at=st.integers(0, 700), k=st.integers(-1, 7))
def test_topk_takes_the_largest(held: list[RawSeries], at: int, k: int) -> None:
    engine = Engine(Samples(held))
    everything = sorted(table(engine.instant("m", at)).values(), reverse=True)
    assert list(table(engine.instant(f"topk({k}, m)", at)).values()) == everything[: max(0, k)]
    assert len(table(engine.instant(f"limitk({k}, m)", at))) == len(everything[: max(0, k)])


@given(held=samples(finite, most=6), at=st.integers(0, 700), ratio=st.floats(0, 1))
def test_a_share_and_the_rest_are_the_whole(held: list[RawSeries], at: int, ratio: float) -> None:
    engine = Engine(Samples(held))
    share = table(engine.instant(f"limit_ratio({ratio:f}, m)", at))
    rest = table(engine.instant(f"limit_ratio({round(ratio, 6) - 1:f}, m)", at))
    assert not share.keys() & rest.keys() or ratio >= 1
    assert {**share, **rest} == table(engine.instant("m", at))


@given(held=samples(most=6), at=st.integers(0, 700), threshold=st.integers(-1000, 1000))
def test_and_unless_or(held: list[RawSeries], at: int, threshold: int) -> None:
    engine = Engine(Samples(held))
    whole = table(engine.instant("m", at))
    kept = f"(m > {threshold})"
    rebuilt = table(engine.instant(f"(m and {kept}) or (m unless {kept})", at))
    assert rebuilt.keys() == whole.keys()
    assert table(engine.instant(f"m and {kept}", at)) == table(engine.instant(kept, at))


@given(held=samples(most=3), at=st.integers(0, 700), text=st.text(max_size=30))
def test_any_text_is_an_answer_or_an_error(held: list[RawSeries], at: int, text: str) -> None:
    try:
        Engine(Samples(held)).instant(text, at)
    except QueryError as error:
        assert str(error)


@given(q=st.floats(0, 1), counts=st.lists(st.integers(0, 50), min_size=2, max_size=6))
def test_histogram_quantile_lies_in_its_bucket(q: float, counts: list[int]) -> None:
    totals = np.cumsum(counts)
    bounds = [*(str(i + 1) for i in range(len(counts) - 1)), "+Inf"]
    held = [RawSeries({"__name__": "b", "le": le}, [0], [float(c)]) for le, c in zip(bounds, totals, strict=True)]
    found = list(table(Engine(Samples(held)).instant(f"histogram_quantile({q:.12f}, b)", 0)).values())
    if totals[-1] == 0:
        assert math.isnan(found[0])
        return
    rank = float(f"{q:.12f}") * totals[-1]
    bucket = int(np.searchsorted(totals, rank))
    if bucket == len(counts) - 1:  # beyond the last bound: the quantile is that bound, however little is below it
        assert found[0] == bucket
        return
    if totals[bucket] == 0:  # the rank of q = 0 lies in a bucket that is empty: Prometheus divides by nothing
        assert math.isnan(found[0])
        return
    assert bucket <= found[0] <= bucket + 1
