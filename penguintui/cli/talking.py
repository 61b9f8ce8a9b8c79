"""Talking to the agent from a command."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from penguintui.cli.exits import Exit, fail
from penguintui.cli.given import store_url_for

if TYPE_CHECKING:
    from penguintui.agent.client import Asker
    from penguintui.config.places import Places

T = TypeVar("T")


def talk(places: Places, conversation: Callable[[Asker], Awaitable[T]], store: str | None = None) -> T:
    """Hold a conversation with the agent of a store. Ends with its sentence when it refuses, 75 when none answers."""
    from penguintui.agent.client import asker
    from penguintui.agent.protocol import MayNotAskError, NoAgentError, Refused
    from penguintui.store.errors import StoreError

    async def hold() -> T:
        client = asker(places.socket, store_url_for(places, store))
        try:
            await client.ask("hello")
            return await conversation(client)
        finally:
            await client.close()

    try:
        return asyncio.run(hold())
    except MayNotAskError as error:
        fail(str(error), Exit.CRITICAL)
    except NoAgentError as error:
        fail(f"no agent answers; start one: penguintui agent ({error})", Exit.TRY_AGAIN)
    except StoreError as error:
        fail(str(error), Exit.UNKNOWN)
    except Refused as reason:
        fail(str(reason), Exit.TRY_AGAIN if " is held by run " in str(reason) else Exit.CRITICAL)
