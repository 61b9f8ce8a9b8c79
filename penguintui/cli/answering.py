"""Answers to queries as text: tables that stay in one order, charts of dots."""

from __future__ import annotations

from math import isfinite

from penguintui.query.language.written import series
from penguintui.query.results import Matrix, Result, Scalar, Text, Vector
from penguintui.views import format as words
from penguintui.views.models.chart import Chart
from penguintui.widgets import raster

_LETTERS = "abcdef"


def table(answer: Result, *, keep_order: bool) -> list[str]:
    """One line for each value: series, time (of a range), value. Ordered by series, unless the answer's order counts.

    Empty when nothing matches.
    """
    from penguintui.query.language.floats import format_sample

    match answer:
        case Scalar(value=value):
            return [format_sample(value)]
        case Text(value=text):
            return [text]
        case Vector(samples=samples):
            rows = [(series(one.labels), "", format_sample(one.value)) for one in samples]
        case Matrix():
            rows = [
                (series(one.labels), _time(time), format_sample(value))
                for one in answer.series
                for time, value in zip(one.times, one.values, strict=True)
            ]
    if not keep_order:
        rows.sort(key=lambda row: row[0])
    names, values = max((len(r[0]) for r in rows), default=0), max((len(r[2]) for r in rows), default=0)
    return ["  ".join(filter(None, (f"{name:<{names}}", time, f"{value:>{values}}"))) for name, time, value in rows]


def _time(at: float) -> str:
    """2026-11-24 14:05:09Z, with a fraction where there is one."""
    return words.moment(at) if at == int(at) else f"{words.date(at)} {words.clock_exact(at)}Z"


def drawn(expr: str, answer: Matrix, span: tuple[float, float, float], size: tuple[int, int], ascii_only: bool) -> str:
    """A range's answer as a chart with axes and a legend, or why there is none.

    span: start, end and step in seconds. size: columns and rows of the plot with its axis. At most six series are
    drawn, those that end highest. Letters at their ends tell them apart, so that no colour is needed.
    """
    from penguintui.views.ask import Past, Series
    from penguintui.views.charts import chart

    lines = [Series({"name": series(s.labels)}, tuple(s.times), tuple(s.values)) for s in answer.series]
    found = chart(expr, Past(expr, *span, tuple(lines)), "", span[1], name="name")
    if found.trouble:
        return found.trouble
    width, height = size
    gutter = max((len(tick.text) for tick in found.y_ticks), default=0)
    room = max(10, width - gutter - 2)
    picture = raster.draw(found, room, height, ascii_only)
    if picture.trouble:
        return picture.trouble
    rows = [[text for text, _ in raster.overlay(picture.layers, y, room)] for y in range(height)]
    _name_ends(found, rows)
    labels = {_row(found, tick.at, height): tick.text for tick in found.y_ticks}
    text = [f"{labels.get(y, ''):>{gutter}} |{''.join(row)}".rstrip() for y, row in enumerate(rows)]
    text += [f"{'':>{gutter}} +{'-' * room}", f"{'':>{gutter}}  {_ticks(found, room)}"]
    text += [f"{_LETTERS[i]} {one.name or expr}  {found.latest[i]}" for i, one in enumerate(found.lines)]
    if hidden := len(answer.series) - len(found.lines):
        text.append(f"and {hidden} more series, which end lower")
    return "\n".join(text)


def _name_ends(chart: Chart, rows: list[list[str]]) -> None:
    """A letter where each line ends; left of another's when both end in one place."""
    taken: set[tuple[int, int]] = set()
    for letter, line in zip(_LETTERS, chart.lines, strict=False):
        ends = [(at, value) for at, value in zip(line.times, line.values, strict=True) if isfinite(value)][-1:]
        for at, value in ends:
            y, x = _row(chart, value, len(rows)), _column(chart, at, len(rows[0]))
            while (y, x) in taken and x > 0:
                x -= 1
            taken.add((y, x))
            rows[y][x] = letter


def _row(chart: Chart, value: float, height: int) -> int:
    return height - 1 - round((value - chart.low) / (chart.high - chart.low) * (height - 1))


def _column(chart: Chart, at: float, width: int) -> int:
    return round((at - chart.start) / ((chart.end - chart.start) or 1.0) * (width - 1))


def _ticks(chart: Chart, width: int) -> str:
    """The times under the dots; one that would overlap another, or the end, is left out."""
    line = ""
    for tick in chart.x_ticks:
        column = _column(chart, tick.at, width) - len(tick.text) // 2
        if column >= len(line) + bool(line) and column + len(tick.text) <= width:
            line = f"{line:<{column}}{tick.text}"
    return line
