"""Rows of samples come back bit for bit, in whichever way they travel; chunks that were read last are kept."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penguintui.store.chunks import RAW, Chunk
from penguintui.store.coding import DamagedError, checksum, encode
from penguintui.store.past import keep_series
from penguintui.store.reader import Store
from penguintui.store.recent import rows
from penguintui.store.unpacked import _MOST, Unpacked
from penguintui.store.writer import Writer
from tests.conftest import FrozenClock

WHOLE = st.integers(-(2**53), 2**53).map(float)
EDGES = st.sampled_from([0.0, 2.0**62, 2.0**63, -(2.0**63), 2.0**64, 1e300, math.inf, -math.inf, math.nan, 9e12, 1e-7])
MICROSECONDS = st.integers(-(10**9), 10**9).map(lambda n: n / 1e6)
SERIES = st.one_of(
    st.lists(WHOLE, max_size=8),
    st.lists(MICROSECONDS, max_size=8),
    st.lists(WHOLE | MICROSECONDS | EDGES | st.floats(), max_size=8),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(SERIES, min_size=1, max_size=5), st.sampled_from([1, 1_000_000_000]))
def test_what_was_stored_comes_back_bit_for_bit(series: list[list[float]], first: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'store.db'}"
        writer, store = Writer(url), Store(url, FrozenClock())
        for number, values in enumerate(series):
            points = [(first + 15.0 * i, value) for i, value in enumerate(values)]
            writer.submit(lambda c, n=number, p=points: keep_series(c, f"m{n}", {}, p, 15.0)).result(10)  # type: ignore[misc]
        ids = dict(store.driver_rows("SELECT metric, id FROM series", ()))
        found = rows(store, ids.values(), first * 1000 + 1, (first + 60) * 1000)
        expected = {
            ids[f"m{number}"]: ([(first + 15 * i) * 1000 for i in range(1, len(values))][:4], values[1:5])
            for number, values in enumerate(series)
            if len(values) > 1
        }
        assert found.numbers == sorted(expected)
        for index, number in enumerate(found.numbers):
            one, (times, values) = found.one(index), expected[number]
            assert one.times.tolist() == times
            # SQLite keeps no sign of zero and no bits of NaN.
            assert np.array_equal(one.values, np.array(values), equal_nan=True)
        writer.close()
        store.close()


def chunk(series: int, count: int, value: float = 0.5) -> Chunk:
    times = np.arange(count, dtype=np.int64) * 15_000
    data = encode(times, [np.full(count, value)])
    key = (series, RAW, 0, int(times[-1]), count)
    return Chunk(series, series, RAW, 0, int(times[-1]), count, 0, checksum(key, data), data)


def test_a_chunk_that_was_read_lately_is_not_unpacked_again() -> None:
    unpacked = Unpacked()
    first = unpacked.read(chunk(1, 100))
    assert unpacked.read(chunk(1, 100)) is first
    grown = unpacked.read(chunk(1, 101))
    assert len(grown[0]) == 101
    assert unpacked.read(chunk(1, 100, value=0.75))[1][0].tolist() == [0.75] * 100
    with pytest.raises(ValueError, match="read-only"):
        first[1][0][0] = 2.0


def test_a_chunk_whose_bits_flip_after_it_was_read_is_damaged_still() -> None:
    unpacked, whole = Unpacked(), chunk(1, 100)
    unpacked.read(whole)
    flipped = bytes([*whole.data[:-1], whole.data[-1] ^ 1])
    with pytest.raises(DamagedError):
        unpacked.read(Chunk(1, 1, RAW, 0, whole.ends, whole.count, 0, whole.checksum, flipped))
    with pytest.raises(DamagedError):
        unpacked.read(Chunk(1, 2, RAW, 0, whole.ends, whole.count, 0, whole.checksum, whole.data))


def test_what_was_not_read_for_long_is_let_go_first() -> None:
    unpacked, size = Unpacked(), _MOST // 4
    first = unpacked.read(chunk(1, size))
    second = unpacked.read(chunk(2, size, 1.0))
    for number in (3, 4):
        unpacked.read(chunk(number, size, float(number)))
    assert unpacked.read(chunk(1, size)) is first
    unpacked.read(chunk(5, size, 5.0))
    assert unpacked.read(chunk(1, size)) is first
    assert unpacked.read(chunk(2, size, 1.0)) is not second
    unpacked.read(chunk(6, 2 * _MOST, 6.0))  # larger than all that is kept: answered, not kept
    assert unpacked.read(chunk(1, size)) is not first
