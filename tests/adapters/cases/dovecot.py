"""The contract for Dovecot's statistics and its HTTP API."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from penguintui.adapters.dovecot.probe import DovecotAdapter
from penguintui.clock import SystemClock
from penguintui.config.serverprobes import DovecotProbe
from penguintui.model.secret import Secret
from penguintui.model.status import Status

from ..contract import Condition, Trial, case, over_tcp
from ..servers import HOST, answering, flooding, serving

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"


def _make(host: str, port: int, _: Path) -> DovecotAdapter:
    settings = DovecotProbe(
        type="dovecot",
        metrics_url=f"http://{host}:{port}/metrics",
        doveadm_url=f"http://{host}:{port}",
        doveadm_key=Secret("hunter2"),
    )
    return DovecotAdapter(settings, SystemClock())


over_tcp(
    "dovecot",
    _make,
    check="dovecot.reach",
    unreachable=Status.CRITICAL,
    half=answering(_HEAD + b"Content-Length: 1000\r\n\r\n# HELP dovecot"),
    garbage=answering(_HEAD + b"Content-Length: 4\r\n\r\n<xml"),
    flood=flooding(_HEAD + b"\r\n", b"dovecot_x 1\n" * 8192),
    drip=_HEAD + b"Content-Length: 1000000\r\n\r\n",
)


@case("dovecot", Condition.CREDENTIALS)
@contextlib.asynccontextmanager
async def wrong_key(folder: Path) -> AsyncIterator[Trial]:
    async with serving(answering(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")) as server:
        yield Trial(_make(HOST, server.port, folder), f"{HOST}:{server.port}", "dovecot.reach", secret="hunter2")
