"""Plain questions have the engine's answers, float by float."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penguintui.model.moment import LIVE, Moment
from penguintui.model.observation import Sample
from penguintui.query.engine import Engine
from penguintui.query.errors import QueryError
from penguintui.query.language.parse import parse
from penguintui.query.limits import Limits
from penguintui.query.plain.moment import answer
from penguintui.query.plain.steps import answer_steps
from penguintui.query.results import Matrix, Result, Scalar, Text, Vector
from penguintui.query.samples.newest import StoredNewest
from penguintui.query.samples.stored import StoredSamples
from penguintui.store.ingest import Ingest
from penguintui.store.keeping import Era, keep_era
from penguintui.store.reader import Store
from penguintui.store.writer import Writer
from tests.conftest import FrozenClock
from tests.query.expressions import BASE, LENGTH, expressions, held_series
from tests.query.listed import Samples, series
from tests.query.plain.plainly import PlainSamples

HELD = Samples(held_series())
PLAIN = [
    "size",
    'size{host=~"mx[12]"} > 20',
    "20 >= bool size",
    "-size * 2 / 0 - size",
    "sum by (host) (size)",
    "max without (queue) (size)",
    "avg(size)",
    "count by (host, queue) (size > 10) + 1",
    "rate(sent_total[5m])",
    "sum by (queue) (increase(sent_total[2m] offset 90s))",
    "max by (host) (quantile_over_time(0.95, size[5m]))",
    "avg_over_time(size[2m]) or last_over_time(sent_total[1m])",
    'size{queue="active"} and on (host) sent_total{host="mx1"}',
    "sent_total / on (host, queue) size",
    "sent_total - ignoring (none) size",
    "scalar(sum(size)) * 2",
    "absent(size)",
    "floor(abs(-size)) unless size > 20",
    "delta(size[3m]) + changes(size[3m]) + resets(sent_total[10m])",
    "time() - 5",
]


def same(found: Result, expected: Result) -> None:
    """Equal but for the order of series, and NaN is NaN."""
    assert type(found) is type(expected)
    assert (found.warnings, found.infos) == (expected.warnings, expected.infos)
    if isinstance(found, Vector) and isinstance(expected, Vector):
        assert found.at == expected.at
        assert table(found) == table(expected)
    elif isinstance(found, Scalar) and isinstance(expected, Scalar):
        assert (found.at, repr(found.value)) == (expected.at, repr(expected.value))
    else:
        assert isinstance(found, Matrix | Text)


def table(found: Vector) -> dict[frozenset[tuple[str, str]], str]:
    made = {frozenset(one.labels.items()): repr(one.value + 0.0) for one in found.samples}
    assert len(made) == len(found.samples)
    return made


def ask(engine: Engine, expr: str, at: float) -> Result | str:
    try:
        return engine.instant(expr, at)
    except QueryError as error:
        return str(error)


def compare(expr: str, at: float, semantics: int) -> None:
    arrays = ask(Engine(HELD, semantics=semantics), expr, at)
    plain = ask(Engine(HELD, semantics=semantics, plain=PlainSamples(HELD)), expr, at)
    if isinstance(plain, str) or isinstance(arrays, str):
        assert plain == arrays
    else:
        same(plain, arrays)


@settings(deadline=None)
@given(expressions(), st.integers(0, LENGTH + 400), st.sampled_from([2, 3]))
def test_any_expression_has_the_same_answer(expr: str, after: int, semantics: int) -> None:
    compare(expr, BASE + after, semantics)


@settings(deadline=None)
@given(st.sampled_from(PLAIN), st.integers(0, LENGTH + 400), st.sampled_from([2, 3]))
def test_a_plain_expression_has_the_same_answer(expr: str, after: int, semantics: int) -> None:
    compare(expr, BASE + after, semantics)


def courses(found: Matrix) -> list[tuple[dict[str, str], str, str]]:
    return [
        (dict(one.labels), repr(list(one.times)), repr([value + 0.0 for value in one.values])) for one in found.series
    ]


def ask_steps(engine: Engine, expr: str, frame: tuple[float, float, float]) -> Matrix | str:
    try:
        return engine.range(expr, *frame)
    except QueryError as error:
        return str(error)


@settings(deadline=None)
@given(
    expressions() | st.sampled_from(PLAIN),
    st.integers(0, LENGTH + 400),
    st.integers(1, 900),
    st.sampled_from([15, 60, 97]),
    st.sampled_from([2, 3]),
)
def test_steps_in_time_have_the_same_answer(expr: str, after: int, span: int, step: int, semantics: int) -> None:
    frame = (BASE + after, BASE + after + span, step)
    arrays = ask_steps(Engine(HELD, semantics=semantics), expr, frame)
    plain = ask_steps(Engine(HELD, semantics=semantics, plain=PlainSamples(HELD)), expr, frame)
    if isinstance(plain, str) or isinstance(arrays, str):
        assert plain == arrays
    else:
        assert (plain.warnings, sorted(plain.infos)) == (arrays.warnings, sorted(arrays.infos))
        assert courses(plain) == courses(arrays)


@pytest.mark.parametrize("expr", PLAIN)
def test_is_plain_at_steps_too(expr: str) -> None:
    steps = range((BASE + 1200) * 1000, (BASE + 1800) * 1000, 60_000)
    assert answer_steps(PlainSamples(HELD), parse(expr), steps, 300_000, closed=False, most=100_000) is not None


@settings(deadline=None)
@given(
    st.lists(st.none() | st.integers(0, 5).map(float) | st.floats(), min_size=2, max_size=30),
    st.sampled_from(["rate", "increase", "delta", "avg_over_time", "sum_over_time", "max_over_time", "changes"]),
    st.integers(0, 500),
    st.integers(1, 400),
)
def test_functions_of_any_samples(values: list[float], function: str, at: int, length: int) -> None:
    held = Samples([series({"__name__": "m_total"}, values)])
    expr = f"{function}(m_total[{length}s])"
    same(Engine(held, plain=PlainSamples(held)).instant(expr, at), Engine(held).instant(expr, at))
    frame = (max(0, at - 200), at, 11)
    assert courses(Engine(held, plain=PlainSamples(held)).range(expr, *frame)) == courses(
        Engine(held).range(expr, *frame)
    )


@pytest.mark.parametrize("expr", PLAIN)
def test_is_plain(expr: str) -> None:
    moment = (BASE + 1800) * 1000
    found = answer(PlainSamples(HELD), parse(expr), moment, 300_000, closed=False, most=1000)
    assert found is not None


@pytest.mark.parametrize(
    "expr",
    [
        "size @ start()",
        "size offset 1m",
        '{host="mx1"}',
        "topk(1, size)",
        "histogram_quantile(0.5, delay_bucket)",
        "size / on (host) group_left sent_total",
        "sum by (__name__) (size)",
        "max_over_time(size[5m:1m])",
        "size ^ 2",
        "absent(nothing)",
        "size[5m]",
        '"text"',
    ],
)
def test_what_is_rare_is_left_to_the_engine(expr: str) -> None:
    moment = (BASE + 1800) * 1000
    assert answer(PlainSamples(HELD), parse(expr), moment, 300_000, closed=False, most=1000) is None


def test_limits_hold() -> None:
    engine = Engine(HELD, limits=Limits(series=3), plain=PlainSamples(HELD))
    with pytest.raises(QueryError, match="limit: series"):
        engine.instant("size", BASE + 1800)


class World:
    """A store whose samples come in batches."""

    def __init__(self, folder: Path) -> None:
        self.clock = FrozenClock()
        self.url = f"sqlite:///{folder / 'store.db'}"
        self.writer, self.ingest = Writer(self.url), Ingest()
        self.writer.submit(lambda _connection: None).result(5)
        self.store = Store(self.url, self.clock)

    def put(self, metric: str, host: str, value: float, holds: float, ago: float = 0.0) -> None:
        rows = [(Sample(metric, value, {"host": host}), self.clock.now() - ago)]
        self.writer.submit(lambda connection: self.ingest.samples(connection, {}, rows, holds)).result(5)

    def compare(self, expr: str, moment: Moment = LIVE, ago: float = 0.0) -> Result:
        """Ask both ways; what is remembered of the store is used once only."""
        reader = self.store.reader(moment)
        plain = Engine(StoredSamples(reader), plain=StoredNewest(reader)).instant(expr, reader.at - ago)
        same(plain, Engine(StoredSamples(reader)).instant(expr, reader.at - ago))
        frame = (reader.at - ago - 900, reader.at - ago, 47)
        steps = Engine(StoredSamples(reader), plain=StoredNewest(reader)).range(expr, *frame)
        assert courses(steps) == courses(Engine(StoredSamples(reader)).range(expr, *frame))
        return plain

    def close(self) -> None:
        self.store.close()
        self.writer.close()


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[World]]:
    made: list[World] = []
    yield made
    for one in made:
        one.close()


_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["a_total", "b"]),
        st.sampled_from(["h1", "h2", "h3"]),
        st.floats(allow_nan=True, allow_infinity=False, width=32),
        st.sampled_from([30.0, 90.0, 600.0, 7200.0]),
        st.sampled_from([0.0, 0.0, 0.0, 20.0, -3.0]),
        st.sampled_from([0.0, 15.0, 31.0, 240.0, 900.0, 3600.0]),
    ),
    min_size=1,
    max_size=12,
)
_ASKED = [
    "a_total",
    "sum(a_total) or sum(b)",
    "b > 0",
    "rate(a_total[5m])",
    "avg_over_time(b[20m])",
    'b{host=~"h1|h3"}',
]


@settings(deadline=None, max_examples=40)
@given(steps=_STEPS, era=st.none() | st.sampled_from([900.0, 3600.0]), ago=st.sampled_from([0.0, 40.0]))
def test_the_store_shows_the_same_after_every_batch(
    tmp_path_factory: pytest.TempPathFactory,
    worlds: list[World],
    steps: list[tuple[str, str, float, float, float, float]],
    era: float | None,
    ago: float,
) -> None:
    world = World(tmp_path_factory.mktemp("world"))
    worlds.append(world)
    if era is not None:
        begins = world.clock.now() - 600
        world.writer.submit(lambda c: keep_era(c, Era(begins, begins + 1200, era, "generated"))).result(5)
    for metric, host, value, holds, late, wait in steps:
        world.put(metric, host, value, holds, late)
        for expr in _ASKED:
            world.compare(expr, ago=ago)
        world.clock.advance(wait)
        for expr in _ASKED:
            world.compare(expr)
        world.compare("b", Moment(world.clock.now() - 50))


def test_no_arrays_for_plain_questions(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.put("a_total", "h1", 1, 30)
    world.close()
    code = f"""
import sys
from penguintui.clock import SystemClock
from penguintui.model.moment import Moment
from penguintui.query.asking import EmbeddedQueries
from penguintui.store.reader import Store
reader = Store({world.url!r}, SystemClock()).reader(Moment({world.clock.now()}))
found = EmbeddedQueries(reader).instant('100 * max by (host) (a_total) or max(rate(b[5m]))', reader.at)
assert [one.value for one in found.samples] == [100.0], found
steps = EmbeddedQueries(reader).range('sum by (host) (a_total) or rate(b[5m])', reader.at - 60, reader.at, 15)
assert [one.values[-1] for one in steps.series] == [1.0], steps
assert 'numpy' not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_infinite_means_are_the_engines() -> None:
    held = Samples([series({"__name__": "m", "n": str(n)}, [1.7e308]) for n in range(3)])
    found = Engine(held, plain=PlainSamples(held)).instant("avg(m)", 0)
    assert isinstance(found, Vector)
    assert math.isfinite(found.samples[0].value)
