"""What has not reached its destination, on disk: records in order, in files of some size, bounded altogether."""

from __future__ import annotations

import contextlib
import errno
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from penguintui.model.clock import Time
from penguintui.store.segment import OVERHEAD, SUFFIX, Record, Segment, SegmentError, create, load

log = logging.getLogger(__name__)

_LARGEST = 4 << 20
"""Bytes of a file; the oldest is let go whole."""
_FILES = 16
"""A small spool has as many files, so that letting one go does not empty it."""
_LOST = (errno.ENOENT, errno.EIO)
"""What the system says of a file that will not come back."""


class Spool:
    """Records between `begin` and `end`, numbers growing. Not for several threads at once. Files appear when needed.

    size: bytes that all files may have together. say: told of every loss in words, with how many records it concerns
    (0 where that is not known).
    """

    def __init__(self, folder: Path, size: int, say: Callable[[str, int], None]) -> None:
        """Raises OSError when the folder is there and cannot be read."""
        self._folder, self._say = folder, say
        self.size = size
        self._segments: list[Segment] = []
        self._current: Segment | None = None
        self._above = 0
        self._open()

    @property
    def begin(self) -> int:
        """The number of the oldest record, or `end`."""
        return self._segments[0].first if self._segments else self.end

    @property
    def end(self) -> int:
        """The least number that the next record may have."""
        return max(self._above, self._segments[-1].end if self._segments else 0)

    @property
    def used(self) -> int:
        """Bytes on disk, unfinished writes left out."""
        return sum(segment.size for segment in self._segments)

    def count(self, number: int) -> int:
        """How many records there are from a number on."""
        return sum(segment.end - max(segment.first, number) for segment in self._segments if segment.end > number)

    def has_room(self, payloads: Sequence[bytes]) -> bool:
        """Whether that much more fits, a new file included."""
        return self.used + sum(OVERHEAD + len(payload) for payload in payloads) + OVERHEAD <= self.size

    def append(self, number: int, records: Sequence[tuple[Time, bytes]]) -> None:
        """Add records with the numbers from `number` on, not below `end`. Raises OSError; none of them is then in."""
        current = self._current
        if current is None or current not in self._segments or current.end != number or current.size >= self.file_size:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            current = self._current = create(self._folder, number)
            self._segments.append(current)
        current.append(records)

    def read(self, number: int, most: int) -> list[Record]:
        """Whole records from a number on, some `most` bytes of them, out of one file. Empty behind the last one.

        Damaged ones are left out and told. Raises OSError when the disk may answer later.
        """
        for segment in list(self._segments):
            while number < segment.end:
                try:
                    found = segment.read(max(number, segment.first), most)
                except OSError as error:
                    if error.errno not in _LOST:
                        raise
                    self._lose(segment, f"cannot be read ({error.strerror})")
                    break
                whole = [record for record in found if record.payload is not None]
                if damaged := len(found) - len(whole):
                    self._say(f"{damaged} records of {segment.path} are damaged and left out", damaged)
                if whole:
                    return whole
                number = found[-1].number + 1
        return []

    def time(self, number: int) -> Time | None:
        """When the first record from a number on was observed; None when there is none, or it cannot be read."""
        for segment in self._segments:
            if number < segment.end:
                with contextlib.suppress(OSError):
                    return segment.time(max(number, segment.first))
        return None

    def release(self, number: int) -> None:
        """Let go the files that hold nothing from a number on. Raises OSError."""
        while self._segments and self._segments[0].end <= number:
            self._above = self.end
            self._segments[0].remove()
            del self._segments[0]

    def release_oldest(self) -> range:
        """Let go the oldest file. Returns the numbers of what was in it. Raises OSError."""
        segment = self._segments[0]
        self.release(segment.end)
        return range(segment.first, segment.end)

    @property
    def file_size(self) -> int:
        """Bytes after which a new file is begun."""
        return min(_LARGEST, self.size // _FILES)

    def _open(self) -> None:
        """Take up what an earlier process left."""
        with contextlib.suppress(FileNotFoundError):
            for path in sorted(self._folder.iterdir()):
                if path.suffix == SUFFIX:
                    self._take(path)

    def _take(self, path: Path) -> None:
        try:
            segment = load(path)
        except (SegmentError, OSError) as error:
            self._say(f"a file of the spool is left out: {error}", 0)
            self._above = max(self._above, int(path.stem) + 1 if path.stem.isdecimal() else 0)
            return
        if segment.torn:
            self._say(f"{path} ends with {segment.torn} bytes that are no whole record; they are left out", 1)
        if segment.end > segment.first:
            self._segments.append(segment)
        else:
            self._above = max(self._above, segment.first + 1)
            with contextlib.suppress(OSError):
                path.unlink()

    def _lose(self, segment: Segment, why: str) -> None:
        self._say(f"{segment.path} {why}: its records are lost", segment.end - segment.first)
        self._above = self.end
        self._segments.remove(segment)
