"""What is left out on a slow link: frames, then colours, then charts; and how it comes back."""

from __future__ import annotations

import errno
import io
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from textual.drivers._writer_thread import WriterThread

from penguintui.screens.desk import Question
from penguintui.screens.link import (
    CALM,
    HOLD,
    PATIENCE,
    PRESSED,
    STALL,
    Level,
    Link,
    Measured,
    Meter,
    MeteredFile,
    low,
    step,
)
from penguintui.widgets.header import state_line
from penguintui.widgets.line import text_of
from tests.screens.desk import FakeDesk
from tests.screens.driving import opened, press
from tests.screens.driving import text_of as screen_text

FAST = Measured(1.0, 0.0, 0.0, 400)
SLOW = Measured(1.0, 0.9, 0.0, 4000)
STALLED = Measured(1.0, 1.0, STALL, 0)
LEVELS = [Level.ALL, Level.FEWER_FRAMES, Level.FEWER_COLOURS, Level.NO_CHARTS]


def after(link: Link, measured: Measured, seconds: int, now: float = 0.0) -> tuple[Link, float]:
    """The link after so many seconds of the same, measured once a second."""
    for _ in range(seconds):
        now += 1.0
        link = step(link, measured, now)
    return link, now


def test_a_fast_link_leaves_out_nothing_and_says_nothing():
    link, _ = after(Link(), FAST, 3600)
    assert link.level is Level.ALL
    assert link.words == ""


def test_frames_go_first_then_colours_then_charts():
    link, now, seen = Link(), 0.0, [Level.ALL]
    while link.level is not Level.NO_CHARTS:
        link, now = after(link, SLOW, 1, now)
        if link.level is not seen[-1]:
            seen.append(link.level)
        assert now < 60
    assert seen == LEVELS
    assert link.words == "link slow, 4.44 kB/s: no charts"


def test_it_comes_back_level_by_level():
    link, now = after(Link(), SLOW, 20)
    for level in (Level.FEWER_COLOURS, Level.FEWER_FRAMES, Level.ALL):
        while link.level > level:
            link, now = after(link, FAST, 1, now)
        assert link.level is level
    assert link.words == ""


def test_a_stall_is_said_and_steps_down_once():
    link, now = after(Link(), STALLED, 600)
    assert link.words == "link stalled"
    assert link.level is Level.FEWER_FRAMES
    link, _ = after(link, FAST, 1, now)
    assert not link.stalled


def test_a_level_that_does_not_hold_is_tried_less_and_less_often():
    """A link that is too slow for all but not for less: the tries to show all come further and further apart."""
    link, now, tries = Link(), 0.0, []
    for _ in range(4000):
        before = link.level
        link, now = after(link, SLOW if link.level is Level.ALL else FAST, 1, now)
        if link.level < before:
            tries.append(now)
    gaps = [b - a for a, b in pairwise(tries)]
    assert gaps == sorted(gaps)
    assert gaps[-1] > 10 * PATIENCE


def test_one_that_is_asked_for_stays_and_is_called_what_it_is():
    link, _ = after(low(), FAST, 3600)
    assert link.level is Level.NO_CHARTS
    assert link.words == "low bandwidth"
    assert step(link, STALLED, 9999.0).words == "link stalled"


class Links(RuleBasedStateMachine):
    """Any weather on the link."""

    def __init__(self) -> None:
        super().__init__()
        self.link, self.now = Link(), 100.0
        self.before = self.link
        self.calm = 0.0

    @rule(
        seconds=st.floats(0.2, 5.0),
        share=st.floats(0.0, 1.0),
        stalled=st.one_of(st.just(0.0), st.floats(0.0, 600.0)),
        size=st.integers(0, 10**7),
    )
    def weather(self, seconds: float, share: float, stalled: float, size: int) -> None:
        self._measure(Measured(seconds, seconds * share, stalled, size))

    @rule(times=st.integers(1, 60))
    def fine(self, times: int) -> None:
        for _ in range(times):
            self._measure(FAST)

    @precondition(lambda self: self.link.level is not Level.ALL)
    @rule()
    def long_fine(self) -> None:
        """Whatever came before, enough calm brings everything back."""
        for _ in range(4 * 601):
            self._measure(FAST)
        assert self.link.level is Level.ALL
        assert self.link.words == ""

    def _measure(self, measured: Measured) -> None:
        self.now += measured.seconds
        self.before, self.link = self.link, step(self.link, measured, self.now)
        calm = measured.stalled < STALL and measured.busy / measured.seconds <= CALM
        self.calm = self.calm + measured.seconds if calm else 0.0
        if self.link.level > self.before.level:
            assert measured.stalled >= STALL or measured.busy >= PRESSED * measured.seconds
            assert self.now - self.before.changed >= HOLD or self.before.level is Level.ALL or self.link.stalled
        if self.link.level < self.before.level:
            assert self.calm >= PATIENCE
        assert self.link.stalled == (measured.stalled >= STALL)

    @invariant()
    def one_level_at_a_time(self) -> None:
        assert abs(self.link.level - self.before.level) <= 1
        assert PATIENCE <= self.link.patience <= 600.0

    @invariant()
    def what_is_left_out_is_said(self) -> None:
        assert (self.link.words == "") == (self.link.level is Level.ALL and not self.link.stalled)


