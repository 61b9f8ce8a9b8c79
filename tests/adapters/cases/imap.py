"""The contract for the IMAP adapter."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from penguintui.adapters.imap.probe import ImapAdapter
from penguintui.clock import SystemClock
from penguintui.config.probes import ImapProbe
from penguintui.model.secret import Secret
from penguintui.model.status import Status

from ..contract import Condition, Trial, case, over_tcp
from ..servers import HOST, serving


def _make(host: str, port: int, _: Path) -> ImapAdapter:
    settings = ImapProbe(type="imap", host=host, port=port, tls="none", user="eva", password=Secret("hunter2"))
    return ImapAdapter(settings, SystemClock())


over_tcp(
    "imap",
    _make,
    check="imap.reach",
    unreachable=Status.CRITICAL,
    half=b"* OK [CAPABILITY IMAP4rev1] wel",
    garbage=b"SSH-2.0-OpenSSH_9.2\r\n",
    flood=(b"* OK hello\r\n", b"* CAPABILITY IMAP4rev1\r\n" * 1000),
    drip=b"* OK hel",
)


async def refusing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"* OK hello\r\n")
    for answer in (b"A1 OK done\r\n", b"+ \r\n", b"A2 NO [AUTHENTICATIONFAILED] Authentication failed.\r\n"):
        await reader.readline()
        writer.write(answer)
    await reader.read()


@case("imap", Condition.CREDENTIALS)
@contextlib.asynccontextmanager
async def wrong_password(folder: Path) -> AsyncIterator[Trial]:
    async with serving(refusing) as server:
        yield Trial(_make(HOST, server.port, folder), f"{HOST}:{server.port}", "imap.reach", secret="hunter2")
