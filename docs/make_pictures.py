"""Makes `docs/pictures/*.svg` from the running program: `python docs/make_pictures.py`, or `make pictures`.

The demo's world and its agent are started with a fixed seed; the dashboard runs in a terminal of 120x40 that nobody
sees. The pictures differ a little each time, since the world goes on with the clock.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from penguintui.cli.demo import Demo
from penguintui.model.status import Status
from penguintui.terminal import prepare_terminal

if TYPE_CHECKING:
    from textual.app import App

    from penguintui.app import PenguinApp
    from penguintui.cli.desk import AgentDesk
    from penguintui.views.models.frame import Counts

PICTURES = Path(__file__).resolve().parent / "pictures"
SIZE = (120, 40)
WALL_SIZE = (80, 24)
SEED = 1
FAULT, ILL = "blocklisted", "sending-addresses"
_PATIENCE = 90.0
_LOOK = 0.5
_SETTLED = 3.0
"""Seconds that a screen gets after its data are there: charts are drawn in a thread of their own."""

_CHARTED = 40.0
"""Seconds after which a chart of an hour shows what has just changed."""


async def until(what: str, holds: Callable[[], bool]) -> None:
    """Wait until something holds. Raises TimeoutError that names it."""
    try:
        async with asyncio.timeout(_PATIENCE):
            while not holds():  # noqa: ASYNC110 (what is on a screen gives no event)
                await asyncio.sleep(_LOOK)
    except TimeoutError:
        raise TimeoutError(f"waited {_PATIENCE:g} s in vain until {what}") from None


def all_asked(counts: Counts) -> bool:
    return counts.total > 0 and counts.unknown == 0


def worried(app: PenguinApp) -> int:
    """Targets that are not fine; -1 while nothing is known."""
    counts = app.frame.counts if app.frame is not None else None
    return counts.total - counts.ok if counts is not None else -1


def status_of(app: PenguinApp, target: str) -> Status | None:
    """How a target stands on the technical screen; None when another screen is in front."""
    from penguintui.views.models.technical import Technical

    model = app.page.model if app.page is not None else None
    rows = model.rows if isinstance(model, Technical) else ()
    return next((row.status for row in rows if row.name == target), None)


def ill(app: PenguinApp, target: str) -> bool:
    return status_of(app, target) is Status.CRITICAL


async def show(app: PenguinApp, screen: str, selected: str = "") -> None:
    """Bring a screen up, select a target there, and wait until its data are read and drawn."""
    from penguintui.widgets.table import Table

    await app.bring_up(screen)
    await until(f"{screen} is read", lambda: app.page is not None and app.page.model is not None)
    if selected:
        app.query_one("#targets", Table).select(selected)
        app.want()
    app.say("")
    await asyncio.sleep(_SETTLED)


def save(app: App[None], name: str) -> None:
    """Write what is on the screen. The picture asks nobody for a font."""
    picture = re.sub(r"@font-face\s*\{.*?\}\s*", "", app.export_screenshot(title="penguintui"), flags=re.DOTALL)
    picture = picture.replace("Fira Code, monospace", "Fira Code, DejaVu Sans Mono, Menlo, Consolas, monospace")
    (PICTURES / f"{name}.svg").write_text(picture, encoding="utf-8")
    print(f"docs/pictures/{name}.svg")


async def calm(app: PenguinApp) -> None:
    """Each screen while all is well; a machine with much else to do shows a warning of its own."""
    try:
        await until("all is fine", lambda: worried(app) == 0)
    except TimeoutError as late:
        print(f"{late}; going on", file=sys.stderr)
    for screen, selected in (("executive", ""), ("technical", "api"), ("deliverability", ""), ("security", "")):
        await show(app, screen, selected)
        save(app, screen)


async def trouble(app: PenguinApp) -> None:
    """Something breaks: the technical screen says what, where and why."""
    await show(app, "technical")
    await asyncio.to_thread(app.desk.extra_commands["break"].run, FAULT)
    for target in (ILL, "mail"):
        await until(f"{target} suffers", partial(ill, app, target))
    await asyncio.sleep(_CHARTED)
    await show(app, "technical", ILL)
    save(app, "trouble")
    await app.goto(ILL)
    await asyncio.sleep(_SETTLED)
    save(app, "target")
    await asyncio.to_thread(app.desk.extra_commands["heal"].run, FAULT)
    await show(app, "technical")
    await until(f"{ILL} is well again", lambda: status_of(app, ILL) is Status.OK)


async def deploy(app: PenguinApp) -> None:
    """A deploy under way, armed and confirmed as a person would."""
    app.arm("10m a picture for the docs")
    await until("the viewer is armed", lambda: app.viewer.armed_until is not None)
    plan = await app.desk.ask("plan", action="deploy", parameters={})
    began = await app.desk.ask("run", plan=plan["hash"], confirm="yes", intent=uuid.uuid4().hex)
    await app.execute(f"runs {began['run']}")
    await show(app, "actions")
    await until("the traffic is switched", lambda: "→" in app.export_screenshot())
    await asyncio.sleep(_SETTLED)
    app.say("")
    save(app, "actions")


async def walls(desk: AgentDesk) -> None:
    """The wall while all is well, and while something is critical."""
    from penguintui.clock import SystemClock
    from penguintui.screens.wall import WallApp

    for name, seen in (("wall-calm", "page&#160;"), ("wall", "held&#160;by")):
        if name == "wall":
            await asyncio.to_thread(desk.extra_commands["break"].run, FAULT)
        wall = WallApp(desk, SystemClock(), turn=3600.0)
        async with wall.run_test(size=WALL_SIZE):
            await until(f"{name} is up", partial(_says, wall, seen))
            await asyncio.sleep(_SETTLED)
            save(wall, name)


def _says(app: App[None], text: str) -> bool:
    return text in app.export_screenshot()


async def main() -> None:
    from penguintui.agent.client import alive
    from penguintui.app import PenguinApp
    from penguintui.cli.desk import AgentDesk
    from penguintui.clock import SystemClock

    PICTURES.mkdir(exist_ok=True)
    one = Demo(SEED, [])
    os.environ.update(one.environment)
    try:
        await asyncio.to_thread(one.start)
        await until("the agent listens", lambda: alive(one.places().socket))
        desk = AgentDesk(one.places(), one.places().store_url, one.commands())
        app = PenguinApp(desk, SystemClock())
        async with app.run_test(size=SIZE):
            await until("every target was asked", lambda: app.frame is not None and all_asked(app.frame.counts))
            for scene in (calm, trouble, deploy):
                await scene(app)
        await walls(desk)
        await desk.close()
    finally:
        await asyncio.to_thread(one.stop)


if __name__ == "__main__":
    os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
    os.environ.pop("NO_COLOR", None)
    prepare_terminal(os.environ)
    sys.exit(asyncio.run(main()))
