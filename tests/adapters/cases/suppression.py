"""The contract for the loop of bounces: its mailbox misbehaves like that of the `imap` probe."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from penguintui.adapters.suppression.probe import SuppressionAdapter
from penguintui.clock import SystemClock
from penguintui.config.mailprobes import SuppressionProbe
from penguintui.model.secret import Secret
from penguintui.model.status import Status

from ..contract import Condition, Trial, case, over_tcp
from ..servers import HOST, serving
from .imap import refusing


def _make(host: str, port: int, folder: Path) -> SuppressionAdapter:
    mailbox = {"host": host, "port": port, "tls": "none", "user": "eva", "password": Secret("hunter2")}
    settings = {"type": "suppression", "mailbox": mailbox, "to": f"sqlite:///{folder}/list.db"}
    return SuppressionAdapter(SuppressionProbe.model_validate(settings), SystemClock())


over_tcp(
    "suppression",
    _make,
    check="suppression.read",
    unreachable=Status.CRITICAL,
    half=b"* OK [CAPABILITY IMAP4rev1] wel",
    garbage=b"SSH-2.0-OpenSSH_9.2\r\n",
    flood=(b"* OK hello\r\n", b"* CAPABILITY IMAP4rev1\r\n" * 1000),
    drip=b"* OK hel",
)


@case("suppression", Condition.CREDENTIALS)
@contextlib.asynccontextmanager
async def wrong_password(folder: Path) -> AsyncIterator[Trial]:
    async with serving(refusing) as server:
        yield Trial(_make(HOST, server.port, folder), f"{HOST}:{server.port}", "suppression.read", secret="hunter2")
