"""The contract for the DNS adapter: a name server over UDP, which sends everybody on to TCP where that misbehaves."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import cast

import dns.flags
import dns.message

from penguintui.adapters.dns.probe import DnsAdapter
from penguintui.adapters.failure import Reason
from penguintui.clock import SystemClock
from penguintui.config.probes import DnsProbe

from ..contract import Condition, Trial, case, exempt
from ..servers import HOST, Handler, answering, closed_port, dripping, serving, silent

Reply = Callable[[bytes], bytes | None]


class Udp(asyncio.DatagramProtocol):
    def __init__(self, reply: Reply, asked: asyncio.Event) -> None:
        self._reply, self._asked = reply, asked

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)  # which it is not by its class, before 3.12

    def datagram_received(self, data: bytes, addr: tuple[str | int, int]) -> None:
        self._asked.set()
        if reply := self._reply(data):
            self._transport.sendto(reply, addr)


def truncated(question: bytes) -> bytes:
    answer = dns.message.make_response(dns.message.from_wire(question))
    answer.flags |= dns.flags.TC
    return answer.to_wire()


def _trial(port: int, begun: asyncio.Event | None = None) -> Trial:
    settings = DnsProbe(type="dns", domain="shop.example", nameserver=f"{HOST}:{port}")
    return Trial(DnsAdapter(settings, SystemClock()), f"{HOST}:{port}", "dns.reach", begun=begun or asyncio.Event())


def _register(condition: Condition, reply: Reply, tcp: Handler = silent) -> None:
    @case("dns", condition)
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


@case("dns", Condition.REFUSED)
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
exempt("dns", Condition.HUGE, "a DNS message has 64 KiB at most")
exempt("dns", Condition.CREDENTIALS, "nobody logs in")
