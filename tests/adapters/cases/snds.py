"""The contract for Microsoft SNDS."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from penguintui.adapters.snds.probe import SndsAdapter
from penguintui.clock import SystemClock
from penguintui.config.reputationprobes import MicrosoftSndsProbe
from penguintui.model.secret import Secret
from penguintui.model.status import Status

from ..contract import Condition, Trial, case, over_tcp
from ..servers import HOST, answering, flooding, serving

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\n"


def _make(host: str, port: int, _: Path) -> SndsAdapter:
    urls = {name: f"http://{host}:{port}/snds/{name}.aspx" for name in ("data_url", "status_url")}
    return SndsAdapter(MicrosoftSndsProbe(type="microsoft-snds", key=Secret("hunter2"), **urls), SystemClock())


over_tcp(
    "microsoft-snds",
    _make,
    check="snds.reach",
    unreachable=Status.UNKNOWN,
    half=answering(_HEAD + b"Content-Length: 1000\r\n\r\n192.0.2.1,11/22/2026"),
    garbage=answering(_HEAD + b"Content-Length: 4\r\n\r\n<xml"),
    flood=flooding(_HEAD + b"\r\n", b"192.0.2.1," * 8192),
    drip=_HEAD + b"Content-Length: 1000000\r\n\r\n",
)


@case("microsoft-snds", Condition.CREDENTIALS)
@contextlib.asynccontextmanager
async def ended_link(folder: Path) -> AsyncIterator[Trial]:
    async with serving(answering(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")) as server:
        yield Trial(_make(HOST, server.port, folder), f"{HOST}:{server.port}", "snds.reach", secret="hunter2")
