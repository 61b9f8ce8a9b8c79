"""A mailbox server, greeted and logged in to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal, Protocol

from penguintui.adapters.certificates import verifying
from penguintui.adapters.connection import Phases, connected
from penguintui.adapters.imap.dialogue import MAX_LINE, Dialogue
from penguintui.model.clock import Clock
from penguintui.model.secret import Secret


class Server(Protocol):
    """What a setting says of a mailbox server."""

    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def tls(self) -> Literal["implicit", "starttls", "none"]: ...
    @property
    def server_name(self) -> str | None: ...
    @property
    def ca_file(self) -> str | None: ...
    @property
    def user(self) -> str | None: ...
    @property
    def password(self) -> Secret | None: ...


def place_of(server: Server) -> str:
    """The server as sentences name it."""
    return f"{server.host}:{server.port}"


@asynccontextmanager
async def logged_in(server: Server, clock: Clock) -> AsyncIterator[Dialogue]:
    """A dialogue in which mailboxes can be opened. Raises NotAnswered, OSError, EOFError and those of `ssl`."""
    phases = Phases(clock)
    async with connected(server.host, server.port, phases, limit=MAX_LINE) as (reader, writer):
        dialogue = Dialogue(reader, writer, place_of(server))
        await begin(dialogue, server, phases)
        if server.user is not None:
            await dialogue.login(server.user, server.password.reveal() if server.password else "")
        yield dialogue
        await dialogue.logout()


async def begin(dialogue: Dialogue, server: Server, phases: Phases) -> str:
    """As far as a mail program comes before it logs in. Returns the greeting."""
    name = server.server_name or server.host
    if server.tls == "implicit":
        with phases.phase("tls"):
            await dialogue.upgrade(verifying(place_of(server), server.ca_file), name)
    with phases.phase("greeting"):
        greeting = await dialogue.greeting()
    if server.tls == "starttls":
        with phases.phase("tls"):
            await dialogue.ask("STARTTLS")
            await dialogue.upgrade(verifying(place_of(server), server.ca_file), name)
    await dialogue.ask("CAPABILITY")
    return greeting
