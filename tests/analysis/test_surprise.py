"""How far a number moved against its own spread."""

from __future__ import annotations

from math import inf, nan

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from penguintui.analysis.surprise import FAR, move, of_move, used_to

NOISY = [10.0, 11.0, 9.0, 10.5, 9.5, 10.0, 40.0]
"""An outlier among them: it must not widen the spread."""
NUMBERS = st.floats(-1e9, 1e9)


def test_a_number_far_outside_its_spread_has_moved() -> None:
    found = move(NOISY, 10.0, 80.0)
    assert found is not None
    assert found.far
    assert found.deviations > 0
    assert (found.low, found.high) == (9.0, 40.0)


def test_an_outlier_does_not_hide_the_next() -> None:
    found = move(NOISY, 10.0, 45.0)
    assert found is not None
    assert found.far


def test_within_its_bounds_nothing_has_moved() -> None:
    found = move([1.0, 2.0, 3.0, 2.0, 1.5, 2.5], 1.5, 2.4)
    assert found is not None
    assert found.deviations == 0.0


@pytest.mark.parametrize("value", [0.0, 7.0, -0.5])
def test_what_is_as_it_always_was_has_not_moved(value: float) -> None:
    moved = move([value] * 20, value, value)
    assert moved is not None and not moved.far


def test_a_number_that_comes_back_has_moved() -> None:
    found = move([10.0] * 20 + [100.0] * 3, 100.0, 10.0)
    assert found is not None
    assert found.far
    assert found.deviations < 0


def test_a_number_that_never_moved_must_move_by_a_share_of_itself() -> None:
    small, large = move([100.0] * 9, 100.0, 101.0), move([100.0] * 9, 100.0, 130.0)
    assert small is not None
    assert not small.far
    assert large is not None
    assert large.far
    from_nothing = move([0.0] * 9, 0.0, 1.0)
    assert from_nothing is not None
    assert from_nothing.deviations == 50.0


@pytest.mark.parametrize(
    ("before", "was", "after"),
    [([1.0] * 4, 1.0, 9.0), ([1.0] * 9, nan, 9.0), ([1.0] * 9, 1.0, inf), ([nan] * 9, 1.0, 9.0)],
)
def test_what_is_not_known_has_not_moved(before: list[float], was: float, after: float) -> None:
    assert move(before, was, after) is None


@given(st.lists(NUMBERS, min_size=5, max_size=40), NUMBERS, NUMBERS, st.floats(0.001, 1000))
def test_the_unit_does_not_matter(before: list[float], was: float, after: float, scale: float) -> None:
    assume(max(map(abs, (*before, was, after))) > 1e-3)
    one = move(before, was, after)
    other = move([value * scale for value in before], was * scale, after * scale)
    assert one is not None
    assert other is not None
    assert other.deviations == pytest.approx(one.deviations, rel=1e-3, abs=1e-6)


@given(st.lists(NUMBERS, min_size=5, max_size=40), NUMBERS, NUMBERS)
def test_it_is_bounded_and_says_in_which_direction(before: list[float], was: float, after: float) -> None:
    found = move(before, was, after)
    assert found is not None
    assert -50.0 <= found.deviations <= 50.0
    assert found.deviations * (after - was) >= 0


@given(st.floats(FAR, 50), st.floats(FAR, 50), st.integers(0, 1000))
def test_farther_is_more_surprising_and_habit_less(one: float, other: float, times: int) -> None:
    assert (of_move(one) <= of_move(other)) == (one <= other) or of_move(one) == of_move(other)
    assert of_move(-one) == of_move(one) <= 80
    assert used_to(90, times + 1) <= used_to(90, times) <= 90
