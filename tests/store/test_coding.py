"""What is written into a chunk comes back bit for bit, and in few bytes."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from penguintui.store.coding import DamagedError, checksum, decode, encode

STALE = struct.unpack("<d", struct.pack("<Q", 0x7FF0000000000002))[0]
TIMES = st.integers(-(2**53) + 1, 2**53 - 1)
SMALL = st.integers(-(10**6), 10**6)
ODD = st.sampled_from([float("nan"), STALE, float("inf"), float("-inf"), -0.0, 0.0, 5e-324, 1.7976931348623157e308])
VALUES = st.one_of(
    st.lists(st.floats(width=64), max_size=60),
    st.lists(st.one_of(ODD, SMALL.map(float)), max_size=60),
    st.lists(st.integers(-(2**53) + 1, 2**53 - 1).map(float), max_size=60),
    st.tuples(st.lists(SMALL, max_size=60), st.integers(0, 9)).map(lambda t: [n / 10 ** t[1] for n in t[0]]),
)


def bits(values: np.ndarray) -> list[int]:
    return np.asarray(values, dtype=np.float64).view(np.uint64).tolist()


@given(st.lists(VALUES, min_size=1, max_size=3), st.data())
def test_what_is_coded_comes_back_bit_for_bit(columns: list[list[float]], data: st.DataObject) -> None:
    length = min(map(len, columns))
    near = st.lists(st.integers(0, 20_000), min_size=length, max_size=length).map(
        lambda steps: np.cumsum(steps) + 10**12
    )
    far = st.lists(TIMES, min_size=length, max_size=length)
    times = np.array(data.draw(st.one_of(near, far)), dtype=np.int64)
    given_columns = [np.array(column[:length], dtype=np.float64) for column in columns]
    times_again, columns_again = decode(encode(times, given_columns))
    assert times_again.dtype == np.int64
    assert times_again.tolist() == times.tolist()
    assert [bits(one) for one in columns_again] == [bits(one) for one in given_columns]


@pytest.mark.parametrize(
    ("values", "most"),
    [
        (lambda chance, n: np.cumsum(chance.poisson(40, n)).astype(float), 1.5),
        (lambda chance, n: chance.integers(50, 120, n).astype(float), 2.0),
        (lambda chance, n: np.round(chance.lognormal(-3, 0.6, n), 6), 3.3),
        (lambda chance, n: np.ones(n), 0.7),
    ],
    ids=["counter", "gauge", "duration", "constant"],
)
def test_what_is_usual_takes_few_bytes(values, most: float) -> None:
    chance, length = np.random.default_rng(7), 5760
    times = 1_790_000_000_000 + np.arange(length) * 15_000 + chance.integers(-3, 4, length)
    assert len(encode(times, [values(chance, length)])) / length < most


@given(st.integers(0, 10_000))
def test_a_flipped_bit_changes_the_checksum(place: int) -> None:
    key = (7, 0, 1_790_000_000_000, 3)
    data = encode(np.array([1, 2, 4]), [np.array([1.5, 2.5, 0.1])])
    place %= len(data) * 8
    flipped = bytearray(data)
    flipped[place // 8] ^= 1 << place % 8
    assert checksum(key, bytes(flipped)) != checksum(key, data)
    assert checksum((8, *key[1:]), data) != checksum(key, data)


@pytest.mark.parametrize("data", [b"", b"no chunk", encode(np.array([1, 2]), [np.array([1.0, 2.0])])[:-9]])
def test_what_is_no_chunk_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(DamagedError):
        decode(data)
