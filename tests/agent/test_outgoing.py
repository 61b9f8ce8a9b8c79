"""What the agent says of what waits: one sentence, events, and samples."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from penguintui.agent.outgoing import Outgoing
from penguintui.config.history import VictoriaMetricsHistory
from penguintui.config.settings import Configuration
from penguintui.config.spool import SpoolSettings
from penguintui.model.metrics import METRICS
from penguintui.model.observation import Sample
from penguintui.store.errors import StoreError
from penguintui.store.ingest import Ingest
from penguintui.store.reader import Store
from penguintui.store.writer import Writer
from tests.adapters.importing import Server
from tests.agent.observing import reported, slow
from tests.conftest import FrozenClock
from tests.whole.program import until

NOW = 1_790_000_000.0


class House:
    """What goes out of an agent, without the agent."""

    def __init__(self, folder: Path, clock: FrozenClock, **configuration: Any) -> None:
        self.folder, self.clock = folder, clock
        self.url = f"sqlite:///{folder / 'store.db'}"
        self.writer, ingest = Writer(self.url), Ingest()
        self.configuration = Configuration(environment="test", **configuration)
        self.outgoing = Outgoing(folder / "spool", self.configuration, self.writer, ingest, clock)

    def begin(self) -> None:
        self.outgoing.apply(self.configuration, {("api", "http")})

    def observe(self, count: int) -> None:
        for _ in range(count):
            self.outgoing.take(reported(self.clock.now(), slow(), m=1.0))
            self.clock.advance(1)

    def settle(self) -> None:
        """Let the store have everything."""
        until(lambda: self.outgoing.flush() or not self.outgoing._backlog.waits("store"))
        self.writer.submit(lambda _: None).result(5)

    def tend(self) -> None:
        self.outgoing._backlog.tend()

    def rows(self, sql: str) -> list[Any]:
        store = Store(self.url, self.clock)
        try:
            return [tuple(row) for row in store.driver_rows(sql, ())]
        finally:
            store.close()

    def newest(self, metric: str) -> dict[str, float]:
        """The value of each series, by its labels."""
        joined = "SELECT labels, value FROM samples JOIN series ON series.id = series_id"
        return dict(self.rows(f"{joined} WHERE metric = '{metric}' ORDER BY time"))

    def close(self) -> None:
        self.outgoing.stop()
        self.writer.close()
        self.outgoing.close()


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Callable[..., House]]:
    houses: list[House] = []

    def make(**configuration: Any) -> House:
        houses.append(House(tmp_path, FrozenClock(NOW), **configuration))
        return houses[-1]

    yield make
    for house in houses:
        house.close()


def test_all_is_well(made: Callable[..., House]) -> None:
    house = made()
    house.begin()
    house.observe(3)
    house.outgoing.share({}, [(Sample("recorded", 1.0), NOW)], 30.0)
    house.settle()
    house.tend()
    assert house.outgoing.message == ""
    house.outgoing.count()
    house.settle()
    own = '{"environment":"test","instance":"agent","job":"penguintui"}'
    store = '{"destination":"store","environment":"test","instance":"agent","job":"penguintui"}'
    assert house.newest("penguintui_spool_bytes") == {own: 0.0}
    for count in ("waiting", "age_seconds", "dropped_total", "refused_total"):
        assert house.newest(f"penguintui_spool_{count}") == {store: 0.0}
        assert f"penguintui_spool_{count}" in METRICS
    assert house.newest("recorded") == {}, "it went into the store in another way"


def test_a_store_that_is_away(made: Callable[..., House]) -> None:
    house = made()
    house.begin()
    house.writer.trouble = "database or disk is full"
    house.observe(30)
    house.tend()
    began = "the store cannot be written: database or disk is full; "
    assert house.outgoing.message.startswith(f"{began}30 observations wait, the oldest of 21 Sep 14:13:20Z, ")
    assert house.outgoing.message.endswith(" of them in the spool")
    house.writer.trouble = ""
    assert house.outgoing.message.startswith("the store is behind: 30 observations wait, ")
    house.outgoing.count()
    house.settle()
    (waited,) = house.newest("penguintui_spool_waiting").values()
    (age,) = house.newest("penguintui_spool_age_seconds").values()
    assert (waited, age) == (30.0, 30.0)
    house.tend()
    assert house.outgoing.message == ""


def test_a_history_that_is_away_and_what_was_dropped_meanwhile(made: Callable[..., House]) -> None:
    server = Server()
    server.answer = (503, {}, b"later")
    history = VictoriaMetricsHistory(type="victoriametrics", url=server.url)
    house = made(history=history, spool=SpoolSettings(size=64 << 10))
    house.begin()
    house.outgoing.share({}, [(Sample("recorded", 1.0), NOW)], 30.0)
    until(lambda: house.outgoing._history.failed)
    assert house.outgoing.message.startswith(
        f"samples are not written to the history: {server.url} answered 503: later"
    )
    for _ in range(6):
        house.observe(100)
        house.settle()
        house.tend()
    assert " were dropped because the spool was full" in house.outgoing.message
    house.outgoing.count()
    house.settle()
    counts = house.newest("penguintui_spool_dropped_total").items()
    assert {"history" in labels: value > 0 for labels, value in counts} == {True: True, False: False}
    server.answer = (204, {}, b"")
    until(lambda: not house.outgoing._backlog.waits("history"))
    house.tend()
    assert house.outgoing.message.startswith("of what went to the history: ")
    house.clock.advance(3700)
    assert house.outgoing.message == "", "by then the event and the count say it"
    events = house.rows("SELECT kind, severity FROM events ORDER BY id")
    assert events == [("history.lost", 2), ("spool.lost", 2), ("history.found", 0)]
    server.close()


def test_what_a_killed_process_left_half_is_an_event(made: Callable[..., House]) -> None:
    first = made()
    first.observe(3)
    first.writer.close()
    first.outgoing.close()
    (path,) = (first.folder / "spool").glob("*.spool")
    os.truncate(path, path.stat().st_size - 5)
    second = made()
    second.begin()
    second.settle()
    assert [value for _, value in second.rows("SELECT time, value FROM samples JOIN series ON series.id = series_id "
                                              "WHERE metric = 'm'")] == [1.0, 1.0]  # fmt: skip
    ((summary,),) = second.rows("SELECT summary FROM events WHERE kind = 'spool.lost'")
    assert summary.startswith(f"{path} ends with ")
    second.tend()
    assert second.outgoing.message == "of what went to the store: 1 could not be read again"


def test_a_spool_that_cannot_be_read_is_said(made: Callable[..., House], tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("a file", encoding="utf-8")
    with pytest.raises(StoreError, match=r"the spool .*/spool cannot be read: Not a directory"):
        made()


def test_a_history_that_is_configured_no_more(made: Callable[..., House]) -> None:
    house = made(history=VictoriaMetricsHistory(type="victoriametrics", url="http://127.0.0.1:1"))
    house.begin()
    house.observe(20)
    house.settle()
    house.tend()
    until(lambda: house.outgoing.message.startswith("samples are not written to the history: "))
    house.outgoing.apply(Configuration(environment="test"), {("api", "http")})
    house.tend()
    until(lambda: house.outgoing.message == "")
    kinds = house.rows("SELECT summary FROM events WHERE kind = 'spool.lost'")
    assert kinds == [("there is no history any more; 20 observations that waited for it are let go",)]
    assert list((house.folder / "spool").iterdir()) == []
