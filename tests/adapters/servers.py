"""Servers that misbehave, on free ports of loopback."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field

HOST = "127.0.0.1"

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Server:
    """A running server; `contacted` is set at the first connection."""

    port: int
    contacted: asyncio.Event = field(default_factory=asyncio.Event)


@contextlib.asynccontextmanager
async def serving(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    """Serve with `handler` until the block ends; then every connection is gone."""
    server_says = Server(0)
    under_way: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        under_way.add(task)
        server_says.contacted.set()
        try:
            with contextlib.suppress(
                ConnectionError, asyncio.IncompleteReadError, ssl.SSLError, asyncio.CancelledError
            ):
                await handler(reader, writer)
        finally:
            under_way.discard(task)
            writer.transport.abort()

    server = await asyncio.start_server(accept, HOST, 0, ssl=tls)
    server_says.port = server.sockets[0].getsockname()[1]
    try:
        yield server_says
    finally:
        server.close()
        for task in tuple(under_way):
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


@contextlib.contextmanager
def closed_port() -> Iterator[int]:
    """A port that refuses: bound, so that nobody else gets it, but not listening."""
    with socket.socket() as bound:
        bound.bind((HOST, 0))
        yield bound.getsockname()[1]


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Accept, read, never answer."""
    while await reader.read(65536):
        pass


def saying(first: bytes) -> Handler:
    """Say this at once and close, whatever is asked."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        await writer.drain()
        writer.write_eof()
        await silent(reader, writer)

    return handler


def answering(first: bytes) -> Handler:
    """Wait for a first piece of the question, say this, close."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65536)
        writer.write(first)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    return handler


def flooding(beginning: bytes, piece: bytes) -> Handler:
    """Say the beginning, then the piece again and again for as long as somebody reads."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(beginning)
        while True:
            writer.write(piece)
            await writer.drain()

    return handler


def dripping(beginning: bytes, drop: bytes = b"x", every: float = 0.05) -> Handler:
    """Say the beginning, then a drop every now and then, without an end."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(beginning)
        while True:
            await writer.drain()
            await asyncio.sleep(every)
            writer.write(drop)

    return handler
