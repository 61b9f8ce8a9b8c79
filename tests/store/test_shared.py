"""What only a store that hosts share has: its address, its lease, commits whose answer was lost."""

from __future__ import annotations

import builtins
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from penguintui.model.observation import Event, Finding, Observation, Sample
from penguintui.model.status import Status
from penguintui.model.target import Kind, Target
from penguintui.store import leases
from penguintui.store.errors import StoreError, StoreFencedError
from penguintui.store.ingest import Ingest, Reported
from penguintui.store.leases import Guard, LeaseRow
from penguintui.store.migrating import upgrade
from penguintui.store.opening import open_for_writing
from penguintui.store.postgres import Address
from penguintui.store.reader import Store
from penguintui.store.revisions import REVISIONS
from penguintui.store.translating import translated, unpacked
from penguintui.store.writer import Writer
from tests.conftest import FrozenClock

needs_postgres = pytest.mark.needs("initdb", "postgresql-15")
API = Target("api", Kind.SERVICE, "production", {})


class Holder:
    """An agent's writer with its lease, without the agent."""

    def __init__(self, url: str, owner: str = "one", at_least: int = 0) -> None:
        open_for_writing(url).dispose()
        with Address(url).connect({}, autocommit=True) as connection:
            row = leases.take(
                connection, leases.look(connection), owner=owner, holder=owner, at_least=at_least, now=0.0
            )
        assert row is not None
        self.row: LeaseRow = row
        self.beat = row.beat
        self.lost: list[str] = []
        self.writer = Writer(url, guard=Guard(row.token, lambda: self.beat, self.lost.append))
        self.ingest = Ingest()
        self.writer.undone.append(self.ingest.forget)

    def record(self, time: float, *findings: Finding, events: tuple[Event, ...] = (), **values: float) -> Any:
        samples = tuple(Sample(name, value) for name, value in values.items())
        batch = [Reported(API, "http", "http", Observation(time, 10.0, True, samples, findings, events=events))]
        return self.writer.submit(lambda connection: self.ingest.record(connection, batch))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("penguintui.store.writer._RETRY_SECONDS", 0.05)


@needs_postgres
def test_who_lost_the_lease_writes_nothing_more(shared_url: str, clock: FrozenClock) -> None:
    first = Holder(shared_url)
    first.record(1000.0, m=1.0).result(5)
    second = Holder(shared_url, "two")
    assert second.row.token == first.row.token + 1
    for _ in range(2):
        with pytest.raises(StoreFencedError, match="two holds the lease now"):
            first.record(2000.0, m=2.0).result(5)
    assert len(first.lost) >= 1
    second.record(3000.0, m=3.0).result(5)
    store = Store(shared_url, clock)
    times = store.driver_rows("SELECT DISTINCT time FROM samples ORDER BY time", ())
    assert times == [(1_000_000,), (3_000_000,)]
    for one in (first, second):
        one.writer.close()
    store.close()


@needs_postgres
def test_what_is_just_being_written_is_ended_before_another_has_the_lease(shared_url: str, clock: FrozenClock) -> None:
    """As of a process that was stopped in the middle of a transaction."""
    first = Holder(shared_url)
    open_transaction = first.writer._engine.connect()
    guard = Guard(first.row.token, lambda: 0, first.lost.append)
    guard.enter(open_transaction)
    open_transaction.exec_driver_sql("INSERT INTO metrics (name, change) VALUES ('half', 1)")
    second = Holder(shared_url, "two")
    with pytest.raises(Exception, match=r"terminat|closed"):
        open_transaction.exec_driver_sql("INSERT INTO metrics (name, change) VALUES ('rest', 1)")
    open_transaction.invalidate()
    open_transaction.close()
    store = Store(shared_url, clock)
    assert store.reader().changes() == {}
    for one in (first, second):
        one.writer.close()
    store.close()


