"""The viewer: prepares the terminal, finds or starts an agent, and opens the dashboard."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from penguintui.cli.exits import Exit, fail

if TYPE_CHECKING:
    from penguintui.config.places import Places
    from penguintui.screens.desk import ExtraCommand


def view(places: Places, store_url: str, options: list[str]) -> None:
    """Open the dashboard; an agent is started when none is alive."""
    from penguintui.agent.starting import ensure_agent

    watch(places, store_url, prepare=lambda: ensure_agent(places, options) and None)


def watch(
    places: Places,
    store_url: str,
    *,
    extra_commands: Mapping[str, ExtraCommand] | None = None,
    prepare: Callable[[], None] | None = None,
    seconds: float | None = None,
) -> None:
    """Run the dashboard over a store and an agent's socket until it is left, or for so many seconds."""
    _need_terminal()
    prepare_terminal(os.environ)
    from penguintui.app import PenguinApp
    from penguintui.cli.desk import AgentDesk

    desk = AgentDesk(places, store_url, extra_commands, prepare)
    PenguinApp(desk).run()


def _need_terminal() -> None:
    """A dashboard needs a terminal that can be drawn on; say what works without one."""
    hint = "penguintui status prints the same as lines"
    if not sys.stdout.isatty() or not sys.stdin.isatty():
        fail(f"this is no terminal, so there is nothing to draw on; {hint}")
    if os.environ.get("TERM", "dumb") in ("dumb", "unknown", ""):
        fail(f"the terminal (TERM={os.environ.get('TERM', '')}) cannot be drawn on; {hint}", Exit.USAGE)
