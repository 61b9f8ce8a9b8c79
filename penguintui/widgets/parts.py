"""What views say, as spans: parts of sentences, values with their age, trends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from penguintui.model.record import record
from penguintui.model.status import Status
from penguintui.widgets.line import Line, Span, line, span
from penguintui.widgets.look import (
    DIM_STYLE,
    FAINT_STYLE,
    KEY,
    STATUS_STRONG,
    STATUS_STYLE,
    STRONG,
    TEXT_STYLE,
    TRACK_STYLE,
)
from penguintui.widgets.spark import sparkline

if TYPE_CHECKING:
    from penguintui.views.models.what import Part, Sentence, Trend, Value

_WIDEST_TREND = 40


def part(what: Part) -> Span:
    """One part in its style. A key is drawn as keys are everywhere."""
    if what.key:
        return span(what.text, KEY)
    if what.status is not None:
        return span(what.text, (STATUS_STRONG if what.strong else STATUS_STYLE)[what.status])
    style = STRONG if what.strong else FAINT_STYLE if what.dim else TEXT_STYLE
    return span(what.text, style)


def sentence(parts: Sentence) -> Line:
    return line(*(part(one) for one in parts))


def value(what: Value, strong: bool = False, quiet: bool = False) -> Line:
    """A number in its colour. One that is stale is dimmed and carries its age; a fine one stays quiet if asked."""
    if what.stale:
        return line((what.text, FAINT_STYLE), (f" {what.age}" if what.age else "", FAINT_STYLE))
    if what.status is None or (quiet and what.status is Status.OK):
        return line((what.text, STRONG if strong else TEXT_STYLE))
    return line((what.text, (STATUS_STRONG if strong else STATUS_STYLE)[what.status]))


def trend(what: Trend, width: int, status: Status | None) -> Span:
    """A trend in the colour of what it belongs to, grey while that is fine."""
    if not any(point is not None for point in what.points):
        return (" " * width, TRACK_STYLE)
    quiet = status is None or status is Status.OK
    return (sparkline(what.points, width), FAINT_STYLE if quiet else STATUS_STYLE[status or Status.OK])


@record
class TrendCell:
    """A trend that takes whatever width its column has. Equal ones are not drawn again."""

    what: Trend
    status: Status | None

    def __call__(self, width: int) -> Line:
        return (trend(self.what, min(width, _WIDEST_TREND), self.status),)


def words(text: str, status: Status | None) -> Span:
    """Text in the colour of a status that worries, plain otherwise."""
    if status is None or status is Status.OK:
        return span(text, DIM_STYLE if status is None else TEXT_STYLE)
    return span(text, STATUS_STYLE[status])
