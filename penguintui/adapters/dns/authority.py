"""What each authoritative name server itself answers: no recursion, no cache, no answer taken that is not its own."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable
from typing import TYPE_CHECKING

from penguintui.adapters.dns.nameserver import AT_ONCE, from_dns, split
from penguintui.adapters.failure import NotAnswered
from penguintui.mail.desired import Held, Key

if TYPE_CHECKING:
    from dns.message import QueryMessage
    from dns.rdata import Rdata
    from dns.rdataset import Rdataset

_TRIES = 3
_ONE_TRY = 2.0


async def observe(keys: Iterable[Key], servers: Iterable[str], seconds: float) -> dict[Key, dict[str, Held]]:
    """What every server holds for every name and type. Never raises: what is not answered says why."""
    room = asyncio.Semaphore(AT_ONCE)
    until = asyncio.get_running_loop().time() + seconds

    async def one(key: Key, server: str) -> Held:
        async with room:
            return await held(key, server, max(0.0, until - asyncio.get_running_loop().time()))

    asked = [(key, server) for key in dict.fromkeys(keys) for server in dict.fromkeys(servers)]
    answers = await asyncio.gather(*(one(key, server) for key, server in asked))
    found: dict[Key, dict[str, Held]] = {}
    for (key, server), answer in zip(asked, answers, strict=True):
        found.setdefault(key, {})[server] = answer
    return found


async def held(key: Key, server: str, seconds: float) -> Held:
    """What one server holds for one name and type. Never raises."""
    try:
        records, alias = await ask(key, server, seconds)
    except NotAnswered as error:
        return Held(trouble=error.failure.text)
    if records is None:
        return Held(alias=alias)
    return Held(tuple(sorted(presented(record) for record in records)), float(records.ttl), alias)


async def ask(key: Key, server: str, seconds: float) -> tuple[Rdataset | None, str]:
    """The records themselves, and where the name leads when it is an alias. Raises NotAnswered."""
    import dns.exception

    place = f"the name server {server}, asked for {key[1]} of {key[0]},"
    try:
        host, port = await located(server, place)
        response = await _exchanged(key, host, port, seconds)
    except NotAnswered:
        raise
    except (dns.exception.DNSException, OSError, EOFError, UnicodeError) as error:
        raise NotAnswered(from_dns(error, place, seconds)) from error
    return _read(response, key, place)


async def located(server: str, place: str) -> tuple[str, int]:
    """Address and port of a server written as HOST or HOST:PORT. Raises NotAnswered, OSError."""
    host, port = split(server, place)
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    return str(found[0][4][0]), port


async def _exchanged(key: Key, host: str, port: int, seconds: float) -> QueryMessage:
    import dns.asyncquery
    import dns.exception
    import dns.flags
    import dns.message

    question = dns.message.make_query(key[0], key[1], use_edns=0, payload=1232)
    question.flags &= ~dns.flags.RD
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    for tries_left in range(_TRIES - 1, -1, -1):
        left = until - loop.time()
        wait = left if not tries_left else min(_ONE_TRY, left / (tries_left + 1))
        try:
            answer, _ = await dns.asyncquery.udp_with_fallback(
                question, host, timeout=max(0.0, wait), port=port, ignore_unexpected=True
            )
        except dns.exception.Timeout:
            if not tries_left:
                raise
            continue
        return answer  # type: ignore[return-value]  # the answer to a query is a query message
    raise dns.exception.Timeout


def _read(response: QueryMessage, key: Key, place: str) -> tuple[Rdataset | None, str]:
    import dns.exception
    import dns.flags
    import dns.rcode

    from penguintui.adapters.failure import Failure, Reason, garbled

    code = response.rcode()
    if code not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        why = f"{place} answered {dns.rcode.to_text(code)}"
        raise NotAnswered(Failure(Reason.DENIED, why, "See whether it serves the zone, and its log."))
    if not response.flags & dns.flags.AA:
        why = f"{place} has no authority for it (a lame delegation)"
        raise NotAnswered(Failure(Reason.GARBLED, why, "Let it serve the zone, or take it out of `servers`."))
    try:
        chain = response.resolve_chaining()
    except dns.exception.DNSException as error:
        raise NotAnswered(garbled(place, f"no chain of records ({type(error).__name__})")) from error
    alias = plain(chain.canonical_name.to_text()) if chain.cnames else ""
    return (chain.answer.to_rdataset() if chain.answer is not None else None), alias


def presented(record: Rdata) -> str:
    """A record's value as `mail.desired` compares it."""
    from dns.rdtypes.ANY.TXT import TXT

    if isinstance(record, TXT):
        return b"".join(record.strings).decode("latin-1")
    return plain(record.to_text())


def written(key: Key, values: Iterable[str], ttl: float) -> Rdataset:
    """Records out of their values; the text of a TXT record in strings of 255 bytes at most (RFC 1035, 3.3.14).

    Raises ValueError for a value that is no record of the type.
    """
    import dns.exception
    import dns.name
    import dns.rdata
    import dns.rdataclass
    import dns.rdataset
    import dns.rdatatype
    from dns.rdtypes.ANY.TXT import TXT

    kind = dns.rdatatype.from_text(key[1])
    records = dns.rdataset.Rdataset(dns.rdataclass.IN, kind)
    records.update_ttl(int(ttl))
    for value in values:
        try:
            if kind == dns.rdatatype.TXT:
                data = value.encode("latin-1")
                pieces = [data[start : start + 255] for start in range(0, len(data), 255)] or [b""]
                records.add(TXT(dns.rdataclass.IN, kind, pieces))
            else:
                records.add(dns.rdata.from_text(dns.rdataclass.IN, kind, value, origin=dns.name.root, relativize=False))
        except (dns.exception.DNSException, UnicodeError) as error:
            raise ValueError(f"{value!r} is no {key[1]} record: {error}") from error
    return records


def plain(name: str) -> str:
    return name.removesuffix(".").lower()
