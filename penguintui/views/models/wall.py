"""The wall: what people see who do not look for it, from five metres away."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Literal

from penguintui.model.record import record
from penguintui.model.status import Status
from penguintui.views.models.what import Need, Trend

if TYPE_CHECKING:
    from penguintui.model.clock import Time
    from penguintui.views.models.executive import BusinessLine, PromiseCard


@record
class WallItem:
    """One thing that is not fine: a promise that is missed, a target, or an alert that no target's state tells.

    key: "promise/Uptime", "target/mx2" or "alert/…". big: the number to draw large; "" where the name is drawn large.
    limit: what was promised ("of 60 s"). since: "13:42". age: of what is known of it; stale: it holds no more.
    """

    key: str
    status: Status
    name: str
    text: str
    since: str
    since_at: Time | None
    big: str = ""
    limit: str = ""
    age: str = ""
    stale: bool = False
    trend: Trend = field(default_factory=Trend)


@record
class Wall:
    """All that a wall can show. `items`: what is not fine, worst first, of equals the promises, then the oldest.

    status: the worst of all; UNKNOWN while nothing is watched. since: since when it is so bad.
    heard: when the agent spoke last, None when it never did; silence: seconds of it after which the wall is blind.
    """

    status: Status
    since: str
    since_at: Time | None
    items: tuple[WallItem, ...]
    promises: tuple[PromiseCard, ...]
    figures: tuple[BusinessLine, ...]
    heard: Time | None
    silence: float
    needs: tuple[Need, ...] = ()

    @property
    def criticals(self) -> tuple[WallItem, ...]:
        return tuple(item for item in self.items if item.status is Status.CRITICAL)


@record
class Room:
    """What one page of a wall has room for: lines of a list, lines beside a held item, promises, figures."""

    lines: int
    beside: int
    promises: int
    figures: int


Kind = Literal["blind", "held", "items", "promises", "figures", "calm"]


@record
class WallPage:
    """What is up now.

    kind: "blind": the data is old. "held": the worst item, drawn large, with `items` after it. "items": what is not
    fine, in lines. "promises", "figures": big numbers. "calm": nothing to show but that all is fine.
    number, of: its place in the rotation; 1 of 1 while it is held. more: items that this page has no room for.
    """

    kind: Kind
    number: int = 1
    of: int = 1
    held: WallItem | None = None
    items: tuple[WallItem, ...] = ()
    promises: tuple[PromiseCard, ...] = ()
    figures: tuple[BusinessLine, ...] = ()
    more: int = 0
