"""How a wall is drawn: few words, big digits, everything as large as there is room for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.style import Style

from penguintui.model.status import Status
from penguintui.views import format as say
from penguintui.views.models.wall import Room, Wall, WallItem, WallPage
from penguintui.widgets.canvas import Canvas
from penguintui.widgets.digits import big, big_lines, height_of_big, sizes, width_of_big
from penguintui.widgets.line import EMPTY, Line, fit, join, line, restyle, span, width_of, wrap
from penguintui.widgets.look import (
    BADGE,
    BORDER,
    DIM_STYLE,
    FAINT_STYLE,
    STATUS_STRONG,
    STATUS_STYLE,
    STRONG,
    TEXT_STYLE,
    look,
)
from penguintui.widgets.numbers import cell_lines, figure_cells, grid_for, promise_cells, written
from penguintui.widgets.spark import tall_spark
from penguintui.widgets.status import counts, mark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from penguintui.model.clock import Time
    from penguintui.views.models.frame import FrameView

SHIFTS = ((0, 0), (1, 0), (2, 0), (2, 1), (1, 1), (0, 1))
"""Where the picture stands, hour by hour: each a cell from the one before, and the last from the first."""
_MARGIN = 1
_TOP = 2
_FOOT = 2
_CLOCK = 68
"""Cells beside the state from which on the clock is drawn large there."""


def shift(now: Time) -> tuple[int, int]:
    """By how many cells the whole picture is moved to the right and down, so that nothing burns in."""
    return SHIFTS[int(now // 3600) % len(SHIFTS)]


def _inside(width: int, height: int) -> tuple[int, int]:
    """The room for the picture, with that for its shifting taken off."""
    return max(1, width - 2 * _MARGIN - 2), max(1, height - 1)


def _band(width: int, height: int) -> int:
    """Rows for the word that says how things stand."""
    least = height_of_big(sizes()[-1])
    return min(max(height // 7, least), height_of_big(sizes()[0])) if height >= 18 else 1


def _body(width: int, height: int) -> int:
    return max(1, height - _TOP - _band(width, height) - 1 - _FOOT)


def _held_rows(body: int) -> int:
    """Rows for the number or the name of what is held."""
    return max(1, body * 2 // 5)


def room(wall: Wall, width: int, height: int) -> Room:
    """What a page has room for on a terminal of a size."""
    inner, rows = _inside(width, height)
    body = _body(inner, rows)
    promises, figures = (
        grid_for(cells, inner, body).cells for cells in (promise_cells(wall.promises), figure_cells(wall.figures))
    )
    return Room(lines=body, beside=max(1, body - _held_rows(body) - 4), promises=promises, figures=figures)


def face(
    wall: Wall, frame: FrameView, page: WallPage, now: Time, width: int, height: int, said: str = ""
) -> list[Line]:
    """The whole picture, `height` lines of at most `width` cells. said: a sentence about the wall itself."""
    inner, rows = _inside(width, height)
    body_rows = _body(inner, rows)
    blind = page.kind == "blind"
    body = _drawn(wall, frame, page, inner, body_rows, now)[:body_rows]
    if blind:
        body = [restyle(one, Style(dim=True)) for one in body]
    lines = [
        _top(frame, wall, now, inner),
        ((look().rule * inner, Style(color=BORDER)),),
        *_state(wall, frame, blind, now, inner, _band(inner, rows)),
        EMPTY,
        *body,
    ]
    lines = lines[: max(0, rows - _FOOT)]
    lines += [EMPTY] * (rows - _FOOT - len(lines))
    foot = _foot(frame, page, inner)
    lines += [line((said, STATUS_STYLE[Status.WARNING])), restyle(foot, Style(dim=True)) if blind else foot]
    across, down = shift(now)
    before: Line = ((" " * (_MARGIN + across), Style()),)
    held_in = (one if width_of(one) <= inner else fit(one, inner) for one in lines)
    moved = [EMPTY] * down + [(*before, *one) if one else EMPTY for one in held_in]
    return moved[:height] + [EMPTY] * (height - len(moved))


def _top(frame: FrameView, wall: Wall, now: Time, width: int) -> Line:
    """Where this is, who is on it, the clock with its seconds, and how old the data is."""
    silence = None if wall.heard is None else max(0.0, now - wall.heard)
    clock: Line = (span(say.clock(now), STRONG),)
    age = line(("" if silence is None else f"data {say.span(silence)} old", DIM_STYLE))
    where: Line = (
        span(f" {frame.environment} ", BADGE),
        *line((f" {frame.region}" if frame.region else "", DIM_STYLE)),
    )
    incident = line((frame.incident, STATUS_STRONG[Status.WARNING]))
    on_call = line((f"on call {frame.on_call}" if frame.on_call else "", DIM_STYLE))
    for left in ((where, incident, on_call), (where, incident), (where,), (where[:1],)):
        first, last = join(left, "   "), join([clock, age], "  ")
        gap = width - width_of(first) - width_of(last)
        if gap >= 2:
            return (*first, (" " * gap, Style()), *last)
    return clock


def _state(wall: Wall, frame: FrameView, blind: bool, now: Time, width: int, height: int) -> list[Line]:
    """How things stand, in one large word, and since when."""
    status = Status.UNKNOWN if blind else wall.status
    word = "BLIND" if blind else status.word
    style = STATUS_STRONG[status] + Style(reverse=blind and height == 1)
    beside = _since(wall, frame, blind, now)
    if height == 1:
        return [(*((f"{look().shape(status)} {word} ", style),), *join(beside, "  "))]
    drawn = big_lines(word, style, width * 3 // 5, height)
    if len(drawn) == 1:
        drawn = [((f"{look().shape(status)} {word}", style),)]
    gap = 4
    room_left = width - max(width_of(one) for one in drawn) - gap
    clock = _big_clock(now, height) if room_left >= _CLOCK else []
    if clock:
        room_left -= width_of(clock[0]) + gap
    beside = [part for one in beside for part in wrap(one, max(room_left, 1))]
    blank: Line = ((" " * width_of(drawn[0]), Style()),)
    lines = []
    for row in range(max(len(drawn), len(clock), min(len(beside), height))):
        left = drawn[row] if row < len(drawn) else blank
        middle = fit(beside[row] if row < len(beside) else EMPTY, max(room_left, 1))
        spaces: Line = ((" " * gap, Style()),)
        lines.append((*left, *spaces, *middle, *((*spaces, *clock[row]) if row < len(clock) else EMPTY)))
    return lines


def _big_clock(now: Time, height: int) -> list[Line]:
    """The time with its seconds, so that a picture that stands still is seen."""
    drawn = big_lines(say.clock(now, zone=False), TEXT_STYLE, _CLOCK // 2, height)
    return drawn if len(drawn) > 1 else []


def _since(wall: Wall, frame: FrameView, blind: bool, now: Time) -> list[Line]:
    if blind and wall.heard is not None:
        silent = f"since {say.clock(wall.heard)}, {say.span(now - wall.heard)}"
        words = "the agent is silent: what is shown was true then"
        return [line((silent, STATUS_STRONG[Status.UNKNOWN])), line((words, DIM_STYLE))]
    if wall.since_at is not None:
        lasts = f"since {wall.since}, {_lasts(now - wall.since_at)}"
        return [line((lasts, STATUS_STRONG[wall.status])), line((_how_many(frame), DIM_STYLE))]
    return [line((need.text, DIM_STYLE)) for need in wall.needs] or [line((_how_many(frame), DIM_STYLE))]


def _lasts(seconds: float) -> str:
    """A span in which, from a minute on, no seconds tick."""
    return say.span(seconds if seconds < 60 else seconds - seconds % 60)


def _how_many(frame: FrameView) -> str:
    """Only targets are fine: what is not may also be an alert of none of them."""
    tally = frame.counts
    fine, ill = f"{say.counted(tally.ok, 'target')} fine", tally.total - tally.ok
    return f"{fine}, {ill:,} not" if ill else fine


def _foot(frame: FrameView, page: WallPage, width: int) -> Line:
    """Which page is up, and how many of each: one alert is one count, also here."""
    up = {"held": "held by the worst", "blind": "held: blind"}.get(page.kind, f"page {page.number} of {page.of}")
    more = f", {page.more} more" if page.more else ""
    tally = frame.counts
    shown = counts(tally.critical, tally.warning, tally.unknown) if tally.total else [line(("no targets", FAINT_STYLE))]
    right = join(shown, "  ")
    link = line((frame.link, STATUS_STYLE[Status.WARNING]))
    for left in (join([((f"{up}{more}", FAINT_STYLE),), link], "   "), line((f"{up}{more}", FAINT_STYLE)), EMPTY):
        gap = width - width_of(left) - width_of(right)
        if gap >= 2:
            return (*left, (" " * gap, Style()), *right)
    return fit(right, width)


def _drawn(wall: Wall, frame: FrameView, page: WallPage, width: int, height: int, now: Time) -> list[Line]:
    """The page's own part."""
    if page.held is not None:
        held = _held(page.held, width, _held_rows(height), now)
        rest = _items(page.items, width, height - len(held) - 1, now)
        points = page.held.trend.points
        if height - len(held) - len(rest) > 4 and any(point is not None for point in points):
            style = STATUS_STYLE[page.held.status]
            held += [EMPTY, *(((row, style),) for row in tall_spark(points, width, 2))]
        return [*held, EMPTY, *rest]
    if page.kind == "promises":
        return cell_lines(promise_cells(page.promises), grid_for(promise_cells(wall.promises), width, height), width)
    if page.kind == "figures":
        return cell_lines(figure_cells(page.figures), grid_for(figure_cells(wall.figures), width, height), width)
    return _items(page.items, width, height, now)


