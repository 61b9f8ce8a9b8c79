"""The frame: where this is, how many are ill, which moment is shown, whether the agent lives, what this viewer may."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from penguintui.model.clock import Time
from penguintui.model.role import Role
from penguintui.model.status import Status
from penguintui.views import format as say
from penguintui.views.models.frame import AgentView, Counts, FrameView, Viewer
from penguintui.views.settings import INIT, settings
from penguintui.views.standing import Standing, stand

if TYPE_CHECKING:
    from penguintui.store.keeping import Heartbeat
    from penguintui.store.reader import Reader

SILENT_TICKS = 3
"""After so many of its ticks without a word the agent counts as silent, and everything shown as old."""
SILENT, UNREAD = "the agent is silent", "the store cannot be read"
"""Why a viewer is blind."""
_SHORTEST_SILENCE = 3.0
"""Seconds of silence that are never blindness: a busy disk, a suspended laptop's first second."""


def build(reader: Reader, *, now: Time, viewer: Viewer | None = None, standing: Standing | None = None) -> FrameView:
    """The frame as of the reader's moment. now: the wall clock, against which the agent and the arming are measured."""
    viewer = viewer or Viewer()
    known = settings(reader)
    counts = (standing or stand(reader)).counts
    beat = reader.heartbeat()
    live = reader.moment.live
    heard = agent(beat, now)
    began = None if live else reader.beginning()
    return FrameView(
        environment=known.environment.upper(),
        region=str(known.document.get("region") or ""),
        platform=known.platform,
        demo=bool(known.document.get("demo")),
        counts=counts.doubted if live and heard.blind else counts,
        live=live,
        at=reader.at,
        moment=f"live {say.clock(now)}" if live else f"as of {say.moment(reader.at)}",
        agent=replace(heard, standbys=_standbys(reader, now)),
        armed=may_act(viewer, now, live) == "",
        hands=hands(viewer, now, live),
        link=viewer.link,
        need=_need(known.source, counts, beat) if live else before_the_beginning(reader.at, began),
        ago="" if live else f"{say.span(now - reader.at)} ago",
        began=began,
    )


def without_store(now: Time, why: str) -> FrameView:
    """The frame while there is no store to read: nothing is known, and it says why."""
    silent = AgentView(Status.UNKNOWN, "", message="no word from an agent yet")
    moment = f"live {say.clock(now)}"
    return FrameView("LOCAL", "", "", False, Counts(), True, now, moment, silent, need=why)


def longest_silence(tick: float) -> float:
    """Seconds that an agent of this tick may be silent before what it said counts as old."""
    return max(SILENT_TICKS * tick, _SHORTEST_SILENCE)


def agent(beat: Heartbeat | None, now: Time) -> AgentView:
    """What the agent's last word says at a time. A word from the future (a clock that jumped) is said to be one."""
    if beat is None:
        return AgentView(Status.UNKNOWN, "", message="no word from an agent yet")
    silence = max(now - beat.time, 0.0)
    name = f"{beat.agent}@{beat.host}"
    age = say.span(silence)
    if silence > longest_silence(beat.tick):
        blind = f"BLIND since {say.clock(beat.time)}"
        return AgentView(Status.CRITICAL, age, blind, beat.time, beat.message, name, why=SILENT)
    if beat.time - now > _SHORTEST_SILENCE:
        ahead = f"its last word is {say.span(beat.time - now)} ahead of this clock, so whether it lives cannot be told"
        return AgentView(Status.WARNING, age, message=ahead, name=name)
    return AgentView(Status.WARNING if beat.message else Status.OK, age, message=beat.message, name=name)


def unread(shown: FrameView, read: Time, now: Time) -> FrameView:
    """The frame when the store was read last at `read`, and cannot be read now."""
    heard, silence = shown.agent, max(now - read, 0.0)
    if not shown.live or (silence <= _SHORTEST_SILENCE and not heard.blind):
        return shown
    if heard.blind_since is not None:
        return replace(shown, agent=replace(heard, age=say.span(now - heard.blind_since)))
    blind = f"BLIND since {say.clock(read)}"
    age = say.span(silence)
    heard = replace(heard, status=Status.CRITICAL, age=age, blind=blind, blind_since=read, why=UNREAD)
    return replace(shown, agent=heard, counts=shown.counts.doubted)


def incomplete(shown: FrameView, warnings: Collection[str]) -> FrameView:
    """The frame when numbers rest on less than all samples. warnings: which are missing, and why."""
    if shown.need or not warnings:
        return shown
    more = f", and {len(warnings) - 1} more" if len(warnings) > 1 else ""
    return replace(shown, need=f"Numbers lack samples{more}: {next(iter(warnings))}")


def _standbys(reader: Reader, now: Time) -> tuple[str, ...]:
    """What the agents that stand by say; one that has been silent for a minute is no help, and is left out."""
    said = [(beat, max(now - beat.time, 0.0)) for beat in reader.standbys()]
    return tuple(
        f"{beat.agent}@{beat.host} {say.span(silence)} ago: {beat.message}" for beat, silence in said if silence < 60
    )


def may_act(viewer: Viewer, now: Time, live: bool) -> str:
    """Why this viewer may not act now; "" when it may."""
    if not live:
        return "the moment shown is past: t t returns to live"
    if viewer.role is not None and viewer.role < Role.OPERATOR:
        return "this account may only look: an admin can give it the role operator"
    if viewer.armed_until is None or viewer.armed_until <= now:
        return "read-only: arm with :arm 10m reason"
    return ""


def hands(viewer: Viewer, now: Time, live: bool) -> str:
    """What the state line says of this viewer's hands."""
    if not live:
        return "past: read-only"
    if may_act(viewer, now, live) or viewer.armed_until is None:
        return "read-only"
    return f"armed until {say.clock(viewer.armed_until)}"


def before_the_beginning(at: Time, began: Time | None) -> str:
    """Why a moment shows nothing: the store did not exist yet; "" when it did."""
    if began is None:
        return f"The store is empty: nothing is remembered of {say.moment(at)}."
    if at < began:
        return f"The store begins at {say.moment(began)}: nothing is remembered of {say.moment(at)}."
    return ""


def _need(source: str, counts: Counts, beat: Heartbeat | None) -> str:
    if beat is None and not counts.total:
        return "No agent has written here yet. Start one: penguintui agent."
    if not source:
        return f"No configuration: only this host is watched. {INIT}"
    return ""