@needs_postgres
def test_a_lease_that_changed_since_it_was_seen_is_not_taken(shared_url: str) -> None:
    open_for_writing(shared_url).dispose()
    with Address(shared_url).connect({}, autocommit=True) as connection:
        seen = leases.look(connection)
        assert leases.take(connection, seen, owner="a", holder="a", at_least=41, now=0.0) is not None
        assert leases.take(connection, seen, owner="b", holder="b", at_least=0, now=0.0) is None
        row = leases.look(connection)
        assert (row.token, row.owner) == (42, "a")  # above all that was ever seen
        assert leases.renew(connection, 42) == row.beat + 1
        assert leases.renew(connection, 41) is None
        leases.give_back(connection, 42)
        assert leases.look(connection).owner == ""


@needs_postgres
def test_renewing_does_not_wait_for_what_is_being_written(shared_url: str) -> None:
    first = Holder(shared_url)
    with first.writer._engine.connect() as writing:
        Guard(first.row.token, lambda: 0, first.lost.append).enter(writing)
        with Address(shared_url).connect({"lock_timeout": 500}, autocommit=True) as connection:
            assert leases.renew(connection, first.row.token) is not None
        writing.rollback()
    first.writer.close()


@needs_postgres
@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("UPDATE leases SET beat = beat - 1", "older"),
        ("UPDATE leases SET token = token - 1", "older"),
        ("DELETE FROM leases", "without a lease"),
        ("DROP TABLE leases", "without its tables"),
    ],
)
def test_a_store_that_is_not_what_it_was_is_not_written(shared_url: str, change: str, why: str) -> None:
    holder = Holder(shared_url)
    with Address(shared_url).connect({}, autocommit=True) as connection:
        connection.execute(change.encode())
    with pytest.raises(StoreFencedError, match=why):
        holder.record(1000.0, m=1.0).result(5)
    assert why in holder.lost[0]
    holder.writer.close()


@needs_postgres
@pytest.mark.parametrize("arrived", [True, False])
def test_a_commit_whose_answer_was_lost_is_done_once(
    shared_url: str, clock: FrozenClock, quick: None, monkeypatch: pytest.MonkeyPatch, arrived: bool
) -> None:
    holder = Holder(shared_url)
    commit = psycopg.Connection.commit
    cut = iter([True])

    def lost(self: psycopg.Connection[Any]) -> None:
        if next(cut, False):
            if arrived:
                commit(self)
            self.close()
            raise psycopg.OperationalError("the connection is lost")
        commit(self)

    monkeypatch.setattr(psycopg.Connection, "commit", lost)
    event = Event(1000.0, "release", "once")
    holder.record(1000.0, Finding("c", Status.OK, "fine"), events=(event,), m=1.0).result(10)
    holder.record(1005.0, Finding("c", Status.OK, "fine"), m=2.0).result(10)
    holder.writer.close()
    store = Store(shared_url, clock)
    assert [e.summary for e in store.reader().events()] == ["once"]
    assert store.driver_rows("SELECT count(*) FROM samples WHERE series_id NOT IN (SELECT id FROM series)", ()) == [
        (0,)
    ]
    assert len(store.reader().findings()) == 1
    store.close()


@needs_postgres
def test_texts_that_postgresql_cannot_hold_take_nothing_with_them(shared_url: str, clock: FrozenClock) -> None:
    holder = Holder(shared_url)
    holder.record(1000.0, Finding("c", Status.OK, "a\0b \ud800 ü")).result(5)
    store = Store(shared_url, clock)
    (finding,) = store.reader().findings()
    assert finding.summary == "a\ufffdb ? ü"
    holder.writer.close()
    store.close()


@needs_postgres
def test_a_reader_whose_connection_broke_reads_all_anew(shared_url: str, clock: FrozenClock) -> None:
    holder = Holder(shared_url)
    holder.record(1000.0, Finding("c", Status.OK, "fine")).result(5)
    store = Store(shared_url, clock)
    before = store.opened()
    assert len(store.reader().findings()) == 1
    with Address(shared_url).connect({}, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'penguintui' AND datname = current_database() AND pid <> pg_backend_pid()"
        )
        connection.execute("DELETE FROM findings")
    with pytest.raises(StoreError, match="cannot be read"):
        store.reader().findings()
    assert store.reader().findings() == []
    assert store.opened() is not before
    holder.writer.close()
    store.close()


