"""The backlog as a model: whatever happens in which order, each reader gets all items in order, or they are counted."""

from __future__ import annotations

import errno
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from penguintui.agent import backlog as backlogs
from penguintui.agent.backlog import HISTORY, STORE, Backlog, Batch
from penguintui.config.spool import SpoolSettings
from penguintui.store import segment
from penguintui.store.ingest import Reported
from tests.agent.observing import reported
from tests.conftest import FrozenClock

BOTH = (STORE, HISTORY)
SMALL = 4096


def spool_settings(full: str = "drop-oldest", size: int = SMALL) -> SpoolSettings:
    """Smaller than a configuration may say."""
    return SpoolSettings.model_construct(size=size, full=full)


def numbers(batch: Batch) -> list[int]:
    """Which items these are: the time of each is its number in the test."""
    return [int(item.observation.time) for item in batch.items if isinstance(item, Reported)]


class Outages(RuleBasedStateMachine):
    """Two readers that come and go, a disk that fills, a process that is killed."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(backlogs, "_HELD", 40)
        self.folder = tempfile.TemporaryDirectory()
        self.clock = FrozenClock()
        self.full = False
        self.patch.setattr(segment, "_write", self._written)
        self.patch.setattr(segment.os, "fsync", lambda _: None)  # nobody cuts the power here
        self.count = 0
        self.said: list[str] = []

    def _written(self, descriptor: int, data: bytes, at: int, write=segment._write) -> None:
        if self.full:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(descriptor, data, at)

    @initialize(full=st.sampled_from(["drop-oldest", "keep-oldest"]))
    def begin(self, full: str) -> None:
        self.settings = spool_settings(full)
        self.open()

    def open(self) -> None:
        """A process begins. What it finds on disk is all that it can know of."""
        self.backlog = Backlog(Path(self.folder.name), self.settings, self.clock, BOTH, self.said.append)
        self.given: dict[str, list[int]] = {name: [] for name in BOTH}
        self.held: dict[str, Batch | None] = dict.fromkeys(BOTH)
        self.refused = dict.fromkeys(BOTH, 0)
        self.put_here = 0
        self.found = {name: self.backlog.waiting(name).count for name in BOTH}

    @rule(many=st.integers(1, 15))
    def put(self, many: int) -> None:
        for _ in range(many):
            self.backlog.put(reported(float(self.count), value=1.0))
            self.count += 1
        self.put_here += many

    @rule(seconds=st.sampled_from([0.0, 1.0, 10.0]))
    def tend(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.backlog.tend()

    @rule(name=st.sampled_from(BOTH))
    def take(self, name: str) -> None:
        if self.held[name] is None:
            self.held[name] = batch = self.backlog.take(name)
            assert batch is None or numbers(batch) == sorted(set(numbers(batch)))

    @rule(name=st.sampled_from(BOTH))
    def done(self, name: str) -> None:
        batch, self.held[name] = self.held[name], None
        if batch is not None:
            self.backlog.done(name, batch)
            self.given[name] += numbers(batch)

    @rule(name=st.sampled_from(BOTH), many=st.integers(1, 9))
    def read(self, name: str, many: int) -> None:
        for _ in range(many):
            self.take(name)
            self.done(name)

    @rule(name=st.sampled_from(BOTH))
    def fail(self, name: str) -> None:
        self.held[name] = None

    @rule(name=st.sampled_from(BOTH))
    def refuse(self, name: str) -> None:
        batch, self.held[name] = self.held[name], None
        if batch is not None:
            self.refused[name] += self.backlog.refuse(name, batch, "no")

    @rule(full=st.booleans())
    def fill_disk(self, full: bool) -> None:
        self.full = full

    @precondition(lambda self: self.put_here > 60)
    @rule()
    def stop_and_begin_again(self) -> None:
        """What waits is there again; what neither disk nor spool takes any more is counted."""
        waited = {name: self.waiting(name) for name in BOTH}
        dropped = {name: self.backlog.waiting(name).dropped for name in BOTH}
        self.backlog.close()
        lost = {name: self.backlog.waiting(name).dropped - dropped[name] for name in BOTH}
        self.open()
        for name in BOTH:
            # Without its last positions a reader gets some things again; it never gets less.
            assert self.found[name] >= waited[name] - lost[name]

    @precondition(lambda self: self.put_here > 60)
    @rule()
    def kill(self) -> None:
        """What was on disk is there again."""
        on_disk = self.backlog._spool.count(0)
        self.open()
        assert self.backlog._spool.count(0) == on_disk

    def waiting(self, name: str) -> int:
        self.backlog._see()
        return self.backlog.waiting(name).count

    @invariant()
    @precondition(lambda self: hasattr(self, "backlog"))
    def everything_is_accounted_for(self) -> None:
        for name in BOTH:
            count = self.waiting(name)
            waiting = self.backlog.waiting(name)
            assert self.found[name] + self.put_here == (
                len(self.given[name]) + waiting.dropped + waiting.refused + count
            ), name
            assert waiting.refused == self.refused[name]
            assert waiting.dropped >= 0
            given = self.given[name]
            assert given == sorted(set(given)), "in order, each once"

    @invariant()
    @precondition(lambda self: hasattr(self, "backlog"))
    def it_is_bounded(self) -> None:
        files = sum(path.stat().st_size for path in Path(self.folder.name).glob("*.spool"))
        assert self.backlog._spool.used <= files <= SMALL
        assert len(self.backlog._items) <= 40

    def teardown(self) -> None:
        """The engine and the store are back: everything that waits arrives."""
        if hasattr(self, "backlog"):
            self.full = False
            self.held = dict.fromkeys(BOTH)
            for name in BOTH:
                while self.backlog.waits(name):
                    self.take(name)
                    if self.held[name] is None:
                        break
                    self.done(name)
            self.backlog.tend()
            self.everything_is_accounted_for()
            assert all(self.backlog.waiting(name).count == 0 for name in BOTH)
            assert list(Path(self.folder.name).iterdir()) == []
        self.patch.undo()
        self.folder.cleanup()


Outages.TestCase.settings = settings(max_examples=60, stateful_step_count=40)
TestOutages = Outages.TestCase


def test_what_is_dropped_while_it_is_under_way_is_not_lost_when_it_arrives(tmp_path: Path, clock: FrozenClock) -> None:
    backlog = Backlog(tmp_path / "spool", spool_settings(), clock, [HISTORY])

    def put(many: range) -> None:
        for number in many:
            backlog.put(reported(float(number), value=1.0))
        clock.advance(10)
        backlog.tend()

    put(range(10))
    batch = backlog.take(HISTORY)
    assert batch is not None
    put(range(10, 60))
    before = backlog.waiting(HISTORY)
    assert before.dropped + before.count == 60
    backlog.done(HISTORY, batch)
    backlog.tend()
    after = backlog.waiting(HISTORY)
    assert after.dropped == before.dropped - len(batch.items)
    assert after.count == before.count
