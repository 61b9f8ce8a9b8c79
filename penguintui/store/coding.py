"""Many samples as few bytes: how times and values of one series are written into a chunk, exactly.

A chunk is columns of equal length: the times, and one or more columns of values. Each column becomes a block of bytes
whose numbers are small and alike; zlib then packs all blocks together.

- Whole numbers (times too) become what is left after the best of three predictions: that they stay near the least,
  that they grow as they mostly do, or that they grow as they last did (delta of deltas).
- Decimals that are exact at some number of places, such as 0.0125, are whole numbers once they are scaled.
- Everything else keeps all 64 bits, each value XORed with the one before, as Gorilla does (Pelkonen and others, VLDB
  2015, section 4.1.2). NaN, infinities and -0.0 come back bit for bit.

What is left is written byte plane by byte plane, the lowest bytes of all numbers first, so that zlib sees like beside
like; planes of zeros at the top are not written.
"""

from __future__ import annotations

import functools
import struct
import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

_VERSION = 1
_LEVEL = 6
_PLACES = 9
"""Decimal places that are tried at most."""
_XOR = 255
"""What stands in place of the number of decimal places where values are not decimals."""
_EXACT = 2.0**53
"""Whole numbers below this are exact as floats; their differences, and the differences of these, fit into 64 bits."""
_CODED = struct.Struct("<BBqq")
"""Of a column of whole numbers: which prediction, how many byte planes, and the prediction's two numbers."""


class DamagedError(Exception):
    """The bytes are not those of a chunk."""


def checksum(key: Sequence[int], data: bytes) -> int:
    """CRC-32 over a chunk's bytes and the numbers by which it is found, so that a flipped bit in either is noticed."""
    return zlib.crc32(data, zlib.crc32(struct.pack(f"<{len(key)}q", *key)))


def encode(times: Integers, columns: Sequence[Floats]) -> bytes:
    """Times (milliseconds, less than 2**53 from 1970) and columns of values as bytes. All have the same length."""
    blocks = [_whole(times), *map(_values, columns)]
    sizes = struct.pack(f"<BIB{len(blocks)}I", _VERSION, len(times), len(columns), *map(len, blocks))
    packing = zlib.compressobj(_LEVEL, strategy=zlib.Z_FILTERED)
    return packing.compress(sizes + b"".join(blocks)) + packing.flush()


def decode(data: bytes) -> tuple[Integers, list[Floats]]:
    """The times and columns again, bit for bit. Raises DamagedError where these are no such bytes."""
    try:
        plain = zlib.decompress(data)
        version, length, columns = struct.unpack_from("<BIB", plain)
        if version != _VERSION:
            raise DamagedError(f"chunks of version {version} are not known")
        sizes = struct.unpack_from(f"<{columns + 1}I", plain, 6)
        position = 6 + 4 * len(sizes)
        blocks = []
        for size in sizes:
            blocks.append(plain[position : position + size])
            position += size
        return _read_times(blocks[0], length), [_read_values(block, length) for block in blocks[1:]]
    except (zlib.error, struct.error, ValueError, IndexError) as error:
        raise DamagedError(str(error)) from error


