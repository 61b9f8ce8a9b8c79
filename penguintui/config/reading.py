"""Reads small files with a bound, and tells later whether they are still the same."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What tells one state of a file from another; a new file put in its place is seen by the inode."""

    inode: int
    size: int
    modified_ns: int
    mode: int


class UnreadableFileError(Exception):
    """Says in words why a file could not be read; has no file name in it."""


def fingerprint(path: Path) -> Fingerprint | None:
    """The file's state now; None when there is none that can be looked at."""
    try:
        return _fingerprint(path.stat())
    except (OSError, ValueError):
        return None


def read_bounded(path: Path, limit: int) -> tuple[bytes, Fingerprint]:
    """The file's bytes and the state they belong to. Never waits on a pipe, never reads more than `limit` bytes.

    Raises UnreadableFileError.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise UnreadableFileError(f"cannot be read ({_reason(error)})") from None
    try:
        status = os.fstat(descriptor)
        _check_kind(status.st_mode)
        content = _read(descriptor, limit + 1)
    except OSError as error:
        raise UnreadableFileError(f"cannot be read ({_reason(error)})") from None
    finally:
        os.close(descriptor)
    if len(content) > limit:
        raise UnreadableFileError(f"is larger than {limit // 1024} KiB")
    return content, _fingerprint(status)


def _check_kind(mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise UnreadableFileError("is a folder, not a file")
    if not stat.S_ISREG(mode):
        raise UnreadableFileError("is not an ordinary file")


def _read(descriptor: int, limit: int) -> bytes:
    parts = []
    while limit > 0 and (part := os.read(descriptor, limit)):
        parts.append(part)
        limit -= len(part)
    return b"".join(parts)


def _fingerprint(status: os.stat_result) -> Fingerprint:
    return Fingerprint(status.st_ino, status.st_size, status.st_mtime_ns, status.st_mode)


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error) or type(error).__name__
