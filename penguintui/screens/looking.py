"""Looking back: the time cursor, the moment that is typed, two moments compared, and the link to what is shown."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from penguintui.model.moment import LIVE, Moment
from penguintui.model.status import Status
from penguintui.model.words import parse_time
from penguintui.screens.exploring import Exploring
from penguintui.screens.keys import TITLES
from penguintui.views import format as say
from penguintui.views.models.question import Question

if TYPE_CHECKING:
    from textual.widgets import Input

    from penguintui.model.clock import Time
    from penguintui.screens.diff import DiffPage
    from penguintui.screens.reading import Read
    from penguintui.views.models.incidents import Incidents

MOMENT = "@"
"""The kind of the line in which a moment is typed."""
_AFTER = "  "
"""Between a moment and what happened at it, where Tab offers moments."""
_STEPS = {",": -60, ".": 60, "<": -3600, ">": 3600}
_MOST_OFFERED = 12
_SECONDS_SINCE_1970 = 9
"""Digits that a time of our days has."""


class Looking(Exploring):
    """Everything shown is as of one moment; here it is chosen. Nothing acts while it is past."""

    _noted: tuple[str, ...] = ()

    # the time cursor

    async def action_time(self) -> None:
        """Holds the moment, and asks for another; `t` in that line returns to live."""
        if self.moment.live:
            self.look_back_to(self.clock.now())
        self._reader.read_also(Question("incidents", self.moment, viewer=self.viewer))
        await self.open_prompt(
            MOMENT, "", "14:05, yesterday 14:05, -2h; , . a minute, < > an hour; t live; Tab: what happened"
        )

    def on_input_changed(self, event: Input.Changed) -> None:
        """In the line for a moment, the keys that move the time cursor work as everywhere."""
        if self.prompt_kind != MOMENT or event.input.id != "prompt":
            return
        if event.value == "t":
            self.close_prompt()
            self.action_live()
        elif event.value in _STEPS:
            self.close_prompt()
            step = _STEPS[event.value]
            if step < 0:
                self.action_earlier(-step)
            else:
                self.action_later(step)

    def action_earlier(self, seconds: int) -> None:
        at = self.moment.resolve(self.clock.now()) - seconds
        began = self.frame.began if self.frame is not None else None
        if began is not None and at < began:
            self.say(f"the store begins at {say.moment(began)}")
            at = began
        self.look_back_to(at)

    def action_later(self, seconds: int) -> None:
        if self.moment.live:
            self.say("this is live: there is no later yet")
            return
        at, now = self.moment.resolve(self.clock.now()) + seconds, self.clock.now()
        if at > now:
            self.action_live()
            self.say("this is live again")
        else:
            self.look_back_to(at)

    def action_live(self) -> None:
        self.moment = LIVE
        self._moved()

    def look_at(self, text: str) -> None:
        """Shows the moment that a person typed; what follows two spaces is what Tab said of it. Nothing holds it."""
        if not text:
            return
        try:
            at = parse_time(text.partition(_AFTER)[0], self.clock.now())
        except ValueError as error:
            self.say(str(error), Status.WARNING)
            return
        if text.strip().lower() == "now":
            self.action_live()
        elif at > self.clock.now():
            self.say(f"{say.moment(at)} has not come yet: the moment shown stays", Status.WARNING)
        else:
            self.look_back_to(at)

    def look_back_to(self, at: Time) -> None:
        """Shows a moment; one that has not come yet is live."""
        self.moment = Moment(max(at, 0.0)) if at <= self.clock.now() else LIVE
        self._moved()

    def _moved(self) -> None:
        """The frame says at once which moment is meant; what is shown follows with the next reading."""
        if self.frame is not None:
            at, now = self.moment.resolve(self.clock.now()), self.clock.now()
            live = self.moment.live
            words = f"live {say.clock(now)}" if live else f"as of {say.moment(at)}"
            ago = "" if live else f"{say.span(now - at)} ago"
            self.frame = replace(self.frame, live=live, at=at, moment=words, ago=ago)
            self.show_frame()
        self.want()

    # moments worth looking at

    def on_read(self, message: Read) -> None:
        """Remembers what happened lately, for the line in which a moment is typed. The message goes on, too."""
        if message.answer is not None and message.answer.question.screen == "incidents":
            told = cast("Incidents", message.answer.model).timeline[:200]
            self._noted = tuple(f"{one.time}{_AFTER}{one.text}" for one in told)

    def moments(self, text: str) -> list[str]:
        """What Tab offers: the newest moments at which something happened that begin with what is typed."""
        return [one for one in self._noted if one.startswith(text)][:_MOST_OFFERED]

    # two moments

    async def moment_command(self, name: str, rest: str) -> bool:
        """The commands that choose moments; False for another command."""
        match name:
            case "at":
                self.look_at(rest or "nothing")
            case "since":
                await self.compare(rest or "deploy")
            case "diff":
                await self.compare_between(rest)
            case _:
                return False
        return True

    async def compare(self, since: str) -> None:
        """What changed since a moment, which is a time or a word such as `deploy`, up to the moment shown."""
        now = self.clock.now()
        try:
            began: Time | str = parse_time(since.partition(_AFTER)[0], now)
        except ValueError:
            began = since
        if isinstance(began, float) and began > now:
            self.say(f"{say.moment(began)} has not come yet", Status.WARNING)
            return
        await self._show_diff(began)

    async def compare_between(self, text: str) -> None:
        """`FROM TO`: what changed between them; as of the later. `FROM` alone compares with the moment shown."""
        now = self.clock.now()
        found = two_moments(text, now)
        if isinstance(found, str):
            self.say(found, Status.WARNING)
            return
        since, until = found
        if until == now:
            self.action_live()
        elif until is not None:
            self.look_back_to(until)
        await self._show_diff(since)

    async def _show_diff(self, since: Time | str) -> None:
        if self.page_name != "diff":
            self.came_from = self.shown
            await self.bring_up("diff")
        page: DiffPage = self.query_one("#diff")  # type: ignore[assignment]  # its module is imported when it is shown
        page.compare(since, TITLES[self.came_from])
        self.want()

    # the link

    def action_link(self) -> None:
        """The command that shows the same thing as of the same moment."""
        self._copy(self.way_here())

    def way_here(self) -> str:
        """See `action_link`. Live stays live."""
        page = self.page
        at = "" if self.moment.at is None else f" --at {_written(self.moment.at)}"
        if self.page_name == "diff" and page is not None:
            since = getattr(page.model, "since", None)
            until = "now" if self.moment.at is None else _written(self.moment.at)
            return f"penguintui diff {_written(since) if since is not None else 'deploy'} {until}"
        if page is not None and page.expression():
            return f"penguintui query {shlex.quote(page.expression())}{at}"
        target = page.target() if page is not None else ""
        where = f"--goto {shlex.quote(target)}" if target else f"--screen {self.shown}"
        return f"penguintui {where}{at}"


def _written(at: Time) -> str:
    """2026-11-24T14:05:09Z: one word for a shell."""
    return say.moment(at).replace(" ", "T")


def two_moments(text: str, now: Time) -> tuple[Time | str, Time | None] | str:
    """The two moments of `FROM TO`, each in as many words as it takes; the second is None for the one that is shown.

    The first may be a word such as `deploy`. The later of two times is the second. A sentence when they cannot be told.
    """
    words = text.split()
    if not words:
        return "which moments? :diff 14:00 14:10, or :since deploy"
    whole = _moment(text, now)
    splits = [(" ".join(words[:i]), _moment(" ".join(words[i:]), now)) for i in range(len(words) - 1, 0, -1)]
    pairs = [(first, _moment(first, now), second) for first, second in splits if second is not None]
    since: Time | str = text if whole is None else whole
    until: Time | None = None
    if whole is None and pairs:
        # Two times, where it can be read so; else a word and a time.
        name, began, until = next((pair for pair in pairs if pair[1] is not None), pairs[0])
        since = name if began is None else began
    return _in_order(since, until, now)


def _in_order(since: Time | str, until: Time | None, now: Time) -> tuple[Time | str, Time | None] | str:
    later = [at for at in (since, until) if isinstance(at, float) and at > now]
    if later:
        return f"{say.moment(later[0])} has not come yet"
    if until is None or isinstance(since, str):
        return since, until
    if since == until:
        return f"both moments are {say.moment(until)}: nothing lies between them"
    return min(since, until), max(since, until)


def _moment(text: str, now: Time) -> Time | None:
    if text.isdecimal() and len(text) < _SECONDS_SINCE_1970:  # the number of a run
        return None
    try:
        return parse_time(text, now)
    except ValueError:
        return None
