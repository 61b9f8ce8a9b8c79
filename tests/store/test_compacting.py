"""Rows become chunks and roll-ups, and every answer stays what it was."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from penguintui.model.moment import Moment
from penguintui.store.chunks import DAY, FIVE_MINUTES, HOUR, RAW
from penguintui.store.compacting import Piece, Plan, Tier, behind, check, compact, damaged_chunks
from penguintui.store.past import keep_series
from penguintui.store.reader import Store
from penguintui.store.recall import Memory
from penguintui.store.recent import Recalled
from penguintui.store.rollups import COLUMNS, roll_up
from penguintui.store.writer import Writer
from tests.conftest import FrozenClock

BEGIN = 20_000 * DAY
BOTH_TIERS = (Tier(FIVE_MINUTES, 0), Tier(HOUR, 0))


class World:
    """A store with a writer, into which a test puts samples, and what they should be."""

    def __init__(self, url: str, clock: FrozenClock) -> None:
        self.url, self.clock = url, clock
        self.writer, self.store = Writer(url), Store(url, clock)
        self.truth: dict[str, dict[int, float]] = {}

    def put(self, name: str, samples: Mapping[int, float]) -> None:
        """Samples by milliseconds after the beginning."""
        points = [((BEGIN + at) / 1000, value) for at, value in samples.items()]
        self.writer.submit(lambda c: keep_series(c, name, {"x": "1"}, points, 15.0)).result(10)
        self.truth.setdefault(name, {}).update({BEGIN + at: value for at, value in samples.items()})

    def compact(self, before: int, *, kept: int = 0, tiers: tuple[Tier, ...] = BOTH_TIERS, room: int = 500) -> Piece:
        """A whole pass, piece by piece; what all pieces did. Times are milliseconds after the beginning."""
        plan, whole = Plan(BEGIN + before, BEGIN + kept, tiers), Piece(0)
        while not whole.done:
            piece = self.writer.submit(lambda c: compact(c, whole.last, plan, room)).result(10)
            whole.last, whole.done = piece.last, piece.done
            whole.series += piece.series
            whole.compacted += piece.compacted
            whole.refused += piece.refused
            whole.damaged += piece.damaged
        return whole

    def ids(self) -> dict[str, int]:
        return dict(self.store.driver_rows("SELECT metric, id FROM series", ()))

    def count(self, table: str, where: str = "1 = 1") -> int:
        return int(self.store.driver_rows(f"SELECT count(*) FROM {table} WHERE {where}", ())[0][0])

    def recall(self, start: int, end: int, **how: object) -> dict[str, dict[int, float]]:
        found = Memory(self.store).samples(self.ids().values(), BEGIN + start, BEGIN + end, **how)  # type: ignore[arg-type]
        return by_name(found, self.ids())

    def close(self) -> None:
        self.writer.close()
        self.store.close()


def by_name(found: Recalled, ids: Mapping[str, int]) -> dict[str, dict[int, float]]:
    names = {number: name for name, number in ids.items()}
    known: dict[str, dict[int, float]] = {}
    rows = list(zip(found.ids.tolist(), found.times.tolist(), found.values.tolist(), strict=True))
    assert rows == sorted(rows, key=lambda row: row[:2])
    for number, time, value in rows:
        assert time not in known.setdefault(names[number], {})
        known[names[number]][time] = value
    return known


def within(truth: Mapping[str, Mapping[int, float]], start: int, end: int) -> dict[str, dict[int, float]]:
    cut = {n: {t: v for t, v in own.items() if BEGIN + start <= t <= BEGIN + end} for n, own in truth.items()}
    return {name: own for name, own in cut.items() if own}


@pytest.fixture
def world(url: str, clock: FrozenClock):
    world = World(url, clock)
    yield world
    world.close()


def every(seconds: int, count: int, first: int = 0) -> dict[int, float]:
    return {first + 1000 * seconds * i: float(i % 97) for i in range(count)}


def test_what_was_compacted_answers_as_before(world: World) -> None:
    world.put("m", every(60, 3000))
    world.put("n", every(600, 300))
    done = world.compact(2 * DAY)
    assert done.compacted == 2880 + 288
    assert world.count("samples") == 3300 - done.compacted
    assert world.recall(0, 3 * DAY) == world.truth
    assert world.recall(DAY - 100_000, DAY + 100_000) == within(world.truth, DAY - 100_000, DAY + 100_000)


def test_rows_are_the_same_however_long_a_time_is_asked_for(world: World) -> None:
    """Series and time are read as one number while there is room for both in it."""
    for name in "abc":
        world.put(name, every(60, 50))
    world.put("b", {7: float("nan"), 60_000: -0.5})
    numbers = list(world.ids().values())
    asked = [(BEGIN - 1, BEGIN + DAY), (-(2**53), 2**53), (-(2**61), 2**61)]
    near, far, farthest = (Memory(world.store).samples(numbers, *span) for span in asked)
    for found in (far, farthest):
        assert found.numbers == near.numbers and found.bounds == near.bounds
        assert found.times.tolist() == near.times.tolist()
        assert found.values.tobytes() == near.values.tobytes()
    second = near.one(near.numbers.index(world.ids()["b"]))
    assert second.times.tolist()[:3] == [BEGIN, BEGIN + 7, BEGIN + 60_000]
    assert math.isnan(second.values[1]) and second.values[2] == -0.5


PUT = st.tuples(
    st.just("put"),
    st.sampled_from("ab"),
    st.dictionaries(
        st.integers(0, 5 * DAY // 60_000).map(lambda minute: minute * 60_000),
        st.one_of(st.floats(allow_nan=False), st.integers(0, 9).map(float)),
        min_size=1,
        max_size=30,
    ),
)
COMPACT = st.tuples(st.just("compact"), st.integers(0, 6 * DAY), st.integers(1, 600))
LOOK = st.tuples(st.just("look"), st.integers(0, 5 * DAY), st.integers(0, 3 * DAY))


@settings(max_examples=40)
@given(st.lists(st.one_of(PUT, PUT, COMPACT, LOOK), min_size=4, max_size=14))
def test_whatever_comes_late_or_twice_every_answer_is_right(steps: Iterable[tuple]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(f"sqlite:///{Path(folder) / 'store.db'}", FrozenClock())
        try:
            for what, one, other in [*steps, ("compact", 6 * DAY, 50), ("look", 0, 5 * DAY)]:
                if what == "put":
                    world.put(one, other)
                elif what == "compact":
                    done = world.compact(one, room=other)
                    assert (done.refused, done.damaged) == (0, [])
                else:
                    look(world, one, one + other)
        finally:
            world.close()


def look(world: World, start: int, end: int) -> None:
    """Everything that can be asked of a window is what was put there."""
    wanted = within(world.truth, start, end)
    assert world.recall(start, end) == wanted
    newest = {name: {max(own): own[max(own)]} for name, own in wanted.items()}
    assert world.recall(start, end, newest_only=True) == newest
    counts = {name: dict.fromkeys(own, 1.0) for name, own in wanted.items()}
    assert world.recall(start, end, column="count") == counts
    ids = world.ids()
    up_to = {ids[name]: max(own) for name, own in within(world.truth, -DAY, end).items()}
    assert Memory(world.store).newest(ids.values(), BEGIN + end) == up_to


@given(
    st.lists(st.tuples(st.integers(1, 900_000), st.floats(-1e6, 1e6)), min_size=1, max_size=80),
    st.sampled_from([FIVE_MINUTES, HOUR]),
)
def test_a_roll_up_says_of_each_bucket_what_its_samples_were(steps: list[tuple[int, float]], resolution: int) -> None:
    times = np.cumsum([step for step, _ in steps]) + BEGIN
    values = np.array([value for _, value in steps])
    buckets: dict[int, list[tuple[int, float]]] = {}
    for time, value in zip(times.tolist(), values.tolist(), strict=True):
        buckets.setdefault(time // (resolution * 1000), []).append((time, value))
    lasts, columns = roll_up(times, values, resolution)
    assert lasts.tolist() == [own[-1][0] for own in buckets.values()]
    got = dict(zip(COLUMNS, columns, strict=True))
    for i, own in enumerate(buckets.values()):
        numbers = [value for _, value in own]
        said = {name: float(column[i]) for name, column in got.items()}
        total = said.pop("sum")
        assert math.isclose(total, sum(numbers), rel_tol=1e-9, abs_tol=1e-6)
        wanted = {"last": numbers[-1], "min": min(numbers), "max": max(numbers), "count": len(numbers)}
        assert said == wanted


def test_days_that_are_past_their_time_go_on_as_roll_ups(world: World) -> None:
    world.put("m", every(60, 5 * 1440))
    world.compact(4 * DAY, kept=2 * DAY)
    whole = np.array(sorted(world.truth["m"].items()))
    old = whole[whole[:, 0] < BEGIN + 2 * DAY]
    times, columns = roll_up(old[:, 0].astype(np.int64), np.ascontiguousarray(old[:, 1]), FIVE_MINUTES)
    for name, column in zip(COLUMNS, columns, strict=True):
        found = world.recall(0, 5 * DAY, column=name)["m"]
        rolled = {time: value for time, value in found.items() if time < BEGIN + 2 * DAY}
        assert rolled == dict(zip(times.tolist(), column.tolist(), strict=True))
        assert len(found) - len(rolled) == 3 * 1440
    world.compact(4 * DAY, kept=2 * DAY, tiers=(Tier(FIVE_MINUTES, BEGIN + 32 * DAY), Tier(HOUR, 0)))
    assert world.count("chunks", f"resolution = {FIVE_MINUTES}") == 0
    hours = [time for time in world.recall(0, 5 * DAY)["m"] if time < BEGIN + 2 * DAY]
    assert len(hours) == 48
    ids = world.ids()
    assert Memory(world.store).newest(ids.values(), BEGIN + DAY) == {ids["m"]: BEGIN + DAY - 60_000}


def test_the_last_sample_of_a_series_that_ended_is_rolled_up_too(world: World) -> None:
    world.put("m", every(60, 100))
    world.compact(2 * DAY)
    assert world.count("samples") == 1
    done = world.compact(4 * DAY, kept=3 * DAY)
    assert (done.compacted, done.refused) == (1, 0)
    assert world.count("chunks", f"resolution = {RAW}") == 0
    assert sum(world.recall(0, DAY, column="count")["m"].values()) == 100


def test_what_comes_for_a_day_that_is_gone_is_refused_and_counted(world: World) -> None:
    world.put("m", every(60, 4 * 1440))
    world.compact(3 * DAY, kept=2 * DAY)
    before = world.recall(0, DAY)
    world.writer.submit(lambda c: keep_series(c, "m", {"x": "1"}, [((BEGIN + 90_001) / 1000, 5.0)], 15.0)).result(5)
    assert world.compact(3 * DAY, kept=2 * DAY).refused == 1
    assert world.recall(0, DAY) == before


def test_what_was_written_before_there_were_chunks_is_rolled_up_before_it_goes(world: World) -> None:
    world.put("m", every(3600, 24 * 20))
    done = world.compact(19 * DAY, kept=15 * DAY, room=50)
    assert done.refused == 0
    assert sum(world.recall(0, 21 * DAY, column="count")["m"].values()) == 480


def test_without_roll_ups_old_days_go(world: World) -> None:
    world.put("m", every(600, 4 * 144))
    world.compact(3 * DAY, tiers=())
    assert world.compact(3 * DAY, kept=2 * DAY, tiers=()).refused == 0
    assert min(world.recall(0, 5 * DAY)["m"]) == BEGIN + 2 * DAY
    world.put("m", {5: 1.0})
    assert world.compact(3 * DAY, kept=2 * DAY, tiers=()).refused == 1


def flip(world: World, where: str) -> None:
    """Flip one bit in the data of the chunks that a condition names."""
    for number, data in world.store.driver_rows(f"SELECT id, data FROM chunks WHERE {where}", ()):
        broken = bytearray(data)
        broken[len(broken) // 2] ^= 4
        write = ("UPDATE chunks SET data = ? WHERE id = ?", (bytes(broken), number))
        world.writer.submit(lambda c, write=write: c.exec_driver_sql(*write) and None).result(5)


def test_a_chunk_with_a_flipped_bit_is_named_and_left_out(world: World) -> None:
    world.put("m", every(600, 4 * 144))
    world.compact(4 * DAY, tiers=())
    flip(world, f"begins = {BEGIN + DAY}")
    memory = Memory(world.store)
    found = by_name(memory.samples(world.ids().values(), BEGIN, BEGIN + 5 * DAY), world.ids())
    assert found["m"] == {t: v for t, v in world.truth["m"].items() if not BEGIN + DAY <= t < BEGIN + 2 * DAY}
    (said,) = memory.damaged
    assert 'm{x="1"} from 2024-10-05 00:00Z is damaged' in said
    piece = world.writer.submit(lambda c: check(c, 0)).result(5)
    assert len(piece.damaged) == 1
    assert world.writer.submit(damaged_chunks).result(5) == 1
    assert world.writer.submit(lambda c: check(c, 0)).result(5).damaged == []  # told once


def test_what_joins_a_damaged_day_is_kept_beside_it_and_roll_ups_answer(world: World) -> None:
    world.put("m", every(600, 4 * 144))
    world.compact(3 * DAY)
    rolled = world.recall(0, 4 * DAY, column="sum")
    flip(world, f"resolution = 0 AND begins = {BEGIN + DAY}")
    world.put("m", {DAY + 1: 7.0})
    assert len(world.compact(3 * DAY).damaged) == 1
    found = world.recall(DAY, 2 * DAY - 1)["m"]
    assert found[BEGIN + DAY + 1] == 7.0
    assert len(found) == 145  # ten minutes apart, so each roll-up is one sample
    assert world.recall(2 * DAY, 4 * DAY) == within(world.truth, 2 * DAY, 4 * DAY)
    assert rolled["m"][BEGIN + 600_000] == 1.0


def test_a_moment_that_is_past_knows_the_newest_of_then(world: World) -> None:
    world.put("m", every(60, 2000))
    world.clock.jump(BEGIN / 1000 + 3 * 86400 - world.clock.now())
    world.compact(2 * DAY)
    for at in (100.0, 70_000.0, 119_000.0):
        reader = world.store.reader(Moment(BEGIN / 1000 + at))
        assert reader.newest(["m"]) == {"m": (BEGIN / 1000 + at // 60 * 60, 15.0)}


def test_only_series_with_older_rows_count_as_work(world: World) -> None:
    """Else the past of a store that was filled at once would look like the first tenth of all there is to do."""
    for number in range(3):
        world.put(f"old{number}", every(60, 1500))
    for number in range(250):
        world.put(f"new{number}", {2 * DAY: 1.0})
    plan = Plan(BEGIN + DAY, 0, BOTH_TIERS)
    assert world.writer.submit(lambda c: behind(c, plan)).result(10) == 3
    assert world.compact(DAY).series == 3
    assert world.writer.submit(lambda c: behind(c, plan)).result(10) == 0


def test_a_disk_that_fills_while_compacting_loses_nothing(
    tmp_path: Path, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("penguintui.store.writer._RETRY_SECONDS", 0.02)
    world = World(f"sqlite:///{tmp_path / 'store.db'}", clock)
    chance = np.random.default_rng(1)
    world.put("m", {60_000 * i: float(x) for i, x in enumerate(chance.random(3000))})
    attempts = []

    def fill(connection: Connection) -> Piece:
        """The first time there is no room for one more page."""
        attempts.append(1)
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one() if len(attempts) == 1 else 2**30
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        return compact(connection, 0, Plan(BEGIN + 2 * DAY, 0, BOTH_TIERS))

    compacting = world.writer.submit(fill)
    world.put("m", {60_000 * 3000: 1.0})
    assert compacting.result(10).compacted == 2880
    assert len(attempts) == 2
    assert "full" in caplog.text
    assert world.recall(0, 3 * DAY) == world.truth
    world.close()
