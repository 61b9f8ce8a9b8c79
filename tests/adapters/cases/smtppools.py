"""The contract for the platform's pools of sending addresses."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from penguintui.adapters.platform.pools import SmtpPoolsAdapter
from penguintui.clock import SystemClock
from penguintui.config.serverprobes import SmtpPoolsProbe
from penguintui.model.secret import Secret
from penguintui.model.status import Status

from ..contract import Condition, Trial, case, over_tcp
from ..servers import HOST, answering, flooding, serving

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
_DENIED = b'{"success": false, "error": {"code": "INSUFFICIENT_PERMISSIONS", "message": "ROLE_SMTP_ADMIN is wanted"}}'


def _make(host: str, port: int, _: Path) -> SmtpPoolsAdapter:
    url = f"http://{host}:{port}/api/v1/smtp/admin"
    return SmtpPoolsAdapter(SmtpPoolsProbe(type="smtp-pools", url=url, token=Secret("hunter2")), SystemClock())


over_tcp(
    "smtp-pools",
    _make,
    check="pools.reach",
    unreachable=Status.UNKNOWN,
    half=answering(_HEAD + b'Content-Length: 1000\r\n\r\n{"success": true'),
    garbage=answering(_HEAD + b"Content-Length: 4\r\n\r\n<xml"),
    flood=flooding(_HEAD + b"\r\n[", b"1," * 32768),
    drip=_HEAD + b"Content-Length: 1000000\r\n\r\n",
)


@case("smtp-pools", Condition.CREDENTIALS)
@contextlib.asynccontextmanager
async def wrong_token(folder: Path) -> AsyncIterator[Trial]:
    head = f"HTTP/1.1 403 Forbidden\r\nContent-Length: {len(_DENIED)}\r\n\r\n"
    async with serving(answering(head.encode() + _DENIED)) as server:
        yield Trial(_make(HOST, server.port, folder), f"{HOST}:{server.port}", "pools.reach", secret="hunter2")
