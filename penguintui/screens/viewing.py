"""What fills the frame and keeps it true: the pages, and the reading loop."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from textual import events
from textual.widgets import ContentSwitcher

from penguintui.model.moment import LIVE, Moment
from penguintui.model.role import Role
from penguintui.model.status import Status
from penguintui.screens.desk import Desk, DeskError, DisarmedError, Question
from penguintui.screens.garbage import keep_what_stays, search
from penguintui.screens.guide import message_for
from penguintui.screens.keys import TITLES
from penguintui.screens.page import Page
from penguintui.screens.pages import make_page, page_module
from penguintui.screens.reading import Read, Reader
from penguintui.screens.shell import Shell
from penguintui.views.models.frame import FrameView, Viewer
from penguintui.widgets.header import Header

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.widget import Widget

    from penguintui.model.clock import Clock
    from penguintui.screens.pane import ActionPane
    from penguintui.screens.technical import TargetPage

_SOON = 0.5
"""Seconds for which the first page waits for what it shows."""
_SOON_ENOUGH = 0.1
"""Seconds for which a page that comes to the front is not drawn without what it shows: nobody notices a shorter wait,
and a page that is drawn twice takes the processor from the reading that it waits for."""
_TICK = 1.0
"""Seconds between two looks at the store while nobody asks for anything."""
_FORCED_EVERY = 5
"""Ticks after which the store is read even when its version stands still: that is how silence is noticed."""
_CALM = 4
"""Ticks without a key after which pages are made that nobody asked for yet."""
_SLOW = 4
"""Ticks after which a reading that is not back is spoken of."""


class Viewing(Shell):
    """Shows what the desk reads. Knows no keys."""

    def __init__(
        self,
        desk: Desk,
        clock: Clock,
        *,
        screen: str = "executive",
        moment: Moment = LIVE,
        goto: str = "",
        **given: Any,
    ) -> None:
        """given: what `Shell` takes."""
        super().__init__(clock, **given)
        self.desk = desk
        self.shown = screen if screen in TITLES else "executive"
        self.came_from = self.shown
        self.moment = moment
        self.entered = goto
        self.filter_text = ""
        self.faults_only = False
        self.viewer = Viewer()
        self.frame: FrameView | None = None
        self._reader = Reader(desk, self.post_message)
        self.asked: Question | None = None
        self._version: int | None = None
        self._wanted = True
        self._ticks = 0
        self._next_tick: asyncio.TimerHandle | None = None
        self._touched_at: int | None = None
        self._slow_at = 0
        self._blind = False
        self._read_at = self.clock.now()
        self._trouble = ""
        self._pane: ActionPane | None = None
        self._making = asyncio.Lock()
        self._waits: asyncio.TimerHandle | None = None

    async def furnish(self) -> None:
        """The first page, with what it shows: it is laid out once when the reading is over soon."""
        self._start_reading()
        name = "target" if self.entered else self.shown
        page_module(name)
        await self._reader.over(_SOON)
        if not self._standing:
            return
        await self._put_in_front(name)
        for trouble in (self.theme_trouble, *self._key_problems[:1]):
            if trouble:
                self.say(trouble, Status.WARNING)
        self.watch_link()
        self._tick_later()
        self.after_drawing(self._say_hello)

    def _say_hello(self) -> None:
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

    # pages

    @property
    def page(self) -> Page | None:
        """The page in front."""
        name = self.query_one("#pages", ContentSwitcher).current
        return self.query_one(f"#{name}", Page) if name else None

    @property
    def page_name(self) -> str:
        return super().page_name or ("target" if self.entered else self.shown)

    async def bring_up(self, name: str) -> None:
        """Puts a page in front, and asks for what it shows: both are drawn together when the reading is over soon."""
        self._wait_for_reading()
        await self._put_in_front(name)
        self.want()

    async def _put_in_front(self, name: str) -> None:
        """Makes the page when it was never shown."""
        pages = self.query_one("#pages", ContentSwitcher)
        async with self._making:
            if not await self._make(name):
                return
        if name == "target":
            cast("TargetPage", self.query_one("#target")).enter(self.entered, TITLES[self.came_from])
        elif name in TITLES:
            self.shown = name
        pages.current = name
        page = self.query_one(f"#{name}", Page)
        self._mark(page)
        self._focus_page(page)
        self.show_frame()
        self.show_keys()

    async def _make(self, name: str) -> bool:
        """Makes a page that was never made; False when the viewer is left meanwhile."""
        pages = self.query_one("#pages", ContentSwitcher)
        if pages.query(f"#{name}"):
            return True
        page = make_page(name)
        self.dress(name)
        await pages.add_content(page)
        return page.is_attached

    def _make_ahead(self) -> None:
        """Makes one of the pages that were never shown, while nobody does anything: the first key to it is quick.

        Where nobody ever touched a key, nobody will: a viewer on a wall pays for no page but its own.
        """
        if self._touched_at is None or self._ticks - self._touched_at < _CALM or self._making.locked():
            return
        made = {page.id for page in self.query_one("#pages", ContentSwitcher).children}
        name = next((one for one in TITLES if one not in made), None)
        if name is not None:
            self.run_worker(self._make_for_later(name), exit_on_error=False, group="pages", description=f"makes {name}")

    async def _make_for_later(self, name: str) -> None:
        async with self._making:
            await self._make(name)

    def _focus_page(self, page: Page) -> None:
        wanted: Widget | None = page.first_focus()
        self.set_focus(wanted if wanted is not None and wanted.display else None)

    # the action pane

    @property
    def opened_pane(self) -> ActionPane | None:
        """The action pane while it is open."""
        return self._pane if self._pane is not None and self._pane.opened else None

    async def wanted_pane(self) -> ActionPane:
        """The action pane, made when it is first wanted. Its caller opens it."""
        if self._pane is None:
            from penguintui.screens.pane import ActionPane

            self.dress("pane")
            self._pane = ActionPane(id="pane")
            self._pane.display = False
            await self.query_one("#middle").mount(self._pane)
        return self._pane

    # reading

    def question(self) -> Question:
        """What the page in front wants to know."""
        page, name = self.page, self.page_name
        return Question(
            screen="technical" if name == "target" else name,
            moment=self.moment,
            filter=self.filter_text if name == "technical" else "",
            faults_only=self.faults_only and name == "technical",
            selected=page.target() if page is not None else self.entered or None,
            run=page.run() if page is not None else None,
            in_sight=page.in_sight() if page is not None else None,
            expression=page.expression() if page is not None else "",
            since=page.since() if page is not None else "",
            viewer=self.viewer,
        )

    def pane_question(self) -> Question | None:
        """What the action pane wants to know, while it is open."""
        pane = self.opened_pane
        return Question("actions", self.moment, run=pane.run, viewer=self.viewer) if pane is not None else None

    def want(self) -> None:
        """Asks for a reading at once, because the person wants to see something else."""
        self._wanted = True
        self._start_reading()

    def _wait_for_reading(self) -> None:
        """Draws nothing until the next reading is there, and not for long. On a slow link frames are few anyway."""
        if self._waits is None and not self._held:
            self._begin_batch()
            self._waits = asyncio.get_running_loop().call_later(_SOON_ENOUGH, self._wait_no_more)

    def _wait_no_more(self) -> None:
        if self._waits is not None:
            self._waits.cancel()
            self._waits = None
            self._end_batch()
        self.draw_soon()

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.InputEvent):
            self._touched_at = self._ticks
        await super().on_event(event)

    def _tick_later(self) -> None:
        """The next tick comes a second from now: each reading puts it off, so that none comes right behind a key's."""
        if self._next_tick is not None:
            self._next_tick.cancel()
        self._next_tick = asyncio.get_running_loop().call_later(_TICK, self.call_next, self._tick)

    def _tick(self) -> None:
        """Once a second while nobody asks; armed again at its end, so that ticks never overlap."""
        if not self._standing:
            return
        self._ticks += 1
        search()
        if self._reader.busy:
            self._tell_time()
            self._say_slow()
        else:
            self._start_reading()
            self._make_ahead()
        self._tick_later()

    def _start_reading(self) -> None:
        if self._reader.busy or not self._standing:
            return
        forced = self._wanted or bool(self._trouble) or self._ticks % _FORCED_EVERY == 0
        self._wanted = False
        self._slow_at = self._ticks + _SLOW
        self.asked = self.question()
        self._reader.read(self.asked, self.pane_question(), None if forced else self._version)
        if self._next_tick is not None:
            self._tick_later()

    def _say_slow(self) -> None:
        if self._ticks >= self._slow_at:
            shown = "what is shown is from the reading before" if self._version is not None else "nothing is shown yet"
            self.say(f"reading the store takes long; {shown}", Status.WARNING)

    @property
    def _standing(self) -> bool:
        """Whether there is still a screen to show things on: messages arrive while the app is being taken down too."""
        return self.is_running and self._header is not None and self._header.is_attached

    def on_read(self, message: Read) -> None:
        if not self._standing:
            return
        self._heed_trouble(message.trouble)
        answer = message.answer
        if answer is not None:
            if self._version is None:
                keep_what_stays()
            self._version = answer.version
            # The clock goes on with the reading, so that a second is one frame.
            self.frame = self._at_this_second(replace(answer.frame, link=self.viewer.link))
            self.show_frame()
            name = "technical" if self.page_name == "target" else self.page_name
            page = self.page
            asked = answer.question
            wanted = asked.screen == name and asked.moment == self.moment
            if page is not None and wanted and asked.since == page.since():
                page.show(answer.model)
            if answer.pane is not None and self.opened_pane is not None:
                self.opened_pane.show(answer.pane, past=not answer.question.moment.live)
        else:
            self._tell_time()
        if not self._wanted:
            self._wait_no_more()
        elif self._waits is not None:
            self._start_reading()
        else:  # what was read is drawn first: the next reading would take the processor from it
            self.draw_soon()
            self.after_drawing(self._start_reading)

    def _heed_trouble(self, trouble: str) -> None:
        """While the store cannot be read, what is shown is from the last reading, and is marked as what it is."""
        if trouble:
            from penguintui.views.frame import unread

            self.say(trouble, Status.CRITICAL)
            if self.frame is not None:
                self.frame = unread(self.frame, self._read_at, self.clock.now())
                self.show_frame()
        else:
            self._read_at = self.clock.now()
            if self._trouble and self.said == self._trouble:
                self.say("")
        self._trouble = trouble

    # frame and message

    def show_frame(self) -> None:
        waiting = "waiting for the store" if self.frame is None else ""
        self.query_one("#header", Header).show(self.shown, self.frame, waiting)
        blind = self.frame is not None and self.frame.live and bool(self.frame.agent.blind)
        if blind != self._blind:
            self._blind = blind
            for page in self.query(Page):
                self._mark(page)
        self._show_message()

    def _mark(self, page: Page) -> None:
        """Shows on a page whether anybody sees the platform. What is seen again is shown by the next reading."""
        page.set_blind(self._blind)
        if self._blind and self.frame is not None and page.model is not None:
            from penguintui.views.sight import unseen

            page.show(unseen(page.model, self.frame))

    def _tell_time(self) -> None:
        """The clock in the header goes on between two readings, as long as what is shown is live."""
        frame = self.frame
        if frame is not None:
            self.frame = self._at_this_second(frame)
            if self.frame is not frame:
                self.query_one("#header", Header).show(self.shown, self.frame)

    def _at_this_second(self, frame: FrameView) -> FrameView:
        if not frame.live:
            return frame
        seconds = int(self.clock.now()) % 86400
        moment = f"live {seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}Z"
        return frame if moment == frame.moment else replace(frame, moment=moment)

    def link_told(self, words: str) -> None:
        """The state line says at once what is wrong with the link; the store need not be asked for that."""
        self.viewer = replace(self.viewer, link=words)
        if self.frame is not None:
            self.frame = replace(self.frame, link=words)
            self.show_frame()

    def _guidance(self) -> tuple[str, Status | None]:
        return message_for(self.frame, self.page_name)

    async def on_unmount(self) -> None:
        if self._next_tick is not None:
            self._next_tick.cancel()
        self._reader.close()

    async def ask_desk(self, method: str, **params: Any) -> Mapping[str, Any] | None:
        """Asks the agent; a refusal becomes a sentence in the message line, and None."""
        try:
            return await self.desk.ask(method, **params)
        except DeskError as error:
            self.heed(error)
            self.say(str(error), Status.WARNING)
            return None

    def heed(self, refusal: DeskError) -> None:
        """A viewer that the agent does not know as armed says that it is read-only, whatever it said before."""
        if isinstance(refusal, DisarmedError):
            self.viewer = replace(self.viewer, armed_until=None)
            self.want()
