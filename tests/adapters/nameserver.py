"""A name server over UDP that misbehaves, and sends everybody on to TCP where that does: the contract's cases of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import cast

import dns.flags
import dns.message

from penguintui.adapters.base import Adapter
from penguintui.adapters.failure import Reason

from .contract import Condition, Trial, case, exempt
from .servers import HOST, Handler, answering, closed_port, dripping, serving, silent

Reply = Callable[[bytes], bytes | None]


class Udp(asyncio.DatagramProtocol):
    """Answers each datagram with what `reply` makes of it; None is no answer."""

    def __init__(self, reply: Reply, asked: asyncio.Event) -> None:
        self._reply, self._asked = reply, asked

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)  # which it is not by its class, before 3.12

    def datagram_received(self, data: bytes, addr: tuple[str | int, int]) -> None:
        self._asked.set()
        if reply := self._reply(data):
            self._transport.sendto(reply, addr)


def _truncated(question: bytes) -> bytes:
    answer = dns.message.make_response(dns.message.from_wire(question))
    answer.flags |= dns.flags.TC
    return answer.to_wire()


_MISBEHAVES: dict[Condition, tuple[Reply, Handler]] = {
    Condition.TIMEOUT: (lambda _: None, silent),
    Condition.CANCELLED: (lambda _: None, silent),
    Condition.GARBAGE: (_truncated, answering(b"\x00\x08not DNS!" * 2)),
    Condition.CLOSED: (_truncated, answering(b"\x01\x00half")),
    Condition.DRIP: (_truncated, dripping(b"\xff\xff", b"\x00")),
}


def name_server_cases(probe_type: str, check: str, adapter: Callable[[int], Adapter]) -> None:
    """Register the contract of a probe whose one name server listens on the port that `adapter` is given."""

    def trial(port: int, begun: asyncio.Event | None = None) -> Trial:
        return Trial(adapter(port), f"{HOST}:{port}", check, begun=begun or asyncio.Event())

    def misbehaving(reply: Reply, tcp: Handler) -> Callable[[Path], contextlib.AbstractAsyncContextManager[Trial]]:
        @contextlib.asynccontextmanager
        async def bring(_: Path) -> AsyncIterator[Trial]:
            asked = asyncio.Event()
            async with serving(tcp) as server:
                transport, _protocol = await asyncio.get_running_loop().create_datagram_endpoint(
                    lambda: Udp(reply, asked), local_addr=(HOST, server.port)
                )
                try:
                    yield trial(server.port, asked)
                finally:
                    transport.close()

        return bring

    @contextlib.asynccontextmanager
    async def refused(_: Path) -> AsyncIterator[Trial]:
        with closed_port() as port:
            asking = trial(port)
            asking.seconds, asking.reason = 0.5, Reason.TIMEOUT  # UDP knows no refusal: nobody answers
            yield asking

    for condition, (reply, tcp) in _MISBEHAVES.items():
        case(probe_type, condition)(misbehaving(reply, tcp))
    case(probe_type, Condition.REFUSED)(refused)
    exempt(probe_type, Condition.HUGE, "a DNS message has 64 KiB at most")
    exempt(probe_type, Condition.CREDENTIALS, "nobody logs in")
