"""What every program of ours that draws has in common: a theme, a wire that sends little, and an eye on the link."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from textual import events
from textual._compositor import CompositorUpdate
from textual.app import App

from penguintui.screens.link import STALL, Level, Link, Meter, MeteredFile, low, step
from penguintui.widgets.canvas import Canvas
from penguintui.widgets.composing import SparingScreen
from penguintui.widgets.look import choose, look, use
from penguintui.widgets.theme import Depth, Painting, ThemeError, Themes, deepest, fitting
from penguintui.widgets.wire import Wire, WireUpdate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from rich.console import RenderableType
    from textual.driver import Driver
    from textual.filter import LineFilter
    from textual.screen import Screen

    from penguintui.model.clock import Clock

_MEASURED_EVERY = 1.0
_LOOKED_AT_EVERY = 0.25
"""Seconds between two looks at a write that is under way."""
_SETTLES = 0.002
"""Seconds in which widgets have told the screen what they need."""
_FRAME = 0.15
"""Seconds that a frame on a slow link has to be drawn."""


class Drawing(App[None]):
    """An app in a theme. It never waits for its terminal: while that takes nothing, nothing is drawn."""

    def __init__(
        self,
        clock: Clock,
        *,
        ascii_only: bool | None = None,
        environ: Mapping[str, str] | None = None,
        themes: Themes | None = None,
        theme: str | None = None,
        low_bandwidth: bool = False,
    ) -> None:
        """theme: its name; what fits the terminal when left out. A theme that cannot be used is said, not raised."""
        super().__init__()
        self.clock = clock
        self.environ: Mapping[str, str] = os.environ if environ is None else environ
        use(choose(self.environ, ascii_only))
        self.link = low() if low_bandwidth else Link()
        self._meter = Meter(clock.monotonic)
        self._wire = Wire()
        self._held = False
        self._looks = False
        self._themes = themes or Themes()
        self.theme_trouble = ""
        try:
            chosen = self._themes.load(theme or fitting(self.environ))
        except ThemeError as error:
            self.theme_trouble = str(error)
            chosen = self._themes.load(fitting(self.environ))
        self._painting = Painting(chosen, self._depth())
        self.theme = "textual-dark" if chosen.dark else "textual-light"
        self._apply_look()

    # colours

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's own filters, and ours behind them. Without colours ours alone, which knows what they meant."""
        return [self._painting] if self._depth() is Depth.NONE else [*super().get_line_filters(), self._painting]

    def _depth(self) -> Depth:
        most = deepest(self.environ)
        return min(most, Depth.SIXTEEN) if self.link.level >= Level.FEWER_COLOURS else most

    def themes(self) -> list[str]:
        """The names of the themes that there are."""
        return self._themes.names()

    def put_on(self, name: str) -> str:
        """Changes the theme; what to say about it. Raises ThemeError."""
        chosen = self._themes.load(name)
        self._paint(Painting(chosen, self._depth()))
        self.theme = "textual-dark" if chosen.dark else "textual-light"
        return f"theme {chosen.name}: {chosen.title}"

    def _paint(self, painting: Painting) -> None:
        self._painting = painting
        self.screen.refresh(layout=True)
        for widget in self.screen.walk_children():
            widget.refresh()

    # what is sent

    def get_default_screen(self) -> Screen[Any]:
        return SparingScreen(id="_default")

    def get_driver_class(self) -> type[Driver]:
        """Textual's driver for this system, its terminal behind our meter."""
        driver = super().get_driver_class()
        return _metered(driver) if driver.__name__ == "LinuxDriver" else driver

    def metered(self, file: Any) -> MeteredFile:
        """The terminal's file with a meter before it; for the driver."""
        return MeteredFile(file, self._meter)

    def _display(self, screen: Screen[Any], renderable: RenderableType | CompositorUpdate | None) -> None:
        """Everything that is drawn goes through the wire, which sends what differs; where nothing does, nothing."""
        if isinstance(renderable, CompositorUpdate) and not self._batch_count and not self.is_headless:
            renderable = update = WireUpdate(self._wire, renderable, self.console)
            if not update.text and self.cursor_position == self._previous_cursor_position:
                self.post_display_hook()
                return
        super()._display(screen, cast("RenderableType | None", renderable))
        self._look_soon()

    def action_redraw(self) -> None:
        """After something else wrote into the terminal."""
        self._wire.forget()
        self.refresh(layout=True)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Resize):
            self._wire.forget()
        elif isinstance(event, events.Key):
            self._breathe()
        await super().on_event(event)

    # the link

    def watch_link(self) -> None:
        """Begins to look at the link. Called once, when the app is mounted."""
        self.set_interval(_MEASURED_EVERY, self._measure_link)
        if self.link.level is not Level.ALL:
            self._link_changed()

    def _look_soon(self) -> None:
        """Looks in a moment whether what was just written went out. While nothing is written nobody looks."""
        if not self._looks:
            self._looks = True
            asyncio.get_running_loop().call_later(_LOOKED_AT_EVERY, self._look_at_link)

    def _look_at_link(self) -> None:
        """Stops drawing as soon as the terminal stops reading: a write more, and the event loop would wait for it."""
        self._looks = False
        if not self.is_running:
            return
        if self._meter.stalled >= STALL / 2:
            self._hold()
        elif self.link.level is Level.ALL and not self.link.stalled:
            self._let_go()
        if self._held or self._meter.stalled:
            self._look_soon()

    def _measure_link(self) -> None:
        before = self.link
        self.link = step(before, self._meter.read(), self.clock.monotonic())
        if (self.link.level, self.link.stalled) != (before.level, before.stalled):
            self._link_changed()
        self._breathe()

    def _breathe(self) -> None:
        """On a slow link: one frame now, of all that has changed, and none until the next breath or key.

        One that is fast again is let go here: while nothing is written nobody looks at it.
        """
        if self._meter.stalled:
            return
        self._let_go()
        if self.link.level >= Level.FEWER_FRAMES:
            self.set_timer(_FRAME, self._hold)

    def _link_changed(self) -> None:
        """Leaves out what the level says, or brings it back."""
        if self._painting.depth is not self._depth():
            self._paint(Painting(self._painting.theme, self._depth()))
        self._apply_look()
        for canvas in self.screen.query(Canvas):
            canvas.show_all_again()
        self.link_told(self.link.words)

    def _apply_look(self) -> None:
        charts = self.link.level < Level.NO_CHARTS
        if look().charts is not charts:
            use(replace(look(), charts=charts))

    def link_told(self, words: str) -> None:
        """For the state line: what is wrong with the link, "" when nothing is."""

    def after_drawing(self, work: Callable[[], object]) -> None:
        """Does something when what has changed is drawn, which it then does not delay; soon while nothing is drawn."""
        if self._held:
            self.call_later(work)
        else:
            self.call_after_refresh(work)

    def draw_soon(self) -> None:
        """Draws what has changed as soon as all that it is about to cause has happened.

        Textual draws when the time for a frame has come: three such waits would be most of what a key takes.
        """
        asyncio.get_running_loop().call_later(_SETTLES, self._draw)

    def _draw(self) -> None:
        if self.is_running and not self._batch_count and isinstance(self.screen, SparingScreen):
            self.screen.draw()

    def _hold(self) -> None:
        """Draws nothing until `_let_go`; what changes meanwhile is drawn then, once."""
        if not self._held and (self.link.level >= Level.FEWER_FRAMES or self._meter.stalled):
            self._held = True
            self._begin_batch()

    def _let_go(self) -> None:
        if self._held:
            self._held = False
            self._end_batch()
            self.draw_soon()  # nobody else does: what changed while nothing was drawn asked for it in vain


def _metered(driver: type[Driver]) -> type[Driver]:
    """A driver whose writes are measured."""

    class MeteredDriver(driver):  # type: ignore[valid-type,misc]
        def __init__(self, app: App[Any], **options: Any) -> None:
            super().__init__(app, **options)
            self._file = cast("Drawing", app).metered(vars(self)["_file"])

    return MeteredDriver
