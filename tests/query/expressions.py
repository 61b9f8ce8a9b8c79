"""Random PromQL that Prometheus 2 and 3 both know, as text; and the series it speaks of."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import strategies as st

from penguintui.query.source import RawSeries

BASE = 1_700_006_400
"""Where the samples begin: seconds since 1970, a multiple of two hours."""
LENGTH = 3600
EVERY = 15


def _words(text: str) -> list[str]:
    return text.split()


_ONE = _words("abs ceil floor sqrt ln log2 log10 sgn atan asinh deg rad absent")
_STEEP = _words("exp sin cos tan sinh cosh tanh acos asin acosh atanh")
"""Of samples only: of a computed number they make a difference in the last digit one in the first."""
_CALENDAR = _words("minute hour day_of_week day_of_month day_of_year days_in_month month year")
"""Of numbers only: what Prometheus makes of the time NaN depends on its processor."""
_OVER = _words(
    "delta irate idelta changes resets deriv avg_over_time min_over_time max_over_time sum_over_time "
    "count_over_time stddev_over_time stdvar_over_time last_over_time present_over_time absent_over_time"
)
_AGGREGATIONS = _words("sum avg min max count group")
_LABELS = ["host", "queue", "missing"]


def held_series(seed: int = 7) -> list[RawSeries]:
    """Counters that start again, gauges with gaps and with values that are no numbers, a histogram.

    Counters stay far from zero: next to it Prometheus 3 extrapolates otherwise than Prometheus 2.
    """
    random = np.random.default_rng(seed)
    series = []
    times = (BASE + np.arange(0, LENGTH, EVERY)) * 1000
    for host in ("mx1", "mx2", "mx3"):
        for queue in ("active", "deferred"):
            labels = {"host": host, "queue": queue}
            kept = random.random(len(times)) > 0.1
            steps = np.cumsum(random.integers(0, 30, len(times))).astype(float)
            steps -= np.maximum.accumulate(np.where(random.random(len(times)) < 0.02, steps, 0.0))
            steps += 1e5
            jitter = random.integers(-2000, 2000, len(times))
            series.append(RawSeries({"__name__": "sent_total", **labels}, (times + jitter)[kept], steps[kept]))
            gauge = np.round(random.normal(20, 8, len(times)), 3)
            if queue == "deferred":
                gauge[random.random(len(times)) < 0.05] = math.nan
            if host == "mx3":
                kept &= (np.arange(len(times)) < 80) | (np.arange(len(times)) > 140)
            series.append(RawSeries({"__name__": "size", **labels}, times[kept], gauge[kept]))
        counts = np.cumsum(random.integers(0, 5, (4, len(times))), axis=0).cumsum(axis=1) + 1e5
        for bound, values in zip(("0.1", "1", "10", "+Inf"), counts, strict=True):
            series.append(RawSeries({"__name__": "delay_bucket", "host": host, "le": bound}, times, values))
    return series


def _matchers() -> st.SearchStrategy[str]:
    one = st.sampled_from(
        ['host="mx1"', 'host!="mx2"', 'host=~"mx[12]"', 'queue="active"', 'queue!~"a.*"', 'missing=""', 'host="none"']
    )
    return st.lists(one, max_size=2, unique=True).map(lambda found: "{" + ",".join(found) + "}" if found else "")


def _when() -> st.SearchStrategy[str]:
    at = st.sampled_from(["", "", "", f" @ {BASE + 1200}", " @ start()", " @ end()"])
    offset = st.sampled_from(["", "", "", " offset 1m", " offset 95s", " offset -110s"])
    return st.tuples(at, offset).map("".join)


_durations = st.sampled_from(["30s", "1m", "2m", "5m", "13m"])
_numbers = st.sampled_from(["0", "1", "2.5", "-3", "10", "1e3"])


@st.composite
def selectors(draw: st.DrawFn) -> str:
    return draw(st.sampled_from(["sent_total", "size", "size"])) + draw(_matchers()) + draw(_when())


@st.composite
def ranges(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    if draw(st.integers(0, 4)) == 0:
        step = draw(st.sampled_from(["", "30s", "45s"]))
        return f"({draw(inner)})[{draw(_durations)}:{step}]{draw(_when())}"
    name = draw(st.sampled_from(["sent_total", "size"]))
    return f"{name}{draw(_matchers())}[{draw(_durations)}]{draw(_when())}"


def _grouping() -> st.SearchStrategy[str]:
    labels = st.lists(st.sampled_from(_LABELS), max_size=2, unique=True).map(", ".join)
    return st.just("") | st.tuples(st.sampled_from(["by", "without"]), labels).map(lambda p: f" {p[0]} ({p[1]})")


Inner = st.SearchStrategy[str]


def _of_each_value(inner: Inner) -> Inner:
    one = st.tuples(st.sampled_from(_ONE), inner).map(lambda p: f"{p[0]}({p[1]})")
    steep = st.tuples(st.sampled_from(_STEEP), selectors()).map(lambda p: f"{p[0]}({p[1]})")
    # Without `@`, by which the function of Prometheus 2 looks at the wrong time.
    when = st.tuples(_matchers(), st.sampled_from(["", " offset 1m"])).map(lambda p: f"timestamp(size{p[0]}{p[1]})")
    day = st.tuples(st.sampled_from(_CALENDAR), _matchers(), _numbers)
    return one | steep | when | day.map(lambda p: f"{p[0]}(sent_total{p[1]} * {p[2]} * 864001)")


def _of_ranges(inner: Inner) -> Inner:
    over = st.tuples(st.sampled_from(_OVER), ranges(inner)).map(lambda p: f"{p[0]}({p[1]})")
    counter = st.tuples(st.sampled_from(["rate", "increase"]), _matchers(), _durations, _when())
    return over | counter.map(lambda p: f"{p[0]}(sent_total{p[1]}[{p[2]}]{p[3]})")


def _aggregated(inner: Inner) -> Inner:
    simple = st.tuples(st.sampled_from(_AGGREGATIONS), _grouping(), inner).map(lambda p: f"{p[0]}{p[1]} ({p[2]})")
    share = st.tuples(_grouping(), st.sampled_from(["0", "0.3", "0.9", "1", "2"]), inner)
    # Of numbers only: with NaN for its first value Prometheus 2 forgets that it is none.
    spread = st.tuples(st.sampled_from(["stddev", "stdvar"]), _grouping(), _matchers())
    # Of numbers that differ: which of two equal ones is taken Prometheus leaves to chance.
    ranked = st.tuples(st.sampled_from(["topk", "bottomk"]), _grouping(), st.sampled_from(["0", "1", "2"]), _matchers())
    return (
        simple
        | share.map(lambda p: f"quantile{p[0]} ({p[1]}, {p[2]})")
        | spread.map(lambda p: f"{p[0]}{p[1]} (sent_total{p[2]})")
        | ranked.map(lambda p: f"{p[0]}{p[1]} ({p[2]}, sent_total{p[3]})")
    )


def _combined(inner: Inner) -> Inner:
    # Without atan2, after which Prometheus 2 keeps the name; nor with a comparison that filters several series of a
    # match group away, which it lets pass.
    with_number = st.tuples(
        inner, st.sampled_from(["+", "-", "*", "/", "%", "^", ">", "<=", "!=", "== bool", ">= bool"]), _numbers
    )
    between = st.sampled_from(["+", "-", "*", "/", "> bool", "== bool"])
    how = st.sampled_from(["", " on (host)", " ignoring (queue)", " on (host) group_left", " on (host, queue)"])
    sets = st.tuples(
        inner, st.sampled_from(["and", "or", "unless"]), st.sampled_from(["", " on (host)", " ignoring (queue)"]), inner
    )
    return (
        with_number.map(lambda p: f"({p[0]}) {p[1]} ({p[2]})")
        | with_number.map(lambda p: f"({p[2]}) {p[1]} ({p[0]})")
        | st.tuples(inner, between, how, inner).map(lambda p: f"({p[0]}) {p[1]}{p[2]} ({p[3]})")
        | sets.map(lambda p: f"({p[0]}) {p[1]}{p[2]} ({p[3]})")
    )


def _others(inner: Inner) -> Inner:
    of = st.sampled_from(["delay_bucket", "rate(delay_bucket[5m])", "sum by (le) (rate(delay_bucket[2m]))"])
    quantiles = st.tuples(st.sampled_from(["0.5", "0.99", "0", "1", "2"]), of)
    shapes = st.sampled_from(
        [
            "-({})",
            "round({}, 5)",
            "clamp({}, 1, 30)",
            "clamp_max({}, 12)",
            "vector(scalar({}))",
            'label_replace({}, "zone", "$1-$2", "host", "([a-z]+)(\\\\d)")',
            'label_join({}, "both", "/", "host", "queue")',
            "predict_linear(size[5m], 600) + ({})",
            "quantile_over_time(0.7, size[5m]) or ({})",
        ]
    )
    return (
        quantiles.map(lambda p: f"histogram_quantile({p[0]}, {p[1]})")
        | selectors().map(lambda of: f'count_values("v", floor({of}))')
        | st.tuples(shapes, inner).map(lambda p: p[0].format(p[1]))
    )


def expressions() -> st.SearchStrategy[str]:
    """Instant vectors, nested a few levels deep."""
    return st.recursive(
        selectors(),
        lambda inner: (
            _of_each_value(inner) | _of_ranges(inner) | _aggregated(inner) | _combined(inner) | _others(inner)
        ),
        max_leaves=4,
    )
