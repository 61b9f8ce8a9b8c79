"""The wall: an app without keys that shows what `views.wall` says is up."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.binding import Binding

from penguintui.model.status import Status
from penguintui.screens.desk import Desk, Question
from penguintui.screens.drawing import Drawing
from penguintui.screens.garbage import keep_what_stays, search
from penguintui.screens.reading import Read, Reader
from penguintui.screens.watchdog import LOOKED_AT_EVERY, Bounds, Vitals, Watchdog
from penguintui.views.frame import without_store
from penguintui.views.models.frame import FrameView, Viewer
from penguintui.views.models.wall import Wall
from penguintui.views.models.what import Need
from penguintui.views.wall import TURN, page
from penguintui.widgets.look import BACKGROUND, TEXT
from penguintui.widgets.wall import WallView, face, room

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult

    from penguintui.model.clock import Clock

_TICK = 1.0
_FORCED_EVERY = 5
"""Ticks after which the store is read even when its version stands still: that is how silence is noticed."""
_SPOKEN = 60.0
"""Seconds for which a wall says that it has started itself again."""


class WallApp(Drawing, inherit_bindings=False):
    """Shows the wall until `q` or Ctrl+C. After `run`, `again` says why it wants to be started again; "" otherwise."""

    CSS = f"Screen {{ background: {BACKGROUND}; color: {TEXT}; }}"
    TITLE = "penguintui wall"
    BINDINGS = [Binding("q,ctrl+c,ctrl+q", "quit", "Quit", show=False, priority=True)]  # noqa: RUF012
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False

    def __init__(
        self,
        desk: Desk,
        clock: Clock,
        *,
        turn: float = TURN,
        speed: float = 1.0,
        bounds: Bounds | None = None,
        force: Callable[[str], None] | None = None,
        look_every: float = LOOKED_AT_EVERY,
        said: str = "",
        **terminal: Any,
    ) -> None:
        """turn: seconds that a calm page stays. speed: how much faster pages turn and shift, for tests.

        force: called from another thread with a reason when the loop hangs; it must not return. look_every: seconds
        between two looks at its own health. said: what to say at first. terminal: what `Drawing` takes.
        """
        super().__init__(clock, **terminal)
        self.again = ""
        self._turn = turn
        self._speed = speed
        self._reader = Reader(desk, self.post_message)
        self._version: int | None = None
        self._frame: FrameView | None = None
        self._wall: Wall | None = None
        self._ticks = 0
        self._trouble = ""
        self._link_words = ""
        self._said = said
        self._began = clock.monotonic()
        self._reading_since: float | None = None
        self._moved = self._began
        self._watchdog = Watchdog(
            bounds or Bounds(), self.vitals, self._leave_later, force or self._leave_later, look_every
        )

    def compose(self) -> ComposeResult:
        yield WallView(id="wall")

    def on_mount(self) -> None:
        self._trouble = self.theme_trouble
        self.watch_link()
        self._watchdog.start()
        self.call_after_refresh(self._tick)

    def on_unmount(self) -> None:
        self._watchdog.stop()
        self._reader.close()

    # reading and drawing

    def _tick(self) -> None:
        """Once a second; armed again at its end, so that ticks never overlap."""
        self._moved = self.clock.monotonic()
        search()
        if not self._reader.busy:
            known = None if self._ticks % _FORCED_EVERY == 0 else self._version
            self._reading_since = self._moved
            self._reader.read(Question("wall", viewer=Viewer(link=self._link_words)), None, known)
            self._ticks += 1
        self.draw()
        self.set_timer(_TICK / self._speed, self._tick)

    def on_read(self, message: Read) -> None:
        self._reading_since = None
        self._trouble = message.trouble
        if message.answer is not None and isinstance(message.answer.model, Wall):
            if self._wall is None:
                keep_what_stays()
            self._version = message.answer.version
            self._frame, self._wall = message.answer.frame, message.answer.model
        self.draw()

    def draw(self) -> None:
        """What is up now. The clock and the age of the data go on between two readings."""
        if not self.is_running:
            return
        now = self.clock.now()
        frame, wall = self._frame, self._wall
        if frame is None or wall is None:
            frame = without_store(now, "")
            wall = _nothing_yet()
        size = self.size
        up = page(wall, now, turn=self._turn / self._speed, room=room(wall, size.width, size.height))
        said = self._trouble or (self._said if self.clock.monotonic() - self._began < _SPOKEN else "")
        self.query_one(WallView).show(face(wall, frame, up, now, size.width, size.height, said))

    def on_resize(self) -> None:
        self.call_after_refresh(self.draw)

    def link_told(self, words: str) -> None:
        self._link_words = words

    # health

    def vitals(self) -> Vitals:
        """How this program is; asked by the watchdog's thread."""
        import psutil

        now = self.clock.monotonic()
        reading = self._reading_since
        return Vitals(
            memory=psutil.Process(os.getpid()).memory_info().rss,
            up=now - self._began,
            loop=now - self._moved,
            reading=0.0 if reading is None else now - reading,
            link_stalled=self._meter.stalled > 0.5,
        )

    def _leave_later(self, why: str) -> None:
        """Called by the watchdog's thread."""
        self.call_from_thread(partial(self._leave, why))

    def _leave(self, why: str) -> None:
        self.again = why
        self.exit()


def _nothing_yet() -> Wall:
    """The wall before the first reading."""
    waiting = Need("Store", "waiting for the store", "")
    return Wall(Status.UNKNOWN, "", None, (), (), (), None, 0.0, (waiting,))
