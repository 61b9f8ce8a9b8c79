"""The contract for the platform's system API."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from penguintui.adapters.platform.probe import PlatformAdapter
from penguintui.clock import SystemClock
from penguintui.config.probes import PlatformProbe
from penguintui.model.secret import Secret
from penguintui.model.status import Status

from ..contract import Condition, Trial, case, over_tcp
from ..servers import HOST, answering, flooding, serving

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
_DENIED = b'{"success": false, "error": {"code": "AUTHENTICATION_REQUIRED", "message": "wrong-token is unknown"}}'


def _make(host: str, port: int, _: Path) -> PlatformAdapter:
    settings = PlatformProbe(type="platform", url=f"http://{host}:{port}/api/v1", token=Secret("hunter2"))
    return PlatformAdapter(settings, SystemClock())


over_tcp(
    "platform",
    _make,
    check="probe.answer",
    unreachable=Status.UNKNOWN,
    half=answering(_HEAD + b'Content-Length: 1000\r\n\r\n{"success": true'),
    garbage=answering(_HEAD + b"Content-Length: 4\r\n\r\n<xml"),
    flood=flooding(_HEAD + b"\r\n[", b"1," * 32768),
    drip=_HEAD + b"Content-Length: 1000000\r\n\r\n",
)


@case("platform", Condition.CREDENTIALS)
@contextlib.asynccontextmanager
async def wrong_token(folder: Path) -> AsyncIterator[Trial]:
    head = f"HTTP/1.1 401 Unauthorized\r\nContent-Length: {len(_DENIED)}\r\n\r\n"
    async with serving(answering(head.encode() + _DENIED)) as server:
        yield Trial(_make(HOST, server.port, folder), f"{HOST}:{server.port}", "probe.answer", secret="hunter2")
