"""The store as its writer and its readers see it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from penguintui.model.moment import Moment
from penguintui.model.observation import Event, Finding, Observation, Sample
from penguintui.model.status import Status
from penguintui.model.target import Kind, Target
from penguintui.store import keeping
from penguintui.store.errors import StoreError, StoreMissingError, StoreNewerError
from penguintui.store.ingest import Ingest, Reported, record_events
from penguintui.store.reader import Store
from penguintui.store.writer import Writer
from tests.conftest import FrozenClock

API = Target("api", Kind.SERVICE, "production", {"region": "eu-1"})


@pytest.fixture
def writer(url: str):
    writer = Writer(url)
    yield writer
    writer.close()


def observe(clock: FrozenClock, *findings: Finding, complete: bool = True, **values: float) -> Reported:
    samples = tuple(Sample(name, value) for name, value in values.items())
    observation = Observation(clock.now(), 10.0, True, samples, findings, complete=complete)
    return Reported(API, "http", "http", observation)


def slow(summary: str = "answered after 2 s", status: Status = Status.WARNING) -> Finding:
    return Finding("http.time", status, summary)


class Recording:
    """An ingest with its writer, as the agent has it."""

    def __init__(self, writer: Writer) -> None:
        self.writer, self.ingest = writer, Ingest()

    def record(self, *batch: Reported) -> None:
        self.writer.submit(lambda connection: self.ingest.record(connection, batch)).result(5)


def test_the_agent_that_works_is_heard_although_the_clock_of_the_one_before_was_ahead(
    url: str, writer: Writer, clock: FrozenClock
) -> None:
    for name, time in (("one", clock.now() + 3600), ("two", clock.now())):
        beat = keeping.Heartbeat(name, time, time, 1.0, 1, name, "0.1", "")
        writer.submit(lambda c, beat=beat: keeping.keep_heartbeat(c, beat)).result(5)
    heard = Store(url, clock).reader().heartbeat()
    assert heard is not None and heard.agent == "two"


def test_a_finding_keeps_its_beginning_while_its_status_lasts(url: str, writer: Writer, clock: FrozenClock) -> None:
    recording, store = Recording(writer), Store(url, clock)
    begun = clock.now()
    recording.record(observe(clock, slow()))
    clock.advance(70)
    recording.record(observe(clock, slow("answered after 3 s")))
    (finding,) = store.reader().findings()
    assert (finding.since, finding.summary, finding.observed) == (begun, "answered after 3 s", clock.now())
    clock.advance(5)
    recording.record(observe(clock, slow("answered after 9 s", Status.CRITICAL)))
    (finding,) = store.reader().findings()
    assert (finding.since, finding.status) == (clock.now(), Status.CRITICAL)


def test_a_past_moment_shows_the_findings_of_then(url: str, writer: Writer, clock: FrozenClock) -> None:
    recording, store = Recording(writer), Store(url, clock)
    recording.record(observe(clock, slow("was slow")))
    then = clock.now() + 1
    clock.advance(100)
    recording.record(observe(clock, slow("is fine", Status.OK)))
    assert [f.summary for f in store.reader(Moment(then)).findings()] == ["was slow"]
    assert [f.summary for f in store.reader().findings()] == ["is fine"]
    assert store.reader(Moment(then - 10)).findings() == []


def test_a_complete_observation_closes_what_it_does_not_repeat(url: str, writer: Writer, clock: FrozenClock) -> None:
    recording, store = Recording(writer), Store(url, clock)
    recording.record(observe(clock, slow()))
    clock.advance(5)
    recording.record(observe(clock, Finding("probe.answer", Status.UNKNOWN, "no answer"), complete=False))
    assert {f.check for f in store.reader().findings()} == {"http.time", "probe.answer"}
    clock.advance(20)
    stale = {f.check: f.stale(clock.now()) for f in store.reader().findings()}
    assert stale == {"http.time": True, "probe.answer": True}
    recording.record(observe(clock))
    assert store.reader().findings() == []


def test_a_new_agent_goes_on_with_the_open_findings(url: str, clock: FrozenClock) -> None:
    first = Writer(url)
    Recording(first).record(observe(clock, slow()))
    first.close()
    begun = clock.now()
    clock.advance(30)
    second = Writer(url)
    Recording(second).record(observe(clock, slow()))
    second.close()
    (finding,) = Store(url, clock).reader().findings()
    assert finding.since == begun


def test_an_operation_that_fails_takes_no_other_with_it(url: str, writer: Writer, clock: FrozenClock) -> None:
    def wrong(_connection: object) -> None:
        raise ValueError("wrong")

    recording = Recording(writer)
    futures = [writer.submit(wrong), writer.submit(lambda c: recording.ingest.record(c, [observe(clock, slow())]))]
    with pytest.raises(ValueError, match="wrong"):
        futures[0].result(5)
    futures[1].result(5)
    assert len(Store(url, clock).reader().findings()) == 1


def test_what_is_queued_together_is_done_once_although_the_store_refuses_a_part(
    url: str, writer: Writer, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("penguintui.store.writer._RETRY_SECONDS", 0.01)
    gate, refused = threading.Event(), []

    def refuse_once(_connection: object) -> None:
        if not refused:
            refused.append(True)
            raise OperationalError("INSERT", {}, Exception("the disk is full"))

    writer.submit(lambda _: gate.wait(10))
    first = writer.submit(lambda connection: record_events(connection, "", [Event(1.0, "k", "once")]))
    second = writer.submit(refuse_once)
    gate.set()
    first.result(10), second.result(10)
    assert refused
    assert [event.summary for event in Store(url, clock).reader().events()] == ["once"]


def test_a_locked_store_is_said_and_nothing_is_lost(file_url: str, clock: FrozenClock, monkeypatch) -> None:
    monkeypatch.setattr("penguintui.store.writer._RETRY_SECONDS", 0.02)
    writer = Writer(file_url)
    recording = Recording(writer)
    recording.record(observe(clock))
    writer.submit(lambda c: c.exec_driver_sql("PRAGMA busy_timeout = 10")).result(5)
    other = sqlite3.connect(file_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    clock.advance(1)
    batch = [observe(clock, slow())]
    waiting = writer.submit(lambda connection: recording.ingest.record(connection, batch))
    with pytest.raises(TimeoutError):
        waiting.result(0.3)
    assert "locked" in writer.trouble
    other.execute("ROLLBACK")
    waiting.result(5)
    assert writer.trouble == ""
    assert len(Store(file_url, clock).reader().findings()) == 1
    writer.close()
    other.close()


def test_targets_of_yesterday_are_still_known(url: str, writer: Writer, clock: FrozenClock) -> None:
    store = Store(url, clock)
    probe = keeping.WatchedProbe("http", "http", "http", 5.0, 12.5)
    old, new = (keeping.Watched(Target(n, Kind.HOST, "production"), (probe,)) for n in ("old", "new"))
    writer.submit(lambda c: keeping.keep_targets(c, [old], clock.now())).result(5)
    yesterday = clock.now() + 1
    clock.advance(86400)
    gone = writer.submit(lambda c: keeping.keep_targets(c, [new], clock.now())).result(5)
    assert gone == {"old"}
    assert [w.target.name for w in store.reader().targets()] == ["new"]
    assert store.reader(Moment(yesterday)).targets() == [old]


def test_the_version_changes_when_somebody_wrote(url: str, writer: Writer, clock: FrozenClock) -> None:
    store = Store(url, clock)
    before = store.version()
    assert store.version() == before
    Recording(writer).record(observe(clock))
    assert store.version() != before


def test_what_is_asked_together_sees_one_state_and_holds_nothing_afterwards(file_url: str, clock: FrozenClock) -> None:
    """Nothing that is written meanwhile is half seen; and a log that a reading kept from being emptied is freed."""
    writer = Writer(file_url)
    recording, store = Recording(writer), Store(file_url, clock)
    recording.record(observe(clock, slow()))
    with pytest.raises(ZeroDivisionError), store.together():
        assert _summaries(store) == ["answered after 2 s"]
        recording.record(observe(clock, slow("answered after 3 s")))
        with store.together():
            assert _summaries(store) == ["answered after 2 s"]
        assert _emptied(file_url) is False
        raise ZeroDivisionError
    assert _summaries(store) == ["answered after 3 s"]
    assert _emptied(file_url) is True
    writer.close()


def _summaries(store: Store) -> list[str]:
    return [finding.summary for finding in store.reader().findings()]


def _emptied(file_url: str) -> bool:
    """Whether all of the log could go into the file: nobody reads what stood there before."""
    with closing(sqlite3.connect(file_url.removeprefix("sqlite:///"))) as other:
        _, written, moved = other.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    return bool(written == moved)


def test_a_file_that_is_replaced_while_questions_are_asked_together_is_opened_anew(
    file_url: str, tmp_path: Path, clock: FrozenClock
) -> None:
    for name, summary in (("store", "the first"), ("other", "the second")):
        writer = Writer(f"sqlite:///{tmp_path / name}.db")
        Recording(writer).record(observe(clock, slow(summary)))
        writer.close()
    store = Store(file_url, clock)
    with store.together():
        assert _summaries(store) == ["the first"]
        opened = store.opened()
        (tmp_path / "other.db").replace(tmp_path / "store.db")
        assert _summaries(store) == ["the first"]
        assert store.opened() is opened
        store.version()
    assert store.opened() is not opened
    assert _summaries(store) == ["the second"]


def test_events_are_found_by_kind_and_never_from_the_future(url: str, writer: Writer, clock: FrozenClock) -> None:
    store, now = Store(url, clock), clock.now()
    events = tuple(Event(now + i, kind, kind) for i, kind in enumerate(["login.failed", "release", "login.accepted"]))
    reported = Reported(API, "log", "log", Observation(now, 10, True, events=events))
    Recording(writer).record(reported)
    clock.advance(10)
    assert [e.kind for e in store.reader().events(kinds=["login."])] == ["login.accepted", "login.failed"]
    assert [e.kind for e in store.reader(Moment(now + 1)).events(kinds=["login."])] == ["login.failed"]


def test_what_is_older_than_its_limit_is_let_go(url: str, writer: Writer, clock: FrozenClock) -> None:
    store = Store(url, clock)
    recording = Recording(writer)
    recording.record(observe(clock, slow()))
    clock.advance(100)
    recording.record(observe(clock))
    writer.submit(lambda c: keeping.let_go(c, keeping.Limits(*[clock.now() - 150] * 4))).result(5)
    assert store.driver_rows("SELECT count(*) FROM findings", ())[0][0] == 1
    clock.advance(200)
    writer.submit(lambda c: keeping.let_go(c, keeping.Limits(*[clock.now()] * 4))).result(5)
    assert store.driver_rows("SELECT count(*) FROM findings", ())[0][0] == 0


def test_a_store_without_an_agent_is_read_where_nothing_can_be_written(file_url: str, clock: FrozenClock) -> None:
    writer = Writer(file_url)
    Recording(writer).record(observe(clock, slow()))
    writer.close()
    path = Path(file_url.removeprefix("sqlite:///"))
    assert not path.with_name("store.db-wal").exists()
    store = Store(file_url, clock)
    assert len(store.reader().findings()) == 1
    assert not path.with_name("store.db-wal").exists()
    second = Writer(file_url)
    clock.advance(60)
    Recording(second).record(observe(clock))
    assert store.reader().findings() == []
    second.close()
    store.close()


def test_a_missing_store_is_said(url: str, clock: FrozenClock) -> None:
    with pytest.raises(StoreMissingError, match="penguintui agent"):
        Store(url, clock).reader().findings()


def test_a_newer_store_is_refused_in_words(url: str, clock: FrozenClock) -> None:
    writer = Writer(url)
    writer.submit(lambda c: c.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")).result(5)
    writer.close()
    with pytest.raises(StoreNewerError, match="newer penguintui"):
        Writer(url)
    with pytest.raises(StoreNewerError, match="newer penguintui"):
        Store(url, clock).reader().findings()


def test_a_file_that_is_no_store_is_refused_in_words(file_url: str, clock: FrozenClock) -> None:
    path = Path(file_url.removeprefix("sqlite:///"))
    path.write_bytes(os.urandom(4096))
    with pytest.raises(StoreError, match="not a database"):
        Writer(file_url)
    path.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE somebody_elses (x)")
    connection.close()
    with pytest.raises(StoreError, match="not one of penguintui"):
        Writer(file_url)


def test_a_store_whose_pages_are_damaged_is_said_in_words(file_url: str, clock: FrozenClock) -> None:
    writer = Writer(file_url)
    writer.submit(lambda c: Ingest().record(c, [observe(clock, slow())])).result(5)
    writer.close()
    path = Path(file_url.removeprefix("sqlite:///"))
    content = bytearray(path.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"cannot be read: .*; stop its agent and put a copy back"):
        Store(file_url, clock).reader().targets()


def test_a_folder_that_is_a_file_holds_no_store(tmp_path: Path, clock: FrozenClock) -> None:
    (tmp_path / "state").touch()
    with pytest.raises(StoreMissingError, match="there is no store"):
        Store(f"sqlite:///{tmp_path}/state/store.db", clock).reader().targets()


def test_a_store_for_which_there_is_no_room_is_said_in_words(tmp_path: Path) -> None:
    program = (
        "import resource, sys; from penguintui.store.errors import StoreError;"
        "from penguintui.store.opening import open_for_writing\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))\n"
        "try: open_for_writing(sys.argv[1])\n"
        "except StoreError as error: print(error)"
    )
    command = [sys.executable, "-c", program, f"sqlite:///{tmp_path}/store.db"]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "cannot be made: disk I/O error; see whether its disk is full" in said.stdout, said.stderr


def test_generated_history_is_not_stale_because_nobody_was_asked(url: str, writer: Writer, clock: FrozenClock) -> None:
    recording, store = Recording(writer), Store(url, clock)
    begun = clock.now()
    writer.submit(lambda c: keeping.keep_era(c, keeping.Era(begun, begun + 500, 60, "generated"))).result(5)
    recording.record(observe(clock, slow()))
    clock.advance(1000)
    recording.record(observe(clock, slow()))
    within, after = store.reader(Moment(begun + 400)), store.reader(Moment(begun + 600))
    assert [finding.stale(within.at) for finding in within.findings()] == [False]
    assert [finding.stale(after.at) for finding in after.findings()] == [True]


def test_a_number_of_generated_history_holds_as_long_as_its_era_says(
    url: str, writer: Writer, clock: FrozenClock
) -> None:
    recording, store = Recording(writer), Store(url, clock)
    begun = clock.now()
    writer.submit(lambda c: keeping.keep_era(c, keeping.Era(begun, begun + 500, 60, "generated"))).result(5)
    recording.record(observe(clock, load=1.0))
    clock.advance(1000)
    assert store.reader(Moment(begun + 400)).newest(["load"]) == {"load": (begun, 60.0)}
    assert store.reader(Moment(begun + 600)).newest(["load"]) == {"load": (begun, 10.0)}
