"""The frame of the viewer: all that is imported and mounted before the first frame. The rest comes right behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import events
from textual.containers import Horizontal
from textual.widgets import ContentSwitcher

from penguintui.screens.drawing import Drawing
from penguintui.screens.fragments import Fragments, typed_apart
from penguintui.screens.keys import BY_ID, LAST_HINTS, TITLES, bindings, first_written, offered
from penguintui.screens.style import FRAME, PAGES, PARTS
from penguintui.widgets.canvas import Text
from penguintui.widgets.footer import Hint, KeyHints
from penguintui.widgets.header import Header
from penguintui.widgets.line import line
from penguintui.widgets.look import TEXT_STYLE, look
from penguintui.widgets.message import MessageLine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import RenderableType
    from textual._compositor import CompositorUpdate
    from textual.app import ComposeResult
    from textual.geometry import Size
    from textual.screen import Screen

    from penguintui.model.clock import Clock
    from penguintui.model.status import Status

SMALLEST_WIDTH, SMALLEST_HEIGHT = 40, 12


class Shell(Drawing):
    """Header, an empty middle, the message line and the keys. What is typed before the rest is there is kept for it."""

    CSS = FRAME
    BINDINGS = bindings()
    HORIZONTAL_BREAKPOINTS = [(0, "-small"), (72, "-narrow"), (120, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-low"), (18, "-normal"), (34, "-high")]  # noqa: RUF012
    ENABLE_COMMAND_PALETTE = True

    def __init__(self, clock: Clock, *, keys: Mapping[str, str] | None = None, **terminal: Any) -> None:
        """keys: the configuration's own. terminal: what `Drawing` takes."""
        super().__init__(clock, **terminal)
        self.mapping, self._key_problems = _followed(keys) if keys else ({}, [])
        self._said: tuple[str, Status | None] = ("", None)
        self._fragments = Fragments()
        self._header: Header | None = None
        self._begun = False
        self._furnished = False
        self._early: list[events.Event] = []

    def compose(self) -> ComposeResult:
        tabs = [(name, str(number), title) for number, (name, title) in enumerate(TITLES.items(), 1)]
        yield Header(tabs, id="header")
        with Horizontal(id="middle"):
            yield ContentSwitcher(id="pages")
        yield MessageLine(id="message")
        yield KeyHints(id="keys")
        yield Text(id="too-small")

    def on_mount(self) -> None:
        self._header = self.query_one("#header", Header)
        self.set_keymap(self.mapping)
        self.screen.set_class(look().ascii, "-ascii")
        self._fit(self.size)
        self.show_frame()
        self.show_keys()

    def _display(self, screen: Screen[Any], renderable: RenderableType | CompositorUpdate | None) -> None:
        super()._display(screen, renderable)
        if not self._begun and self._header is not None and renderable is not None:
            self._begun = True
            self.call_later(self._begin)

    async def _begin(self) -> None:
        """Right behind the first frame."""
        self.stylesheet.add_source(PAGES, read_from=(__file__, "PAGES"))
        await self.furnish()
        self._furnished = True
        early, self._early = self._early, []
        for event in early:
            await self.on_event(event)

    def dress(self, part: str) -> None:
        """Reads the style of a part (see `style.PARTS`), before its widgets are mounted."""
        self.stylesheet.add_source(PARTS[part], read_from=(__file__, part))

    async def furnish(self) -> None:
        """Brings what the first frame did not wait for."""

    def show_frame(self) -> None:
        """Header and message line as far as they are known."""

    @property
    def page_name(self) -> str:
        """The name of the page in front, or of the one that comes first."""
        return self.query_one("#pages", ContentSwitcher).current or ""

    def show_keys(self) -> None:
        """The footer of the page in front."""
        shown = [_hint(action.id, self.mapping) for action in offered(self.page_name)]
        self.query_one("#keys", KeyHints).show(shown, [_hint(name, self.mapping) for name in LAST_HINTS])

    def on_resize(self, event: events.Resize) -> None:
        self._fit(event.size)

    def _fit(self, size: Size) -> None:
        """Below the smallest size a line says so under the state, and nothing else is drawn."""
        small = size.width < SMALLEST_WIDTH or size.height < SMALLEST_HEIGHT
        self.screen.set_class(small, "-too-small")
        if small:
            text = f"{size.width}x{size.height} is too small: {SMALLEST_WIDTH}x{SMALLEST_HEIGHT} is needed"
            self.query_one("#too-small", Text).show((line((text, TEXT_STYLE)),))

    def say(self, text: str, status: Status | None = None) -> None:
        """A sentence in the message line; stays until the next key."""
        self._said = (text, status)
        self._show_message()

    @property
    def said(self) -> str:
        return self._said[0]

    def _guidance(self) -> tuple[str, Status | None]:
        """What the message line says while nobody spoke."""
        return ("", None)

    def _show_message(self) -> None:
        text, status = self._said if self._said[0] else self._guidance()
        self.query_one("#message", MessageLine).say(text, status)

    # keys before anything else sees them

    async def on_event(self, event: events.Event) -> None:
        if not self._furnished and isinstance(event, (events.InputEvent, events.Paste)):
            self._early.append(event)
            return
        if isinstance(event, events.Key) and not event.is_forwarded:
            if self._fragments.swallow(event.key, event.character, self.clock.monotonic()):
                return
            self._said = ("", None)
            rest = typed_apart(event.key)
            if rest is not None:
                await super().on_event(events.Key("escape", "\x1b"))
                event = events.Key(rest, event.character)
        await super().on_event(event)


def _hint(action_id: str, mapping: Mapping[str, str]) -> Hint:
    action = BY_ID[action_id]
    method = action.method if "(" in action.method else f"{action.method}()"
    return Hint(first_written(action, mapping), action.word, method, action.tooltip)


def _followed(keys: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The configuration's keys as a keymap, and a sentence for each that cannot be followed."""
    from penguintui.screens.keymap import keymap

    mapping, problems = keymap(keys)
    return mapping, [f"keys.{name}: {wrong}; {right}" for name, (wrong, right) in problems.items()]