def _items(items: Sequence[WallItem], width: int, height: int, now: Time) -> list[Line]:
    """What is not fine: each with its name in large letters where all of them have the room, else in a row."""
    small = sizes()[-1]
    rows = height_of_big(small)
    names = [written(item.name) for item in items]
    if len(items) * (rows + 2) > height or not all(n and width_of_big(n, small) <= width for n in names):
        return [item_line(item, width, now) for item in items]
    lines: list[Line] = []
    for item, name in zip(items, names, strict=True):
        style = STATUS_STYLE[item.status]
        lines += [item_line(item, width, now), *(((row, style),) for row in big(name, small)), EMPTY]
    return lines


def _held(item: WallItem, width: int, height: int, now: Time) -> list[Line]:
    """What is held: its name, its number (or its name again, large), and why."""
    style = STATUS_STRONG[item.status]
    head: Line = (mark(item.status), *line((f" {item.name}", style)))
    text = item.big or item.name
    large = written(text)
    drawn = big_lines(large, style, width, height) if large else [line((text, style))]
    if item.limit and len(drawn) > 1 and width_of(drawn[0]) + len(item.limit) + 14 <= width:
        middle = len(drawn) // 2
        drawn[middle] = (*drawn[middle], *line((f"    promised {item.limit.removeprefix('of ')}", DIM_STYLE)))
    why = wrap(line((item.text, STRONG), (_age(item, now), DIM_STYLE)), width)[:2]
    return [head if item.big else EMPTY, *drawn, EMPTY, *why]


