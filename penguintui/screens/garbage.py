"""When the program looks for garbage: between two frames, and not among what stays, so that no key waits for it.

A frame makes thousands of small objects. By default each few of them set off a search, and now and then one through
everything that was ever imported and read, which takes longer than drawing the frame.
"""

from __future__ import annotations

import gc
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_BY_ITSELF = (200_000, 10, 10)
"""Python's own thresholds, for when nobody calls `search` in time."""
_ENOUGH = 10_000
"""New objects for which a search is worth its time."""
_ROUNDS = 30
"""Searches of new objects until those that outlived them are searched too."""


def keep_what_stays() -> None:
    """Once the first data is shown: what is there now stays, and is searched no more."""
    gc.freeze()
    gc.set_threshold(*_BY_ITSELF)


def search() -> None:
    """Called where nobody waits, about once a second."""
    fresh, _, rounds = gc.get_count()
    if fresh >= _ENOUGH and rounds >= _ROUNDS:
        gc.collect(2)
        _trim()(0)
    elif fresh >= _ENOUGH:
        gc.collect(1)


@cache
def _trim() -> Callable[[int], object]:
    """glibc's `malloc_trim`, which gives what is free back to the system; elsewhere nothing."""
    import ctypes

    found: Callable[[int], object] = getattr(ctypes.CDLL(None), "malloc_trim", lambda _kept: 0)
    return found