@needs_postgres
def test_two_agents_that_begin_at_once_make_the_tables_once(shared_url: str) -> None:
    with ThreadPoolExecutor(2) as pool:
        for engine in pool.map(open_for_writing, [shared_url] * 2):
            with engine.connect() as connection:
                versions = connection.exec_driver_sql("SELECT version_num FROM alembic_version").fetchall()
            engine.dispose()
            assert [tuple(version) for version in versions] == [(REVISIONS[-1],)]


@needs_postgres
def test_an_older_store_is_migrated_and_its_record_names_no_keys(shared_url: str, clock: FrozenClock) -> None:
    upgrade(shared_url, "0008")
    with Address(shared_url).connect({}, autocommit=True) as connection:
        connection.execute("INSERT INTO audit VALUES (1, 1000.0, '{}', '', '', 'signed')")
    open_for_writing(shared_url).dispose()
    store = Store(shared_url, clock)
    assert [(entry.signature, entry.key) for entry in store.reader().audit()] == [("signed", "")]
    assert store.reader().audit_keys() == []
    store.close()


@needs_postgres
def test_a_database_of_somebody_else_is_left_alone(shared_url: str, clock: FrozenClock) -> None:
    with Address(shared_url).connect({}, autocommit=True) as connection:
        connection.execute("CREATE TABLE somebody_elses (x int)")
    for use in (lambda: Writer(shared_url), lambda: Store(shared_url, clock).reader().findings()):
        with pytest.raises(StoreError, match="not one of penguintui"):
            use()


@needs_postgres
def test_a_wrong_password_is_said_without_it(shared_url: str, clock: FrozenClock) -> None:
    wrong = shared_url.replace("krill-and-squid", "herring%40cod")
    for use in (lambda: Writer(wrong), lambda: Store(wrong, clock).reader().findings()):
        with pytest.raises(StoreError, match="password authentication failed") as caught:
            use()
        assert "herring" not in str(caught.value)


def test_an_address_that_cannot_be_read_is_not_repeated() -> None:
    with pytest.raises(StoreError, match="cannot be read") as caught:
        Address("postgresql+psycopg://me:se@cret:x/y@host:port/db?nonsense=1")
    assert "cret" not in str(caught.value)


def test_a_missing_driver_is_said(monkeypatch: pytest.MonkeyPatch, clock: FrozenClock) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.partition(".")[0] == "psycopg":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(StoreError, match=r"penguintui\[postgres\]"):
        Store("postgresql+psycopg://me@host/db", clock)


def test_an_address_of_another_kind_is_said(clock: FrozenClock) -> None:
    with pytest.raises(StoreError, match="write sqlite:///FILE or postgresql"):
        Store("mysql://me:secret@host/db", clock)


_PIECE = st.sampled_from(["x = ?", "x LIKE 'a%'", "x IN (SELECT value FROM json_each(?))", "1 = 1"])


@given(st.lists(_PIECE, max_size=5))
def test_translated_queries_ask_the_same(pieces: list[str]) -> None:
    """As many parameters, lists where lists were, and nothing else touched."""
    sql = " OR ".join(pieces)
    text, lists = translated(sql)
    marks = [piece for piece in pieces if "?" in piece]
    assert text.count("%s") == len(marks)
    assert lists == tuple(i for i, piece in enumerate(marks) if "json_each" in piece)
    parameters = ["[1, 2]" if "json_each" in piece else "[1, 2]x" for piece in marks]
    assert list(unpacked(parameters, lists)) == [[1, 2] if p == "[1, 2]" else p for p in parameters]
    plain = text.replace("= ANY(%s)", "IN (SELECT value FROM json_each(?))").replace("%s", "?").replace("%%", "%")
    assert plain == sql


def test_sqlite_knows_the_idiom_for_lists() -> None:
    connection = sqlite3.connect(":memory:")
    assert connection.execute("SELECT 2 IN (SELECT value FROM json_each(?))", ("[1, 2]",)).fetchone() == (1,)
    connection.close()
