"""Walls made by hand, and a desk that gives them."""

from __future__ import annotations

from penguintui.model.status import Status
from penguintui.screens.desk import Question
from penguintui.views.models.frame import FrameView
from penguintui.views.models.wall import Wall, WallItem
from tests.screens.desk import FakeDesk
from tests.screens.made import NOW
from tests.screens.watching import executive


def item(name: str, status: Status = Status.CRITICAL, *, big: str = "", since: float = NOW - 2640.0) -> WallItem:
    kind = "promise" if big else "target"
    return WallItem(f"{kind}/{name}", status, name, f"why {name}", "13:31", since, big, "of 60 s" if big else "")


def wall(*items: WallItem, heard: float | None = NOW - 2.0) -> Wall:
    """A wall of the fake platform with these items, and nothing else wrong."""
    fine = executive(False)
    worst = max((one.status for one in items), default=Status.OK)
    ordered = tuple(sorted(items, key=lambda one: (-one.status, not one.key.startswith("promise/"))))
    return Wall(
        worst,
        "13:31" if items else "",
        NOW - 2640.0 if items else None,
        ordered,
        fine.promises,
        fine.business,
        heard,
        3.0,
    )


class WallDesk(FakeDesk):
    """Gives one wall until it is changed."""

    def __init__(self, shown: Wall) -> None:
        super().__init__(trouble=bool(shown.items))
        self.shown = shown
        self.fails = ""

    def read(self, question: Question) -> tuple[FrameView, object]:
        if self.fails:
            raise OSError(self.fails)
        return self._frame(question.moment), self.shown
