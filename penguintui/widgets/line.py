"""Lines of styled text: measuring, fitting, wrapping, and finding what changed between two of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style

from penguintui.widgets.look import look

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Span = tuple[str, Style]
Line = tuple[Span, ...]
"""A row of a widget: pieces of text, each in one style."""

Align = Literal["left", "right"]

EMPTY: Line = ()


def clean(text: str) -> str:
    """`text` on one line and without control characters: what comes from the world must not steer the terminal."""
    if text.isprintable():
        return look().text(text)
    return look().text("".join(character if character.isprintable() else " " for character in text))


def span(text: str, style: Style) -> Span:
    return (clean(text), style)


def line(*spans: Span) -> Line:
    """A line of the spans that have text."""
    return tuple((clean(text), style) for text, style in spans if text)


def width_of(spans: Iterable[Span]) -> int:
    """Cells that the spans take."""
    return sum(cell_len(text) for text, _ in spans)


def text_of(spans: Iterable[Span]) -> str:
    return "".join(text for text, _ in spans)


def fit(spans: Line, width: int, align: Align = "left") -> Line:
    """The line in exactly `width` cells: padded, or cut with an ellipsis."""
    if width <= 0:
        return EMPTY
    taken = width_of(spans)
    if taken == width:
        return spans
    if taken < width:
        padding = (" " * (width - taken), Style())
        return (padding, *spans) if align == "right" else (*spans, padding)
    return _cut(spans, width)


def _cut(spans: Line, width: int) -> Line:
    kept: list[Span] = []
    room = width - 1
    for text, style in spans:
        length = cell_len(text)
        if length > room:
            kept.append((set_cell_size(text, room) + look().ellipsis, style))
            break
        kept.append((text, style))
        room -= length
    return tuple(kept)


def crop(spans: Line, width: int) -> Line:
    """The line's first `width` cells, without padding and without a mark where it was cut."""
    kept: list[Span] = []
    room = width
    for text, style in spans:
        length = cell_len(text)
        if length >= room:
            kept.append((set_cell_size(text, room), style))
            break
        kept.append((text, style))
        room -= length
    return tuple(kept)


def restyle(spans: Line, over: Style) -> Line:
    """The line with a style laid over it, such as the selection's background."""
    return tuple((text, style + over) for text, style in spans)


def join(parts: Sequence[Line], gap: str = "  ") -> Line:
    """The parts that have text, with a gap between them."""
    joined: list[Span] = []
    for part in parts:
        if not part:
            continue
        if joined:
            joined.append((gap, Style()))
        joined.extend(part)
    return tuple(joined)


def columns(parts: Sequence[Line], gap: str, width: int) -> list[Line]:
    """The parts laid out in as few lines of `width` as they need, none of them broken."""
    lines: list[Line] = []
    current: list[Line] = []
    taken = 0
    for part in parts:
        length = width_of(part)
        if current and taken + len(gap) + length > width:
            lines.append(join(current, gap))
            current, taken = [], 0
        taken += length + (len(gap) if current else 0)
        current.append(part)
    if current:
        lines.append(join(current, gap))
    return lines


def wrap(spans: Line, width: int, indent: int = 0) -> list[Line]:
    """The line broken between words into lines of at most `width`; lines after the first are indented."""
    if width <= indent or width <= 0:
        return []
    if width_of(spans) <= width:
        return [spans]
    lines: list[list[Span]] = [[]]
    room = width
    for piece, style in _pieces(spans, width - indent):
        word = piece
        if cell_len(word) > room:
            if text_of(lines[-1]).strip():
                lines.append([])
            hanging = indent if len(lines) > 1 else 0
            lines[-1] = [(" " * hanging, Style())] if hanging else []
            room = width - hanging
            word = word.lstrip(" ")
        if word:
            lines[-1].append((word, style))
            room -= cell_len(word)
    return [_merged(_trimmed(one)) for one in lines if one]


def _pieces(spans: Line, longest: int) -> Iterable[Span]:
    """Words, and parts of words that are longer than a line."""
    for word, style in _words(spans):
        rest = word
        while cell_len(rest.lstrip(" ")) > longest:
            blanks = len(rest) - len(rest.lstrip(" "))
            part = set_cell_size(rest[blanks:], longest).rstrip(" ") or rest[blanks]
            yield (rest[:blanks] + part, style)
            rest = rest[blanks + len(part) :]
        yield (rest, style)


def _words(spans: Line) -> Iterable[Span]:
    """Words with the blanks before them, so that joining them gives the line again."""
    for text, style in spans:
        start = 0
        for index in range(1, len(text)):
            if text[index] == " " and text[index - 1] != " ":
                yield (text[start:index], style)
                start = index
        if text[start:]:
            yield (text[start:], style)


def _trimmed(spans: Sequence[Span]) -> Line:
    *head, (text, style) = spans
    return (*head, (text.rstrip(" "), style))


def _merged(spans: Line) -> Line:
    merged: list[Span] = []
    for text, style in spans:
        if merged and merged[-1][1] == style:
            merged[-1] = (merged[-1][0] + text, style)
        else:
            merged.append((text, style))
    return tuple(merged)


def segments(spans: Line) -> list[Segment]:
    return [Segment(text, style) for text, style in spans]


def changed(old: Line, new: Line, width: int) -> tuple[int, int] | None:
    """The cells in which two lines of a widget differ, as (first, one past the last); None when they are alike."""
    if old == new:
        return None
    head = _shared(old, new)
    first, old, new = width_of(old[:head]), old[head:], new[head:]
    tail = _shared(old[::-1], new[::-1])
    if tail and width_of(old[:-tail]) == width_of(new[:-tail]):
        old, new = old[:-tail], new[:-tail]
    before, after = _cells(old), _cells(new)
    if before is None or after is None:
        return (first, width)
    blank = (" ", Style())
    length = max(len(before), len(after))
    before += [blank] * (length - len(before))
    after += [blank] * (length - len(after))
    different = [index for index in range(length) if before[index] != after[index]]
    if not different:
        return None
    return (first + different[0], min(first + different[-1] + 1, width))


def _shared(one: Line, other: Line) -> int:
    """How many pieces two lines have in common before they differ."""
    for count, (mine, theirs) in enumerate(zip(one, other, strict=False)):
        if mine != theirs:
            return count
    return min(len(one), len(other))


def _cells(spans: Line) -> list[tuple[str, Style]] | None:
    """One entry for each cell; None when a character is wider than a cell, since then positions do not add up."""
    cells: list[tuple[str, Style]] = []
    for text, style in spans:
        if len(text) != cell_len(text):
            return None
        cells.extend((character, style) for character in text)
    return cells
