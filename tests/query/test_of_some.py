"""Questions about some instances alone have the answers that all have, without those of the others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from penguintui.model.observation import Observation, Sample
from penguintui.model.target import Kind, Target
from penguintui.query.asking import EmbeddedQueries
from penguintui.query.results import Vector
from penguintui.store.ingest import Ingest, Reported
from penguintui.store.reader import Store
from penguintui.store.writer import Writer
from tests.conftest import FrozenClock

PLAIN = [
    "max by (instance) (size)",
    'sum by (instance) (rate(sent_total{queue="a"}[5m]))',
    "size / on (instance) group_right () sent_total",
    '{__name__="size"}',
]
ARRAYS = ["topk by (instance) (1, sent_total)", 'max by (instance) ({__name__=~"si.*"})']


class Fleet:
    """A store in which three targets are observed."""

    def __init__(self, folder: Path, clock: FrozenClock) -> None:
        self.clock, self.url = clock, f"sqlite:///{folder / 'store.db'}"
        self.writer, self.ingest = Writer(self.url), Ingest()
        for number in range(4):
            for name in ("t1", "t2", "t3"):
                self.observe(name, float(number + len(name)))
            clock.advance(20)
        self.store = Store(self.url, clock)

    def observe(self, name: str, value: float, holds: float = 60.0, job: str = "http") -> None:
        target = Target(name, Kind.SERVICE, "production", {})
        samples = (
            Sample("size", value),
            Sample("sent_total", value * 3, {"queue": "a"}),
            Sample("sent_total", value * 2, {"queue": "b"}),
        )
        reported = Reported(target, job, job, Observation(self.clock.now(), holds, True, samples))
        self.writer.submit(lambda c: self.ingest.record(c, [reported])).result(5)

    def queries(self) -> EmbeddedQueries:
        return EmbeddedQueries(self.store.reader())


@pytest.fixture
def fleet(tmp_path: Path, clock: FrozenClock) -> Iterator[Fleet]:
    made = Fleet(tmp_path, clock)
    yield made
    made.store.close()
    made.writer.close()


def values(found: object) -> set[tuple[frozenset[tuple[str, str]], float]]:
    assert isinstance(found, Vector)
    return {(frozenset(one.labels.items()), one.value) for one in found.samples}


@pytest.mark.parametrize("expr", PLAIN + ARRAYS)
def test_the_others_are_left_out(fleet: Fleet, expr: str) -> None:
    now = fleet.clock.now()
    every = values(fleet.queries().instant(expr, now))
    some = values(fleet.queries().of(["t3", "t1", "gone"]).instant(expr, now))
    assert some == {one for one in every if ("instance", "t2") not in one[0]} != set()


def test_ranges_too(fleet: Fleet) -> None:
    now = fleet.clock.now()
    asked = ("max by (instance) (size)", now - 60, now, 20)
    every, some = fleet.queries().range(*asked), fleet.queries().of(["t2"]).range(*asked)
    (one,) = some.series
    (same,) = [series for series in every.series if series.labels == {"instance": "t2"}]
    assert (list(one.times), list(one.values)) == (list(same.times), list(same.values)) != ([], [])


def test_series_that_hold_for_another_time_are_noticed(fleet: Fleet) -> None:
    before = fleet.queries().of(["t1"])
    assert before.range("size", fleet.clock.now() - 60, fleet.clock.now(), 20).series
    fleet.observe("t1", 1.0, holds=600.0)
    fleet.clock.advance(240)
    now = fleet.clock.now()
    (one,) = fleet.queries().of(["t1"]).range("size", now - 20, now, 20).series
    assert list(one.values) == [1.0, 1.0]


def test_marks_change_with_what_arrives(fleet: Fleet) -> None:
    def marks() -> dict[str, int]:
        return dict(fleet.queries().marks(["t1", "t2", "new", "t3"]) or {})

    first = marks()
    assert marks() == first
    fleet.observe("t2", 99.0)
    second = marks()
    assert {name for name in first if first[name] != second[name]} == {"t2"}
    fleet.observe("new", 1.0)
    assert {name for name in first if marks()[name] != second[name]} == {"new"}
    third = marks()
    fleet.observe("t1", 1.0, job="tcp")  # a series of another probe is new, then has another sample
    fourth = marks()
    fleet.clock.advance(1)
    fleet.observe("t1", 1.0, job="tcp")
    assert len({third["t1"], fourth["t1"], marks()["t1"]}) == 3


def test_one_question_reads_all_that_was_asked_of_who_was_observed_anew(fleet: Fleet) -> None:
    def asked() -> object:
        queries = fleet.queries()
        queries.marks(["t1", "t2"])
        return values(queries.of(["t1", "t2"]).instant("max by (instance) (size)", fleet.clock.now()))

    asked()
    fleet.observe("t1", 77.0)
    assert (frozenset({("instance", "t1")}), 77.0) in asked()  # type: ignore[operator]
