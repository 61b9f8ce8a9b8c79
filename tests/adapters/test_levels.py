"""Numbers against limits."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penguintui.adapters.levels import judge, limit_crossed
from penguintui.config.probes import Levels
from penguintui.model.status import Status

UP = Levels(warning=80, critical=95)
DOWN = Levels(warning=30, critical=7, below=True)


@pytest.mark.parametrize(
    ("value", "levels", "status", "words"),
    [
        (80, UP, Status.OK, ""),
        (80.1, UP, Status.WARNING, "over the limit of 80 %"),
        (95, UP, Status.WARNING, "over the limit of 80 %"),
        (99, UP, Status.CRITICAL, "over the limit of 95 %"),
        (30, DOWN, Status.OK, ""),
        (29, DOWN, Status.WARNING, "under the limit of 30 %"),
        (-3, DOWN, Status.CRITICAL, "under the limit of 7 %"),
        (1e9, Levels(), Status.OK, ""),
        (1e9, Levels(critical=1), Status.CRITICAL, "over the limit of 1 %"),
    ],
)
def test_limits(value: float, levels: Levels, status: Status, words: str) -> None:
    assert judge(value, levels) is status
    assert limit_crossed(status, levels, "%") == words


@pytest.mark.parametrize("value", [None, math.nan])
@pytest.mark.parametrize("levels", [UP, Levels()])
def test_no_value_is_unknown(value: float | None, levels: Levels) -> None:
    assert judge(value, levels) is Status.UNKNOWN


@given(st.floats(-200, 200), st.floats(0, 200), st.floats(-100, 100), st.booleans())
def test_worse_numbers_are_never_judged_milder(value: float, more: float, limit: float, below: bool) -> None:
    levels = Levels(warning=limit, critical=limit - 5 if below else limit + 5, below=below)
    worse = value - more if below else value + more
    assert judge(worse, levels) >= judge(value, levels)
