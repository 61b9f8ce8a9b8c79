"""When probes are asked."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from penguintui.agent.schedule import Schedule

seconds = st.floats(0.5, 3600)
chances = st.floats(0, 1)


@given(interval=seconds, jitter=st.floats(0, 0.5), backoff=seconds, failures=st.integers(0, 10_000))
def test_a_pause_never_shrinks_below_the_interval_nor_grows_past_its_bound(interval, jitter, backoff, failures) -> None:
    schedule = Schedule(interval, jitter, backoff)
    pause = schedule.pause(failures)
    assert interval <= pause <= max(backoff, interval)
    assert schedule.pause(failures + 1) >= pause


@given(interval=seconds, jitter=st.floats(0, 0.5), chance=chances, late=st.floats(0, 10_000))
def test_the_next_asking_lies_ahead_and_nothing_missed_is_caught_up(interval, jitter, chance, late) -> None:
    schedule = Schedule(interval, jitter, interval)
    due, now = 100.0, 100.0 + late
    following = schedule.following(due, now, 0, chance)
    assert now <= following <= max(now, due) + interval * (1 + jitter) + 1e-6


def test_without_jitter_the_rhythm_is_kept_although_an_asking_took_long() -> None:
    schedule = Schedule(10.0, 0.0, 60.0)
    assert schedule.following(100.0, 104.0, 0, 0.5) == 110.0


def test_failures_are_asked_less_often_from_the_third_on() -> None:
    schedule = Schedule(5.0, 0.0, 30.0)
    assert [schedule.pause(failures) for failures in range(7)] == [5, 5, 5, 10, 20, 30, 30]
