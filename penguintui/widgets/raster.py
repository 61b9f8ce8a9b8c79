"""The dots of a chart: plotext's canvas, drawn away from the event loop.

plotext has one figure for the whole process, so one thread draws, one picture at a time. It gets no more points than
the picture has columns of dots: each column's lowest and highest value. Axes, marks and words are not plotext's; the
chart widget lays them around the dots.
"""

from __future__ import annotations

import math
import sys
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar

from penguintui.model.record import record

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from penguintui.views.models.chart import Chart, Line

_KEPT = 64
_ASCII_MARKERS = "*+ox%@"


@record
class Raster:
    """Rows of dots for each line of a chart, in the lines' order, all of the same size; "" is an empty picture."""

    width: int
    height: int
    layers: tuple[tuple[str, ...], ...]
    trouble: str = ""


class _Cache:
    """The pictures drawn last, by what they show. Used by the event loop only."""

    pictures: ClassVar[OrderedDict[Hashable, Raster]] = OrderedDict()


@cache
def _thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="drawing")


def known(chart: Chart, width: int, height: int, ascii_only: bool) -> Raster | None:
    """The picture, when it was drawn before."""
    return _Cache.pictures.get((chart, width, height, ascii_only))


def keep(chart: Chart, ascii_only: bool, picture: Raster) -> None:
    """Remembers a picture; the oldest goes when there are too many."""
    _Cache.pictures[(chart, picture.width, picture.height, ascii_only)] = picture
    while len(_Cache.pictures) > _KEPT:
        _Cache.pictures.popitem(last=False)


def order(chart: Chart, width: int, height: int, ascii_only: bool) -> Future[Raster]:
    """Has the picture drawn by the drawing thread."""
    return _thread().submit(draw, chart, width, height, ascii_only)


def reduce_line(line: Line, start: float, end: float, dots: int) -> tuple[list[float], list[float], list[bool]]:
    """At most two points for each column of dots: its extremes in the order of time.

    Returns times, values, and whether each point is joined to the one before it: a gap is not.
    """
    if len(line.times) > 2 * dots:
        return _extremes(line, start, end, dots)
    points = [(at, value) for at, value in zip(line.times, line.values, strict=True) if start <= at <= end]
    finite = [math.isfinite(value) for _, value in points]
    joined = [here for here, there in zip([False, *finite], finite, strict=False) if there]
    kept = [point for point, there in zip(points, finite, strict=True) if there]
    return [at for at, _ in kept], [value for _, value in kept], joined


def _extremes(line: Line, start: float, end: float, dots: int) -> tuple[list[float], list[float], list[bool]]:
    """See `reduce_line`: of many points."""
    import numpy as np

    times = np.asarray(line.times, dtype=float)
    values = np.asarray(line.values, dtype=float)
    inside = (times >= start) & (times <= end)
    times, values = times[inside], values[inside]
    finite = np.isfinite(values)
    broken = np.concatenate(([True], ~finite[:-1])) if len(values) else np.zeros(0, dtype=bool)
    times, values, broken = times[finite], values[finite], broken[finite]
    if len(times) <= 2 * dots:
        return times.tolist(), values.tolist(), (~broken).tolist()
    column = np.minimum(((times - start) / (end - start) * dots).astype(int), dots - 1)
    starts = np.flatnonzero(np.concatenate(([True], np.diff(column) > 0)))
    low, high = np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)
    gap = np.logical_or.reduceat(broken, starts)
    rising = values[np.append(starts[1:], len(values)) - 1] >= values[starts]
    at = times[starts]
    first, second = np.where(rising, low, high), np.where(rising, high, low)
    reduced_times = np.repeat(at, 2).tolist()
    reduced_values = np.column_stack((first, second)).ravel().tolist()
    joined = np.column_stack((~gap, np.ones(len(at), dtype=bool))).ravel().tolist()
    return reduced_times, reduced_values, joined


def draw(chart: Chart, width: int, height: int, ascii_only: bool) -> Raster:
    """Draws every line of a chart on a canvas of its own. Runs in the drawing thread.

    Whatever goes wrong in the library becomes the picture's `trouble`, since a chart must not end the viewer.
    """
    try:
        layers = tuple(
            _layer(line, chart, width, height, _ASCII_MARKERS[index % len(_ASCII_MARKERS)] if ascii_only else "braille")
            for index, line in enumerate(chart.lines)
        )
    except Exception as error:
        return Raster(width, height, (), f"this chart could not be drawn: {type(error).__name__}: {error}")
    return Raster(width, height, layers)


def _layer(line: Line, chart: Chart, width: int, height: int, marker: str) -> tuple[str, ...]:
    dots = width if marker != "braille" else width * 2
    times, values, joined = reduce_line(line, chart.start, chart.end, dots)
    if not times:
        return ()
    figure = _figure(width, height)
    low, high = _bounds(chart)
    figure.ruler("x", "lower").lim(0.0, max(chart.end - chart.start, 1e-9))
    figure.ruler("y", "left").lim(low, high)
    held = [min(max(value, low), high) for value in values]
    signal = figure.signal([at - chart.start for at in times], held, marker=marker).lines().density("full")
    for index, connected in enumerate(joined):
        if not connected:
            signal.line(index, False)
    figure.draw(signal)
    rows = figure.build().string(colorless=True).split("\n")
    return tuple(row.ljust(width)[:width] for row in rows[:height])


def _bounds(chart: Chart) -> tuple[float, float]:
    low, high = chart.low, chart.high
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
        return (low - 1.0, low + 1.0) if math.isfinite(low) else (0.0, 1.0)
    return (low, high)


@cache
def _plotext() -> Any:
    """plotext without its manual: to put that together takes three quarters of the time of its import."""
    manual = ModuleType("plotext._doc.doc")
    manual.__dict__["docs"] = None
    sys.modules.setdefault(manual.__name__, manual)
    import plotext

    return plotext


def _figure(width: int, height: int) -> Any:
    """plotext's figure, emptied: canvas only, in the size asked for, whatever the terminal's own size is."""
    plotext = _plotext()
    plotext.terminal.limit(False, False)
    figure = plotext.figure
    figure.clear()
    figure.axes(False)
    figure.ruler("both", "both").frequency(0)
    figure.plot_size(width, height)
    return figure


def overlay(layers: Sequence[tuple[str, ...]], y: int, width: int) -> list[tuple[str, int]]:
    """Row `y` of all layers on each other: the character of each cell, and the layer that colours it (-1: none).

    The first layer lies on top: a chart names first what it is about, and what that is compared with after it.
    """
    cells: list[tuple[str, int]] = [(" ", -1)] * width
    for index, layer in reversed(list(enumerate(layers))):
        if y >= len(layer):
            continue
        for x, character in enumerate(layer[y][:width]):
            if character in (" ", "\u2800"):
                continue
            cells[x] = (_both(cells[x][0], character), index)
    return cells


def _both(below: str, above: str) -> str:
    """The dots of two braille characters; of other characters the upper one."""
    if "\u2800" < below <= "\u28ff" and "\u2800" < above <= "\u28ff":
        return chr(ord(below) | ord(above))
    return above
