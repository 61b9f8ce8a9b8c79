"""How a database can fail to answer."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from penguintui.adapters.sql.probe import SqlAdapter
from penguintui.clock import SystemClock
from penguintui.config.probes import SqlProbe
from penguintui.model.secret import Secret
from penguintui.model.status import Status

from ..contract import CASES, Condition, Trial, case, exempt, over_tcp
from ..servers import HOST, flooding, serving


def _make(host: str, port: int, _: Path) -> SqlAdapter:
    url = Secret(f"postgresql+psycopg://eva:hunter2@{host}:{port}/shop")
    return SqlAdapter(SqlProbe(type="sql", url=url), SystemClock())


_NO_TLS = b"N"
_LONG_AUTHENTICATION = b"R" + (1000).to_bytes(4, "big")

over_tcp(
    "sql",
    _make,
    check="sql.reach",
    unreachable=Status.CRITICAL,
    half=_NO_TLS,
    garbage=b"220 mail.example ESMTP\r\n",
    flood=flooding(_NO_TLS, b"x" * 65536),
    drip=_NO_TLS + _LONG_AUTHENTICATION,
)
del CASES["sql", Condition.HUGE]
exempt("sql", Condition.HUGE, "a result may be of any size: max_rows of it are read, test_sql.py")


async def _refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """PostgreSQL's side of a login with a wrong password (protocol 3: SSLRequest, StartupMessage, password)."""
    await reader.readexactly(8)
    writer.write(_NO_TLS)
    length = int.from_bytes(await reader.readexactly(4), "big")
    await reader.readexactly(length - 4)
    writer.write(b"R" + (8).to_bytes(4, "big") + (3).to_bytes(4, "big"))
    await reader.readexactly(1)
    length = int.from_bytes(await reader.readexactly(4), "big")
    password = (await reader.readexactly(length - 4)).rstrip(b"\0")
    fields = b'SFATAL\0VFATAL\0C28P01\0Mpassword authentication failed for "eva", not ' + password + b"\0\0"
    writer.write(b"E" + (len(fields) + 4).to_bytes(4, "big") + fields)
    await writer.drain()


@case("sql", Condition.CREDENTIALS)
@contextlib.asynccontextmanager
async def wrong_password(folder: Path) -> AsyncIterator[Trial]:
    async with serving(_refuse) as server:
        yield Trial(_make(HOST, server.port, folder), f"{HOST}:{server.port}", "sql.reach", secret="hunter2")