def _age(item: WallItem, now: Time) -> str:
    if item.stale and item.age:
        return f"  stale {item.age}"
    return f"  since {item.since}, {_lasts(now - item.since_at)}" if item.since and item.since_at is not None else ""


def item_line(item: WallItem, width: int, now: Time) -> Line:
    """One thing that is not fine, in a row: how bad, what, why, since when."""
    style = STATUS_STYLE[item.status]
    names = min(max(16, width // 5), 40)
    age = line((_age(item, now).strip(), FAINT_STYLE))
    number = f"{item.big} {item.limit}, " if item.big else ""
    head: Line = (
        (f"{look().shape(item.status)} {item.status.word:<8} ", STATUS_STRONG[item.status]),
        *fit(line((item.name, STRONG)), names),
        (" ", Style()),
    )
    left = width - width_of(head) - width_of(age) - 2
    if left < 12:
        return fit((*head, *line((number + item.text, style))), width)
    return (*head, *fit(line((number + item.text, style)), left), ("  ", Style()), *age)


class WallView(Canvas):
    """The wall's only widget."""

    DEFAULT_CSS = """
    WallView { width: 100%; height: 100%; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._shown: Sequence[Line] = ()

    def show(self, lines: Sequence[Line]) -> None:
        """Takes the picture; cells that are as they were are not painted again."""
        self._shown = lines
        self.repaint()

    def compose_line(self, y: int, width: int) -> Line:
        return self._shown[y] if y < len(self._shown) else EMPTY
