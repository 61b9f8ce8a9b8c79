"""The hash by which Prometheus tells series apart: XXH64 over the labels, as `limit_ratio` needs it.

The algorithm is the xxHash specification's, the encoding that of Prometheus 3's labels: each name and value, sorted by
name, with its length in front (one byte up to 254, else 255 and three bytes, little-endian).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

_P1, _P2, _P3 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
_P4, _P5 = 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5
_MASK = (1 << 64) - 1


def hash_labels(labels: Mapping[str, str]) -> int:
    """The hash of a set of labels: 64 bits."""
    encoded = bytearray()
    for pair in sorted(labels.items()):
        for text in pair:
            raw = text.encode("utf-8", "surrogatepass")
            size = len(raw)
            encoded += bytes([size]) if size < 255 else b"\xff" + size.to_bytes(3, "little")
            encoded += raw
    return xxh64(bytes(encoded))


def _rotate(value: int, bits: int) -> int:
    return ((value << bits) | (value >> (64 - bits))) & _MASK


def _round(accumulator: int, lane: int) -> int:
    return (_rotate((accumulator + lane * _P2) & _MASK, 31) * _P1) & _MASK


def xxh64(data: bytes) -> int:
    """XXH64 with seed 0."""
    size = len(data)
    at = 0
    if size >= 32:
        lanes = [(_P1 + _P2) & _MASK, _P2, 0, (-_P1) & _MASK]
        while at + 32 <= size:
            lanes = [_round(a, lane) for a, lane in zip(lanes, struct.unpack_from("<4Q", data, at), strict=True)]
            at += 32
        value = sum(_rotate(a, bits) for a, bits in zip(lanes, (1, 7, 12, 18), strict=True)) & _MASK
        for lane in lanes:
            value = ((value ^ _round(0, lane)) * _P1 + _P4) & _MASK
    else:
        value = _P5
    value = (value + size) & _MASK
    return _avalanche(_tail(value, data[at:]))


def _tail(value: int, rest: bytes) -> int:
    at = 0
    while at + 8 <= len(rest):
        value = (_rotate(value ^ _round(0, struct.unpack_from("<Q", rest, at)[0]), 27) * _P1 + _P4) & _MASK
        at += 8
    if at + 4 <= len(rest):
        value = (_rotate(value ^ (struct.unpack_from("<I", rest, at)[0] * _P1) & _MASK, 23) * _P2 + _P3) & _MASK
        at += 4
    for byte in rest[at:]:
        value = (_rotate(value ^ (byte * _P5) & _MASK, 11) * _P1) & _MASK
    return value


def _avalanche(value: int) -> int:
    value = ((value ^ (value >> 33)) * _P2) & _MASK
    value = ((value ^ (value >> 29)) * _P3) & _MASK
    return value ^ (value >> 32)
