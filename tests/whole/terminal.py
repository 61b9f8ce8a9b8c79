"""A terminal for a test: a pseudo-terminal with an emulator that keeps the screen."""

from __future__ import annotations

import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence

import pyte

_QUERIES = {b"\x1b[6n": b"\x1b[1;1R", b"\x1b[c": b"\x1b[?62;22c", b"\x1b[0c": b"\x1b[?62;22c"}
_UNKNOWN = re.compile(r"\x1b\[[<>=][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*\$p")
"""Sequences that the emulator does not know: kitty's keyboard, questions about modes."""

_SIZE = ("COLUMNS", "LINES")
"""What would count more than the size that the terminal has."""


class Terminal:
    """A program in a terminal of a size. Ended by `close`, if it has not ended itself.

    taken: bytes it has written. slowly: when set, so many bytes are read ten times a second, and no more.
    """

    slowly = 0

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], columns: int = 120, rows: int = 40
    ) -> None:
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.Stream(self.screen)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.status: int | None = None
        self.taken = 0
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            told = {name: value for name, value in environment.items() if name not in _SIZE}
            os.execvpe(command[0], list(command), {"TERM": "xterm-256color", **told})
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    @property
    def text(self) -> str:
        return "\n".join(self.screen.display)

    def type(self, keys: str) -> None:
        os.write(self._fd, keys.encode())

    def until(self, pattern: str, seconds: float = 30.0) -> re.Match[str]:
        """Wait until the screen matches. Fails with the screen when it does not."""
        wanted, deadline = re.compile(pattern, re.S), time.monotonic() + seconds
        while time.monotonic() < deadline:
            self._pump(0.05)
            if found := wanted.search(self.text):
                return found
            if self.status is not None:
                break
        raise AssertionError(f"{pattern!r} was not seen within {seconds} s:\n{self.text}")

    def ended(self, seconds: float = 15.0) -> int:
        """Wait for its end; gives the exit code (negative: a signal)."""
        deadline = time.monotonic() + seconds
        while self.status is None and time.monotonic() < deadline:
            self._pump(0.05)
        assert self.status is not None, f"it did not end:\n{self.text}"
        return self.status

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        self.ended()

    def close(self) -> None:
        if self.status is None:
            os.kill(self.pid, signal.SIGTERM)
            deadline = time.monotonic() + 10
            while self.status is None and time.monotonic() < deadline:
                self._pump(0.05)
            if self.status is None:
                self.kill()
        os.close(self._fd)

    def _pump(self, seconds: float) -> None:
        ready, _, _ = select.select([self._fd], [], [], seconds)
        if ready:
            try:
                self._take(os.read(self._fd, self.slowly or 1 << 16))
                if self.slowly:
                    time.sleep(0.1)
            except OSError:  # its end: the terminal is gone
                ready = []
                time.sleep(seconds)
        if not ready and self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)

    def _take(self, data: bytes) -> None:
        self.taken += len(data)
        for query, answer in _QUERIES.items():
            if query in data:
                os.write(self._fd, answer)
        self._stream.feed(_UNKNOWN.sub("", self._decoder.decode(data)))
