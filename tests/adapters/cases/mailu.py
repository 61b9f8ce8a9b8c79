"""The contract for Mailu's API."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from penguintui.adapters.mailu.probe import MailuAdapter
from penguintui.clock import SystemClock
from penguintui.config.serverprobes import MailuProbe
from penguintui.model.secret import Secret
from penguintui.model.status import Status

from ..contract import Condition, Trial, case, over_tcp
from ..servers import HOST, answering, flooding, serving

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
_DENIED = b'{"code": 403, "message": "Invalid authorization header"}'


def _make(host: str, port: int, _: Path) -> MailuAdapter:
    settings = MailuProbe(type="mailu", url=f"http://{host}:{port}/api/v1", token=Secret("hunter2"))
    return MailuAdapter(settings, SystemClock())


over_tcp(
    "mailu",
    _make,
    check="mailu.reach",
    unreachable=Status.CRITICAL,
    half=answering(_HEAD + b'Content-Length: 1000\r\n\r\n[{"name":'),
    garbage=answering(_HEAD + b"Content-Length: 4\r\n\r\n<xml"),
    flood=flooding(_HEAD + b"\r\n[", b"1," * 32768),
    drip=_HEAD + b"Content-Length: 1000000\r\n\r\n",
)


@case("mailu", Condition.CREDENTIALS)
@contextlib.asynccontextmanager
async def wrong_token(folder: Path) -> AsyncIterator[Trial]:
    head = f"HTTP/1.1 403 Forbidden\r\nContent-Length: {len(_DENIED)}\r\n\r\n"
    async with serving(answering(head.encode() + _DENIED)) as server:
        yield Trial(_make(HOST, server.port, folder), f"{HOST}:{server.port}", "mailu.reach", secret="hunter2")
