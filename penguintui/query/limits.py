"""How much one query may touch, and the account that is kept of it."""

from __future__ import annotations

import time
from collections.abc import Callable

from penguintui.model.record import record
from penguintui.query.errors import LimitExceeded

FARTHEST = 2**43
"""Seconds from 1970 beyond which no time is meant: milliseconds are whole numbers of 64 bits, with room to add."""


@record
class Limits:
    """The most that one query may touch.

    `samples` counts what is read from the source and what every part of the expression yields; `series` what one
    selector or one part of the expression yields; `steps` the moments of a range query or subquery; `seconds` the time
    the query may run.
    """

    samples: int = 50_000_000
    series: int = 100_000
    steps: int = 11_000
    seconds: float = 30.0


class Budget:
    """What one query has used of its limits. Raises `LimitExceeded` before too much is allocated."""

    def __init__(self, limits: Limits, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._monotonic = monotonic
        self._deadline = monotonic() + limits.seconds
        self._samples = 0

    def samples(self, count: int) -> None:
        """Account for `count` more samples."""
        self._samples += count
        if self._samples > self._limits.samples:
            raise LimitExceeded(
                "samples",
                f"the query touches more than {self._limits.samples} samples (limit: samples); "
                "ask for less time, fewer series or larger steps",
            )

    def series(self, count: int) -> None:
        """Check the number of series that one part of the expression yields."""
        if count > self._limits.series:
            raise LimitExceeded(
                "series",
                f"more than {self._limits.series} series (limit: series); add matchers or aggregate earlier",
            )

    def steps(self, count: int) -> None:
        """Check the number of moments at which an expression is evaluated."""
        if count > self._limits.steps:
            raise LimitExceeded(
                "steps",
                f"{count} steps are more than {self._limits.steps} (limit: steps); ask for less time or larger steps",
            )

    def time(self) -> None:
        """Check that the query's time is not over."""
        if self._monotonic() > self._deadline:
            raise LimitExceeded(
                "seconds",
                f"the query ran for more than {self._limits.seconds:g} s (limit: seconds); ask for less",
            )
