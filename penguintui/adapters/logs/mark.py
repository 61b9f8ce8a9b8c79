"""How far a log had been read, in words that outlive the reader, and the files that rotation makes of a log."""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import asdict, dataclass
from pathlib import Path

FINGERPRINT = 64
"""Bytes of a file's beginning, and of what stands before a position, by which both are known again."""
_ROTATED = re.compile(r"[.-](?:\d+(?:[-_.:T]\d+)*|old)")


@dataclass(frozen=True, slots=True)
class Mark:
    """A position in a file that may be moved, copied or overwritten in the meantime.

    head, tail: digests of the file's first bytes, and of those before `position`. start: where the first line begins
    that was not given out whole. mid_line: whether `start` lies within a line that is to be left out.
    """

    device: int
    inode: int
    head: str
    tail: str
    position: int
    start: int
    mid_line: bool

    @classmethod
    def of(cls, fd: int, tail: bytes, position: int, start: int, mid_line: bool) -> Mark:
        """The mark of an open file. tail: the bytes that were read before `position`."""
        state = os.fstat(fd)
        head = os.pread(fd, min(FINGERPRINT, position), 0)
        return cls(state.st_dev, state.st_ino, _digest(head), _digest(tail), position, start, mid_line)

    def fits(self, fd: int) -> bool:
        """Whether an open file is this one, or a copy of it.

        A copy (copytruncate) is known by its bytes; where there are few of them, it must be the same file.
        """
        if os.fstat(fd).st_size < self.position or not (self.position >= FINGERPRINT or self.same_file(fd)):
            return False
        length = min(FINGERPRINT, self.position)
        tail = os.pread(fd, length, self.position - length)
        return (_digest(os.pread(fd, length, 0)), _digest(tail)) == (self.head, self.tail)

    def same_file(self, fd: int) -> bool:
        state = os.fstat(fd)
        return (state.st_dev, state.st_ino) == (self.device, self.inode)

    def text(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))


def read_mark(text: str) -> Mark | None:
    """The mark that `Mark.text` wrote; None for anything else."""
    try:
        found = json.loads(text)
        numbers = (int(found["position"]), int(found["start"]), bool(found["mid_line"]))
        return Mark(int(found["device"]), int(found["inode"]), str(found["head"]), str(found["tail"]), *numbers)
    except (ValueError, TypeError, KeyError):
        return None


def rotated(path: str) -> list[str]:
    """The files beside a log that were made of it and are not compressed, oldest first: mail.log.1, mail-2026….log.

    Raises OSError when the folder cannot be listed.
    """
    log = Path(path)
    found = []
    for one in log.parent.iterdir():
        middle = one.name.removeprefix(log.name) if one.name.startswith(log.name) else _between(one.name, log)
        if _ROTATED.fullmatch(middle) and one.is_file():
            found.append((one.stat().st_mtime_ns, str(one)))
    return [name for _, name in sorted(found)]


def _between(name: str, log: Path) -> str:
    """What stands between a log's stem and its suffix; empty when the name does not begin and end so."""
    matches = log.suffix and name.startswith(log.stem) and name.endswith(log.suffix)
    return name[len(log.stem) : -len(log.suffix)] if matches else ""


def _digest(found: bytes) -> str:
    return hashlib.blake2b(found, digest_size=8).hexdigest()
