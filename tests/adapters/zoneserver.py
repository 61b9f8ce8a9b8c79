"""A name server for tests, on a free port of loopback: what BIND cannot be made to do, it does.

Zones are written as in the openspf suite: names to lists of `{TYPE: value}`; the word TIMEOUT among them makes the name
silent for the types that it has no record of, and SPF records are served as TXT where a name has no TXT of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset
from dns.rdtypes.ANY.TXT import TXT

from .servers import HOST

Zone = Mapping[str, Sequence[Any]]
_LARGEST_UDP = 512


@dataclass
class ZoneServer:
    """A running server. asked: every question, in order. most: how many were under way at once at most."""

    zone: dict[bytes, list[Any]]
    delay: float = 0.0
    port: int = 0
    asked: list[tuple[str, str]] = field(default_factory=list)
    most: int = 0
    under_way: int = 0

    def answer(self, wire: bytes) -> dns.message.Message | None:
        """The answer to a question; None for silence."""
        question = dns.message.from_wire(wire)
        (wanted,) = question.question
        self.asked.append((wanted.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(wanted.rdtype)))
        answer = dns.message.make_response(question)
        answer.flags |= dns.flags.AA | dns.flags.RA
        name = wanted.name
        for _ in range(10):
            entries = self.zone.get(_key(name))
            if entries is None:
                answer.set_rcode(dns.rcode.NXDOMAIN)
                return answer
            found = _records(entries, wanted.rdtype)
            if found:
                answer.answer.append(dns.rrset.from_rdata_list(name, 60, found))
                return answer
            alias = _records(entries, dns.rdatatype.CNAME)
            if not alias:
                return None if "TIMEOUT" in entries else answer
            answer.answer.append(dns.rrset.from_rdata_list(name, 60, alias))
            name = alias[0].target
        answer.set_rcode(dns.rcode.SERVFAIL)
        return answer

    @contextlib.asynccontextmanager
    async def busy(self) -> AsyncIterator[None]:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            await asyncio.sleep(self.delay)
            yield
        finally:
            self.under_way -= 1


def _key(name: dns.name.Name) -> bytes:
    return b".".join(name.labels).lower().rstrip(b".")


def _name(text: str) -> dns.name.Name:
    labels = text.removesuffix(".").encode("utf-8").split(b".") if text.strip(".") else []
    return dns.name.Name([*labels, b""])


def _records(entries: Sequence[Any], wanted: dns.rdatatype.RdataType) -> list[Any]:
    values = _values(entries, dns.rdatatype.to_text(wanted))
    if wanted is dns.rdatatype.TXT and not values:
        values = _values(entries, "SPF")
    return [_record(wanted, value) for value in values if value != "NONE"]


def _values(entries: Sequence[Any], kind: str) -> list[Any]:
    return [entry[kind] for entry in entries if isinstance(entry, Mapping) and kind in entry]


def _record(kind: dns.rdatatype.RdataType, value: Any) -> Any:
    one = dns.rdataclass.IN
    if kind is dns.rdatatype.TXT:
        strings = value if isinstance(value, list) else [value]
        pieces = [part for text in strings for part in _pieces(str(text).encode("utf-8"))] or [b""]
        return TXT(one, kind, pieces)
    if kind is dns.rdatatype.MX:
        from dns.rdtypes.ANY.MX import MX

        return MX(one, kind, value[0], _name(value[1]))
    if kind in (dns.rdatatype.CNAME, dns.rdatatype.PTR, dns.rdatatype.NS):
        return dns.rdata.get_rdata_class(one, kind)(one, kind, _name(value))  # type: ignore[call-arg]
    return dns.rdata.from_text(one, kind, str(value))


def _pieces(text: bytes) -> list[bytes]:
    return [text[start : start + 255] for start in range(0, len(text), 255)] or [b""]


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, server: ZoneServer) -> None:
        self._server = server
        self._tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str | int, int]) -> None:
        task = asyncio.ensure_future(self._reply(data, addr))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _reply(self, data: bytes, addr: tuple[str | int, int]) -> None:
        async with self._server.busy():
            answer = self._server.answer(data)
        if answer is None:
            return
        wire = answer.to_wire()
        if len(wire) > _LARGEST_UDP:
            answer.answer.clear()
            answer.flags |= dns.flags.TC
            wire = answer.to_wire()
        self._transport.sendto(wire, addr)


@contextlib.asynccontextmanager
async def zones(zone: Zone, delay: float = 0.0) -> AsyncIterator[ZoneServer]:
    """Serve a zone, each answer after `delay` seconds."""
    server = ZoneServer({_key(_name(name)): list(entries) for name, entries in zone.items()}, delay)

    async def over_tcp(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                (length,) = struct.unpack("!H", await reader.readexactly(2))
                async with server.busy():
                    answer = server.answer(await reader.readexactly(length))
                if answer is not None:
                    wire = answer.to_wire(max_size=65535)
                    writer.write(struct.pack("!H", len(wire)) + wire)
                    await writer.drain()
        finally:
            writer.close()

    tcp = await asyncio.start_server(over_tcp, HOST, 0)
    server.port = tcp.sockets[0].getsockname()[1]
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: _Udp(server), local_addr=(HOST, server.port)
    )
    try:
        yield server
    finally:
        transport.close()
        tcp.close()
