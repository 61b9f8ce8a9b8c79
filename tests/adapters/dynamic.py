"""BIND with zones that take signed updates, and a second one that copies them."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from penguintui.config.zones import Rfc2136
from penguintui.model.secret import Secret

from .bind import free_port, named
from .servers import HOST

KEY_NAME = "penguintui-test"
KEY = base64.b64encode(b"only for this test, and known to everyone").decode()


@dataclass
class Primary:
    """A running primary. secondary: the port of the server that copies its zones, 0 when there is none."""

    port: int
    secondary: int = 0

    @property
    def server(self) -> str:
        return f"{HOST}:{self.port}"

    @property
    def servers(self) -> list[str]:
        return [self.server, *([f"{HOST}:{self.secondary}"] if self.secondary else [])]

    def update(self, key: str = KEY, name: str = KEY_NAME) -> Rfc2136:
        return Rfc2136(type="rfc2136", server=self.server, key_name=name, key=Secret(key))


@contextlib.asynccontextmanager
async def dynamic(zones: Mapping[str, str], *, secondary: bool = False) -> AsyncIterator[Primary]:
    """Serve zones that the key may update; with a secondary, both answer before this yields."""
    port, second = free_port(), free_port() if secondary else 0
    while second == port:
        second = free_port()
    key = f'key "{KEY_NAME}" {{ algorithm hmac-sha256; secret "{KEY}"; }};\n'
    clause = f'type primary; file "{{name}}.zone"; allow-update {{{{ key "{KEY_NAME}"; }}}};'
    if secondary:
        clause += f" notify explicit; also-notify {{{{ {HOST} port {second}; }}}};"
    copied = f'type secondary; file "{{name}}.copy"; primaries {{{{ {HOST} port {port}; }}}}; masterfile-format text;'
    options = "notify-delay 0;" if secondary else ""
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(named(zones, port=port, clause=clause, above=key, options=options))
        if secondary:
            await stack.enter_async_context(named(zones, port=second, clause=copied, written=False))
            await _copied(zones, second)
        yield Primary(port, second)


async def _copied(zones: Mapping[str, str], port: int) -> None:
    """Wait until the secondary has every zone."""
    from penguintui.adapters.dns import authority

    async with asyncio.timeout(20):
        for zone in zones:
            while (await authority.held((zone, "SOA"), f"{HOST}:{port}", 1.0)).trouble:
                await asyncio.sleep(0.05)
