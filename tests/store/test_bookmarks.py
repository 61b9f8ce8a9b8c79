"""Bookmarks are kept with the observation that they came in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from penguintui.model.observation import Bookmark, Event, Observation
from penguintui.model.target import Kind, Target
from penguintui.store.bookmarks import Bookmarks, keep_bookmarks_only, load_bookmarks
from penguintui.store.ingest import Ingest, Reported
from penguintui.store.opening import open_for_writing
from penguintui.store.writer import Writer

MX = Target("mx1", Kind.LOG, "test")


class Kept:
    """A store that one agent after the other writes into."""

    def __init__(self, url: str) -> None:
        open_for_writing(url).dispose()
        self.writer = Writer(url)

    def record(self, agent: str, time: float, *bookmarks: Bookmark, probe: str = "log", event: str = "read") -> None:
        events = (Event(time, event, "so much was read"),)
        one = Reported(MX, probe, "log", Observation(time, 60.0, True, events=events, bookmarks=bookmarks))
        self.writer.submit(lambda connection: Ingest(agent).record(connection, [one])).result(10)

    def load(self, agent: str) -> Bookmarks:
        return self.writer.submit(lambda connection: load_bookmarks(connection, agent)).result(10)


@pytest.fixture
def kept(url: str) -> Iterator[Kept]:
    kept = Kept(url)
    yield kept
    kept.writer.close()


def test_the_newest_mark_of_each_place_counts(kept: Kept) -> None:
    kept.record("agent", 10.0, Bookmark("a", "1"), Bookmark("b", "1"))
    kept.record("agent", 20.0, Bookmark("a", "2"))
    kept.record("agent", 15.0, Bookmark("a", "late"))
    kept.record("agent", 20.0, Bookmark("a", "x"), probe="other")
    assert kept.load("agent") == {("mx1", "log"): {"a": "2", "b": "1"}, ("mx1", "other"): {"a": "x"}}


def test_what_only_one_host_has_is_of_no_use_to_others(kept: Kept) -> None:
    kept.record("one", 10.0, Bookmark("/var/log/mail.log", "of one", here=True), Bookmark("mailbox", "7 12"))
    kept.record("two", 20.0, Bookmark("/var/log/mail.log", "of two", here=True), Bookmark("mailbox", "7 15"))
    assert kept.load("one")["mx1", "log"] == {"/var/log/mail.log": "of one", "mailbox": "7 15"}
    assert kept.load("two")["mx1", "log"] == {"/var/log/mail.log": "of two", "mailbox": "7 15"}


def test_both_are_kept_or_neither(kept: Kept) -> None:
    broken = Bookmark("a", None)  # type: ignore[arg-type]
    with pytest.raises(Exception, match=r"(?i)null"):
        kept.record("agent", 10.0, broken)
    rows = kept.writer.submit(lambda c: c.exec_driver_sql("SELECT count(*) FROM events").scalar_one()).result(10)
    assert (rows, kept.load("agent")) == (0, {})


def test_those_of_what_is_watched_no_more_are_forgotten(kept: Kept) -> None:
    kept.record("agent", 10.0, Bookmark("a", "1"))
    kept.record("agent", 10.0, Bookmark("a", "1"), probe="gone")
    kept.writer.submit(lambda connection: keep_bookmarks_only(connection, {("mx1", "log")})).result(10)
    assert kept.load("agent") == {("mx1", "log"): {"a": "1"}}
