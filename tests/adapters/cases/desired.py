"""What happens to the probe of desired records: its only name server misbehaves like that of the `dns` probe."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from penguintui.adapters.dns.desired import DesiredDnsAdapter
from penguintui.adapters.failure import Reason
from penguintui.clock import SystemClock
from penguintui.config.probes import DesiredDnsProbe
from penguintui.config.zones import MailDomain, ZoneSettings

from ..contract import Condition, Trial, case, exempt
from ..servers import HOST, Handler, answering, closed_port, dripping, serving, silent
from .dns import Reply, Udp, truncated


def _trial(port: int, begun: asyncio.Event | None = None) -> Trial:
    domains = {"shop.example": MailDomain(mx=["10 mx1.shop.example"])}
    zones = {"shop.example": ZoneSettings(servers=[f"{HOST}:{port}"], domains=domains)}
    settings = DesiredDnsProbe(type="dns-desired", domain="shop.example", zones=zones)
    adapter = DesiredDnsAdapter(settings, SystemClock())
    return Trial(adapter, f"{HOST}:{port}", "dns.servers", begun=begun or asyncio.Event())


def _register(condition: Condition, reply: Reply, tcp: Handler = silent) -> None:
    @case("dns-desired", condition)
    @contextlib.asynccontextmanager
    async def bring(_: Path) -> AsyncIterator[Trial]:
        loop, asked = asyncio.get_running_loop(), asyncio.Event()
        async with serving(tcp) as server:
            transport, _protocol = await loop.create_datagram_endpoint(
                lambda: Udp(reply, asked), local_addr=(HOST, server.port)
            )
            try:
                yield _trial(server.port, asked)
            finally:
                transport.close()


@case("dns-desired", Condition.REFUSED)
@contextlib.asynccontextmanager
async def _refused(_: Path) -> AsyncIterator[Trial]:
    with closed_port() as port:
        trial = _trial(port)
        trial.seconds, trial.reason = 0.5, Reason.TIMEOUT  # UDP knows no refusal: nobody answers
        yield trial


_register(Condition.TIMEOUT, lambda _: None)
_register(Condition.CANCELLED, lambda _: None)
_register(Condition.GARBAGE, truncated, answering(b"\x00\x08not DNS!" * 2))
_register(Condition.CLOSED, truncated, answering(b"\x01\x00half"))
_register(Condition.DRIP, truncated, dripping(b"\xff\xff", b"\x00"))
exempt("dns-desired", Condition.HUGE, "a DNS message has 64 KiB at most")
exempt("dns-desired", Condition.CREDENTIALS, "nobody logs in")
