"""The contract for Google Postmaster Tools. Token and numbers come from the same server here."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

from penguintui.adapters.postmaster.probe import PostmasterAdapter
from penguintui.clock import SystemClock
from penguintui.config.reputationprobes import GooglePostmasterProbe
from penguintui.model.secret import Secret
from penguintui.model.status import Status

from ..contract import Condition, Trial, case, over_tcp
from ..servers import HOST, Handler, answering, dripping, flooding, serving

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
_TOKEN = b'{"access_token": "ya29.hunter2", "expires_in": 3599}'
_DENIED = b'{"error": {"code": 403, "status": "PERMISSION_DENIED", "message": "The caller has no permission"}}'


def _make(host: str, port: int, _: Path) -> PostmasterAdapter:
    url = f"http://{host}:{port}"
    key = {"type": "authorized_user", "client_id": "i", "client_secret": "hunter2", "refresh_token": "hunter2"}
    settings = GooglePostmasterProbe(
        type="google-postmaster",
        domains=["d.example"],
        credentials=Secret(json.dumps(key | {"token_uri": f"{url}/token"})),
        url=url,
    )
    return PostmasterAdapter(settings, SystemClock())


def _after_the_token(handler: Handler) -> Handler:
    """A good token first, then what the handler does."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if head.startswith(b"POST /token"):
            writer.write(_HEAD + f"Content-Length: {len(_TOKEN)}\r\n\r\n".encode() + _TOKEN)
            await writer.drain()
            return
        again = asyncio.StreamReader()
        again.feed_data(head)
        task = asyncio.create_task(_copy(reader, again))
        try:
            await handler(again, writer)
        finally:
            task.cancel()

    return handle


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamReader) -> None:
    while piece := await source.read(65536):
        target.feed_data(piece)
    target.feed_eof()


over_tcp(
    "google-postmaster",
    _make,
    check="postmaster.reach",
    unreachable=Status.UNKNOWN,
    half=_after_the_token(answering(_HEAD + b'Content-Length: 1000\r\n\r\n{"domainStats":')),
    garbage=_after_the_token(answering(_HEAD + b"Content-Length: 4\r\n\r\n<xml")),
    flood=_after_the_token(flooding(_HEAD + b"\r\n[", b"1," * 32768)),
    drip=_after_the_token(dripping(_HEAD + b"Content-Length: 1000000\r\n\r\n")),
)


@case("google-postmaster", Condition.CREDENTIALS)
@contextlib.asynccontextmanager
async def wrong_account(folder: Path) -> AsyncIterator[Trial]:
    head = f"HTTP/1.1 403 Forbidden\r\nContent-Length: {len(_DENIED)}\r\n\r\n"
    async with serving(_after_the_token(answering(head.encode() + _DENIED))) as server:
        yield Trial(_make(HOST, server.port, folder), f"{HOST}:{server.port}", "postmaster.reach", secret="hunter2")
