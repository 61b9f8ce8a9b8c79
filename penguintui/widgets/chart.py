"""A chart with its axes, limits and marks. Its dots come from the drawing thread; until then it keeps the old ones."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from rich.style import Style
from textual.message import Message

from penguintui.model.status import Status
from penguintui.widgets import raster
from penguintui.widgets.canvas import Canvas
from penguintui.widgets.line import EMPTY, Line, Span, clean, columns, fit, width_of
from penguintui.widgets.look import DIM_STYLE, FAINT_STYLE, MARK, SERIES, STATUS_STYLE, TEXT_STYLE, look
from penguintui.widgets.spark import spark

if TYPE_CHECKING:
    from concurrent.futures import Future

    from penguintui.views.models.chart import Chart, Limit, Mark, Tick
    from penguintui.widgets.raster import Raster

_SETTLED = 10.0
"""Seconds that a chart must have moved to be drawn again."""
_FAR_APART = 3
"""Rows between two labels of the axis from which they need not be equally far apart."""
_MARK_STYLE = Style(color=MARK)


class ChartView(Canvas):
    """Draws one chart. `show` may be called as often as one likes: only what changed is drawn and painted again."""

    DEFAULT_CSS = """
    ChartView { height: 1fr; min-height: 4; }
    """

    class Drawn(Message):
        """The drawing thread is done."""

        def __init__(self, chart: Chart, ascii_only: bool, picture: Raster) -> None:
            super().__init__()
            self.chart = chart
            self.ascii_only = ascii_only
            self.picture = picture

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._chart: Chart | None = None
        self._drawn: tuple[Chart, Raster] | None = None
        self._ordered: tuple[Chart, int, int] | None = None

    @property
    def chart(self) -> Chart | None:
        return self._chart

    def show(self, chart: Chart | None) -> None:
        shown = self._chart
        if chart == shown:
            return
        if chart is not None and shown is not None and _hardly_moved(shown, chart):
            self._chart = replace(shown, latest=chart.latest)
            self.repaint()
            return
        self._chart = chart
        self._bring()

    def resized(self) -> None:
        self._bring()

    def show_all_again(self) -> None:
        """Also when charts were left out on a slow link, and come back."""
        super().show_all_again()
        self._bring()

    # the picture

    def _plot_size(self, chart: Chart) -> tuple[int, int]:
        width, height = self._window()
        return (max(0, width - _gutter(chart)), max(0, height - self._above(chart, width) - self._below(chart)))

    def _above(self, chart: Chart, width: int) -> int:
        return min(2, len(_legend(chart, width)))

    def _below(self, chart: Chart) -> int:
        return (1 if chart.x_ticks else 0) + (1 if _shown_marks(chart) else 0)

    def _bring(self) -> None:
        """Takes the picture that is known, or has it drawn."""
        chart = self._chart
        if chart is None or not chart.lines or not look().charts:
            self._drawn = None
            self.repaint()
            return
        width, height = self._plot_size(chart)
        if width < 4 or height < 2:
            return
        ready = raster.known(chart, width, height, _letters(chart))
        if ready is not None:
            self._drawn = (chart, ready)
            self.repaint()
        elif self._ordered != (chart, width, height):
            self._ordered = (chart, width, height)
            future = raster.order(chart, width, height, _letters(chart))
            future.add_done_callback(lambda done: self._post(chart, done))

    def _post(self, chart: Chart, done: Future[Raster]) -> None:
        """Runs in the drawing thread: hands the picture over by message, which is safe from any thread."""
        if not done.cancelled() and done.exception() is None and self.is_running:
            self.post_message(self.Drawn(chart, _letters(chart), done.result()))

    def on_chart_view_drawn(self, message: Drawn) -> None:
        raster.keep(message.chart, message.ascii_only, message.picture)
        picture = message.picture
        if self._ordered == (message.chart, picture.width, picture.height):
            self._drawn = (message.chart, message.picture)
            self.repaint()

    # drawing

    def compose_line(self, y: int, width: int) -> Line:
        chart = self._chart
        if chart is None:
            return EMPTY
        if not chart.lines or chart.trouble:
            return ((clean(chart.trouble or "no data"), FAINT_STYLE),) if y == 0 else EMPTY
        return self._chart_row(chart, y, width) if look().charts else _trend_row(chart, y, width)

    def _chart_row(self, chart: Chart, y: int, width: int) -> Line:
        legend = _legend(chart, width)[: self._above(chart, width)]
        if y < len(legend):
            return legend[y]
        y -= len(legend)
        plot_width, plot_height = self._plot_size(chart)
        if y < plot_height:
            return (*_y_label(chart, y, plot_height), *self._plot_row(y, plot_width, plot_height))
        gutter: Span = (" " * _gutter(chart), Style())
        if y == plot_height and chart.x_ticks:
            return (gutter, *_ticks_row(chart, plot_width))
        return (gutter, *_marks_row(chart, plot_width))

    def _plot_row(self, y: int, width: int, height: int) -> Line:
        if self._drawn is None:
            return (("drawing", FAINT_STYLE),) if y == height // 2 else EMPTY
        chart, picture = self._drawn
        if picture.trouble:
            return ((clean(picture.trouble), FAINT_STYLE),) if y == 0 else EMPTY
        styles = [Style(color=SERIES[index % len(SERIES)]) for index in range(len(picture.layers))]
        cells: list[Span] = [
            (character, styles[layer] if layer >= 0 else Style())
            for character, layer in raster.overlay(picture.layers, y, width)
        ]
        for mark in _shown_marks(chart):
            x = _column(chart, mark.at, width)
            if 0 <= x < width and cells[x][0] == " ":
                cells[x] = (look().vertical, _MARK_STYLE)
        for limit in chart.limits:
            if _row(chart, limit.value, height) == y:
                _limit_row(cells, limit)
        return _joined(cells)


def _letters(chart: Chart) -> bool:
    """Whether lines are drawn in letters: in ASCII, and where several could be told apart by their colour alone."""
    return look().ascii or (look().colourless and len(chart.lines) > 1)


def _trend_row(chart: Chart, y: int, width: int) -> Line:
    """In the place of a chart, on a slow link: a row for each line, its trend and its newest value."""
    if y >= len(chart.lines):
        return EMPTY
    one = chart.lines[y]
    latest = chart.latest[y] if y < len(chart.latest) else ""
    style = Style(color=SERIES[y % len(SERIES)])
    words: Line = ((f" {clean(one.name)}", DIM_STYLE), (f" {clean(latest)}", TEXT_STYLE))
    points = [None if math.isnan(value) else value for value in one.values]
    return (spark(points, max(0, width - width_of(words)), style), *words)


def _hardly_moved(shown: Chart, chart: Chart) -> bool:
    """Whether a chart is the one that is shown, a few seconds later. Drawing each of those would cost a slow link
    more than it tells; the newest values are written beside it all the same."""
    same = (shown.title, shown.marks, shown.limits, shown.trouble) == (
        chart.title,
        chart.marks,
        chart.limits,
        chart.trouble,
    )
    names = [line.name for line in shown.lines] == [line.name for line in chart.lines]
    moved = chart.end - shown.end
    return same and names and bool(chart.lines) and 0 < moved < _SETTLED


def _joined(cells: list[Span]) -> Line:
    joined: list[Span] = []
    for text, style in cells:
        if joined and joined[-1][1] == style:
            joined[-1] = (joined[-1][0] + text, style)
        else:
            joined.append((text, style))
    return tuple(joined)


def _limit_row(cells: list[Span], limit: Limit) -> None:
    """A dashed line where the dots leave room, and its text at the right end."""
    style = STATUS_STYLE[limit.status if limit.status is not None else Status.WARNING]
    for x, (text, _) in enumerate(cells):
        if text in (" ", look().vertical):
            cells[x] = (look().threshold, style + Style(dim=True))
    words = f" {clean(limit.text)} "
    start = len(cells) - len(words)
    if start > len(cells) // 2:
        free = all(cells[x][0] == look().threshold for x in range(start, len(cells)))
        if not free:
            start = 1
        if all(cells[x][0] == look().threshold for x in range(start, start + len(words))):
            for offset, character in enumerate(words):
                cells[start + offset] = (character, style)


def _gutter(chart: Chart) -> int:
    return max((len(tick.text) for tick in chart.y_ticks), default=0) + 1


def _row(chart: Chart, value: float, height: int) -> int:
    """The row of a value, 0 at the top; -1 when it lies outside."""
    reach = chart.high - chart.low
    if reach <= 0:
        return -1
    share = (value - chart.low) / reach
    return height - 1 - round(share * (height - 1)) if 0 <= share <= 1 else -1


def _column(chart: Chart, at: float, width: int) -> int:
    reach = chart.end - chart.start
    share = (at - chart.start) / reach if reach > 0 else -1.0
    return round(share * (width - 1)) if 0 <= share <= 1 else -1


def _y_label(chart: Chart, y: int, height: int) -> Line:
    gutter = _gutter(chart)
    for tick in _even(chart.y_ticks, height):
        if _row(chart, tick.at, height) == y:
            return (*fit(((clean(tick.text), FAINT_STYLE),), gutter - 1, "right"), (" ", Style()))
    return ((" " * gutter, Style()),)


def _even(ticks: tuple[Tick, ...], height: int) -> tuple[Tick, ...]:
    """As many of the ticks, the lowest and the highest among them, as stand equally far apart in so many rows.

    Where they are far apart, a row more or less is not seen.
    """
    steps, rows = len(ticks) - 1, height - 1
    for stride in range(1, steps):
        apart = rows * stride
        if steps % stride == 0 and (apart % steps == 0 or apart / steps >= _FAR_APART):
            return ticks[::stride]
    return ticks[:: max(steps, 1)]


def _place(texts: list[tuple[int, str, Style]], width: int) -> Line:
    """Texts at their columns; what would overlap an earlier one is left out."""
    spans: list[Span] = []
    end = 0
    for column, text, style in texts:
        start = min(max(column - len(text) // 2, 0), width - len(text))
        if start < end + (1 if spans else 0) or start < 0:
            continue
        spans.append((" " * (start - end), Style()))
        spans.append((text, style))
        end = start + len(text)
    return tuple(spans)


def _ticks_row(chart: Chart, width: int) -> Line:
    return _place([(_column(chart, tick.at, width), clean(tick.text), FAINT_STYLE) for tick in chart.x_ticks], width)


def _shown_marks(chart: Chart) -> list[Mark]:
    return [mark for mark in chart.marks if chart.start <= mark.at <= chart.end]


def _marks_row(chart: Chart, width: int) -> Line:
    """The newest marks win the room; the others keep their line in the plot."""
    wanted = sorted(_shown_marks(chart), key=lambda mark: mark.at, reverse=True)
    taken: list[tuple[int, str, Style]] = []
    left = width + 1
    for mark in wanted:
        style = STATUS_STYLE[mark.status] if mark.status is not None else DIM_STYLE
        column = _column(chart, mark.at, width)
        text = f"{look().mark} {clean(mark.text)}"
        start = min(column, width - len(text))
        if start < 0 or start + len(text) + 1 > left:
            continue
        taken.append((start + len(text) // 2, text, style))
        left = start
    return _place(taken[::-1], width)


def _legend(chart: Chart, width: int) -> list[Line]:
    """What each colour stands for, with the newest value; nothing when one line says it all in the title."""
    if len(chart.lines) < 2:
        return []
    parts: list[Line] = []
    for index, one in enumerate(chart.lines):
        mark = "*+ox%@"[index % 6] if _letters(chart) else look().series
        latest = chart.latest[index] if index < len(chart.latest) else ""
        parts.append(
            (
                (mark, Style(color=SERIES[index % len(SERIES)])),
                (f" {clean(one.name)}", DIM_STYLE),
                (f" {clean(latest)}", TEXT_STYLE),
            )
        )
    return [row for row in columns(parts, "   ", width) if width_of(row) <= width]
