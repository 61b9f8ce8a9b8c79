"""The agent's housekeeping of samples: small pieces, in time, and what it tells."""

from __future__ import annotations

from pathlib import Path

import pytest

from penguintui.agent.compaction import Compaction, Pace, plan
from penguintui.config.settings import Retention
from penguintui.model.metrics import METRICS
from penguintui.model.observation import Event
from penguintui.store.chunks import DAY
from penguintui.store.ingest import Ingest
from penguintui.store.past import keep_series
from penguintui.store.reader import Store
from penguintui.store.writer import Writer
from tests.conftest import FrozenClock

HOUR = 3600.0


class World:
    """A compaction whose events are kept in a list."""

    def __init__(self, tmp_path: Path, clock: FrozenClock) -> None:
        url = f"sqlite:///{tmp_path / 'store.db'}"
        self.clock, self.writer, self.store = clock, Writer(url), Store(url, clock)
        self.retention = Retention()
        self.events: list[Event] = []
        self.compaction = self.renewed()

    def renewed(self) -> Compaction:
        return Compaction(self.writer, Ingest(), self.clock, lambda: self.retention, self._say, {"job": "penguintui"})

    async def _say(self, event: Event) -> None:
        self.events.append(event)

    async def until_checking(self) -> int:
        """Work until there is nothing to compact; how many pieces that took."""
        pieces = 0
        while await self.compaction.step() != 10.0:
            pieces += 1
        return pieces

    def put(self, metric: str, first: float, every: float, count: int) -> None:
        points = [(first + every * i, float(i)) for i in range(count)]
        self.writer.submit(lambda c: keep_series(c, metric, {}, points, every)).result(5)

    def one(self, sql: str) -> int:
        return int(self.store.driver_rows(sql, ())[0][0])


@pytest.fixture
def world(tmp_path: Path, clock: FrozenClock):
    world = World(tmp_path, clock)
    yield world
    world.writer.close()
    world.store.close()


async def test_rows_of_the_open_window_stay_and_older_ones_become_chunks(world: World) -> None:
    now = world.clock.now()
    world.put("m", now - 10 * HOUR, 15, 2400)
    assert await world.until_checking() > 0
    oldest = world.one("SELECT min(time) FROM samples WHERE series_id = 1") / 1000
    assert now - 2 * HOUR <= oldest <= now - HOUR
    kept = world.one("SELECT sum(count) FROM chunks WHERE resolution = 0")
    assert kept + world.one("SELECT count(*) FROM samples WHERE series_id = 1") == 2400
    assert await world.until_checking() == 0
    world.clock.advance(HOUR)
    assert await world.until_checking() > 0


async def test_a_clock_that_jumps_either_way_loses_nothing(world: World) -> None:
    world.put("m", world.clock.now() - 10 * HOUR, 15, 2400)
    for jump in (HOUR, -HOUR, -HOUR, HOUR):
        world.clock.jump(jump)
        await world.until_checking()
        kept = world.one("SELECT coalesce(sum(count), 0) FROM chunks WHERE resolution = 0")
        assert kept + world.one("SELECT count(*) FROM samples WHERE series_id = 1") == 2400
    assert world.events == []


async def test_what_comes_too_late_is_counted_and_told(world: World) -> None:
    now = world.clock.now()
    world.put("m", now - 50 * 86400, 3600, 50 * 24)
    await world.until_checking()
    assert world.events == []
    world.put("m", now - 45 * 86400 + 1, 1, 3)
    world.clock.advance(HOUR)
    await world.until_checking()
    (event,) = world.events
    assert event.kind == "samples.refused"
    assert event.summary.startswith("3 samples ")
    told = "SELECT value FROM samples JOIN series ON id = series_id WHERE metric = 'penguintui_samples_refused_total' "
    assert world.one(told + "ORDER BY time DESC LIMIT 1") == 3


async def test_a_flipped_bit_is_found_between_the_passes_and_told(world: World) -> None:
    world.put("m", world.clock.now() - 40 * HOUR, 60, 2400)
    await world.until_checking()
    flipped = "UPDATE chunks SET data = ? WHERE id = (SELECT min(id) FROM chunks)"
    world.writer.submit(lambda c: c.exec_driver_sql(flipped, (b"other bytes",)) and None).result(5)
    assert await world.compaction.step() == 10.0
    assert [event.kind for event in world.events] == ["chunk.damaged"]
    assert "of m{} from" in world.events[0].summary
    assert world.compaction.message.startswith("1 chunks of samples are damaged")
    again = world.renewed()
    while await again.step() != 10.0:
        pass
    assert again.damaged == 1  # an agent that starts anew still says so


def test_a_plan_ends_where_the_settings_say(clock: FrozenClock) -> None:
    made = plan(Retention(rows=2 * HOUR, samples=86400.0, samples_5m=0.0, samples_1h=10 * 86400.0), clock.now())
    assert clock.now() - 3 * HOUR <= made.before / 1000 <= clock.now() - 2 * HOUR
    assert made.kept_from == round(clock.now() * 1000) - DAY
    assert [tier.resolution for tier in made.tiers] == [3600]


def passed(costs: list[float], span: float) -> tuple[float, list[float]]:
    """How long a pass takes whose series cost so much each, in pieces of one series, and its rests."""
    pace, now, rests = Pace(100.0, span), 100.0, []
    for number, cost in enumerate(costs, 1):
        rests.append(pace.rest(number / len(costs), cost, now + cost))
        now += cost + rests[-1]
    return now - 100.0, rests


def test_a_pass_with_much_to_do_is_spread_evenly_over_its_time() -> None:
    took, rests = passed([0.2] * 3000, 1800)
    assert took == pytest.approx(1800, rel=0.01)
    assert sorted(rests)[10] > 0.9 * max(rests)


def test_a_pass_with_little_to_do_goes_slowly_and_yet_ends_in_time() -> None:
    took, rests = passed([0.02] * 1000, 1800)
    assert rests[:300] == [5.0] * 300
    assert min(rests[:-1]) > 0.1
    assert took == pytest.approx(1800, rel=0.01)


def test_a_short_pass_is_spread_too_and_does_not_take_longer_than_it_must() -> None:
    took, rests = passed([0.02] * 20, 1800)
    assert took == pytest.approx(20 * 20, rel=0.1)
    took, rests = passed([0.02] * 150, 1800)
    assert took == pytest.approx(1800, rel=0.02)
    assert min(rests[:-1]) > 11


def test_a_pass_whose_work_lies_at_its_end_hurries_and_leaves_the_writer_half_of_the_time() -> None:
    took, rests = passed([0.001] * 900 + [10.0] * 100, 1800)
    assert rests[-2] == 10.0
    assert took == pytest.approx(1800 + 90 * 20, rel=0.1)


def test_before_its_first_series_is_done_a_pass_does_not_rest_for_long() -> None:
    assert Pace(0.0, 1800.0).rest(0.0, 0.02, 1.0) == 0.05
    assert Pace(0.0, 1800.0).rest(0.0, 3.0, 3.0) == 3.0


def test_the_counts_have_names_in_the_catalogue() -> None:
    assert {"penguintui_samples_refused_total", "penguintui_chunks_damaged"} <= set(METRICS)
