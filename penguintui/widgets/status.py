"""How a status is shown: shape, word and colour together."""

from __future__ import annotations

from penguintui.model.status import Status
from penguintui.widgets.line import Line, Span, span
from penguintui.widgets.look import FAINT_STYLE, STATUS_STRONG, STATUS_STYLE, look


def mark(status: Status) -> Span:
    """The shape alone, for columns whose words say the rest."""
    return (look().shape(status), STATUS_STYLE[status])


def badge(status: Status, stale: str = "") -> Line:
    """Shape and word; with the age beside them when the answer is an old one, as in `● OK stale 42s`."""
    shown: Line = ((f"{look().shape(status)} {status.word}", STATUS_STRONG[status]),)
    return (*shown, span(f" stale {stale}", FAINT_STYLE)) if stale else shown


def counts(critical: int, warning: int, unknown: int, short: bool = False) -> list[Line]:
    """How many there are of what worries, each with its shape and, where there is room, its word."""
    parts: list[Line] = []
    for status, count, word in (
        (Status.CRITICAL, critical, "critical"),
        (Status.WARNING, warning, "warning"),
        (Status.UNKNOWN, unknown, "unknown"),
    ):
        if count:
            style = STATUS_STRONG[status] if status is Status.CRITICAL else STATUS_STYLE[status]
            text = f"{look().shapes[status]} {count}"
            parts.append(((text, style),) if short else ((text, style), span(f" {word}", STATUS_STYLE[status])))
    if not parts:
        parts.append(((f"{look().shapes[Status.OK]} all fine", STATUS_STYLE[Status.OK]),))
    return parts
