"""One file of a spool: records with consecutive numbers, each under checksums, only ever appended to.

    penguintui spool 1\\n
    head   length of the payload (4 bytes), its CRC-32 (4), its time (8, float), CRC-32 of these sixteen (4)
    payload
    head
    …

Numbers are little-endian. A process that is killed while it writes leaves a record that is not whole at the end; a
head whose checksum is wrong ends the file where it stands, since nobody knows where the next one begins.
"""

from __future__ import annotations

import contextlib
import os
import struct
import zlib
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from penguintui.model.clock import Time

SUFFIX = ".spool"
_MAGIC = b"penguintui spool 1\n"
_HEAD = struct.Struct("<IIdI")
_SUMMED = 16
"""Bytes of a head that its own checksum covers."""
OVERHEAD = _HEAD.size
"""Bytes that a record takes besides its payload."""


class Record(NamedTuple):
    """number: its place in the whole spool, growing by one. payload: None where its checksum is wrong."""

    number: int
    time: Time
    payload: bytes | None


class SegmentError(Exception):
    """A file that is none of ours, or another version's; says so in words."""


@dataclass(slots=True)
class Segment:
    """first: the number of its first record. starts: where each record begins. size: bytes of whole records.

    torn: bytes behind them, left by a write that was never finished, or behind a damaged head.
    """

    path: Path
    first: int
    starts: array[int]
    size: int
    torn: int = 0

    @property
    def end(self) -> int:
        """The number after its last record."""
        return self.first + len(self.starts)

    def append(self, records: Sequence[tuple[Time, bytes]]) -> None:
        """Write records and have them on the disk. Raises OSError; the file then ends where it ended before."""
        block, starts = bytearray(), array("Q")
        for time, payload in records:
            starts.append(self.size + len(block))
            head = _HEAD.pack(len(payload), zlib.crc32(payload), time, 0)[:_SUMMED]
            block += head + zlib.crc32(head).to_bytes(4, "little") + payload
        descriptor = os.open(self.path, os.O_WRONLY)
        try:
            _write(descriptor, bytes(block), self.size)
        except OSError:
            with contextlib.suppress(OSError):  # what is behind the end is passed over when it stays
                os.ftruncate(descriptor, self.size)
            raise
        finally:
            os.close(descriptor)
        self.starts += starts
        self.size += len(block)

    def read(self, number: int, most: int) -> list[Record]:
        """Records from a number on, as many as `most` bytes hold and one at least. Raises OSError."""
        begin = number - self.first
        last = begin + 1
        while last < len(self.starts) and self._start(last + 1) - self.starts[begin] <= most:
            last += 1
        base = self.starts[begin]
        with self.path.open("rb") as file:
            file.seek(base)
            data = file.read(self._start(last) - base)
        return [self._record(data, index, base) for index in range(begin, last)]

    def time(self, number: int) -> Time:
        """When what a record holds was observed. Raises OSError."""
        with self.path.open("rb") as file:
            file.seek(self.starts[number - self.first])
            time: Time = _HEAD.unpack(file.read(_HEAD.size))[2]
        return time

    def remove(self) -> None:
        """Take the file away. Raises OSError."""
        self.path.unlink(missing_ok=True)

    def _start(self, index: int) -> int:
        """Where a record begins; the end for the one after the last."""
        return self.starts[index] if index < len(self.starts) else self.size

    def _record(self, data: bytes, index: int, base: int) -> Record:
        start, end = self.starts[index] - base, self._start(index + 1) - base
        head = data[start : start + _HEAD.size]
        payload = data[start + _HEAD.size : end]
        if len(data) < end or not _whole(head):
            return Record(self.first + index, 0.0, None)
        _, checksum, time, _ = _HEAD.unpack(head)
        return Record(self.first + index, time, payload if zlib.crc32(payload) == checksum else None)


def create(folder: Path, first: int) -> Segment:
    """A new file, for its owner only. Raises OSError."""
    path = folder / f"{first:020d}{SUFFIX}"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        _write(descriptor, _MAGIC, 0)
    except OSError:
        path.unlink()
        raise
    finally:
        os.close(descriptor)
    return Segment(path, first, array("Q"), len(_MAGIC))


def load(path: Path) -> Segment:
    """A file from before. Raises SegmentError, and OSError when it cannot be read."""
    data = path.read_bytes()
    if not path.stem.isdecimal() or not (data.startswith(_MAGIC) or _MAGIC.startswith(data)):
        raise SegmentError(f"{path} is no spool of this version")
    starts, position = array("Q"), min(len(_MAGIC), len(data))
    while (head := data[position : position + _HEAD.size]) and _whole(head):
        end = position + _HEAD.size + _HEAD.unpack(head)[0]
        if end > len(data):
            break
        starts.append(position)
        position = end
    return Segment(path, int(path.stem), starts, position, len(data) - position)


def _whole(head: bytes) -> bool:
    return len(head) == _HEAD.size and zlib.crc32(head[:_SUMMED]).to_bytes(4, "little") == head[_SUMMED:]


def _write(descriptor: int, data: bytes, at: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(descriptor, view, at)
        view, at = view[written:], at + written
    os.fsync(descriptor)
