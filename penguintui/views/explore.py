"""What an expression gives at the moment, and over the hour before it."""

from __future__ import annotations

from dataclasses import replace

from penguintui.views import charts
from penguintui.views import format as say
from penguintui.views.ask import Answer, Ask, Past, trend
from penguintui.views.models.explore import Explore, ExploreRow
from penguintui.views.models.what import Trend

_HOUR = 3600.0
_POINTS = 240
_MOST_ROWS = 1000
_NO_TREND = Trend(label="1h")
_NAME = "name"
"""The only label that a chart's lines keep."""


def build(ask: Ask, expression: str) -> Explore:
    """The answer to an expression; without one, what expressions are made of."""
    words = ask.vocabulary()
    if not expression:
        known = f"{say.counted(len(words.metrics), 'metric')} known to {ask.place}"
        return Explore("", ask.place, known, words=words)
    answer = ask.instant(expression)
    if answer.trouble:
        return Explore(expression, ask.place, "no answer", answer.trouble, words=words)
    past = ask.past(expression, _HOUR, _POINTS)
    return Explore(
        expression,
        ask.place,
        _said(answer),
        rows=_rows(answer, past),
        chart=charts.chart("The hour before", _named(past), "", ask.at, name=_NAME),
        words=words,
    )


def _said(answer: Answer) -> str:
    count = len(answer.points)
    if not count:
        return "nothing matches"
    cut = f", {_MOST_ROWS:,} are shown" if count > _MOST_ROWS else ""
    return f"{say.counted(count, 'series', 'series')}{cut}"


def _named(past: Past) -> Past:
    """The same, each series named by what tells it apart: the values of those labels that are not all alike."""
    names = sorted({name for one in past.series for name in one.labels})
    telling = [name for name in names if len({one.labels.get(name) for one in past.series}) > 1]
    shown = [", ".join(filter(None, (one.labels.get(name, "") for name in telling))) for one in past.series]
    lines = zip(past.series, shown, strict=True)
    return replace(past, series=tuple(replace(one, labels={_NAME: name or past.expr}) for one, name in lines))


def _rows(answer: Answer, past: Past) -> tuple[ExploreRow, ...]:
    """Ordered by series, unless the expression asks for an order."""
    from penguintui.query.language.floats import format_sample
    from penguintui.query.language.written import is_ordered, series

    trends = {series(one.labels): trend(one, past, "1h") for one in past.series}
    rows = [
        ExploreRow(name, format_sample(point.value), point.value, trends.get(name, _NO_TREND))
        for point in answer.points
        for name in [series(point.labels)]
    ]
    if not is_ordered(answer.expr):
        rows.sort(key=lambda row: row.series)
    return tuple(rows[:_MOST_ROWS])
