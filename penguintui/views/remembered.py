"""Answers about the moment that still stand, so that a reading asks only what can have changed."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from penguintui.model.clock import Time

if TYPE_CHECKING:
    from penguintui.views.ask import Answer

STANDS = 5.0
"""Seconds after which an answer is asked anew even when nothing arrived: windows move on, and samples grow too old."""
_SHARE = 60.0
"""A sample is a small part of a window: an answer about one stands for this part of it, `STANDS` at most."""
_WINDOW = re.compile(r"\[(\d+)([smhdw])")
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}


class Remembered:
    """The last answer to each question.

    It stands while no sample of a metric that its expression names has arrived, and `STANDS` seconds at most; one about
    a window of time also when some arrived, for a small part of the window. Kept by whoever asks repeatedly, at most
    `size` answers, the oldest forgotten first.
    """

    def __init__(self, size: int = 500) -> None:
        self._size = size
        self._kept: dict[str, tuple[int, Answer]] = {}

    def standing(self, expr: str, at: Time, changes: Mapping[str, int]) -> Answer | None:
        """The answer that still stands at a time; None when it must be asked. changes: see `Reader.changes`."""
        kept = self._kept.get(expr)
        if kept is None:
            return None
        age = at - kept[1].at
        stands = (0 <= age < slow(expr) and bool(kept[1].points)) or (
            0 <= age < STANDS and kept[0] == _touched(expr, changes)
        )
        return kept[1] if stands else None

    def keep(self, answer: Answer, changes: Mapping[str, int]) -> None:
        self._kept.pop(answer.expr, None)
        while len(self._kept) >= self._size:
            del self._kept[next(iter(self._kept))]
        self._kept[answer.expr] = (_touched(answer.expr, changes), answer)


@functools.lru_cache(maxsize=512)
def slow(expr: str) -> float:
    """Seconds for which an answer stands whatever arrives: by the shortest window of its expression, 0 without one."""
    windows = [int(number) * _SECONDS[unit] for number, unit in _WINDOW.findall(expr)]
    return min([*windows, STANDS * _SHARE]) / _SHARE if windows else 0.0


def _touched(expr: str, changes: Mapping[str, int]) -> int:
    """The number of the last batch that brought something which the expression reads."""
    from penguintui.query.language.metrics import metrics_of

    named = metrics_of(expr)
    return max(changes.values() if named is None else (changes.get(name, 0) for name in named), default=0)
