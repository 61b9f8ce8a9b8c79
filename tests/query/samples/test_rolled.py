"""Queries over what is kept as roll-ups, beside the same over the samples that they were made of."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np
import pytest

from penguintui.query.engine import Engine
from penguintui.query.results import Matrix, Vector
from penguintui.query.samples.stored import StoredSamples
from penguintui.query.source import RawSeries
from penguintui.store.chunks import DAY, FIVE_MINUTES, HOUR
from penguintui.store.compacting import Plan, Tier, compact
from penguintui.store.past import keep_series
from penguintui.store.reader import Store
from penguintui.store.writer import Writer
from tests.conftest import FrozenClock
from tests.query.listed import Samples

BEGIN = 20_000 * DAY
MINUTES = 6 * 1440
PAST = tuple(BEGIN / 1000 + hour * 3600 - 60 for hour in range(2, 70))
"""Moments of the days that are kept as roll-ups, each at the last sample of an hour."""


def kept(tmp_path: Path, values: np.ndarray, tiers: tuple[Tier, ...]) -> tuple[Store, Engine]:
    """A store that has six days by the minute, the first four as roll-ups; and the samples themselves, to compare."""
    url, clock = f"sqlite:///{tmp_path / 'store.db'}", FrozenClock((BEGIN + 6 * DAY) / 1000)
    points = [(BEGIN / 1000 + 60 * i, float(value)) for i, value in enumerate(values)]
    writer = Writer(url)
    writer.submit(lambda c: keep_series(c, "m", {"x": "1"}, points, 150.0)).result(20)
    plan, after, done = Plan(BEGIN + 6 * DAY - 7_200_000, BEGIN + 4 * DAY, tiers), 0, False
    while not done:
        piece = writer.submit(lambda c, after=after: compact(c, after, plan)).result(20)
        after, done = piece.last, piece.done
    writer.close()
    times = np.array([round(time * 1000) for time, _ in points])
    raw = RawSeries({"__name__": "m", "x": "1"}, times, np.array([value for _, value in points]))
    return Store(url, clock), Engine(Samples([raw]))


@pytest.fixture(params=[FIVE_MINUTES, HOUR], ids=["five minutes", "an hour"])
def both(request: pytest.FixtureRequest, tmp_path: Path):
    chance = np.random.default_rng(3)
    store, raw = kept(tmp_path, chance.integers(0, 1000, MINUTES), (Tier(request.param, 0),))
    yield Engine(StoredSamples(store.reader())), raw
    store.close()


def value(engine: Engine, expr: str, at: float) -> float:
    result = engine.instant(expr, at)
    assert isinstance(result, Vector)
    (sample,) = result.samples
    return sample.value


@pytest.mark.parametrize("function", ["min", "max", "sum", "count", "avg", "last"])
def test_what_a_roll_up_keeps_is_answered_exactly(both: tuple[Engine, Engine], function: str) -> None:
    rolled, raw = both
    for at in PAST:
        expr = f"{function}_over_time(m[1h])"
        assert value(rolled, expr, at) == pytest.approx(value(raw, expr, at), rel=1e-12)


def test_samples_answer_while_they_exist(both: tuple[Engine, Engine]) -> None:
    rolled, raw = both
    begin = (BEGIN + 4 * DAY) / 1000 + 3600
    for expr in ("m", "rate(m[5m])", "count_over_time(m[7m])", "stddev_over_time(m[1h])"):
        ours, wanted = (engine.range(expr, begin, begin + 86400, 600) for engine in (rolled, raw))
        assert [one.values for one in ours.series] == [one.values for one in wanted.series]
        assert not any("roll-ups" in info for info in ours.infos)


def test_a_roll_up_holds_until_the_next(both: tuple[Engine, Engine]) -> None:
    rolled, _ = both
    begin = BEGIN / 1000
    answer = rolled.range("m", begin + 7200, begin + 3 * 86400, 60)
    (series,) = answer.series
    assert len(series.values) == (3 * 86400 - 7200) / 60 + 1
    assert any("roll-ups" in info for info in answer.infos)


def test_the_growth_of_a_counter_outlives_its_samples(tmp_path: Path) -> None:
    store, raw = kept(tmp_path, np.arange(MINUTES) * 7.0, (Tier(FIVE_MINUTES, 0),))
    rolled = Engine(StoredSamples(store.reader()))
    for at in PAST[3::10]:
        expr = "increase(m[3h])"
        assert value(rolled, expr, at) == pytest.approx(value(raw, expr, at), rel=0.05)
    store.close()


def test_what_a_damaged_chunk_held_is_named_in_the_answer(tmp_path: Path) -> None:
    store, _ = kept(tmp_path, np.arange(MINUTES) * 7.0, ())
    connection = sqlite3.connect(tmp_path / "store.db")
    with connection:
        connection.execute("UPDATE chunks SET data = zeroblob(9) WHERE begins = ?", (BEGIN + 4 * DAY,))
    connection.close()
    engine = Engine(StoredSamples(store.reader()))
    begin = (BEGIN + 4 * DAY) / 1000
    answer = engine.range("m", begin, begin + 2 * 86400 - 7200, 60)
    assert isinstance(answer, Matrix)
    (warning,) = answer.warnings
    assert 'm{x="1"} from 2024-10-08 00:00Z is damaged' in warning
    (series,) = answer.series
    assert series.times[0] == begin + 86400
    assert engine.range("m", begin + 86400 + 7200, begin + 2 * 86400 - 7200, 60).warnings == ()
    store.close()
