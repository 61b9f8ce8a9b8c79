"""The lab's name server: UDP and TCP on one port of loopback, authoritative for the lab's zones."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Container
from typing import Any, cast

from penguintui.lab.ports import LOOPBACK
from penguintui.lab.zones import PLATFORM, SOA, Records

TTL = 1
"""Seconds: so short that a fault is seen, and gone, at once."""
_MAX_UDP = 1232
_PORT_TRIES = 20


def make_dkim_key() -> str:
    """A fresh public RSA key of 2048 bits, as base64 without line breaks."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    public = rsa.generate_private_key(65537, 2048).public_key()
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


def answer(question: bytes, zones: Records) -> Any:
    """The answer to a question in wire form, as a dnslib record; None when it is no question."""
    from dnslib import QTYPE, RCODE, RR, DNSRecord
    from dnslib.dns import DNSError

    try:
        asked = DNSRecord.parse(question)
    except DNSError:
        return None
    if asked.header.qr or not asked.questions:
        return None
    reply = asked.reply(ra=0, aa=1)
    name = str(asked.q.qname).rstrip(".").lower()
    wanted = QTYPE[asked.q.qtype]
    records = zones.get(name)
    for kind, value in records or ():
        if wanted in (kind, "ANY"):
            for row in RR.fromZone(f"{name}. {TTL} IN {kind} {_quoted(value) if kind == 'TXT' else value}"):
                reply.add_answer(row)
    if records is None and not _has_children(name, zones):
        reply.header.rcode = RCODE.NXDOMAIN
    if not reply.rr:
        reply.add_auth(*RR.fromZone(f"{PLATFORM}. {TTL} IN SOA {SOA}"))
    return reply


def _quoted(text: str) -> str:
    """A TXT value in character-strings of at most 255 bytes (RFC 1035 section 3.3)."""
    return " ".join(f'"{text[start : start + 255]}"' for start in range(0, len(text), 255))


def _has_children(name: str, zones: Records) -> bool:
    """Whether it is an empty non-terminal, which exists without records (RFC 8020)."""
    return any(other.endswith(f".{name}") for other in zones)


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, server: NameServer) -> None:
        self._server = server
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        reply = self._server.reply(data)
        if reply is None or self._transport is None:
            return
        packed = reply.pack()
        self._transport.sendto(packed if len(packed) <= _MAX_UDP else reply.truncate().pack(), addr)


class NameServer:
    """Answers from the zones as they are at that moment; drops every question while `dns-down` stands."""

    def __init__(self, zones: Callable[[], Records], faults: Container[str]) -> None:
        self.port = 0
        self._zones = zones
        self._faults = faults
        self._udp: asyncio.DatagramTransport | None = None
        self._tcp: asyncio.Server | None = None

    async def start(self) -> None:
        """Find a port that is free for both transports and listen on it."""
        loop = asyncio.get_running_loop()
        for _ in range(_PORT_TRIES):
            self._tcp = await asyncio.start_server(self._serve, LOOPBACK, 0)
            self.port = self._tcp.sockets[0].getsockname()[1]
            try:
                self._udp, _ = await loop.create_datagram_endpoint(
                    lambda: _Datagrams(self), local_addr=(LOOPBACK, self.port)
                )
            except OSError:
                self._tcp.close()
            else:
                return
        raise OSError(f"no port of {LOOPBACK} is free for both UDP and TCP; is something using all of them?")

    def reply(self, question: bytes) -> Any:
        return None if "dns-down" in self._faults else answer(question, self._zones())

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while length := await reader.readexactly(2):
                reply = self.reply(await reader.readexactly(int.from_bytes(length)))
                if reply is None:
                    await reader.read()
                    break
                packed = reply.pack()
                writer.write(len(packed).to_bytes(2) + packed)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client has what it came for
        finally:
            writer.close()

    async def stop(self) -> None:
        if self._udp is not None:
            self._udp.close()
        if self._tcp is not None:
            self._tcp.close()
