"""Boxes with a title in their border: drawn into lines here, or put around a widget."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.style import Style
from textual.content import Content

from penguintui.model.status import Status
from penguintui.widgets.line import Line, clean, crop, fit, width_of
from penguintui.widgets.look import BORDER, DIM_STYLE, STATUS_STYLE, look

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.widget import Widget

_STATUS_CLASSES = {Status.UNKNOWN: "-unknown", Status.WARNING: "-warning", Status.CRITICAL: "-critical"}


def box(title: str, lines: Sequence[Line], width: int, status: Status | None = None) -> list[Line]:
    """Lines in a box of `width` cells; the border speaks only when the status worries."""
    loud = status in _STATUS_CLASSES
    border = STATUS_STYLE[status] if status is not None and loud else Style(color=BORDER)
    name = STATUS_STYLE[status] if status is not None and loud else DIM_STYLE
    top_left, top_right, bottom_left, bottom_right, across, down = "++++-|" if look().ascii else "╭╮╰╯─│"
    heading = crop(((clean(title), name),), width - 6)
    rest = across * max(0, width - 5 - width_of(heading))
    drawn: list[Line] = [((f"{top_left}{across} ", border), *heading, (f" {rest}{top_right}", border))]
    drawn.extend(((f"{down} ", border), *fit(line, width - 4), (f" {down}", border)) for line in lines)
    drawn.append(((f"{bottom_left}{across * (width - 2)}{bottom_right}", border),))
    return drawn


def side_by_side(boxes: Sequence[Sequence[Line]], gap: int = 1) -> list[Line]:
    """Boxes of the same height beside each other."""
    rows: list[Line] = []
    for parts in zip(*boxes, strict=True):
        spans: Line = ()
        for index, part in enumerate(parts):
            spans = (*spans, *(((" " * gap, Style()),) if index else ()), *part)
        rows.append(spans)
    return rows


def entitle(widget: Widget, title: str, status: Status | None = None, subtitle: str = "") -> None:
    """Writes a panel's title and colours its border, touching only what has changed."""
    for attribute, text in (("border_title", title), ("border_subtitle", subtitle)):
        # Textual puts blanks around a title only where the border has sides.
        wanted = clean(text) if widget.styles.border_left[0] or not text else f" {clean(text)} "
        if _shown(widget, attribute) != wanted:
            setattr(widget, attribute, Content(wanted))
    for of, name in _STATUS_CLASSES.items():
        widget.set_class(status is of, name)


def _shown(widget: Widget, attribute: str) -> str:
    return Content.from_markup(getattr(widget, attribute) or "").plain


def retitle(widget: Widget) -> None:
    """Writes the titles again after the border's form has changed with the terminal's size."""
    statuses = [status for status, name in _STATUS_CLASSES.items() if widget.has_class(name)]
    title, subtitle = _shown(widget, "border_title").strip(), _shown(widget, "border_subtitle").strip()
    entitle(widget, title, statuses[0] if statuses else None, subtitle)
