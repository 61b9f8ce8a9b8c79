"""What a promise has left, and how fast it is spent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penguintui.analysis import slo
from penguintui.model.status import Status

LATE = slo.parse_comparison("<= 60")
UP = slo.parse_comparison(">= 0.999")
MINUTE, HOUR = 60.0, 3600.0

values = st.lists(st.floats(0, 1000, allow_nan=False), min_size=1, max_size=200)


def spent_by(minutes_late: int, of: int = 1000, recent_late: int = 0) -> slo.Budget:
    """The budget of a promise (99 % of 1,000 minutes) of which so many minutes were late."""
    numbers = [120.0] * minutes_late + [10.0] * (of - minutes_late)
    found = slo.budget(
        [MINUTE * i for i in range(of)],
        numbers,
        spent=slo.per_breach(LATE),
        allowed=0.01,
        window=1000 * MINUTE,
        step=MINUTE,
        recent=[120.0] * recent_late + [10.0] * (60 - recent_late),
    )
    assert found is not None
    return found


@pytest.mark.parametrize("text", ["<= 0.2", ">=99.9", "< -1e3", "> .5"])
def test_comparisons_are_read_as_the_configuration_allows_them(text: str) -> None:
    assert slo.parse_comparison(text).operator in text


@pytest.mark.parametrize("text", ["", "0.2", "== 1", "<= x", "<= 1 and more"])
def test_other_texts_are_no_comparison(text: str) -> None:
    with pytest.raises(ValueError, match="is no comparison"):
        slo.parse_comparison(text)


@pytest.mark.parametrize(("late", "left"), [(0, 1.0), (5, 0.5), (10, 0.0), (20, -1.0)])
def test_the_budget_is_what_may_be_late_less_what_was(late: int, left: float) -> None:
    assert spent_by(late).left == pytest.approx(left)


def test_a_burn_rate_of_one_spends_exactly_what_is_allowed() -> None:
    assert spent_by(0, recent_late=0).burn == 0
    assert spent_by(0, recent_late=60).burn == pytest.approx(100)
    assert spent_by(0, recent_late=6).burn == pytest.approx(10)


def test_time_without_data_spends_nothing_and_is_counted() -> None:
    found = spent_by(5, of=100)
    assert (found.left, found.known) == (pytest.approx(0.5), pytest.approx(0.1))


def test_a_mean_spends_its_shortfall() -> None:
    """99.95 % uptime against 99.9 %: half of what may be lost is lost."""
    best = slo.best_of(UP, "ratio")
    assert best == 1.0
    found = slo.budget(
        [0.0, 60.0],
        [1.0, 0.999],
        spent=slo.per_shortfall(UP, best),
        allowed=best - UP.limit,
        window=120,
        step=60,
        recent=[0.999],
    )
    assert found is not None
    assert (found.left, found.burn, found.mean) == (pytest.approx(0.5), pytest.approx(1.0), pytest.approx(0.9995))


def test_nothing_is_known_of_a_promise_without_a_number() -> None:
    nothing = slo.budget([0.0], [float("nan")], spent=lambda _: 1.0, allowed=0.1, window=60, step=60, recent=[])
    assert nothing is None
    assert slo.judge(None, None) is Status.UNKNOWN


def test_the_verdict_on_a_promise() -> None:
    calm, fast, spent = spent_by(0), spent_by(0, recent_late=60), spent_by(20)
    assert slo.judge(True, calm) is Status.OK
    assert slo.judge(False, calm) is Status.WARNING
    assert slo.judge(False, fast) is Status.CRITICAL
    assert slo.judge(False, spent) is Status.CRITICAL
    assert slo.judge(True, spent) is Status.WARNING
    assert slo.judge(True, fast) is Status.WARNING
    assert slo.judge(False, None) is Status.CRITICAL


@given(values, st.floats(0.001, 0.5))
def test_more_trouble_never_leaves_more(numbers: list[float], allowed: float) -> None:
    times = [MINUTE * i for i in range(len(numbers))]

    def left(of: list[float]) -> float:
        window = len(of) * MINUTE
        found = slo.budget(
            times, of, spent=slo.per_breach(LATE), allowed=allowed, window=window, step=MINUTE, recent=of
        )
        assert found is not None
        return found.left

    worse = [max(number, 61.0) if index % 2 else number for index, number in enumerate(numbers)]
    assert left(worse) <= left(numbers) <= 1.0


@given(values)
def test_a_kept_promise_spends_nothing(numbers: list[float]) -> None:
    times = [MINUTE * i for i in range(len(numbers))]
    kept = [min(number, 60.0) for number in numbers]
    found = slo.budget(
        times, kept, spent=slo.per_breach(LATE), allowed=0.01, window=HOUR, step=MINUTE, recent=kept[-5:]
    )
    assert found is not None
    assert (found.left, found.burn) == (1.0, 0.0)
