"""Observations on their way into the store, over its outages and over restarts: in order, each once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from penguintui.agent.backlog import STORE, Backlog
from penguintui.agent.recording import Recording
from penguintui.config.spool import SpoolSettings
from penguintui.model.observation import Event, Sample
from penguintui.model.status import Status
from penguintui.store import writer as writers
from penguintui.store.ingest import Ingest
from penguintui.store.reader import Store
from penguintui.store.spooled import Sampled
from penguintui.store.writer import Writer
from tests.agent.observing import reported, slow
from tests.conftest import FrozenClock

BEGIN = 1_790_000_000.0


class House:
    """One agent's way into a store that can be away; `restarted` is the next agent over the same folder."""

    def __init__(self, folder: Path, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(writers, "_RETRY_SECONDS", 0.02)
        self.folder, self.clock = folder, clock
        self.url = f"sqlite:///{folder / 'store.db'}"
        self.away = False
        self.said: list[str] = []
        self.begin()

    def begin(self) -> None:
        self.writer, self.ingest = Writer(self.url), Ingest()
        self.writer.undone.append(self.ingest.forget)
        self.backlog = Backlog(self.folder / "spool", SpoolSettings(), self.clock, [STORE], self.said.append)
        self.recording = Recording(self.writer, self.ingest, self.backlog)
        attempt = self.writer._attempt

        def attempted(batch: Any) -> Any:
            if self.away:
                raise OperationalError("", {}, Exception("disk is full"))
            return attempt(batch)

        self.writer._attempt = attempted  # type: ignore[method-assign]

    def stop(self) -> None:
        self.writer.close(0.2)
        self.backlog.close()

    def kill(self) -> None:
        """Without a word: what was in memory is gone."""
        self.writer.close(0.2)

    def restart(self) -> None:
        self.stop()
        self.away = False
        self.begin()

    def drain(self) -> None:
        asyncio.run(self.recording.drain())

    def rows(self, sql: str) -> list[Any]:
        store = Store(self.url, self.clock)
        try:
            return [tuple(row) for row in store.driver_rows(sql, ())]
        finally:
            store.close()

    def values(self, metric: str = "m") -> list[tuple[float, float]]:
        """Time and value of each sample, in the order in which they were written last."""
        return self.rows(
            "SELECT time / 1000.0, value FROM samples JOIN series ON series.id = series_id "
            f"WHERE metric = '{metric}' ORDER BY time"
        )


@pytest.fixture
def house(tmp_path: Path, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    one = House(tmp_path, clock, monkeypatch)
    yield one
    one.stop()


def observe(house: House, numbers: range, **more: Any) -> None:
    for number in numbers:
        house.recording.take(reported(BEGIN + number, m=float(number), **more))


def test_what_the_store_does_not_take_waits_on_disk_and_is_written_in_order(house: House) -> None:
    observe(house, range(3))
    house.drain()
    house.away = True
    for begin in range(3, 30, 3):
        observe(house, range(begin, begin + 3))
        house.recording.flush()
        house.clock.advance(10)
        house.backlog.tend()
    waiting = house.backlog.waiting(STORE)
    assert (waiting.count, waiting.oldest) == (27, BEGIN + 3)
    assert waiting.bytes > 1000
    assert "27 observations wait, the oldest of 21 Sep 14:13:23Z" in waiting.words
    house.away = False
    house.drain()
    house.backlog.tend()
    assert house.values() == [(BEGIN + n, float(n)) for n in range(30)]
    assert house.backlog.waiting(STORE).words == ""
    assert list((house.folder / "spool").iterdir()) == []


def test_it_outlives_the_agent(house: House) -> None:
    house.away = True
    observe(house, range(5))
    house.recording.flush()
    house.restart()
    observe(house, range(5, 8))
    house.drain()
    assert house.values() == [(BEGIN + n, float(n)) for n in range(8)]
    house.backlog.tend()
    assert house.backlog.waiting(STORE).bytes == 0


def test_what_was_written_before_the_agent_was_killed_is_harmless(house: House) -> None:
    """Killed between the commit and its own note of it, it does everything again."""
    login = Event(BEGIN, "login.failed", "root from 192.0.2.1", Status.WARNING)
    house.away = True
    house.recording.take(reported(BEGIN, slow(), m=1.0, events=(login, login)))
    house.recording.take(reported(BEGIN + 5, slow(status=Status.CRITICAL), m=2.0, events=(login,)))
    house.recording.flush()
    house.clock.advance(10)
    house.backlog.tend()
    house.away = False
    house.drain()
    before = [house.rows(sql) for sql in _ALL]
    assert house.rows("SELECT count(*) FROM events") == [(3,)]
    house.kill()
    house.begin()
    assert house.backlog.waiting(STORE).count == 2
    assert house.backlog.has_old(STORE)
    house.drain()
    assert not house.backlog.has_old(STORE)
    assert [house.rows(sql) for sql in _ALL] == before
    house.recording.take(reported(BEGIN + 10, slow(status=Status.OK), m=3.0, events=(login,)))
    house.drain()
    assert house.rows("SELECT count(*) FROM events") == [(4,)], "what happens again is not what is written again"
    assert house.rows("SELECT status FROM findings WHERE valid_to IS NULL") == [(0,)]


_ALL = (
    "SELECT series_id, time, value FROM samples ORDER BY series_id, time",
    "SELECT status, summary, observed, valid_from, valid_to FROM findings ORDER BY id",
    "SELECT time, target, kind, summary FROM events ORDER BY id",
)


def test_what_another_agent_saw_since_then_stays(house: House) -> None:
    """Of a shared store: this agent was away, another one wrote newer findings."""
    house.away = True
    house.recording.take(reported(BEGIN, slow("was slow"), m=1.0))
    house.recording.flush()
    house.stop()
    house.away = False
    other = Writer(house.url)
    batch = [reported(BEGIN + 60, slow("is fine", Status.OK), m=2.0)]
    other.submit(lambda connection: Ingest().record(connection, batch)).result(5)
    other.close()
    house.begin()
    house.drain()
    assert house.values() == [(BEGIN, 1.0), (BEGIN + 60, 2.0)]
    assert house.rows("SELECT status, summary, valid_to FROM findings") == [(0, "is fine", None)]
    assert [value for _, value in house.values("penguintui_finding_status")] == [2.0, 0.0]


def test_what_is_watched_no_more_opens_no_finding(house: House) -> None:
    house.recording.take(reported(BEGIN, slow(), m=1.0))
    house.recording.keep_only({("api", "other")})
    house.drain()
    assert house.values() == [(BEGIN, 1.0)]
    assert house.rows("SELECT count(*) FROM findings") == [(0,)]


def test_one_that_the_store_refuses_is_counted_and_holds_up_nobody(house: House) -> None:
    observe(house, range(20))
    bad = reported(BEGIN + 20, m=object())  # type: ignore[arg-type]
    house.recording.take(bad)
    observe(house, range(21, 40))
    for _ in range(40):
        house.drain()
    assert [value for _, value in house.values()] == [float(n) for n in range(40) if n != 20]
    house.backlog.tend()
    waiting = house.backlog.waiting(STORE)
    assert (waiting.refused, waiting.count) == (1, 0)
    assert house.said[0].startswith("what http saw of api is left out of the store, which refused it: ")
    assert house.recording.failed == ""


def test_samples_that_no_probe_brought(house: House) -> None:
    for stored, value in ((False, 1.0), (True, 2.0)):
        house.backlog.put(Sampled({"job": "penguintui"}, ((Sample("own", value), BEGIN),), 30.0, stored))
    house.drain()
    assert house.values("own") == [(BEGIN, 1.0)], "what is in the store already is not for it"
