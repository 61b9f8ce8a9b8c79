"""A bar that is filled to a share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from penguintui.widgets.look import TRACK_STYLE, look

if TYPE_CHECKING:
    from rich.style import Style

    from penguintui.widgets.line import Line


def gauge(share: float | None, width: int, style: Style) -> Line:
    """A bar of `width` cells filled to `share` (0 to 1, held to that); all track when the share is not known."""
    if width <= 0:
        return ()
    filled = 0 if share is None else round(min(max(share, 0.0), 1.0) * width)
    if share is not None and share > 0 and filled == 0:
        filled = 1
    parts = ((look().bar * filled, style), (look().track * (width - filled), TRACK_STYLE))
    return tuple(part for part in parts if part[0])
