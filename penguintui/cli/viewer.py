"""The viewer: prepares the terminal, finds or starts an agent, and opens the dashboard."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from penguintui.cli.exits import fail
from penguintui.cli.given import past_moment, places_for, remembered, viewer_settings
from penguintui.model.moment import Moment
from penguintui.terminal import prepare_terminal

if TYPE_CHECKING:
    from pathlib import Path

    from textual.app import App

    from penguintui.config.places import Places
    from penguintui.screens.desk import ExtraCommand
    from penguintui.widgets.theme import Themes

_STARTED = 2.0
"""Seconds after which the start is over."""
_ARENA_MAX, _MMAP_THRESHOLD = -8, -3
"""glibc's numbers for them, see mallopt(3)."""
_LARGE = 128 * 1024
"""Bytes from which a piece of memory is taken from the system, and given back, on its own."""


def view(
    *,
    screen: str | None = None,
    goto: str | None = None,
    at: str | None = None,
    plain: bool = False,
    low_bandwidth: bool = False,
) -> None:
    """The dashboard over the configured platform; an agent is started when none is alive."""
    if plain:
        from penguintui.cli.printing import plain as print_plain

        print_plain(screen or ("technical" if goto else "executive"), at=at, selected=goto or "")
        return
    places = places_for(None)
    own = viewer_settings(places)
    store = remembered().store or own.store or places.store_url
    options = given_options()
    watch(
        places,
        store,
        prepare=lambda: ensure_agent(places, options, store),
        screen=screen or ("technical" if goto or places.config is None else "executive"),
        goto=goto or "",
        moment=past_moment(at),
        keys=own.keys,
        theme=own.theme,
        low_bandwidth=low_bandwidth,
    )


def given_options(config: Path | None = None, store: str | None = None) -> list[str]:
    """`--config` and `--store` as they were given before or after a command's name, for the agent that is started."""
    given = remembered()
    pairs = (("--config", config or given.config), ("--store", store or given.store))
    return [word for name, value in pairs if value for word in (name, str(value))]


def watch(
    places: Places,
    store_url: str,
    *,
    extra_commands: Mapping[str, ExtraCommand] | None = None,
    prepare: Callable[[], None] | None = None,
    seconds: float | None = None,
    screen: str = "executive",
    goto: str = "",
    moment: Moment | None = None,
    keys: Mapping[str, str] | None = None,
    theme: str | None = None,
    low_bandwidth: bool = False,
) -> None:
    """Run the dashboard over a store and an agent's socket until it is left, or for so many seconds."""
    need_terminal()
    keep_memory_together()
    prepare_terminal(os.environ, low_bandwidth=low_bandwidth)
    from penguintui.app import PenguinApp
    from penguintui.cli.desk import AgentDesk
    from penguintui.clock import SystemClock

    desk = AgentDesk(places, store_url, extra_commands, prepare)
    app = PenguinApp(
        desk,
        SystemClock(),
        screen=screen,
        goto=goto,
        moment=moment or Moment(),
        keys=keys,
        theme=theme,
        themes=themes_of(places),
        low_bandwidth=low_bandwidth,
    )
    app.call_later(leave_when_told, app, seconds)
    app.run()
    sys.exit(app.return_code or 0)


def keep_memory_together() -> None:
    """One pool of memory for all threads: each further one of glibc keeps some megabytes that nobody uses again.

    What is large goes back when it is free: left to itself, glibc keeps more the larger the pieces are.
    """
    import ctypes

    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option is not None:
        set_option(_ARENA_MAX, 1)
        set_option(_MMAP_THRESHOLD, _LARGE)


def themes_of(places: Places) -> Themes:
    """The themes of the program, and those beside the configuration."""
    from penguintui.widgets.theme import Themes

    return Themes(places.config.parent / "themes" if places.config is not None else None)


async def leave_when_told(app: App[None], seconds: float | None) -> None:
    """Leave the terminal as it was also when the system ends the program, or after so many seconds.

    Garbage, which was not looked for while the program started, is looked for from soon after on.
    """
    app.set_timer(_STARTED, gc.enable)
    for signum in (signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(signum, app.exit)
    if seconds is not None:
        app.set_timer(seconds, app.exit)


def ensure_agent(places: Places, options: list[str], store_url: str) -> None:
    """Start an agent where none is alive. options: the command line's own, which it gets too.

    Never over a store that hosts share: where its agents are is for people to decide.
    """
    from penguintui.agent import starting
    from penguintui.store.opening import shared

    if shared(store_url):
        return
    starting.ensure_agent(places, options)


def need_terminal() -> None:
    """A dashboard needs a terminal that can be drawn on; say what works without one."""
    hint = "penguintui status, or penguintui --plain, prints the same as lines"
    # The drawing goes to standard error, as that is what stays a terminal when output is piped.
    if not (sys.stdout.isatty() and sys.stdin.isatty() and sys.stderr.isatty()):
        fail(f"this is no terminal, so there is nothing to draw on; {hint}")
    term = os.environ.get("TERM", "")
    if term in ("", "dumb", "unknown"):
        fail(f"the terminal (TERM={term}) cannot be drawn on; {hint}")
