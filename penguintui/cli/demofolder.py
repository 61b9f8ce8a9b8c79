"""The folder of a demo: a lock in it says that its demo lives, so that the next one removes what a killed one left."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from pathlib import Path

_PREFIX = "penguintui-demo-"
_LOCK = "demo.lock"


def make_folder() -> tuple[Path, int]:
    """A new folder, and the descriptor that holds its lock until it is closed or this process ends.

    The lock gets its name once it is held: nobody finds one that is about to be held.
    """
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    new = folder / f"{_LOCK}.new"
    held = os.open(new, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    fcntl.flock(held, fcntl.LOCK_EX)
    new.rename(folder / _LOCK)
    return folder, held


def clear_abandoned() -> None:
    """Remove this user's folders whose demo has ended without removing them."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        if not folder.is_symlink() and _is_abandoned(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _is_abandoned(folder: Path) -> bool:
    """Whether a folder is this user's, and nobody holds the lock that is in it."""
    try:
        found = os.open(folder / _LOCK, os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:  # no lock, or not ours to open: not a demo's, or one that begins or ends just now
        return False
    try:
        if os.fstat(found).st_uid != os.getuid():
            return False
        fcntl.flock(found, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(found)
    return True
