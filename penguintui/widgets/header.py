"""The two lines above every screen: where one can go, and how things stand."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from rich.style import Style

from penguintui.model.status import Status
from penguintui.widgets.canvas import Canvas
from penguintui.widgets.line import Line, clean, fit, join, line, span, width_of
from penguintui.widgets.look import (
    ACCENT,
    BADGE,
    BORDER,
    DIM_STYLE,
    FAINT_STYLE,
    KEY,
    STATUS_STRONG,
    STATUS_STYLE,
    STRONG,
    TEXT,
    TEXT_STYLE,
    look,
)
from penguintui.widgets.status import counts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from penguintui.views.models.frame import FrameView

_EDGE = 1

Tab = tuple[str, str, str]
"""The screen's name, its key, its title."""


def tabs_line(tabs: Sequence[Tab], active: str, width: int) -> Line:
    """All titles where they fit, else numbers with the active title, else the active one alone."""
    logo: Line = ((f"{look().logo} ", Style(color=ACCENT, bold=True)), ("penguintui", STRONG))
    for titles, name in ((True, True), (False, True), (False, False)):
        parts = [_tab(tab, tab[0] == active, titles) for tab in tabs]
        shown = join([logo, *parts] if name else parts, "  ")
        if width_of(shown) <= width:
            return shown
    return join([_tab(tab, True, True) for tab in tabs if tab[0] == active])


def _tab(tab: Tab, active: bool, title: bool) -> Line:
    name, key, words = tab
    click = Style(meta={"@click": f"app.show_screen('{name}')"})
    if active:
        return ((f"{key} ", KEY + click), (words, Style(color=TEXT, bold=True, underline=True) + click))
    number = ((f"{key}", FAINT_STYLE + click),)
    return (*number, (f" {words}", DIM_STYLE + click)) if title else number


def state_line(frame: FrameView, width: int) -> Line:
    """How things stand. What does not fit is dropped from the right; the agent's age goes last of all."""
    agent = _agent(frame)
    links = (frame.link, frame.link.partition(",")[0].partition(":")[0])
    # Before what is left out on a slow link goes unsaid, the counts give up their words.
    for short, least in ((False, 5 if frame.link and frame.live else 3), (True, 2 if frame.live else 3)):
        variants = [_state_parts(frame, short, link) for link in dict.fromkeys(links)]
        for kept in range(len(variants[0]), least - 1, -1):
            for parts, gap in product(variants, ("   ", "  ")):
                shown = join([*parts[:kept], agent], gap)
                if width_of(shown) <= width:
                    return shown
    badge, figures = _state_parts(frame, short=True)[:2]
    without_region = join([badge[:1], figures, agent], "  ")
    return without_region if width_of(without_region) <= width else fit(join([figures, agent], "  "), width)


def _state_parts(frame: FrameView, short: bool, link: str = "") -> list[Line]:
    region = line((f" {frame.region}" if frame.region else "", DIM_STYLE))
    where: Line = ((f" {clean(frame.environment)} ", BADGE), *region)
    tally = frame.counts
    figures = join(counts(tally.critical, tally.warning, tally.unknown, short) if tally.total else [_nothing()], "  ")
    parts: list[Line] = [where, figures]
    told: list[Line] = [(span(frame.incident, STATUS_STRONG[Status.WARNING]),)] if frame.incident else []
    # That a moment is past is dropped last of all.
    parts += [*told, _moment(frame)] if frame.live else [_moment(frame), *told]
    hands: Line = (span(frame.hands, STATUS_STRONG[Status.WARNING] if frame.armed else FAINT_STYLE),)
    slow: list[Line] = [(span(link, STATUS_STYLE[Status.WARNING]),)] if link else []
    # What is left out on a slow link says so before what goes without saying: that nothing can be done here.
    parts += [hands, *slow] if frame.armed else [*slow, hands]
    if frame.on_call:
        parts.append((("on call ", FAINT_STYLE), span(frame.on_call, TEXT_STYLE)))
    return parts


def rule_line(frame: FrameView | None, width: int) -> Line:
    """The rule under the state. While the moment shown is past it says so, in the middle of its whole width."""
    if frame is None or frame.live:
        return ((look().rule * width, Style(color=BORDER)),)
    past = f"PAST: {frame.moment}, {frame.ago}"
    for words in (f"{past}; nothing acts; t t returns to live", f"{past}; t t is live", past, frame.moment):
        if len(words) + 4 <= width:
            break
    before = max((width - len(words) - 2) // 2, 0)
    after = max(width - before - len(words) - 2, 0)
    rule = Style(color=ACCENT)
    return (
        (look().rule * before, rule),
        span(f" {words} ", Style(color=ACCENT, bold=True)),
        (look().rule * after, rule),
    )


def _nothing() -> Line:
    return (("no targets", FAINT_STYLE),)


def _moment(frame: FrameView) -> Line:
    if frame.live:
        word, _, rest = frame.moment.partition(" ")
        return (span(f"{word} ", FAINT_STYLE), span(rest, TEXT_STYLE))
    return (span(f" {frame.moment} ", Style(color="#0d1117", bgcolor=ACCENT, bold=True)),)


def _agent(frame: FrameView) -> Line:
    agent = frame.agent
    if agent.blind:
        return (span(f" {agent.blind} ", STATUS_STRONG[Status.CRITICAL] + Style(reverse=True)),)
    if not agent.age:
        return (span("no agent", STATUS_STYLE[Status.UNKNOWN]),)
    return (("agent ", FAINT_STYLE), span(agent.age, STATUS_STYLE[agent.status]))


class Header(Canvas):
    """Tabs, state, and a rule under them; a single row shows the state."""

    DEFAULT_CSS = """
    Header { height: 3; background: #151c24; padding: 0 1; }
    """

    def __init__(self, tabs: Sequence[Tab], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._tabs = tabs
        self._active = tabs[0][0]
        self._frame: FrameView | None = None
        self._waiting = "opening"

    def show(self, active: str, frame: FrameView | None, waiting: str = "") -> None:
        self._active, self._frame, self._waiting = active, frame, waiting
        self.repaint()

    def compose_line(self, y: int, width: int) -> Line:
        if y == 0 and self.size.height > 1:
            return tabs_line(self._tabs, self._active, width)
        if y <= 1:
            if self._frame is None:
                return ((clean(self._waiting), FAINT_STYLE),)
            return state_line(self._frame, width)
        return rule_line(self._frame, width)
