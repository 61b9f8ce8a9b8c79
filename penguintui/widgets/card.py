"""Promises as cards: now, target, error budget left, how fast it burns, and the trend."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.style import Style

from penguintui.model.status import Status
from penguintui.widgets.box import box, side_by_side
from penguintui.widgets.canvas import Lines
from penguintui.widgets.gauge import gauge
from penguintui.widgets.line import EMPTY, Line, fit, join, line, span, width_of
from penguintui.widgets.look import DIM_STYLE, FAINT_STYLE, STATUS_STRONG, STATUS_STYLE, STRONG, TRACK_STYLE
from penguintui.widgets.parts import value
from penguintui.widgets.spark import sparkline, tall_spark
from penguintui.widgets.status import mark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from penguintui.views.models.executive import PromiseCard

_CARD = 34
_COMPACT_GAUGE = 10


def _now(card: PromiseCard) -> Line:
    if card.now.stale:
        return value(card.now)
    quiet = card.status is Status.OK
    return line((card.now.text, STRONG if quiet else STATUS_STRONG[card.status]))


def _budget(card: PromiseCard, width: int) -> Line:
    if card.budget_left is None:
        return line((card.note or "too little history for a budget", FAINT_STYLE))
    tail: Line = (
        (f" {card.budget_text:>5}", STRONG if card.burn_status is Status.OK else STATUS_STRONG[card.burn_status]),
        ("  ", Style()),
        span(f"{card.burn_text:<10}", FAINT_STYLE if card.burn_status is Status.OK else STATUS_STYLE[card.burn_status]),
    )
    bar = min(24, width - width_of(tail) - 5)
    return (("left ", FAINT_STYLE), *gauge(card.budget_left, bar, STATUS_STYLE[card.status]), *tail)


def card_lines(card: PromiseCard, width: int, tall: bool) -> list[Line]:
    """The inside of one card: three lines, or four when its trend is two rows tall."""
    first: Line = (mark(card.status), (" ", Style()), *_now(card), ("  ", Style()), span(card.target, FAINT_STYLE))
    if card.note and card.budget_left is not None:
        first = (*first, span(f"  {card.note}", FAINT_STYLE))
    label = f" {card.trend.label or card.window}"
    room = width - len(label)
    style = STATUS_STYLE[card.status]
    if not any(point is not None for point in card.trend.points):
        trend: list[Line] = [line(("no history yet", FAINT_STYLE))]
        trend = [EMPTY, *trend] if tall else trend
    elif tall:
        top, bottom = tall_spark(card.trend.points, room, 2)
        trend = [((top, style),), ((bottom, style), (label, FAINT_STYLE))]
    else:
        trend = [((sparkline(card.trend.points, room), style), (label, FAINT_STYLE))]
    return [first, _budget(card, width), *trend]


def compact_line(card: PromiseCard, names: int, numbers: int, width: int) -> Line:
    """A promise in one row, for narrow terminals."""
    worries = card.status is not Status.OK
    name = fit((span(card.name, STATUS_STYLE[card.status] if worries else DIM_STYLE),), names)
    start: Line = (mark(card.status), (" ", Style()), *name, (" ", Style()), *fit(_now(card), numbers, "right"))
    target = fit((span(card.target, FAINT_STYLE),), 11)
    if card.budget_left is None:
        budget = line((card.note, FAINT_STYLE))
    else:
        burn = FAINT_STYLE if card.burn_status is Status.OK else STATUS_STYLE[card.burn_status]
        budget = (
            *gauge(card.budget_left, _COMPACT_GAUGE, STATUS_STYLE[card.status]),
            span(f" {card.budget_text:>5} left  ", TRACK_STYLE if not card.budget_text else DIM_STYLE),
            span(card.burn_text, burn),
        )
    return fit(join([start, target, budget], " "), width)


class Promises(Lines):
    """All promises: cards in a grid where there is room, one row each where there is not."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._cards: Sequence[PromiseCard] = ()
        self._tall = True
        self._compact = False

    def show(self, cards: Sequence[PromiseCard], *, tall: bool, compact: bool) -> None:
        """tall: trends of two rows. compact: one row for each promise, whatever the width."""
        if (cards, tall, compact) != (self._cards, self._tall, self._compact):
            self._cards, self._tall, self._compact = cards, tall, compact
            self.rebuild()

    def layout_lines(self, width: int) -> list[Line]:
        if not self._cards:
            return []
        if self._compact or width < 2 * _CARD:
            names = min(max(len(card.name) for card in self._cards), max(8, width - 40))
            numbers = max(width_of(_now(card)) for card in self._cards)
            return [compact_line(card, names, numbers, width) for card in self._cards]
        across = min(len(self._cards), 3 if width < 4 * _CARD + 40 else 6)
        rows: list[Line] = []
        for start in range(0, len(self._cards), across):
            rows.extend(self._row(self._cards[start : start + across], width))
        return rows

    def _row(self, cards: Sequence[PromiseCard], width: int) -> list[Line]:
        """A row takes the whole width, however few cards are left for it."""
        boxes: list[list[Line]] = []
        left = width - (len(cards) - 1)
        for index, card in enumerate(cards):
            share = left // (len(cards) - index)
            left -= share
            inside = card_lines(card, share - 4, self._tall)
            boxes.append(box(card.name, inside, share, card.status))
        return side_by_side(boxes)
