"""A web service on a free port of loopback, made of handlers by path."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@contextlib.asynccontextmanager
async def service(handlers: Mapping[str, Handler]) -> AsyncIterator[str]:
    """Its address. A path may have names in braces, as aiohttp takes them; GET and POST go the same way."""
    application = web.Application()
    for path, handler in handlers.items():
        application.router.add_route("*", path, handler)
    runner = web.AppRunner(application)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def saying(answer: Any, status: int = 200) -> Handler:
    """Always the same answer: bytes and text as they are, everything else as JSON."""

    async def handler(_: web.Request) -> web.StreamResponse:
        text = answer.encode() if isinstance(answer, str) else answer
        body = text if isinstance(text, bytes) else json.dumps(answer).encode()
        return web.Response(body=body, status=status)

    return handler
