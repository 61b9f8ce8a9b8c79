"""Every screen's model by the screen's name: what the viewer, `status` and `--plain` all read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from penguintui.model.clock import Time
from penguintui.model.moment import LIVE, Moment
from penguintui.views import (
    actions,
    business,
    deliverability,
    executive,
    frame,
    incidents,
    security,
    technical,
)
from penguintui.views.ask import Ask, Memory, asking
from penguintui.views.models.frame import FrameView, Viewer
from penguintui.views.standing import Standing, stand

if TYPE_CHECKING:
    from penguintui.store.reader import Reader, Store


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person looks at: which moment, what is selected, what hides the rest."""

    moment: Moment = LIVE
    selected: str = ""
    filter: str = ""
    faults_only: bool = False
    run: int | None = None
    viewer: Viewer = field(default_factory=Viewer)


@dataclass(frozen=True, slots=True)
class _Desk:
    """What a builder may use."""

    reader: Reader
    ask: Ask
    wanted: Wanted
    standing: Standing
    now: Time


_BUILDERS: dict[str, Callable[[_Desk], Any]] = {
    "executive": lambda d: executive.build(d.reader, d.ask, now=d.now, standing=d.standing),
    "technical": lambda d: technical.build(
        d.reader,
        d.ask,
        selected=d.wanted.selected,
        filter=d.wanted.filter,
        faults_only=d.wanted.faults_only,
        viewer=d.wanted.viewer,
        now=d.now,
        standing=d.standing,
    ),
    "deliverability": lambda d: deliverability.build(d.reader, d.ask, standing=d.standing),
    "security": lambda d: security.build(d.reader, d.ask, standing=d.standing),
    "business": lambda d: business.build(d.reader, d.ask),
    "incidents": lambda d: incidents.build(d.reader),
    "actions": lambda d: actions.build(d.reader, viewer=d.wanted.viewer, now=d.now, run=d.wanted.run),
}

SCREENS = tuple(_BUILDERS)
"""The screens in the order of their number keys."""


class Reading:
    """Reads screens from a store, and remembers answers about the past that need not be asked again."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._memory = Memory()

    def read(self, screen: str, wanted: Wanted, now: Time) -> tuple[FrameView, Any]:
        """The frame and one screen's model. Raises StoreError when the store cannot be read."""
        reader = self._store.reader(wanted.moment)
        standing = stand(reader)
        view = frame.build(reader, now=now, viewer=wanted.viewer, standing=standing)
        desk = _Desk(reader, asking(reader, self._memory), wanted, standing, now)
        return view, _BUILDERS[screen](desk)
