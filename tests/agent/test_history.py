"""The thread that writes samples to a fleet's engine: over outages, restarts and batches that are never taken."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from penguintui.agent import history as histories
from penguintui.agent.backlog import HISTORY, STORE, Backlog
from penguintui.agent.history import History
from penguintui.agent.leftover import begin_leftover
from penguintui.config.history import STORE_ALONE, VictoriaMetricsHistory
from penguintui.config.settings import Configuration
from penguintui.config.spool import SpoolSettings
from penguintui.model.observation import Event, Sample
from penguintui.model.secret import Secret
from penguintui.store.spooled import Sampled
from tests.adapters.importing import Server
from tests.agent.observing import reported, slow
from tests.conftest import FrozenClock
from tests.query.victoria import victoria
from tests.whole.program import until

BEGIN = 1_790_000_000.0
SECRET = "s3cr3t-of-ours"


class House:
    """A backlog whose only reader is the history."""

    def __init__(self, folder: Path, clock: FrozenClock) -> None:
        self.folder, self.clock = folder, clock
        self.events: list[Event] = []
        self.said: list[str] = []
        self.begin()

    def begin(self, **settings: Any) -> None:
        folder = self.folder / "spool"
        self.backlog = Backlog(folder, SpoolSettings(**settings), self.clock, [HISTORY], self.said.append)
        self.history = History(self.backlog, self.clock, self.events.append)

    def observe(self, numbers: range) -> None:
        for number in numbers:
            self.backlog.put(reported(BEGIN + number, slow(), m=float(number)))

    def write_to(self, url: str, **more: Any) -> None:
        self.history.apply(VictoriaMetricsHistory(type="victoriametrics", url=url, **more))

    def until_all_is_written(self) -> None:
        until(lambda: not self.backlog.waits(HISTORY))
        self.backlog.tend()

    def until_lost(self) -> None:
        until(lambda: self.history.failed)

    def spill(self) -> None:
        self.clock.advance(10)
        self.backlog.tend()


@pytest.fixture
def house(tmp_path: Path, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setattr(histories, "_EVERY", 0.02)
    monkeypatch.setattr(histories, "_SHORTEST", 0.02)
    monkeypatch.setattr(histories, "_LONGEST", 0.05)
    one = House(tmp_path, clock)
    yield one
    one.history.stop(10)


@pytest.fixture
def server() -> Iterator[Server]:
    one = Server()
    yield one
    one.close()


def values(server: Server, metric: str = "m") -> list[float]:
    return [value for name, _, value in server.taken if name == metric]


def test_every_sample_goes_there(house: House, server: Server) -> None:
    house.observe(range(2))
    house.backlog.put(Sampled({"job": "rules"}, ((Sample("recorded", 4.0), BEGIN),), 30.0, stored=True))
    house.write_to(server.url)
    house.until_all_is_written()
    times = [1_790_000_000_000, 1_790_000_001_000]
    assert [one for one in server.taken if one[0] == "m"] == [("m", times[0], 0.0), ("m", times[1], 1.0)]
    assert {name for name, _, _ in server.taken} == {"up", "m", "penguintui_finding_status", "recorded"}
    assert house.events == []


@pytest.mark.needs("victoria-metrics", "victoria-metrics")
def test_an_engine_that_is_away_for_long_gets_all_in_order(house: House, tmp_path: Path) -> None:
    with victoria(tmp_path / "vm") as engine:
        house.observe(range(5))
        house.write_to(engine.url)
        house.until_all_is_written()
        engine.kill()
        house.observe(range(5, 50))
        house.until_lost()
        house.spill()
        assert "refused the connection" in house.history.failed
        waiting = house.backlog.waiting(HISTORY)
        assert (waiting.count, waiting.oldest) == (45, BEGIN + 5)
        assert waiting.bytes > 1000
        house.observe(range(50, 60))
        engine.start()
        house.until_all_is_written()
        found = engine.exported('{__name__="m"}')
    labels = {"__name__": "m", "environment": "production", "instance": "api", "job": "http", "tier": "web"}
    # What it had taken just before it was killed may be lost: it keeps that in memory for a second.
    points = {tuple(sorted(labels.items())): [(1000 * int(BEGIN + n), float(n)) for n in range(60)]}
    assert found.keys() == points.keys()
    assert set(found[tuple(sorted(labels.items()))]) >= set(points[tuple(sorted(labels.items()))][5:])
    assert [event.kind for event in house.events] == ["history.lost", "history.found"]
    assert house.history.failed == ""
    assert house.backlog.waiting(HISTORY).count == 0


def test_it_outlives_the_agent(house: House, server: Server) -> None:
    server.answer = (503, {}, b"not yet")
    house.observe(range(10))
    house.write_to(server.url, token=Secret(SECRET))
    house.until_lost()
    house.history.stop(10)
    house.backlog.close()
    house.begin()
    house.observe(range(10, 12))
    server.answer = (204, {}, b"")
    house.write_to(server.url, token=Secret(SECRET))
    house.until_all_is_written()
    assert values(server) == [float(n) for n in range(12)]
    assert not any(SECRET in event.summary for event in house.events)


def test_one_that_is_refused_is_named_and_counted_and_the_rest_goes_on(house: House, server: Server) -> None:
    server.poison = b"1790000006000"
    house.observe(range(20))
    house.write_to(server.url)
    house.until_all_is_written()
    assert values(server) == [float(n) for n in range(20) if n != 6]
    assert house.backlog.waiting(HISTORY).refused == 1
    words = (
        f"what http saw of api is left out of the history, which refused it: {server.url} answered 400: cannot parse it"
    )
    assert house.said == [words]


def test_a_server_that_refuses_everything_costs_one_in_each_rest(
    house: House, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(histories, "_EVERY", 3600.0)
    server.answer = (400, {}, b"")
    house.observe(range(64))
    house.write_to(server.url)
    until(lambda: house.backlog._readers[HISTORY].refused == 1)
    house.backlog.tend()
    assert house.backlog.waiting(HISTORY).count == 63


def test_other_settings_hold_at_once(house: House, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(histories, "_SHORTEST", 3600.0)
    monkeypatch.setattr(histories, "_LONGEST", 3600.0)
    house.observe(range(3))
    house.write_to("http://127.0.0.1:1")
    house.until_lost()
    house.write_to(server.url)
    house.until_all_is_written()
    assert values(server) == [0.0, 1.0, 2.0]
    house.history.apply(STORE_ALONE)
    assert not house.history.on
    house.backlog.apply(SpoolSettings(), [STORE])
    assert not house.backlog.waits(HISTORY)


def test_a_slow_engine_holds_up_nobody(house: House, server: Server) -> None:
    """While it dawdles over a batch, observations are taken and go to disk."""
    release, begun = threading.Event(), threading.Event()
    judged = server.judged

    def dawdle(body: bytes) -> tuple[int, dict[str, str], bytes]:
        begun.set()
        release.wait(20)
        return judged(body)

    server.judged = dawdle  # type: ignore[method-assign]
    house.observe(range(5))
    house.write_to(server.url)
    assert begun.wait(20)
    house.observe(range(5, 1000))
    house.spill()
    assert house.backlog.waiting(HISTORY).bytes > 10_000
    release.set()
    house.until_all_is_written()
    assert values(server) == [float(n) for n in range(1000)]


@pytest.mark.parametrize(
    ("full", "expected"), [("drop-oldest", range(1950, 2000)), ("keep-oldest", range(50))], ids=["oldest", "newest"]
)
def test_a_spool_that_reaches_its_bound(house: House, server: Server, full: str, expected: range) -> None:
    house.begin(size=64 << 10, full=full)
    for begin in range(0, 2000, 100):
        house.observe(range(begin, begin + 100))
        house.spill()
    waiting = house.backlog.waiting(HISTORY)
    assert waiting.bytes <= 64 << 10
    assert waiting.dropped > 500
    assert waiting.dropped + waiting.count == 2000
    assert f"{waiting.dropped:,} were dropped because the spool was full" in waiting.words
    house.write_to(server.url)
    house.until_all_is_written()
    found = values(server)
    assert len(found) == waiting.count
    assert found == sorted(found)
    assert set(found) >= set(expected)
    assert len(house.said) == 1
    assert house.said[0].startswith(f"the spool {house.folder / 'spool'} is full (64 KiB): ")


def test_an_agent_that_stands_by_writes_what_it_has_left(house: House, server: Server) -> None:
    """The lease guards the store: what the store waits for stays, what the history waits for goes there."""
    house.backlog.apply(SpoolSettings(), [STORE, HISTORY])
    house.observe(range(10))
    house.backlog.close()
    folder = house.folder / "spool"
    settings = Configuration(history=VictoriaMetricsHistory(type="victoriametrics", url=server.url))
    left = begin_leftover(folder, settings, house.clock)
    assert left is not None
    until(lambda: len(values(server)) == 10)
    left.stop()
    after = Backlog(folder, SpoolSettings(), house.clock, [STORE, HISTORY])
    assert (after.waiting(STORE).count, after.waiting(HISTORY).count) == (10, 0)
    assert begin_leftover(folder, Configuration(), house.clock) is None
    assert begin_leftover(house.folder / "none", settings, house.clock) is None
