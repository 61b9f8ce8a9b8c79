"""The frame and what keeps it true: layout, the reading loop, the message line."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

from textual import events
from textual.containers import Horizontal
from textual.widgets import ContentSwitcher

from penguintui.model.moment import LIVE, Moment
from penguintui.model.role import Role
from penguintui.model.status import Status
from penguintui.screens.desk import Desk, DeskError, Question
from penguintui.screens.drawing import Drawing
from penguintui.screens.fragments import Fragments, typed_apart
from penguintui.screens.guide import message_for
from penguintui.screens.keys import BY_ID, LAST_HINTS, TITLES, bindings, first_written, keymap, offered
from penguintui.screens.page import SMALLEST_HEIGHT, SMALLEST_WIDTH, Page
from penguintui.screens.pane import ActionPane
from penguintui.screens.reading import Read, Reader
from penguintui.screens.style import CSS
from penguintui.screens.technical import TargetPage
from penguintui.views.models.frame import FrameView, Viewer
from penguintui.widgets.box import retitle
from penguintui.widgets.canvas import Text
from penguintui.widgets.footer import Hint, KeyHints
from penguintui.widgets.header import Header
from penguintui.widgets.line import line
from penguintui.widgets.look import TEXT_STYLE, look
from penguintui.widgets.prompt import MessageLine, Prompt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import ComposeResult
    from textual.geometry import Size
    from textual.widget import Widget

    from penguintui.model.clock import Clock

_PAGES: Mapping[str, str] = {
    "executive": "ExecutivePage",
    "technical": "TechnicalPage",
    "deliverability": "DeliverabilityPage",
    "security": "SecurityPage",
    "business": "BusinessPage",
    "incidents": "IncidentsPage",
    "actions": "ActionsPage",
    "explore": "ExplorePage",
    "diff": "DiffPage",
    "target": "TargetPage",
}
"""The classes of the pages; a page is imported when it is shown, so that the first one comes soon."""
_MODULES = {"target": "technical"}
"""Pages that do not live in a module of their own name."""


def _page(name: str) -> Page:
    module = import_module(f"penguintui.screens.{_MODULES.get(name, name)}")
    made: Page = getattr(module, _PAGES[name])(id=name)
    return made


_TICK = 1.0
_FORCED_EVERY = 5
"""Ticks after which the store is read even when its version stands still: that is how silence is noticed."""
_SLOW = 4
"""Ticks after which a reading that is not back is spoken of."""


class Viewing(Drawing):
    """Shows what the desk reads. Knows no keys but the fragments of torn ones."""

    CSS = CSS
    BINDINGS = bindings()
    HORIZONTAL_BREAKPOINTS = [(0, "-small"), (72, "-narrow"), (120, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-low"), (18, "-normal"), (34, "-high")]  # noqa: RUF012
    ENABLE_COMMAND_PALETTE = True

    def __init__(
        self,
        desk: Desk,
        clock: Clock,
        *,
        screen: str = "executive",
        moment: Moment = LIVE,
        goto: str = "",
        keys: Mapping[str, str] | None = None,
        **terminal: Any,
    ) -> None:
        """terminal: what `Drawing` takes."""
        super().__init__(clock, **terminal)
        self.desk = desk
        self.shown = screen if screen in TITLES else "executive"
        self.came_from = self.shown
        self.moment = moment
        self.entered = goto
        self.filter_text = ""
        self.faults_only = False
        self.viewer = Viewer()
        self.frame: FrameView | None = None
        self.mapping, self._key_problems = keymap(keys or {})
        self._reader = Reader(desk, self.post_message)
        self._version: int | None = None
        self._wanted = True
        self._framed = False
        self._ticks = 0
        self._slow_at = 0
        self._header: Header | None = None
        self._said: tuple[str, Status | None] = ("", None)
        self._fragments = Fragments()
        self._blind = False

    # layout

    def compose(self) -> ComposeResult:
        tabs = [(name, str(number), title) for number, (name, title) in enumerate(TITLES.items(), 1)]
        yield Header(tabs, id="header")
        with Horizontal(id="middle"):
            yield ContentSwitcher(id="pages")
            yield ActionPane(id="pane")
        yield MessageLine(id="message")
        with Horizontal(id="prompt-line"):
            yield MessageLine(id="prompt-kind")
            yield Prompt(id="prompt")
        yield KeyHints(id="keys")
        yield Text(id="too-small")

    async def on_mount(self) -> None:
        self._header = self.query_one("#header", Header)
        self.query_one("#pane").display = False
        self.query_one("#prompt-line").display = False
        self.set_keymap(self.mapping)
        self.screen.set_class(look().ascii, "-ascii")
        self._fit(self.size)
        await self.bring_up("target" if self.entered else self.shown)
        for trouble in (self.theme_trouble, *self._key_problems[:1]):
            if trouble:
                self.say(trouble, Status.WARNING)
        self.watch_link()
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        """After the first frame: only now the store and its libraries are loaded, by the reading thread."""
        self._framed = True
        self._start_reading()
        self.set_timer(_TICK, self._tick)
        self.run_worker(self._greet(), exit_on_error=False, group="desk", description="says hello to the agent")

    async def _greet(self) -> None:
        """Learns from the agent what this viewer may do; one that is just being started is asked again."""
        while True:
            try:
                answer = await self.desk.ask("hello", viewer=True)
            except DeskError:
                await asyncio.sleep(_TICK)
            else:
                break
        name = str(answer.get("role", "")).upper()
        self.viewer = replace(self.viewer, role=Role[name] if name in Role.__members__ else None)
        self.want()

    def on_resize(self, event: events.Resize) -> None:
        self._fit(event.size)
        retitle(self.query_one("#pane"))

    def _fit(self, size: Size) -> None:
        """Below the smallest size one line says so, and nothing else is drawn."""
        small = size.width < SMALLEST_WIDTH or size.height < SMALLEST_HEIGHT
        self.screen.set_class(small, "-too-small")
        if small:
            text = f"{size.width}x{size.height} is too small: {SMALLEST_WIDTH}x{SMALLEST_HEIGHT} is needed"
            self.query_one("#too-small", Text).show((line((text, TEXT_STYLE)),))

    # pages

    @property
    def page(self) -> Page | None:
        """The page in front."""
        name = self.query_one("#pages", ContentSwitcher).current
        return self.query_one(f"#{name}", Page) if name else None

    @property
    def page_name(self) -> str:
        return self.query_one("#pages", ContentSwitcher).current or self.shown

    async def bring_up(self, name: str) -> None:
        """Puts a page in front; makes it when it was never shown."""
        pages = self.query_one("#pages", ContentSwitcher)
        if not pages.query(f"#{name}"):
            await pages.add_content(_page(name))
        if name == "target":
            self.query_one("#target", TargetPage).enter(self.entered, TITLES[self.came_from])
        elif name in TITLES:
            self.shown = name
        pages.current = name
        page = self.query_one(f"#{name}", Page)
        page.set_blind(self._blind)
        self._focus_page(page)
        self._show_frame()
        self.show_keys()
        self.want()

    def _focus_page(self, page: Page) -> None:
        wanted: Widget | None = page.first_focus()
        self.set_focus(wanted if wanted is not None and wanted.display else None)

    def show_keys(self) -> None:
        """The footer of the page in front."""
        shown = [_hint(action.id, self.mapping) for action in offered(self.page_name)]
        self.query_one("#keys", KeyHints).show(shown, [_hint(name, self.mapping) for name in LAST_HINTS])

    # reading

    def question(self) -> Question:
        """What the page in front wants to know."""
        page, name = self.page, self.page_name
        return Question(
            screen="technical" if name == "target" else name,
            moment=self.moment,
            filter=self.filter_text if name == "technical" else "",
            faults_only=self.faults_only and name == "technical",
            selected=page.target() if page is not None else "",
            run=page.run() if page is not None else None,
            in_sight=page.in_sight() if page is not None else None,
            expression=page.expression() if page is not None else "",
            since=page.since() if page is not None else "",
            viewer=self.viewer,
        )

    def pane_question(self) -> Question | None:
        """What the action pane wants to know, while it is open."""
        pane = self.query_one("#pane", ActionPane)
        return Question("actions", self.moment, run=pane.run, viewer=self.viewer) if pane.opened else None

    def want(self) -> None:
        """Asks for a reading at once, because the person wants to see something else."""
        self._wanted = True
        self._start_reading()

    def _tick(self) -> None:
        """Once a second; armed again at its end, so that ticks never overlap."""
        if not self._standing:
            return
        self._ticks += 1
        if self._reader.busy:
            self._tell_time()
            self._say_slow()
        else:
            self._start_reading()
        self.set_timer(_TICK, self._tick)

    def _start_reading(self) -> None:
        if self._reader.busy or not self._standing or not self._framed:
            return
        forced = self._wanted or self._ticks % _FORCED_EVERY == 0
        self._wanted = False
        self._slow_at = self._ticks + _SLOW
        self._reader.read(self.question(), self.pane_question(), None if forced else self._version)

    def _say_slow(self) -> None:
        if self._ticks >= self._slow_at:
            self.say("reading the store takes long; what is shown is from the reading before", Status.WARNING)

    @property
    def _standing(self) -> bool:
        """Whether there is still a screen to show things on: messages arrive while the app is being taken down too."""
        return self.is_running and self._header is not None and self._header.is_attached

    def on_read(self, message: Read) -> None:
        if not self._standing:
            return
        if message.trouble:
            self.say(message.trouble, Status.CRITICAL)
        answer = message.answer
        if answer is not None:
            self._version = answer.version
            self.frame = replace(answer.frame, link=self.viewer.link)
            self._show_frame()
            name = "technical" if self.page_name == "target" else self.page_name
            page = self.page
            asked = answer.question
            wanted = asked.screen == name and asked.moment == self.moment
            if page is not None and wanted and asked.since == page.since():
                page.show(answer.model)
            if answer.pane is not None:
                self.query_one("#pane", ActionPane).show(answer.pane, past=not answer.question.moment.live)
        # The clock goes on with the reading, so that a second is one frame.
        self._tell_time()
        if self._wanted:
            self._start_reading()

    # frame and message

    def _show_frame(self) -> None:
        waiting = "waiting for the store" if self.frame is None else ""
        self.query_one("#header", Header).show(self.shown, self.frame, waiting)
        blind = self.frame is not None and bool(self.frame.agent.blind)
        if blind != self._blind:
            self._blind = blind
            for page in self.query(Page):
                page.set_blind(blind)
        self._show_message()

    def _tell_time(self) -> None:
        """The clock in the header goes on between two readings, as long as what is shown is live."""
        frame = self.frame
        if frame is None or not frame.live:
            return
        seconds = int(self.clock.now()) % 86400
        moment = f"live {seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}Z"
        if moment != frame.moment:
            self.frame = replace(frame, moment=moment)
            self.query_one("#header", Header).show(self.shown, self.frame)

    def link_told(self, words: str) -> None:
        """The state line says at once what is wrong with the link; the store need not be asked for that."""
        self.viewer = replace(self.viewer, link=words)
        if self.frame is not None:
            self.frame = replace(self.frame, link=words)
            self._show_frame()

    def say(self, text: str, status: Status | None = None) -> None:
        """A sentence in the message line; stays until the next key."""
        self._said = (text, status)
        self._show_message()

    @property
    def said(self) -> str:
        return self._said[0]

    def _show_message(self) -> None:
        text, status = self._said
        if not text:
            text, status = message_for(self.frame, self.page_name)
        self.query_one("#message", MessageLine).say(text, status)

    # keys before anything else sees them

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and not event.is_forwarded:
            if self._fragments.swallow(event.key, event.character, self.clock.monotonic()):
                return
            self._said = ("", None)
            rest = typed_apart(event.key)
            if rest is not None:
                await super().on_event(events.Key("escape", "\x1b"))
                event = events.Key(rest, event.character)
        await super().on_event(event)

    async def on_unmount(self) -> None:
        self._reader.close()

    async def ask_desk(self, method: str, **params: Any) -> Mapping[str, Any] | None:
        """Asks the agent; a refusal becomes a sentence in the message line, and None."""
        try:
            return await self.desk.ask(method, **params)
        except DeskError as error:
            self.say(str(error), Status.WARNING)
            return None


def _hint(action_id: str, mapping: Mapping[str, str]) -> Hint:
    action = BY_ID[action_id]
    method = action.method if "(" in action.method else f"{action.method}()"
    return Hint(first_written(action, mapping), action.word, method, action.tooltip)
