"""A log file followed across rotation and truncation, a bounded piece at each reading."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from penguintui.model.clock import Time

MAX_LINE = 8192
"""Bytes of a line that are kept; the rest of it is left out, and counted as cut."""
MAX_READ = 16 << 20
"""Bytes that one reading takes at most; the next one goes on from there."""
_CHUNK = 1 << 18
_FINGERPRINT = 64


@dataclass(slots=True)
class Reading:
    """What one reading met. behind: bytes that were left for the next one. written: when the file last changed."""

    bytes: int = 0
    lines: int = 0
    cut: int = 0
    behind: int = 0
    rotated: bool = False
    truncated: bool = False
    written: Time = 0.0


class Follower:
    """Remembers its position in memory. Blocks: to be called from a thread, one reading at a time."""

    def __init__(self, path: str, *, from_start: bool) -> None:
        self._path = path
        self._from_start = from_start
        self._fd: int | None = None
        self._position = 0
        self._tail = b""
        self._partial = b""
        self._mid_line = False

    def read(self, reading: Reading, stop: Callable[[], bool] = lambda: False, holding: bytes = b"\n") -> Iterator[str]:
        """The whole lines that came since the last reading, without their ends; `reading` is filled on the way.

        `stop` is asked between chunks. Lines without `holding` are counted, and not given: six of seven lines of a
        mail log are of no interest, and to leap over them costs a tenth of making text of them.

        Raises OSError when the file cannot be opened; what an open one that has
        been moved away still holds is read first.
        """
        if self._fd is None:
            self._open()
        elif self._overwritten():
            reading.truncated = True
            self._rewind()
        while not stop() and reading.bytes < MAX_READ:
            chunk = os.pread(self._handle(), _CHUNK, self._position)
            if chunk:
                self._position += len(chunk)
                self._tail = (self._tail + chunk)[-_FINGERPRINT:]
                reading.bytes += len(chunk)
                yield from self._lines(chunk, reading, holding)
            elif self._replaced():
                reading.rotated = True
                yield from self._lines(b"\n" if self._partial else b"", reading, holding)
                self.close()
                self._open()
            else:
                break
        state = os.fstat(self._handle())
        reading.behind = max(state.st_size - self._position, 0)
        reading.written = state.st_mtime

    def close(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
        self._fd = None
        self._rewind()

    def _handle(self) -> int:
        assert self._fd is not None, "a reading opens the file first"  # noqa: S101
        return self._fd

    def _open(self) -> None:
        """Open what the path leads to now. Only the very first opening may begin at the end."""
        try:
            # Without O_NONBLOCK, opening a FIFO would wait for somebody who writes.
            fd = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            self._from_start = True
            raise
        state = os.fstat(fd)
        if not stat.S_ISREG(state.st_mode):
            os.close(fd)
            raise OSError(errno.EINVAL, "it is not an ordinary file", self._path)
        self._fd = fd
        self._rewind()
        if not self._from_start:
            self._position = state.st_size
            self._tail = os.pread(fd, _FINGERPRINT, max(state.st_size - _FINGERPRINT, 0))
            self._mid_line = bool(self._tail) and not self._tail.endswith(b"\n")
        self._from_start = True

    def _rewind(self) -> None:
        self._position, self._tail, self._partial, self._mid_line = 0, b"", b"", False

    def _overwritten(self) -> bool:
        """Whether the file was truncated since: it is shorter, or other bytes stand before our position.

        The latter finds a file that was truncated (copytruncate) and has grown past our position again.
        """
        if os.fstat(self._handle()).st_size < self._position:
            return True
        before = os.pread(self._handle(), len(self._tail), self._position - len(self._tail))
        return before != self._tail

    def _replaced(self) -> bool:
        """Whether the path leads to another file than the one we hold."""
        new, held = os.stat(self._path), os.fstat(self._handle())  # noqa: PTH116 - the path is text to the end
        return (new.st_dev, new.st_ino) != (held.st_dev, held.st_ino)

    def _lines(self, chunk: bytes, reading: Reading, holding: bytes) -> Iterator[str]:
        text = self._partial + chunk
        start, end = 0, text.rfind(b"\n") + 1
        self._partial = text[end : end + MAX_LINE + 1]
        if end and self._mid_line:  # the end of a line whose beginning we did not see
            self._mid_line = False
            start = text.find(b"\n") + 1
        reading.lines += text.count(b"\n", start, end)
        reading.cut += _too_long(text, start, end)
        for line in _holding(text, start, end, holding):
            # A file truncated under a writer that does not append gets a hole of NUL bytes.
            yield line[:MAX_LINE].lstrip(b"\0").decode("utf-8", "replace")


def _holding(text: bytes, start: int, end: int, wanted: bytes) -> Iterator[bytes]:
    """The lines between two places, without their ends, that hold something; each holds its own end."""
    while (at := text.find(wanted, start, end)) >= 0:
        first = text.rfind(b"\n", start, at) + 1 or start
        start = text.find(b"\n", at, end) + 1
        yield text[first : start - 1]


def _too_long(text: bytes, start: int, end: int) -> int:
    """How many lines are longer than a line may be. Jumps as far as one may reach, over many short ones at once."""
    count = 0
    while start < end:
        last = text.rfind(b"\n", start, min(start + MAX_LINE + 1, end))
        if last < 0:
            count += 1
            last = text.find(b"\n", start + MAX_LINE, end)
        start = last + 1
    return count
