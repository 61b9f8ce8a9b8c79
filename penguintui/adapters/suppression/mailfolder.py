"""Mails out of a folder, one after the other, each bounded; nothing there is moved, marked or deleted."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

LARGEST = 64 * 1024 * 1024
"""Bytes of a mail; one that has more is refused, and stays where it is."""
_LINE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Found:
    """One mail: its name for people, and its bytes, or why it cannot be read."""

    name: str
    data: bytes = b""
    trouble: str = ""


def _none(_name: str) -> bool:
    return False


def mails(place: str, skip: Callable[[str], bool] = _none) -> Iterator[Found]:
    """The mails of a Maildir, a folder of files, an mbox, one file, or `-`, standard input. Raises OSError for none.

    skip: whether the mail of this name is not wanted; a file is not even opened then.
    A mail that vanishes while the folder is read, or is too large, is told like the others and stops none of them.
    """
    if place == "-":
        yield _bounded("-", sys.stdin.buffer.read(LARGEST + 1))
        return
    path = Path(place)
    if path.is_dir():
        yield from (_read(file) for file in _files(path) if not skip(str(file)))
    elif _is_mbox(path):
        yield from _mbox(path)
    elif not skip(str(path)):
        yield _read(path)


def _files(path: Path) -> list[Path]:
    """Those of a Maildir (`new` and `cur`), or all that lie in the folder itself; hidden ones are no mails."""
    folders = [path / name for name in ("new", "cur") if (path / name).is_dir()] or [path]
    return sorted(
        file for folder in folders for file in folder.iterdir() if file.is_file() and not file.name.startswith(".")
    )


def _read(path: Path) -> Found:
    try:
        with path.open("rb") as opened:
            return _bounded(str(path), opened.read(LARGEST + 1))
    except OSError as error:
        return Found(str(path), trouble=f"cannot be read: {error.strerror or error}")


def _bounded(name: str, data: bytes) -> Found:
    if len(data) > LARGEST:
        return Found(name, trouble=f"has more than {LARGEST >> 20} MiB; it was not looked at")
    return Found(name, data)


def _is_mbox(path: Path) -> bool:
    if not path.exists():
        raise FileNotFoundError(errno.ENOENT, "there is no such file or folder", str(path))
    with path.open("rb") as opened:
        return opened.read(5) == b"From "


def _mbox(path: Path) -> Iterator[Found]:
    """Mails between lines that begin with `From ` after an empty one; `>From ` within them is put back (mboxrd)."""
    number, data, before = 0, bytearray(), b""
    with path.open("rb") as opened:
        while line := opened.readline(_LINE):
            if line.startswith(b"From ") and not before.strip():
                if number:
                    yield _bounded(f"{path}#{number}", bytes(data))
                number, data = number + 1, bytearray()
            elif len(data) <= LARGEST:
                data += line[1:] if line.startswith(b">") and line.lstrip(b">").startswith(b"From ") else line
            before = line
    yield _bounded(f"{path}#{number}", bytes(data))
