"""Charts: lines from answers about the past, with axes in words."""

from __future__ import annotations

import math
from collections.abc import Sequence

from penguintui.model.clock import Time
from penguintui.views import format as say
from penguintui.views.ask import Past, Series, why_empty
from penguintui.views.models.chart import Chart, Limit, Line, Mark, Tick

_SPACES = (60, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 2 * 86400, 5 * 86400, 7 * 86400)
_MOST_LINES = 6
_BRIDGE = 300.0
"""Seconds without a point across which a line is still drawn."""
_FARTHEST, _SMALLEST, _CLOSEST = 1e300, 1e-300, 1e-9
"""What floating point can divide into steps: the largest size, the smallest, the smallest span as a part of it."""


def chart(
    title: str,
    past: Past,
    unit: str,
    at: Time,
    *,
    name: str = "",
    marks: Sequence[Mark] = (),
    limits: Sequence[Limit] = (),
    share: bool = False,
) -> Chart:
    """A chart of an answer, a line for each series (at most six: those that end highest).

    name: the label whose value names a line; else all labels do. share: the axis is that of a percentage, 0 to 100.
    """
    series = sorted(past.series, key=_last, reverse=True)[:_MOST_LINES]
    lines = tuple(Line(s.labels.get(name, "") or _named(s), *with_gaps(s, past.step)) for s in series)
    return drawn(title, lines, unit, past.start, past.end, why_empty(past, at), past.expr, marks, limits, share)


def drawn(
    title: str,
    lines: Sequence[Line],
    unit: str,
    start: Time,
    end: Time,
    trouble: str,
    source: str,
    marks: Sequence[Mark] = (),
    limits: Sequence[Limit] = (),
    share: bool = False,
) -> Chart:
    """A chart of lines that are made already."""
    values = [v for line in lines for v in line.values if math.isfinite(v)] + [one.value for one in limits]
    low, high = _range(values, 100.0 if unit == "percent" else 1.0) if share else _range(values, None)
    latest = tuple(say.quantity(next((v for v in reversed(line.values) if v == v), None), unit) for line in lines)  # noqa: PLR0124
    return Chart(
        title=title,
        start=start,
        end=end,
        unit=unit,
        lines=tuple(lines),
        marks=tuple(marks),
        limits=tuple(limits),
        x_ticks=time_ticks(start, end),
        y_ticks=tuple(Tick(v, say.quantity(v, unit)) for v in _steps(low, high)),
        low=low,
        high=high,
        latest=latest,
        trouble=trouble,
        source=source,
    )


def with_gaps(series: Series, step: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Times and values with a NaN where points are missing between two of them, so that no line is drawn across.

    A few minutes without one are bridged, as a query itself does: not every series has a point at every step.
    """
    longest = max(1.5 * step, _BRIDGE)
    times: list[float] = []
    values: list[float] = []
    for time, value in zip(series.times, series.values, strict=True):
        if times and time - times[-1] > longest:
            times.append(times[-1] + step)
            values.append(math.nan)
        times.append(time)
        values.append(value)
    return tuple(times), tuple(values)


def time_ticks(start: Time, end: Time, most: int = 6) -> tuple[Tick, ...]:
    """Round times within a span: clock times up to two days, dates beyond."""
    length = end - start
    if length <= 0:
        return ()
    space = next((s for s in _SPACES if length / s <= most), math.ceil(length / most / 86400) * 86400)
    first = math.ceil(start / space) * space
    dated = length > 2 * say.DAY
    places = range(int(first), int(end) + 1, int(space))
    return tuple(Tick(float(t), say.day(t) if dated else say.clock(t, zone=False)[:5]) for t in places)


def _last(series: Series) -> float:
    return next((v for v in reversed(series.values) if math.isfinite(v)), -math.inf)


def _named(series: Series) -> str:
    return ", ".join(value for key, value in sorted(series.labels.items()) if not key.startswith("__"))


def _range(values: Sequence[float], whole: float | None) -> tuple[float, float]:
    """The y axis: from zero, unless the values lie far from it and close together; a share's is always whole."""
    if whole is not None:
        return 0.0, max(whole, *values) if values else whole
    if not values:
        return 0.0, 1.0
    low, high = max(min(values), -_FARTHEST), min(max(values), _FARTHEST)
    if low >= 0 and (high - low > high * 0.2 or high == 0):
        low = 0.0
    size = max(abs(low), abs(high))
    if high - low <= size * _CLOSEST or size < _SMALLEST:
        low, high = (0.0, high * 1.25) if low > _SMALLEST else (low - max(1.0, size / 4), high + max(1.0, size / 4))
    space = _space(low, high)
    return min(math.floor(low / space) * space, low), max(math.ceil(high / space) * space, high)


def _space(low: float, high: float, wanted: int = 4) -> float:
    rough = (high - low) / wanted
    magnitude = 10.0 ** math.floor(math.log10(rough))
    return next(m * magnitude for m in (1, 2, 2.5, 5, 10) if m * magnitude >= rough * 0.999)


def _steps(low: float, high: float) -> tuple[float, ...]:
    space = _space(low, high)
    count = math.floor((high - low) / space + 1e-6)
    return tuple(low + index * space for index in range(count + 1))
