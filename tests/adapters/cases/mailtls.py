"""The contract for the probe of protected transport: its name server misbehaves like that of the `dns` probe."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from penguintui.adapters.failure import Reason
from penguintui.adapters.mailtls.probe import MailTlsAdapter
from penguintui.clock import SystemClock
from penguintui.config.mailprobes import MailTlsProbe

from ..contract import Condition, Trial, case, exempt
from ..servers import HOST, Handler, answering, closed_port, dripping, serving, silent
from .dns import Reply, Udp, truncated


def _trial(port: int, begun: asyncio.Event | None = None) -> Trial:
    settings = MailTlsProbe(type="mail-tls", domain="shop.example", nameserver=f"{HOST}:{port}")
    adapter = MailTlsAdapter(settings, SystemClock())
    return Trial(adapter, f"{HOST}:{port}", "dns.reach", begun=begun or asyncio.Event())


def _register(condition: Condition, reply: Reply, tcp: Handler = silent) -> None:
    @case("mail-tls", condition)
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


@case("mail-tls", Condition.REFUSED)
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
exempt("mail-tls", Condition.HUGE, "a DNS message has 64 KiB at most")
exempt("mail-tls", Condition.CREDENTIALS, "nobody logs in")
