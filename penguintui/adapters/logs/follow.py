"""A log file followed across rotation and truncation, a bounded piece at each reading."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from penguintui.adapters.logs.journal import EXPORTED
from penguintui.adapters.logs.mark import FINGERPRINT, Mark, read_mark, rotated
from penguintui.model.clock import Time

MAX_LINE = 8192
"""Bytes of a line that are kept; the rest of it is left out, and counted as cut."""
MAX_READ = 16 << 20
"""Bytes that one reading takes at most; the next one goes on from there."""
_CHUNK = 1 << 18


@dataclass(slots=True)
class Reading:
    """What one reading met. behind: bytes that were left for the next one. written: when the file last changed.

    lost: lines may have been lost, since the file that was read before is gone. mark: where the reading ended.
    """

    bytes: int = 0
    lines: int = 0
    cut: int = 0
    behind: int = 0
    rotated: bool = False
    truncated: bool = False
    lost: bool = False
    written: Time = 0.0
    mark: str = ""


class Follower:
    """Remembers its position, and goes on at a mark. Blocks: to be called from a thread, one reading at a time."""

    def __init__(self, path: str, *, from_start: bool) -> None:
        self._path = path
        self._from_start = from_start
        self._mark: Mark | None = None  # where to begin
        self._left: Mark | None = None  # where the last reading ended
        self._older: list[str] = []  # rotated files that are still to be read, before the one that the path leads to
        self._fd: int | None = None
        self._position = 0
        self._start = 0
        self._tail = b""
        self._partial = b""
        self._mid_line = False

    def go_on(self, mark: str) -> None:
        """Begin at the mark of an earlier reading, whatever rotation did to the file since; see `Reading.mark`."""
        self._mark = read_mark(mark)

    def read(self, reading: Reading, stop: Callable[[], bool] = lambda: False, holding: bytes = b"\n") -> Iterator[str]:
        """The whole lines that came since the last reading, without their ends; `reading` is filled on the way.

        `stop` is asked between chunks. Lines without `holding` are counted, and not given: six of seven lines of a
        mail log are of no interest, and to leap over them costs a tenth of making text of them.

        What an open file that has been moved away still holds is read first. Raises OSError when it cannot be opened.
        """
        if self._fd is None:
            self._begin(reading)
        elif self._overwritten():
            reading.truncated = self._left is None
            self.close()
            self._mark = self._left
            self._begin(reading)
        if os.pread(self._handle(), len(EXPORTED), 0) == EXPORTED:
            holding = b"\n"  # an entry has many lines
        while not stop() and reading.bytes < MAX_READ:
            chunk = os.pread(self._handle(), _CHUNK, self._position)
            if chunk:
                self._position += len(chunk)
                self._tail = (self._tail + chunk)[-FINGERPRINT:]
                reading.bytes += len(chunk)
                yield from self._lines(chunk, reading, holding)
            elif self._older or self._replaced():
                reading.rotated = True
                yield from self._lines(b"\n" if self._partial else b"", reading, holding)
                self._older = self._older or self._younger()
                self.close()
                self._open()
            else:
                break
        state = os.fstat(self._handle())
        reading.behind = max(state.st_size - self._position, 0)
        reading.written = state.st_mtime
        self._left = Mark.of(self._handle(), self._tail, self._position, self._start, self._mid_line)
        reading.mark = self._left.text()

    def close(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
        self._fd = None
        self._rewind()

    def _handle(self) -> int:
        assert self._fd is not None, "a reading opens the file first"  # noqa: S101
        return self._fd

    def _begin(self, reading: Reading) -> None:
        """The first opening: at the mark, if there is one and its file can be found under whatever name."""
        if self._mark is None:
            self._open()
            return
        self._from_start = True
        names = [*_rotated(self._path), self._path]
        for place in reversed(range(len(names))):
            try:
                fd = _opened(names[place])
            except FileNotFoundError:
                continue
            if self._mark.fits(fd):
                self._fd = fd
                self._stand(self._mark.start, self._mark.mid_line)
                self._older = names[place + 1 : -1]
                break
            os.close(fd)
        else:
            self._open()
            reading.truncated = self._mark.same_file(self._handle())
            reading.lost = not reading.truncated
        self._mark = None

    def _open(self) -> None:
        """Open what comes next. Only the very first opening may begin at the end."""
        try:
            fd = _opened(self._older.pop(0) if self._older else self._path)
        except FileNotFoundError:
            self._from_start = True
            raise
        self._fd = fd
        self._rewind()
        if not self._from_start:
            self._stand(os.fstat(fd).st_size, False)
            self._mid_line = bool(self._tail) and not self._tail.endswith(b"\n")
        self._from_start = True

    def _stand(self, position: int, mid_line: bool) -> None:
        """Be at a position of the open file."""
        first = max(position - FINGERPRINT, 0)
        self._position = self._start = position
        self._tail = os.pread(self._handle(), position - first, first)
        self._partial, self._mid_line = b"", mid_line

    def _rewind(self) -> None:
        self._position, self._start, self._tail, self._partial, self._mid_line = 0, 0, b"", b"", False

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

    def _younger(self) -> list[str]:
        """The rotated files that were made after the one that is open: it was moved away more than once."""
        names, held = _rotated(self._path), os.fstat(self._handle())
        moved = [os.path.samestat(os.stat(name), held) for name in names]  # noqa: PTH116 - text, as the path is
        return names[moved.index(True) + 1 :] if any(moved) else []

    def _lines(self, chunk: bytes, reading: Reading, holding: bytes) -> Iterator[str]:
        text = self._partial + chunk
        start, end = 0, text.rfind(b"\n") + 1
        self._partial = text[end : end + MAX_LINE + 1]
        if end:
            self._start = self._position - (len(text) - end)
        if end and self._mid_line:  # the end of a line whose beginning we did not see
            self._mid_line = False
            start = text.find(b"\n") + 1
        reading.lines += text.count(b"\n", start, end)
        reading.cut += _too_long(text, start, end)
        for line in _holding(text, start, end, holding):
            # A file truncated under a writer that does not append gets a hole of NUL bytes.
            yield line[:MAX_LINE].lstrip(b"\0").decode("utf-8", "replace")


def _opened(path: str) -> int:
    """A file, opened for reading. Raises OSError, also for what is no ordinary file."""
    # Without O_NONBLOCK, opening a FIFO would wait for somebody who writes.
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise OSError(errno.EINVAL, "it is not an ordinary file", path)
    return fd


def _rotated(path: str) -> list[str]:
    """Rotated files; none where the folder may not be listed: then what they held counts as lost."""
    try:
        return rotated(path)
    except OSError:
        return []


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
