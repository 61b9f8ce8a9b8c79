"""Our store as the query language sees it: what holds, for how long, and where it ends."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from penguintui.model.moment import LIVE, Moment
from penguintui.model.observation import Observation, Sample
from penguintui.model.target import Kind, Target
from penguintui.query.language.regex import RegexError, matches
from penguintui.query.samples.stored import STALE, StoredSamples, _listed
from penguintui.query.source import Matcher, MatchOp
from penguintui.store.ingest import Ingest, Reported
from penguintui.store.keeping import Era, keep_era
from penguintui.store.reader import Store
from penguintui.store.writer import Writer
from tests.conftest import FrozenClock

API = Target("api", Kind.SERVICE, "production", {"region": "eu-1"})


class World:
    """A store into which a test puts samples at times of its own."""

    def __init__(self, tmp_path: Path, clock: FrozenClock) -> None:
        self.url, self.clock = f"sqlite:///{tmp_path / 'store.db'}", clock
        self.writer, self.ingest, self.store = Writer(self.url), Ingest(), Store(self.url, clock)
        self.start = clock.now()

    def put(self, valid_for: float, *at: float, value: float = 1.0) -> None:
        batch = [
            Reported(API, "p", "j", Observation(self.start + t, valid_for, True, (Sample("m", value),))) for t in at
        ]
        self.writer.submit(lambda c: self.ingest.record(c, batch)).result(5)

    def seen(self, start: float, end: float, moment: Moment = LIVE) -> list[tuple[float, float | str]]:
        """Times relative to the start, and values; a staleness marker as a word."""
        reader = self.store.reader(moment)
        matchers = [Matcher("__name__", MatchOp.EQUAL, "m")]
        window = [round((self.start + t) * 1000) for t in (start, end)]
        (series,) = list(StoredSamples(reader).select(matchers, *window)) or [None]
        if series is None:
            return []
        marks = np.asarray(series.values, dtype=np.float64).view(np.uint64)
        stale = np.float64(STALE).view(np.uint64)
        return [
            (time / 1000 - self.start, "stale" if mark == stale else float(value))
            for time, value, mark in zip(series.times, series.values, marks, strict=True)
        ]


@pytest.fixture
def world(tmp_path: Path, clock: FrozenClock):
    world = World(tmp_path, clock)
    yield world
    world.writer.close()


def test_a_series_ends_when_the_next_asking_did_not_come(world: World) -> None:
    world.put(10, 0, 5, 10)
    world.clock.advance(60)
    assert world.seen(0, 60) == [(0, 1), (5, 1), (10, 1), (20, "stale")]


def test_a_slow_observation_is_repeated_until_its_time_is_over(world: World) -> None:
    world.put(3600, 0)
    world.clock.advance(3 * 3600)
    assert [t for t, _ in world.seen(3300, 3700)] == [3300, 3360, 3420, 3480, 3540, 3600, 3600]
    assert world.seen(3590, 3700)[-1] == (3600, "stale")
    assert world.seen(3700, 3900) == []


def test_between_what_holds_and_its_end_there_may_be_nothing(world: World) -> None:
    world.put(100, 0)
    world.clock.advance(60)
    assert world.seen(30, 60) == []


def test_the_next_observation_ends_the_repetition_of_the_last(world: World) -> None:
    world.put(3600, 0, value=1)
    world.put(3600, 90, value=2)
    world.clock.advance(200)
    assert world.seen(0, 200) == [(0, 1), (60, 1), (90, 2), (150, 2)]


def test_nothing_after_the_moment_is_seen(world: World) -> None:
    world.put(10, 0, 5, 10)
    world.clock.advance(60)
    assert world.seen(0, 60, Moment(world.start + 6)) == [(0, 1), (5, 1)]


def test_samples_of_a_coarse_era_hold_until_the_next(world: World) -> None:
    world.writer.submit(lambda c: keep_era(c, Era(world.start, world.start + 3600, 1800, "generated"))).result(5)
    world.put(10, 0, 1800, 3600)
    world.clock.advance(7200)
    assert world.seen(1700, 1800) == [(1740, 1), (1800, 1)]
    assert world.seen(3590, 7200)[-1] == (3610, "stale")


@given(st.lists(st.text("ab|\\.-: ", min_size=0, max_size=4), min_size=1, max_size=5), st.text("ab|.-: ", max_size=4))
def test_a_list_of_words_matches_as_the_expression_that_it_is(words: list[str], value: str) -> None:
    for expression in ("|".join(map(re.escape, words)), "|".join(words)):
        try:
            matched = matches(Matcher("instance", MatchOp.REGEX, expression), value)
        except RegexError:
            continue
        listed = _listed(expression)
        assert listed is None or (value in listed) is matched


def test_an_escaped_list_of_names_is_looked_up() -> None:
    assert _listed(r"mx1|mx2\.penguinmails\.test") == {"mx1", "mx2.penguinmails.test"}
    assert _listed("mx.*") is None


@pytest.mark.parametrize(
    ("op", "value", "found"),
    [
        (MatchOp.REGEX, "eu-.", True),
        (MatchOp.REGEX, "eu", False),
        (MatchOp.NOT_REGEX, "eu", True),
        (MatchOp.NOT_EQUAL, "eu-1", False),
    ],
)
def test_regular_expressions_match_whole_values(world: World, op: MatchOp, value: str, found: bool) -> None:
    world.put(10, 0)
    matchers = [Matcher("__name__", MatchOp.EQUAL, "m"), Matcher("region", op, value)]
    at = round(world.start * 1000)
    assert bool(list(StoredSamples(world.store.reader()).select(matchers, at, at))) is found
