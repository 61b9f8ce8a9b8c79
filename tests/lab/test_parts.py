"""The parts of the lab by themselves."""

from __future__ import annotations

import sqlite3
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from penguintui.lab import past
from penguintui.lab.addresses import FORGETS_AFTER, AddressPool
from penguintui.lab.authlog import ATTACKER, AuthLog
from penguintui.lab.database import Batch, PlatformDatabase
from penguintui.lab.mailflow import MailFlow
from penguintui.lab.operations import Operations
from penguintui.lab.ports import ReservedPort
from penguintui.lab.spool import Spool
from penguintui.lab.traffic import DAY, PROVIDERS, load, rates
from penguintui.lab.zones import build_zones
from tests.conftest import FrozenClock

TIMES = st.floats(1_700_000_000, 1_900_000_000)


@given(TIMES, st.integers(0, 1000))
def test_load_stays_in_bounds(time: float, seed: int) -> None:
    assert 0.3 < load(time, seed) < 1.7


@given(st.integers(0, 50))
def test_a_weekday_averages_about_one_and_the_night_is_calm(seed: int) -> None:
    monday = 1_790_035_200 // DAY * DAY
    while (monday // DAY + 4) % 7 != 1:
        monday += DAY
    hourly = [load(monday + 3600 * hour, seed) for hour in range(24)]
    assert 0.9 < sum(hourly) / 24 < 1.2
    assert min(hourly) == min(hourly[:6]) and max(hourly) == max(hourly[10:20])


@pytest.mark.parametrize("provider", PROVIDERS)
def test_without_faults_every_provider_keeps_the_promises(provider: object) -> None:
    usual = rates(provider, (), listed=False)  # type: ignore[arg-type]
    assert usual.bounced < 0.02 and usual.complained < 0.001 and usual.inbox > 0.95 and usual.p95 < 60


class Rotation(RuleBasedStateMachine):
    """Addresses come in and go out; two are always sending."""

    def __init__(self) -> None:
        super().__init__()
        self.pool, self.now = AddressPool(), 0.0

    @rule()
    def list_one(self) -> None:
        if not self.pool.listed:
            self.pool.list_one(self.now)

    @rule()
    def rotate_listed(self) -> None:
        if self.pool.sending_while_listed:
            out, into = self.pool.rotate("listed", self.now)
            assert out != into and not self.pool.sending_while_listed

    @rule()
    def rotate_first(self) -> None:
        first = next(row for row in self.pool if row.state == "active")
        spare = [row for row in self.pool if row.state == "warming" and row.listed_since is None]
        if spare:
            self.pool.rotate(first.address, self.now)
        else:
            with pytest.raises(LookupError):
                self.pool.rotate(first.address, self.now)

    @rule(seconds=st.floats(0, 2 * FORGETS_AFTER))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        if self.pool.forgotten(self.now):
            self.pool.delist()
            assert not self.pool.listed

    @invariant()
    def two_send(self) -> None:
        assert sum(row.state == "active" for row in self.pool) == 2
        assert len(self.pool.listed) <= 1


TestRotation = Rotation.TestCase


def test_an_address_that_does_not_send_cannot_be_taken_out() -> None:
    pool = AddressPool()
    with pytest.raises(LookupError, match=r"these are: 203\.0\.113\.11, 203\.0\.113\.12"):
        pool.rotate("203.0.113.13", 0)
    with pytest.raises(LookupError, match="no address in rotation is listed"):
        pool.rotate("listed", 0)


def database_of(tmp_path: Path, clock: FrozenClock, faults: tuple[str, ...] = ()) -> tuple[PlatformDatabase, MailFlow]:
    database, pool = PlatformDatabase(tmp_path / "platform.db"), AddressPool()
    flow = MailFlow(1, pool, faults)
    database.create(Operations(1, pool, faults).beginning(clock.now()))
    database.write(flow.past(clock.now()))
    return database, flow


def ask(path: Path, sql: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path, timeout=0.1)
    rows = connection.execute(sql).fetchall()
    connection.close()
    return rows


@pytest.mark.parametrize("hours", [0, 10, 14])
def test_the_figures_keep_the_limits_at_every_tick(tmp_path: Path, clock: FrozenClock, hours: int) -> None:
    clock.advance(hours * 3600)
    database, flow = database_of(tmp_path, clock)
    for _ in range(60):
        clock.advance(2)
        database.write(flow.tick(clock.now(), 2))
        rows = ask(database.path, "SELECT max(bounce_ratio), max(complaint_ratio) FROM recent_mail")
        assert rows[0][0] < 0.02 and rows[0][1] < 0.001, rows  # type: ignore[operator]
        assert ask(database.path, "SELECT min(inbox_ratio) FROM recent_placement")[0][0] >= 0.95  # type: ignore[operator]
        assert ask(database.path, "SELECT max(seconds) FROM recent_delivery")[0][0] < 60  # type: ignore[operator]
    database.close()


def test_totals_only_grow_and_go_on_from_the_past(tmp_path: Path, clock: FrozenClock) -> None:
    database, flow = database_of(tmp_path, clock)
    before = dict(ask(database.path, "SELECT provider, sent_total FROM mail_totals"))
    database.write(flow.tick(clock.now(), 2))
    after = dict(ask(database.path, "SELECT provider, sent_total FROM mail_totals"))
    assert set(after) == {provider.name for provider in PROVIDERS}
    assert all(after[name] > before[name] for name in after)  # type: ignore[operator]
    assert sum(before.values()) > 20 * 9_000_000  # type: ignore[arg-type]
    database.close()


def test_old_batches_go_and_totals_stay(tmp_path: Path, clock: FrozenClock) -> None:
    database, _ = database_of(tmp_path, clock)
    before = ask(database.path, "SELECT * FROM mail_totals")
    database.forget(clock.now() + 7 * 3600)
    assert ask(database.path, "SELECT count(*) FROM sends") == [(0,)]
    assert ask(database.path, "SELECT * FROM mail_totals") == before
    database.close()


def test_a_locked_database_answers_nobody_and_takes_nothing(tmp_path: Path, clock: FrozenClock) -> None:
    database, flow = database_of(tmp_path, clock)
    before = ask(database.path, "SELECT count(*) FROM sends")
    database.lock()
    database.lock()
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        ask(database.path, "SELECT count(*) FROM sends")
    database.write(flow.tick(clock.now(), 2))
    database.unlock()
    assert ask(database.path, "SELECT count(*) FROM sends") == before
    database.close()


def test_a_batch_that_fails_leaves_nothing(tmp_path: Path, clock: FrozenClock) -> None:
    database, _ = database_of(tmp_path, clock)
    batch = Batch()
    batch.add("opens", 1.0, 1, 1)
    batch.run("INSERT INTO nowhere VALUES (?)", 1)
    before = ask(database.path, "SELECT count(*) FROM opens")
    with pytest.raises(sqlite3.OperationalError, match="nowhere"):
        database.write(batch)
    database.write(Batch())
    assert ask(database.path, "SELECT count(*) FROM opens") == before
    database.close()


def test_the_queue_moves_stands_and_moves_again(tmp_path: Path, clock: FrozenClock) -> None:
    faults: set[str] = set()
    spool = Spool(tmp_path, 1, AddressPool(), faults)
    for _ in range(200):
        clock.advance(2)
        spool.tick(clock.now(), 2)
        assert spool.waiting < 100
    faults.add("queue-stuck")
    for _ in range(5):
        spool.tick(clock.now(), 2)
    assert spool.waiting == 480
    faults.clear()
    for _ in range(3):
        spool.tick(clock.now(), 2)
    assert spool.waiting < 100


def test_a_held_queue_keeps_its_messages_until_it_is_flushed(tmp_path: Path, clock: FrozenClock) -> None:
    spool = Spool(tmp_path, 1, AddressPool(), ())
    spool.held = True
    for _ in range(20):
        spool.tick(clock.now(), 2)
    held = spool.waiting
    spool.tick(clock.now(), 2)
    assert spool.waiting > held >= 20
    assert '"queue_name": "hold"' in (tmp_path / "spool.jsonl").read_text()
    spool.flush()
    assert spool.waiting < held


def test_the_log_rotates_and_goes_on(tmp_path: Path, clock: FrozenClock) -> None:
    faults: set[str] = {"brute-force"}
    log = AuthLog(tmp_path / "auth.log", 1, faults)
    for _ in range(200):
        clock.advance(1)
        log.tick(clock.now(), 1)
    assert (tmp_path / "auth.log.1").exists()
    log.blocked.add(ATTACKER)
    log.rotate()
    log.tick(clock.now(), 1)
    assert ATTACKER not in (tmp_path / "auth.log").read_text()
    log.close()


def test_the_log_is_in_order(tmp_path: Path, clock: FrozenClock) -> None:
    log = AuthLog(tmp_path / "auth.log", 1, {"brute-force"})
    for _ in range(20):
        clock.advance(1)
        log.tick(clock.now(), 1)
    log.close()
    attacks = [line.split(" ")[0] for line in (tmp_path / "auth.log").read_text().splitlines() if ATTACKER in line]
    assert len(attacks) == 160 and attacks == sorted(attacks)


def test_a_blocklist_lists_its_test_entry_and_what_is_listed() -> None:
    pool = AddressPool()
    assert "12.113.0.203.zen.dnsbl.test" not in build_zones("KEY", pool, ())
    pool.list_one(0)
    zones = build_zones("KEY", pool, ())
    assert {"2.0.0.127.zen.dnsbl.test", "12.113.0.203.zen.dnsbl.test"} <= set(zones)


def test_a_reserved_port_refuses_until_a_server_comes() -> None:
    import socket

    reserved = ReservedPort()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", reserved.number), 2)
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    server.bind(("127.0.0.1", reserved.number))
    server.listen()
    socket.create_connection(("127.0.0.1", reserved.number), 2).close()
    server.close()
    reserved.close()


@given(TIMES)
def test_the_past_is_in_order_and_its_last_release_runs(began: float) -> None:
    releases = past.releases(began)
    assert [release.time for release in releases] == sorted(release.time for release in releases)
    assert all(later.previous == earlier.name for earlier, later in pairwise(releases))
    assert past.beginning(began) < releases[0].time < past.incident(began).start < past.incident(began).end < began
    *_, (start, seconds) = past.hours(began)
    assert start < began and start + seconds == pytest.approx(began, abs=0.01)