def _values(values: Floats) -> bytes:
    """A column of values: the number of decimal places, or that there is none, and what that makes of them."""
    scaled = _scaled(values)
    if scaled is not None:
        places, whole = scaled
        return bytes([places]) + _whole(whole)
    bits = values.view("int64").copy()
    bits[1:] ^= values.view("int64")[:-1]
    planes = _planes(bits.view("uint64"))
    return bytes([_XOR, len(planes) // max(1, len(values))]) + planes


def _read_values(block: bytes, length: int) -> Floats:
    import numpy as np

    if block[0] != _XOR:
        whole = _read_whole(block[1:], length)
        return whole / 10.0 ** block[0] if block[0] else whole.astype(np.float64)
    bits = _read_planes(block[2:], block[1], length)
    return np.bitwise_xor.accumulate(bits).view(np.float64)


def _scaled(values: Floats) -> tuple[int, Integers] | None:
    """The fewest decimal places at which all values are exact, and the values so scaled; None where there are none.

    n / 10**places is the float nearest to that decimal, as both are exact: what was rounded to so many places, or read
    from a text with so many, comes back as it was.
    """
    import numpy as np

    largest = np.abs(values).max(initial=0.0)
    if not largest < _EXACT or (np.signbit(values) & (values == 0)).any():
        return None
    sample = values[:16]
    for places in range(_PLACES + 1):
        power = 10.0**places
        if largest * power >= _EXACT:
            return None
        if (np.rint(sample * power) / power != sample).any():
            continue
        whole = np.rint(values * power)
        if (whole / power == values).all():
            return places, whole.astype(np.int64)
    return None


def _whole(numbers: Integers) -> bytes:
    """A column of whole numbers: the prediction that leaves the least, and what it leaves."""
    import numpy as np

    if not len(numbers):
        return _CODED.pack(0, 0, 0, 0)
    first = int(numbers[0])
    least = int(numbers.min())
    deltas = np.diff(numbers)
    mostly = int(np.median(deltas)) if len(deltas) else 0
    candidates = (
        (0, least, 0, (numbers - least).view(np.uint64)),
        (1, first, mostly, _zigzag(deltas - mostly)),
        (2, first, int(deltas[0]) if len(deltas) else 0, _zigzag(np.diff(deltas))),
    )
    order, base, slope, left = min(candidates, key=lambda one: _cost(one[3]))
    planes = _planes(left)
    return _CODED.pack(order, len(planes) // max(1, len(left)), base, slope) + planes


def _read_whole(block: bytes, length: int) -> Integers:
    import numpy as np

    order, planes, base, slope = _CODED.unpack_from(block)
    if not length:
        return np.zeros(0, dtype=np.int64)
    if order == 1 and planes == 1:  # most are so: small steps, which a table of 256 tells at once
        steps = _small_steps() + slope
        return _summed(base, steps[np.frombuffer(block, dtype=np.uint8, count=length - 1, offset=_CODED.size)])
    left = _read_planes(block[_CODED.size :], planes, max(0, length - order))
    if order == 0:
        return np.asarray(left.view(np.int64) + base)
    deltas = _unzigzag(left)
    if order == 1:
        deltas += slope
    else:
        deltas = _summed(slope, deltas)[: length - 1]
    return _summed(base, deltas)


@functools.cache
def _small_steps() -> Integers:
    import numpy as np

    return _unzigzag(np.arange(256, dtype=np.uint64))


@functools.lru_cache(maxsize=64)
def _read_times(block: bytes, length: int) -> Integers:
    """The times of a chunk. The series of a target have the same: those read last are kept, and not to be changed."""
    times = _read_whole(block, length)
    times.flags.writeable = False
    return times


def _summed(first: int, steps: Integers) -> Integers:
    """What begins with the first number and takes these steps."""
    import numpy as np

    numbers = np.empty(len(steps) + 1, dtype=np.int64)
    numbers[0] = first
    np.cumsum(steps, out=numbers[1:])
    numbers[1:] += first
    return numbers


def _cost(left: NDArray[Any]) -> float:
    """About how many bits some numbers need."""
    import numpy as np

    return float(np.log2(left + 1.0).sum())


def _zigzag(numbers: Integers) -> NDArray[np.uint64]:
    """Small numbers of either sign as small numbers without one: 0, -1, 1, -2 as 0, 1, 2, 3."""
    folded: NDArray[np.uint64] = ((numbers << 1) ^ (numbers >> 63)).view("uint64")
    return folded


def _unzigzag(numbers: NDArray[np.uint64]) -> Integers:
    import numpy as np

    signs: Integers = (numbers & np.uint64(1)).view("int64")
    plain: Integers = (numbers >> np.uint64(1)).view("int64")
    plain ^= np.negative(signs, out=signs)
    return plain


def _planes(numbers: NDArray[np.uint64]) -> bytes:
    """The lowest bytes of all numbers, then the next higher, up to the highest that is not zero everywhere."""
    import numpy as np

    if not len(numbers):
        return b""
    used = (int(numbers.max()).bit_length() + 7) // 8
    return np.ascontiguousarray(numbers.astype("<u8", copy=False).view(np.uint8).reshape(-1, 8)[:, :used].T).tobytes()


def _read_planes(data: bytes, planes: int, length: int) -> NDArray[np.uint64]:
    import numpy as np

    numbers = np.zeros(length, dtype=np.uint64)
    for plane in range(planes):
        part = np.frombuffer(data, dtype=np.uint8, count=length, offset=plane * length).astype(np.uint64)
        numbers |= part << np.uint64(8 * plane) if plane else part
    return numbers
