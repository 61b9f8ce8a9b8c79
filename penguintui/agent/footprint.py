"""What keeps a program small that runs for months: things that libraries bring along and an agent never uses."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress
from importlib.util import find_spec

_M_ARENA_MAX = -8
"""glibc's number for it, see mallopt(3)."""


def stay_small() -> None:
    """Before anything else: 10 MB of memory less, and a fifteenth of the work of asking.

    - httpx brings its own command line, and with it rich and pygments. It does without where that cannot be imported.
    - httpcore looks at each request whether sniffio can be imported, along the whole path where it is not installed.
    - Each thread has memory of its own to give out (an arena), most of which it never needs: one holds the
      interpreter's lock at a time, so that one arena for all costs nothing. Another C library has no such setting.
    """
    absent = ["httpx._main"] if find_spec("sniffio") else ["httpx._main", "sniffio"]
    for name in absent:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]  # so Python knows that there is none
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)
