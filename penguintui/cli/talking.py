"""Talking to the agent from a command."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from penguintui.cli.exits import Exit, fail

if TYPE_CHECKING:
    from penguintui.agent.client import Client
    from penguintui.config.places import Places

T = TypeVar("T")


def talk(places: Places, conversation: Callable[[Client], Awaitable[T]]) -> T:
    """Hold a conversation with the agent. Ends with its sentence when it refuses, 75 when none answers."""
    from penguintui.agent.client import Client, NoAgentError
    from penguintui.agent.protocol import Refused

    async def hold() -> T:
        client = Client(places.socket)
        try:
            await client.ask("hello")
            return await conversation(client)
        finally:
            await client.close()

    try:
        return asyncio.run(hold())
    except NoAgentError:
        fail("no agent answers; start one: penguintui agent", Exit.TRY_AGAIN)
    except Refused as reason:
        fail(str(reason), Exit.TRY_AGAIN if " is held by run " in str(reason) else Exit.CRITICAL)
