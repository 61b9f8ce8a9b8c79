"""Asking the agent, for viewers and commands."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from penguintui.agent.protocol import MAX_LINE, NoAgentError, Refused, parse, request


class Asker(Protocol):
    """Asks the agent, by whichever way there is to it."""

    async def ask(self, method: str, timeout: float = 10.0, **parameters: Any) -> Mapping[str, Any]:
        """Ask one thing and wait for its answer.

        Raises Refused with the agent's sentence, NoAgentError when none answers in `timeout` seconds.
        """
        ...

    async def close(self) -> None: ...


def asker(socket: Path, store_url: str) -> Asker:
    """Who asks the agent of a store: through its rows when hosts share it, through the control socket otherwise."""
    if store_url.startswith("postgresql"):
        from penguintui.agent.intentclient import IntentClient

        return IntentClient(store_url)
    return Client(socket)


class Client:
    """One connection to the agent. While it is open, the agent stays."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._number = 0
        self._turn = asyncio.Lock()

    async def ask(self, method: str, timeout: float = 10.0, **parameters: Any) -> Mapping[str, Any]:
        """See `Asker`."""
        async with self._turn:
            try:
                async with asyncio.timeout(timeout):
                    return await self._exchange(method, parameters)
            except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
                await self.close()
                reason = "in time" if isinstance(error, TimeoutError) else f"({error})"
                raise NoAgentError(f"the agent at {self._path} does not answer {reason}") from error

    async def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            with contextlib.suppress(OSError):
                await self._streams[1].wait_closed()
            self._streams = None

    async def _exchange(self, method: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        if self._streams is None:
            self._streams = await asyncio.open_unix_connection(self._path, limit=MAX_LINE)
        reader, writer = self._streams
        self._number += 1
        writer.write(request(self._number, method, parameters))
        await writer.drain()
        while True:
            message = parse(await reader.readuntil(b"\n"))
            if message.get("id") in (self._number, None):
                break
        if not message.get("ok"):
            raise Refused(str(message.get("error")))
        result = message.get("result")
        return result if isinstance(result, dict) else {}
