"""The contract for rspamd's controller."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from penguintui.adapters.rspamd import RspamdAdapter
from penguintui.clock import SystemClock
from penguintui.config.probes import RspamdProbe
from penguintui.model.secret import Secret
from penguintui.model.status import Status

from ..contract import Condition, Trial, case, over_tcp
from ..servers import HOST, answering, flooding, serving

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
_DENIED = b'HTTP/1.1 401 Unauthorized\r\nContent-Length: 24\r\n\r\n{"error":"Unauthorized"}'


def _make(host: str, port: int, _: Path) -> RspamdAdapter:
    settings = RspamdProbe(type="rspamd", url=f"http://{host}:{port}", password=Secret("hunter2"))
    return RspamdAdapter(settings, SystemClock())


over_tcp(
    "rspamd",
    _make,
    check="rspamd.reach",
    unreachable=Status.CRITICAL,
    half=answering(_HEAD + b'Content-Length: 1000\r\n\r\n{"version": "3.4"'),
    garbage=answering(_HEAD + b"Content-Length: 4\r\n\r\n<xml"),
    flood=flooding(_HEAD + b"\r\n[", b"1," * 32768),
    drip=_HEAD + b"Content-Length: 1000000\r\n\r\n",
)


@case("rspamd", Condition.CREDENTIALS)
@contextlib.asynccontextmanager
async def wrong_password(folder: Path) -> AsyncIterator[Trial]:
    async with serving(answering(_DENIED)) as server:
        yield Trial(_make(HOST, server.port, folder), f"{HOST}:{server.port}", "rspamd.reach", secret="hunter2")
