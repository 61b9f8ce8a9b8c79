"""Makes `docs/pictures/*.svg` from the running program: `python docs/make_pictures.py`, or `make pictures`.

The demo's world and its agent are started with a fixed seed; the dashboard runs in terminals that nobody sees: each
screen in calm at 120x40 and without colours at 80x24, in trouble at 120x40 and at 80x24. The world begins with the
same seed at the same time of day; what is measured in it (milliseconds, this machine's load) is measured anew.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from penguintui.cli.demo import Demo, ahead_of
from penguintui.model.status import Status
from penguintui.terminal import prepare_terminal

if TYPE_CHECKING:
    from textual.app import App

    from penguintui.app import PenguinApp
    from penguintui.cli.desk import AgentDesk

PICTURES = Path(__file__).resolve().parent / "pictures"
WIDE, SMALL = (120, 40), (80, 24)
SEED = 1
TIME_OF_DAY = "14:05"
FAULTS = {"blocklisted": "sending-addresses", "brute-force": "mx1-logins", "slow-delivery": "mail", "disk-full": "mx2"}
"""What is broken for the pictures of trouble, and the target that it turns."""
ILL = "sending-addresses"
SCREENS = ("executive", "technical", "deliverability", "security", "business", "incidents")
CALM_AT = {"technical": "api"}
ILL_AT = {"technical": ILL}
_COLOURS = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
_NO_COLOURS = {"TERM": "xterm-256color", "NO_COLOR": "1", "LANG": "C.UTF-8"}
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


def all_asked(app: PenguinApp) -> bool:
    counts = app.frame.counts if app.frame is not None else None
    return counts is not None and counts.total > 0 and counts.unknown == 0


def worried(app: PenguinApp) -> int:
    """Targets that are not fine; -1 while nothing is known."""
    counts = app.frame.counts if app.frame is not None else None
    return counts.total - counts.ok if counts is not None else -1


def ill(app: PenguinApp, target: str) -> bool:
    """Whether a target is not fine on the technical screen."""
    from penguintui.views.models.technical import Technical

    model = app.page.model if app.page is not None else None
    rows = model.rows if isinstance(model, Technical) else ()
    return any(row.name == target and row.status in (Status.WARNING, Status.CRITICAL) for row in rows)


@asynccontextmanager
async def viewer(desk: AgentDesk, size: tuple[int, int], environ: dict[str, str]) -> AsyncIterator[PenguinApp]:
    """A dashboard in a terminal of this size."""
    from penguintui.app import PenguinApp
    from penguintui.clock import SystemClock

    app = PenguinApp(desk, SystemClock(), environ=environ)
    async with app.run_test(size=size):
        await until("every target was asked", partial(all_asked, app))
        yield app


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
    """Write what is on the screen, without what a picture of one screen can do without: fonts, ids, clipping."""
    picture = re.sub(r"@font-face\s*\{.*?\}\s*", "", app.export_screenshot(title="penguintui"), flags=re.DOTALL)
    picture = picture.replace("Fira Code, monospace", "Fira Code, DejaVu Sans Mono, Menlo, Consolas, monospace")
    picture = re.sub(r' clip-path="url\(#terminal-\d+-line-\d+\)"', "", picture)
    picture = re.sub(r'<clipPath id="terminal-\d+-line-\d+">.*?</clipPath>\s*', "", picture, flags=re.DOTALL)
    picture = re.sub(r"terminal-\d+-", "", picture).replace("&#160;", "\N{NO-BREAK SPACE}")
    (PICTURES / f"{name}.svg").write_text(picture, encoding="utf-8")
    print(f"docs/pictures/{name}.svg", flush=True)


async def screens(app: PenguinApp, selected: dict[str, str], suffix: str) -> None:
    for screen in SCREENS:
        await show(app, screen, selected.get(screen, ""))
        save(app, f"{screen}{suffix}")


async def calm(desk: AgentDesk) -> None:
    """Each screen while all is well; a machine with much else to do shows a warning of its own."""
    async with viewer(desk, WIDE, _COLOURS) as app:
        try:
            await until("all is fine", lambda: worried(app) == 0)
        except TimeoutError as late:
            print(f"{late}; going on", file=sys.stderr)
        await screens(app, CALM_AT, "")
        await show(app, "actions")
        save(app, "actions")
    async with viewer(desk, SMALL, _NO_COLOURS) as app:
        await screens(app, CALM_AT, "-mono")
        await show(app, "actions")
        save(app, "actions-mono")


async def trouble(desk: AgentDesk) -> None:
    """Things break: the screens say what, where and why."""
    async with viewer(desk, WIDE, _COLOURS) as app:
        await show(app, "technical")
        for fault in FAULTS:
            await asyncio.to_thread(desk.extra_commands["break"].run, fault)
        for target in FAULTS.values():
            await until(f"{target} suffers", partial(ill, app, target))
        await asyncio.sleep(_CHARTED)
        await screens(app, ILL_AT, "-trouble")
        await show(app, "technical", ILL)
        await app.goto(ILL)
        await asyncio.sleep(_SETTLED)
        save(app, "target")
    async with viewer(desk, SMALL, _COLOURS) as app:
        await screens(app, ILL_AT, "-80")
        await show(app, "technical", ILL)
        await app.goto(ILL)
        await asyncio.sleep(_SETTLED)
        save(app, "target-80")


async def heal(desk: AgentDesk) -> None:
    """All is made good again, and is seen to be."""
    async with viewer(desk, WIDE, _COLOURS) as app:
        await show(app, "technical")
        for fault in FAULTS:
            await asyncio.to_thread(desk.extra_commands["heal"].run, fault)
        await until(f"{ILL} is well again", lambda: not ill(app, ILL))


async def deploy(desk: AgentDesk) -> None:
    """A plan as it is read, and its run, armed and confirmed as a person would."""
    async with viewer(desk, WIDE, _COLOURS) as app:
        await show(app, "technical", "api")
        app.arm("10m a picture for the docs")
        await until("the viewer is armed", lambda: app.viewer.armed_until is not None)
        await app.plan_action("rollback", {})
        await until("the plan is there", lambda: "Plan:" in app.export_screenshot())
        app.say("")
        await asyncio.sleep(_SETTLED)
        save(app, "plan")
        await app.action_back()
        await app.action_back()
        plan = await desk.ask("plan", action="deploy", parameters={})
        began = await desk.ask("run", plan=plan["hash"], confirm="yes", intent=uuid.uuid4().hex)
        await app.execute(f"runs {began['run']}")
        await show(app, "actions")
        await until("the traffic is switched", lambda: "→" in app.export_screenshot())
        await asyncio.sleep(_SETTLED)
        app.say("")
        save(app, "actions-run")
    async with viewer(desk, SMALL, _COLOURS) as app:
        await app.execute(f"runs {began['run']}")
        await show(app, "actions")
        save(app, "actions-80")


async def walls(desk: AgentDesk) -> None:
    """The wall while all is well, and while something is critical."""
    from penguintui.clock import SystemClock
    from penguintui.screens.wall import WallApp

    for name, seen in (("wall-calm", "page&#160;"), ("wall", "held&#160;by")):
        if name == "wall":
            await asyncio.to_thread(desk.extra_commands["break"].run, "blocklisted")
        wall = WallApp(desk, SystemClock(), turn=3600.0)
        async with wall.run_test(size=SMALL):
            await until(f"{name} is up", partial(_says, wall, seen))
            await asyncio.sleep(_SETTLED)
            save(wall, name)


def _says(app: App[None], text: str) -> bool:
    return text in app.export_screenshot()


async def main(scenes: list[str]) -> None:
    """scenes: names of the functions to call, in order; all when empty."""
    from penguintui.agent.alive import alive
    from penguintui.cli.desk import AgentDesk

    PICTURES.mkdir(exist_ok=True)
    every = {"calm": calm, "trouble": trouble, "heal": heal, "deploy": deploy, "walls": walls}
    one = Demo(SEED, [], ahead_of(TIME_OF_DAY))
    os.environ.update(one.environment)
    try:
        await asyncio.to_thread(one.start)
        await until("the agent listens", lambda: alive(one.places().socket))
        desk = AgentDesk(one.places(), one.places().store_url, one.commands())
        for name in scenes or every:
            await every[name](desk)
        await desk.close()
    finally:
        one.stop()  # here, since only the main thread may set signals aside


if __name__ == "__main__":
    os.environ.update(_COLOURS)
    os.environ.pop("NO_COLOR", None)
    prepare_terminal(os.environ)
    sys.exit(asyncio.run(main(sys.argv[1:])))
