"""A chart: lines over time with marks and limits, its axes already in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from penguintui.model.record import record

if TYPE_CHECKING:
    from penguintui.model.clock import Time
    from penguintui.model.status import Status


@record
class Line:
    """One line. Times ascend; a gap in the data is a NaN value between its neighbours."""

    name: str
    times: tuple[Time, ...]
    values: tuple[float, ...]


@record
class Mark:
    """Something that happened, as a vertical mark. kind: release, incident, run or finding."""

    at: Time
    kind: str
    text: str
    status: Status | None = None


@record
class Limit:
    """A horizontal line: a promise's target, a check's threshold."""

    value: float
    text: str
    status: Status | None = None


@record
class Tick:
    """A place on an axis and the text that stands there."""

    at: float
    text: str


@record
class Chart:
    """`x_ticks` are times, `y_ticks` values; both within the range shown. `low` and `high` bound the y axis.

    trouble: why there is nothing to draw ("no data yet, asked at 14:05:09Z"); lines are empty then.
    latest: the newest value of each line as text, in the lines' order.
    """

    title: str
    start: Time
    end: Time
    unit: str = ""
    lines: tuple[Line, ...] = ()
    marks: tuple[Mark, ...] = ()
    limits: tuple[Limit, ...] = ()
    x_ticks: tuple[Tick, ...] = ()
    y_ticks: tuple[Tick, ...] = ()
    low: float = 0.0
    high: float = 1.0
    latest: tuple[str, ...] = ()
    trouble: str = ""
    source: str = ""
