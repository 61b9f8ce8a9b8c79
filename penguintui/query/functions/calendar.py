"""Functions that read a value as a time (seconds since 1970, UTC): year, month, hour and so on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from penguintui.query.language.nodes import Call
from penguintui.query.vectors.block import Block, Floats, Times, single
from penguintui.query.vectors.evaluation import Evaluation

Seconds = NDArray[np.datetime64]

_FARTHEST = 2.0**55
"""Seconds beyond which no calendar is meant."""


def _of_time(work: Callable[[Seconds], NDArray[np.generic]]) -> Callable[[Evaluation, Call, Times], Block]:
    """A function of times; without an argument, of the step."""

    def function(evaluation: Evaluation, node: Call, steps: Times) -> Block:
        if not node.args:
            return single({}, _convert(steps / 1000))
        block = evaluation.vector(node.args[0], steps)
        return block.with_values(_convert(block.values))

    def _convert(values: Floats) -> Floats:
        sensible = np.abs(values) < _FARTHEST
        seconds = np.where(sensible, values, 0.0).astype(np.int64).astype("datetime64[s]")
        return np.where(sensible, work(seconds).astype(np.float64), np.nan)

    return function


def _days(times: Seconds) -> NDArray[np.int64]:
    return times.astype("datetime64[D]").astype(np.int64)


def _seconds_of_day(times: Seconds) -> NDArray[np.int64]:
    return times.astype(np.int64) % 86400


def _months(times: Seconds) -> NDArray[np.datetime64]:
    return times.astype("datetime64[M]")


def _day_of_month(times: Seconds) -> NDArray[np.int64]:
    return _days(times) - _days(_months(times)) + 1


def _day_of_year(times: Seconds) -> NDArray[np.int64]:
    return _days(times) - _days(times.astype("datetime64[Y]")) + 1


def _days_in_month(times: Seconds) -> NDArray[np.int64]:
    return _days(_months(times) + np.timedelta64(1, "M")) - _days(_months(times))


CALENDAR: dict[str, Callable[[Evaluation, Call, Times], Block]] = {
    "day_of_month": _of_time(_day_of_month),
    "day_of_week": _of_time(lambda times: (_days(times) + 4) % 7),
    "day_of_year": _of_time(_day_of_year),
    "days_in_month": _of_time(_days_in_month),
    "hour": _of_time(lambda times: _seconds_of_day(times) // 3600),
    "minute": _of_time(lambda times: _seconds_of_day(times) // 60 % 60),
    "month": _of_time(lambda times: _months(times).astype(np.int64) % 12 + 1),
    "year": _of_time(lambda times: times.astype("datetime64[Y]").astype(np.int64) + 1970),
}
