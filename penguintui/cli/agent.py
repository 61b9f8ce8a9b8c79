"""`penguintui agent`: the headless program."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Annotated

import typer

from penguintui.cli.exits import Exit, fail, show
from penguintui.cli.given import configuration_for, places_for, store_url_for
from penguintui.cli.options import ConfigOption, StoreOption

if TYPE_CHECKING:
    from penguintui.agent.terms import Terms


def agent(
    config: ConfigOption = None,
    store: StoreOption = None,
    once: Annotated[bool, typer.Option("--once", help="Ask everything one time, record it, and stop.")] = False,
    parent: Annotated[int | None, typer.Option("--parent", hidden=True, metavar="FD")] = None,
    leave: Annotated[bool, typer.Option("--leave", help="Leave a minute after nobody needs it any more.")] = False,
) -> None:
    """Ask, judge, remember and execute, without a screen. Stops cleanly on SIGTERM; runs go on.

    Example: penguintui agent --config /etc/penguintui/config.yaml
    """
    from penguintui.agent.footprint import stay_small

    stay_small()
    from penguintui.agent.agent import Agent
    from penguintui.agent.starting import OneAgent
    from penguintui.clock import SystemClock
    from penguintui.config.places import UnsafePlaceError
    from penguintui.store.errors import StoreError
    from penguintui.store.opening import shared

    logging.basicConfig(level=logging.INFO, format="%(asctime)sZ %(levelname)s %(name)s: %(message)s")
    logging.Formatter.converter = time.gmtime
    for chatty in ("httpx", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    places = places_for(config)
    configuration, source, watcher = configuration_for(places)
    try:
        places.prepare()
        if not OneAgent(places.lock).take():
            fail(f"another agent works on {places.state}; stop it first", Exit.TRY_AGAIN)
        url = store_url_for(places, store)
        one: Agent | Terms
        if shared(url):
            from penguintui.agent.terms import Terms

            one = Terms(places, configuration, source, SystemClock(), url, watcher)
        else:
            one = Agent(places, configuration, source, SystemClock(), url, watcher=watcher, leaves=leave)
    except (StoreError, UnsafePlaceError) as error:
        fail(str(error), Exit.CRITICAL)
    try:
        if once:
            asyncio.run(one.once())
            from penguintui.views.format import counted

            show(f"asked {counted(sum(len(target.probes) for target in configuration.targets), 'probe')} once")
        else:
            asyncio.run(one.run(parent) if isinstance(one, Agent) else one.run())
            while isinstance(one, Agent) and one.replaced:
                places.prepare()
                one = Agent(places, one.configuration, source, SystemClock(), url, watcher=watcher, leaves=leave)
                asyncio.run(one.run(parent))
    except StoreError as error:
        fail(str(error), Exit.TRY_AGAIN)
