"""`penguintui wall`: a screen for a wall, which nobody touches and which runs for months."""

from __future__ import annotations

import os
import sys
import termios
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from penguintui.cli.exits import Exit, fail
from penguintui.cli.given import places_for, remembered, viewer_settings
from penguintui.cli.options import ConfigOption, StoreOption

if TYPE_CHECKING:
    from penguintui.screens.wall import WallApp

AGAIN = "PENGUINTUI_WALL_AGAIN"
"""Why the wall started itself again: from the one that left to the one that comes."""


def wall(
    config: ConfigOption = None,
    store: StoreOption = None,
    rotate: Annotated[str, typer.Option("--rotate", metavar="TIME", help="How long each calm page stays.")] = "20s",
    memory: Annotated[int, typer.Option("--memory", metavar="MB", help="It starts itself again above this.")] = 200,
    low_bandwidth: Annotated[bool, typer.Option("--low-bandwidth", help="Begin with few bytes.")] = False,
    speed: Annotated[float, typer.Option("--speed", hidden=True)] = 1.0,
) -> None:
    """The state of the platform for a screen on a wall: big digits, the worst held, no keys but q.

    Example: penguintui wall --rotate 30s
    """
    from penguintui.alerting.durations import parse_duration
    from penguintui.cli.viewer import ensure_agent, given_options, keep_memory_together, need_terminal, themes_of
    from penguintui.terminal import prepare_terminal

    try:
        turn = parse_duration(rotate)
    except ValueError as error:
        fail(f"--rotate: {error}", Exit.USAGE)
    if turn < 1 or memory < 1 or speed <= 0:
        fail("--rotate takes a second at least, --memory a megabyte, and --speed is more than 0", Exit.USAGE)
    need_terminal()
    keep_memory_together()
    environ = dict(os.environ)
    prepare_terminal(os.environ, low_bandwidth=low_bandwidth)
    places = places_for(config)
    own = viewer_settings(places)
    address = store or remembered().store or own.store or places.store_url

    from penguintui.cli.desk import AgentDesk
    from penguintui.clock import SystemClock
    from penguintui.screens.wall import WallApp
    from penguintui.screens.watchdog import Bounds

    options = given_options(config, store)

    def prepare() -> None:
        ensure_agent(places, options, address)

    def app(**more: Any) -> WallApp:
        desk = AgentDesk(places, address, prepare=prepare)
        return WallApp(
            desk, SystemClock(), turn=turn, speed=speed, bounds=Bounds(memory=memory * 1_000_000),
            themes=themes_of(places), theme=own.theme, low_bandwidth=low_bandwidth, **more,
        )  # fmt: skip

    run(app, environ)


def run(make: Callable[..., WallApp], environ: Mapping[str, str]) -> None:
    """Run a wall until it is left; start the program again as it was called when the wall says so.

    The picture needs nothing of the one before: all of it is read from the store.
    """
    from penguintui.cli.viewer import leave_when_told

    why = environ.get(AGAIN, "")
    before = termios.tcgetattr(sys.stdin.fileno())

    def again(reason: str) -> NoReturn:
        # From any thread, also when the event loop hangs: the terminal as it was, then the program anew.
        termios.tcsetattr(sys.stdin.fileno(), termios.TCSANOW, before)
        program = [sys.executable, *sys.orig_argv[1:]]
        os.execve(program[0], program, {**environ, AGAIN: reason})  # noqa: S606 (no shell is wanted)

    app = make(force=again, said=f"started itself again: {why}" if why else "")
    app.call_later(leave_when_told, app, None)
    app.run(mouse=False)
    if app.again:
        again(app.again)
    sys.exit(app.return_code or 0)