TestLinks = Links.TestCase


# measuring


class Watch:
    """A monotonic clock that is moved by hand."""

    def __init__(self) -> None:
        self.at = 50.0

    def __call__(self) -> float:
        return self.at


def test_a_meter_tells_bytes_busy_time_and_a_write_that_does_not_end():
    watch = Watch()
    meter = Meter(watch)
    watch.at += 0.5
    meter.begin()
    watch.at += 0.25
    meter.end(1000)
    watch.at += 0.25
    assert meter.read() == Measured(1.0, 0.25, 0.0, 1000)
    meter.begin()
    watch.at += 2.0
    assert meter.read() == Measured(2.0, 2.0, 2.0, 0)
    watch.at += 1.0
    assert meter.stalled == 3.0
    meter.end(10)
    assert meter.read() == Measured(1.0, 1.0, 0.0, 10)


@given(st.lists(st.tuples(st.floats(0, 3), st.floats(0, 3), st.booleans()), max_size=20))
def test_a_meter_never_counts_more_than_the_time_that_passed(parts):
    watch = Watch()
    meter = Meter(watch)
    for idle, busy, looked in parts:
        watch.at += idle
        meter.begin()
        watch.at += busy
        meter.end(1)
        if looked:
            measured = meter.read()
            assert 0.0 <= measured.busy <= measured.seconds + 1e-6
    measured = meter.read()
    assert 0.0 <= measured.busy <= measured.seconds + 1e-6


def test_a_metered_file_passes_on_what_is_written_and_ends_its_write_when_it_fails():
    watch = Watch()
    meter = Meter(watch)
    file = io.StringIO()
    metered = MeteredFile(file, meter)
    metered.write("◆")
    metered.flush()
    assert file.getvalue() == "◆"
    assert meter.read().bytes_sent == 3
    file.close()
    with pytest.raises(ValueError, match="closed"):
        metered.write("x")
    assert meter.stalled == 0.0


class Gone(io.StringIO):
    """A terminal that was closed."""

    def __init__(self):
        super().__init__()
        self.tried = 0

    def write(self, text):
        self.tried += 1
        raise OSError(errno.EIO, "Input/output error")

    def flush(self):
        raise OSError(errno.EIO, "Input/output error")


def test_what_writes_outlives_its_terminal():
    terminal, meter = Gone(), Meter(Watch())
    writer = WriterThread(MeteredFile(terminal, meter))
    writer.start()
    writer.write("x")
    writer.write("y")
    writer.stop()
    assert terminal.tried == 2
    assert meter.stalled == 0.0


@pytest.mark.parametrize("link", ["low bandwidth", "link slow, 4.2 kB/s: fewer frames"])
@pytest.mark.parametrize("width", [78, 118, 198])
def test_what_is_left_out_is_said_at_every_width_from_eighty(link: str, width: int) -> None:
    frame = replace(FakeDesk(demo=True).read(Question("executive"))[0], link=link, on_call="", incident="")
    shown = text_of(state_line(frame, width))
    assert link.partition(",")[0] in shown, shown
    assert shown.endswith("agent 2s"), shown
    if width >= 198:
        assert link in shown, shown


async def test_what_is_held_back_on_a_slow_link_is_drawn_once_it_is_fast_again() -> None:
    async with opened(size=(80, 24)) as (app, pilot, _):
        app.link = Link(Level.FEWER_FRAMES)
        app._hold()
        assert app._held
        app.link = Link(calm_since=0.0)
        app._measure_link()
        assert not app._held
        await press(app, pilot, "2")
        assert "mx2.eu-1" in screen_text(app)
