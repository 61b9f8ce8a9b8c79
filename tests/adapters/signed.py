"""A zone signed with DNSSEC by BIND, and a second BIND that asks it and validates."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import dns.asyncquery
import dns.exception
import dns.flags
import dns.message
import dns.rdatatype
from dns.rdtypes.ANY.DNSKEY import DNSKEY

from .bind import free_port, named
from .servers import HOST


@contextlib.asynccontextmanager
async def validating(zone: str, text: str) -> AsyncIterator[str]:
    """Serve a zone, signed; yields HOST:PORT of a resolver that vouches for it (AD)."""
    port, resolver = free_port(), free_port()
    while resolver == port:
        resolver = free_port()
    signed = 'type primary; file "{name}.zone"; dnssec-policy default; inline-signing yes;'
    async with named({zone: text}, port=port, clause=signed, options="sig-signing-nodes 1000;"):
        key = await _key(zone, port)
        above = f'trust-anchors {{ "{zone}" static-key {key.flags} {key.protocol} {int(key.algorithm)} "'
        above += f'{key.to_text().split(" ", 3)[3].replace(" ", "")}"; }};\n'
        forwarding = f"type forward; forward only; forwarders {{{{ {HOST} port {port}; }}}};"
        async with named({zone: ""}, port=resolver, clause=forwarding, above=above, validates=True, written=False):
            await _validated(zone, resolver)
            yield f"{HOST}:{resolver}"


async def _key(zone: str, port: int) -> DNSKEY:
    """The zone's key, once it is signed: named does that after it has begun to answer."""
    question = dns.message.make_query(zone, "DNSKEY", want_dnssec=True)
    async with asyncio.timeout(30):
        while True:
            with contextlib.suppress(dns.exception.Timeout, OSError):
                answer = await dns.asyncquery.udp(question, HOST, timeout=0.5, port=port)
                keys = [rdata for rrset in answer.answer for rdata in rrset if isinstance(rdata, DNSKEY)]
                if keys and any(rrset.rdtype is dns.rdatatype.RRSIG for rrset in answer.answer):
                    return keys[0]
            await asyncio.sleep(0.05)


async def _validated(zone: str, port: int) -> None:
    question = dns.message.make_query(zone, "SOA")
    question.flags |= dns.flags.AD
    async with asyncio.timeout(30):
        while True:
            with contextlib.suppress(dns.exception.Timeout, OSError):
                answer = await dns.asyncquery.udp(question, HOST, timeout=0.5, port=port)
                if answer.flags & dns.flags.AD:
                    return
            await asyncio.sleep(0.05)
