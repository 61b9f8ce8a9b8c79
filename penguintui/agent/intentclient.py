"""Asking the agent through a shared store: intents as rows, answered as rows."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from penguintui.agent.protocol import MayNotAskError, NoAgentError, Refused
from penguintui.store import intents
from penguintui.store.postgres import Address

if TYPE_CHECKING:
    import psycopg

_LOOK = 0.1
_SESSION: dict[str, str | int] = {"statement_timeout": 5_000}


class IntentClient:
    """See `Asker`. One start of a viewer, or one command; the server knows who it is."""

    def __init__(self, url: str) -> None:
        self._address = Address(url)
        self._visit = uuid.uuid4().hex
        self._viewer = False
        self._connection: psycopg.Connection[Any] | None = None
        self._turn = asyncio.Lock()

    async def ask(self, method: str, timeout: float = 10.0, **parameters: Any) -> Mapping[str, Any]:
        """See `Asker`."""
        if method == "hello":
            self._viewer = parameters.get("viewer") is True
        async with self._turn:
            return await asyncio.to_thread(self._exchange, method, parameters, timeout)

    async def close(self) -> None:
        """See `Asker`."""
        self._drop()

    def _exchange(self, method: str, parameters: Mapping[str, Any], timeout: float) -> Mapping[str, Any]:
        """In a thread. A connection that breaks is opened anew; the same key is asked, so that it acts once."""
        import psycopg

        key, until, why = uuid.uuid4().hex, time.monotonic() + timeout, "no agent answers"
        asked = False
        while time.monotonic() < until:
            try:
                connection = self._connected()
                if not asked:
                    intents.ask(
                        connection, key, visit=self._visit, viewer=self._viewer, method=method,
                        parameters=parameters, patience=timeout,
                    )  # fmt: skip
                    asked = True
                answered = intents.answer_of(connection, key)
            except psycopg.errors.InsufficientPrivilege as error:
                raise MayNotAskError(
                    f"{self._address.user or 'this role'} may not ask the agent through the store "
                    f"{self._address.place}: {self._address.words(error)}; see penguintui store grants"
                ) from None
            except psycopg.Error as error:
                self._drop()
                why = self._address.words(error)
                answered = None
            if answered is not None:
                said, refused = answered
                if refused:
                    raise Refused(refused)
                return said
            time.sleep(_LOOK)
        raise NoAgentError(f"nobody answered through the store {self._address.place} within {timeout:g} s: {why}")

    def _connected(self) -> psycopg.Connection[Any]:
        if self._connection is None:
            self._connection = self._address.connect(_SESSION, autocommit=True)
        return self._connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
