"""The frame: counts, the moment, the agent's age, and what this viewer may do."""

from __future__ import annotations

import pytest

from penguintui.model.moment import Moment
from penguintui.model.role import Role
from penguintui.model.status import Status
from penguintui.store.keeping import Heartbeat
from penguintui.views import frame
from penguintui.views.models.frame import Counts, Viewer
from tests.views.making import NOW, World, at
from tests.views.world import ARMED

VIEWER_ONLY = Viewer(Role.VIEWER, NOW + 600)
LAPSED = Viewer(Role.ADMIN, NOW)


def beat(time: float, tick: float = 1.0, message: str = "") -> Heartbeat:
    return Heartbeat("agent", time, NOW - 100, tick, 1, "ops1", "0.1", message)


def test_targets_are_counted_by_their_worst_state(trouble: World, calm: World) -> None:
    view = frame.build(trouble.reader(), now=NOW)
    assert view.counts == Counts(critical=6, warning=1, unknown=1, ok=5, stale=0)
    assert view.counts.total == 13
    assert frame.build(calm.reader(), now=NOW).counts == Counts(ok=13)


def test_where_this_is_and_which_moment_is_shown(trouble: World) -> None:
    view = frame.build(trouble.reader(), now=NOW, viewer=ARMED)
    assert (view.environment, view.region, view.demo) == ("PRODUCTION", "eu-1", False)
    assert (view.moment, view.hands, view.armed) == ("live 14:15:09Z", "armed until 14:25:09Z", True)
    assert (view.agent.age, view.agent.blind, view.agent.status) == ("2s", "", Status.OK)


def test_a_past_moment_counts_what_was_then_and_acts_on_nothing(trouble: World) -> None:
    view = frame.build(trouble.reader(Moment(at("13:33"))), now=NOW, viewer=ARMED)
    assert view.moment == "as of 2026-11-24 13:33:00Z"
    assert (view.hands, view.armed) == ("past: read-only", False)
    assert view.counts.critical == 3  # acme.test, sending-addresses and web
    assert view.agent.age == "2s"


def test_an_agent_that_is_silent_for_three_ticks_leaves_the_viewer_blind() -> None:
    assert frame.agent(beat(NOW - 29, tick=10), NOW).blind == ""
    silent = frame.agent(beat(NOW - 31, tick=10), NOW)
    assert (silent.blind, silent.status, silent.blind_since) == ("BLIND since 14:14:38Z", Status.CRITICAL, NOW - 31)


def test_an_agent_says_what_troubles_it() -> None:
    view = frame.agent(beat(NOW - 1, message="the store cannot be written: disk full"), NOW)
    assert (view.status, view.message) == (Status.WARNING, "the store cannot be written: disk full")


def test_a_clock_that_jumped_back_blinds_nobody() -> None:
    assert frame.agent(beat(NOW + 3600), NOW).age == "0s"


def test_a_word_from_the_future_does_not_pass_for_a_sign_of_life() -> None:
    ahead = frame.agent(beat(NOW + 3600), NOW)
    assert (ahead.status, ahead.blind) == (Status.WARNING, "")
    assert ahead.message == "its last word is 1h ahead of this clock, so whether it lives cannot be told"
    assert frame.agent(beat(NOW + 2), NOW).status is Status.OK


def test_everything_grows_stale_when_nobody_asks(trouble: World) -> None:
    reader = trouble.reader(Moment(NOW + 3600))
    counts = frame.build(reader, now=NOW + 3600).counts
    assert (counts.ok, counts.stale) == (0, 13)


def test_an_empty_store_says_what_it_needs(nothing: World) -> None:
    view = frame.build(nothing.reader(), now=NOW)
    assert view.need == "No agent has written here yet. Start one: penguintui agent."
    assert (view.agent.status, view.counts.total) == (Status.UNKNOWN, 0)
    assert frame.without_store(NOW, "there is no store").need == "there is no store"


@pytest.mark.parametrize(
    ("viewer", "live", "why"),
    [
        (Viewer(), True, "read-only"),
        (ARMED, True, ""),
        (LAPSED, True, "read-only"),
        (VIEWER_ONLY, True, "may only look"),
        (ARMED, False, "past"),
    ],
)
def test_who_may_act(viewer: Viewer, live: bool, why: str) -> None:
    told = frame.may_act(viewer, NOW, live)
    assert (told == "") is (why == "")
    assert why in told
