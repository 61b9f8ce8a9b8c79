"""An app driven by keys. A test waits for what it needs to be so: how busy the machine is makes no difference."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from textual.app import App
from textual.message_pump import MessagePump
from textual.pilot import Pilot

from penguintui.app import PenguinApp
from penguintui.widgets import raster
from tests.screens.desk import FakeDesk, FrozenClock

TERMINAL = {"TERM": "xterm-256color", "LANG": "C.UTF-8"}

PATIENCE = 120.0
"""Seconds after which a wait is given up: far more than a very busy machine needs."""


@asynccontextmanager
async def opened(
    desk: FakeDesk | None = None, size: tuple[int, int] = (120, 40), **options: Any
) -> AsyncIterator[tuple[PenguinApp, Pilot[None], FakeDesk]]:
    desk = desk or FakeDesk()
    app = PenguinApp(desk, FrozenClock(), environ=options.pop("environ", TERMINAL), **options)
    async with app.run_test(size=size) as pilot:
        await settled(app, pilot)
        yield app, pilot, desk


async def until(pilot: Pilot[Any], holds: Callable[[], bool], otherwise: Callable[[], str]) -> None:
    """Until something is so. otherwise: what a test says that waited in vain."""
    try:
        async with asyncio.timeout(PATIENCE):
            while not holds():
                await pilot.pause(0.01)
    except TimeoutError:
        raise AssertionError(otherwise()) from None


async def settled(app: PenguinApp, pilot: Pilot[None]) -> None:
    """Until everything that was asked for was read and shown."""
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                reading = app._reader._under_way
                await _told_by_threads(app)
                await pilot.pause()
                if app._reader._under_way is reading and _has_read(app) and at_rest(app):
                    return
    except TimeoutError:
        raise AssertionError("the app does not come to rest") from None


async def _told_by_threads(app: PenguinApp) -> None:
    """Until the threads have told what they were asked for before: a future is done before its message is posted."""
    threads = [raster._thread()] if app._reader._closed else [raster._thread(), app._reader._thread]
    for thread in threads:
        await asyncio.wrap_future(thread.submit(int))


def _has_read(app: PenguinApp) -> bool:
    shown = app.frame is not None and app.page is not None and app.page.model is not None
    return shown and not app._reader.busy and not app._wanted and not app.workers._workers


def at_rest(app: App[Any]) -> bool:
    """Whether every widget waits for its next message, and nothing is left to be drawn."""
    screen = app.screen
    undrawn = app._batch_count or screen._layout_required or screen._dirty_widgets or screen._callbacks
    widgets = (widget for one in app.screen_stack for widget in one.walk_children(with_self=True))
    return not undrawn and all(_waits(one) for one in (app, *widgets))


def _waits(pump: MessagePump) -> bool:
    """Whether it has done all that it was told; in the midst of a message nobody gets from its queue."""
    queue = pump._message_queue
    waits = queue.empty() and bool(queue.ready_event._waiters)  # type: ignore[attr-defined]
    return waits and pump._pending_message is None and not pump._next_callbacks


def text_of(app: App[Any]) -> str:
    """The screen as text, row by row."""
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text for strip in strips)


async def seen(app: App[Any], pilot: Pilot[Any], text: str) -> str:
    """The screen once a text is on it: what a thread brings may come after the screen came to rest."""
    await until(pilot, lambda: text in text_of(app), lambda: f"{text!r} is not on the screen:\n{text_of(app)}")
    return text_of(app)


async def press(app: PenguinApp, pilot: Pilot[None], *keys: str) -> None:
    """Keys as a person presses them who looks at what each does."""
    for key in keys:
        await pilot.press(key)
        await settled(app, pilot)


async def command(app: PenguinApp, pilot: Pilot[None], text: str) -> None:
    await press(app, pilot, "colon")
    app.query_one("#prompt").value = text  # type: ignore[attr-defined]
    await press(app, pilot, "enter")
