"""Sums of windows as differences of running sums: right to the last digit, or said not to be."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from penguintui.query.vectors.sums import sums_between

SOME = st.one_of(
    st.integers(-(10**12), 10**12).map(float),
    st.integers(-(10**9), 10**9).map(lambda n: n / 1e6),
    st.floats(-1e6, 1e6),
    st.sampled_from([0.0, 0.0, 0.0, 1e100, -1e100, 1e-30, 1.7e308, math.inf, -math.inf, math.nan]),
)


@given(st.lists(SOME, min_size=1, max_size=60), st.data())
def test_a_sum_that_is_good_is_the_exact_sum_rounded_once(numbers: list[float], data: st.DataObject) -> None:
    bound = st.integers(0, len(numbers))
    bounds = [sorted(pair) for pair in data.draw(st.lists(st.tuples(bound, bound), min_size=1, max_size=20))]
    low, high = (np.array(side, dtype=np.intp) for side in zip(*bounds, strict=True))
    with np.errstate(all="ignore"):
        sums, good = sums_between(np.array(numbers), low, high)
    for begin, end, total, right in zip(low, high, sums, good, strict=True):
        if right:
            assert total == pytest.approx(math.fsum(numbers[begin:end]), rel=1e-15, abs=0)


def test_sums_of_ordinary_numbers_are_good() -> None:
    """Else all of them would be summed one by one, which is right and slow."""
    random = np.random.default_rng(1)
    low = np.arange(0, 9000, 10)
    for values in (np.cumsum(random.integers(0, 20, 10_000)), np.round(random.random(10_000), 6)):
        assert sums_between(values.astype(float), low, low + 240)[1].all()
    mostly_none = np.where(np.arange(10_000) > 9_500, 0.1, 0.0)
    assert sums_between(mostly_none, low, low + 240)[1].all()
