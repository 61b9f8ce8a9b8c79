"""DNS over dnspython: one name server, or the system's, asked by the rules of mail."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from typing import TYPE_CHECKING

from penguintui.adapters.failure import Failure, NotAnswered, from_error, garbled, local, timed_out
from penguintui.mail.resolver import Answer, Outcome

if TYPE_CHECKING:
    from dns.asyncresolver import Resolver
    from dns.rdata import Rdata

SYSTEM = "the system's resolver"
_AT_ONCE = 16
_ONE_TRY = 2.0


class NameServer:
    """Asks one name server. Implements `mail.resolver.Resolver`; `ask` says more about failures.

    resolver: dnspython's, already pointed at the server. seconds: after which no question waits any longer.
    """

    def __init__(self, resolver: Resolver, place: str, seconds: float) -> None:
        self._resolver, self._place, self._seconds = resolver, place, seconds
        self._until = asyncio.get_running_loop().time() + seconds
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def query(self, name: str, type: str) -> Answer:
        answer = await self.ask(name, type)
        return Answer(Outcome.TIMEOUT) if isinstance(answer, Failure) else answer

    async def ask(self, name: str, type: str) -> Answer | Failure:
        """The server's answer; SERVFAIL when it says that it has none to give (SERVFAIL, REFUSED and others).

        A Failure when the server did not speak at all, or not DNS.
        """
        import dns.exception
        import dns.flags
        import dns.name
        import dns.resolver

        try:
            asked = dns.name.from_text(name)
        except (dns.exception.DNSException, UnicodeError):
            return Answer(Outcome.NXDOMAIN)
        try:
            async with self._room:
                left = max(0.0, self._until - asyncio.get_running_loop().time())
                found = await self._resolver.resolve(asked, type, raise_on_no_answer=False, lifetime=left, search=False)
        except dns.resolver.NXDOMAIN:
            return Answer(Outcome.NXDOMAIN)
        except dns.resolver.NoNameservers as error:
            return _no_answer(error, self._place, self._seconds)
        except (dns.exception.DNSException, OSError, EOFError) as error:
            return from_dns(error, self._place, self._seconds)
        authenticated = bool(found.response.flags & dns.flags.AD)
        if found.rrset is None:
            return Answer(Outcome.NODATA, authenticated=authenticated)
        canonical = found.canonical_name.to_text(omit_final_dot=True)
        return Answer(
            Outcome.RECORDS,
            tuple(_presented(rdata) for rdata in found.rrset),
            "" if found.canonical_name == asked else canonical,
            float(found.rrset.ttl),
            authenticated,
        )


async def opened(nameserver: str | None, place: str, seconds: float) -> NameServer:
    """The server at HOST or HOST:PORT, or the system's resolver as it is configured now. Raises NotAnswered."""
    import dns.asyncresolver
    import dns.resolver

    try:
        resolver = dns.asyncresolver.Resolver(configure=nameserver is None)
    except dns.resolver.NoResolverConfiguration as error:
        why = "this machine has no resolver (/etc/resolv.conf)"
        raise NotAnswered(local(place, why, "Name one in this probe's nameserver.")) from error
    if nameserver is not None:
        host, port = split(nameserver, place)
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_DGRAM)
        resolver.nameservers = [str(found[0][4][0])]
        resolver.port = port
    resolver.timeout = min(_ONE_TRY, seconds)
    return NameServer(resolver, place, seconds)


def split(nameserver: str, place: str) -> tuple[str, int]:
    """`192.0.2.1:5353`, `ns.example`, `[2001:db8::1]:53` or `2001:db8::1` as host and port. Raises NotAnswered."""
    try:
        return str(ipaddress.ip_address(nameserver.strip("[]"))), 53
    except ValueError:
        pass
    host, colon, port = nameserver.rpartition(":")
    if not colon:
        return nameserver, 53
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise NotAnswered(local(place, f"{port!r} is no port", "Write nameserver as HOST or HOST:PORT."))
    return host.strip("[]"), int(port)


def from_dns(error: BaseException, place: str, seconds: float | None = None) -> Failure:
    """Words for what dnspython raised."""
    import dns.exception

    if isinstance(error, dns.exception.Timeout):
        return timed_out(place, seconds)
    if isinstance(error, dns.exception.DNSException):
        return garbled(place, f"no DNS ({type(error).__name__}{f': {error}' if str(error) else ''})")
    return from_error(error, place, seconds)


def _no_answer(error: BaseException, place: str, seconds: float) -> Answer | Failure:
    """Every server of the resolver failed: by not speaking (an exception), or by saying so (a response code)."""
    attempts = getattr(error, "kwargs", {}).get("errors", [])
    for _, _, _, why, _ in reversed(attempts):
        if isinstance(why, BaseException):
            return from_dns(why, place, seconds)
    return Answer(Outcome.SERVFAIL, tuple(sorted({str(why) for _, _, _, why, _ in attempts})))


def _presented(rdata: Rdata) -> str:
    """A record as `mail.resolver.Answer` wants it."""
    from dns.rdtypes.ANY.MX import MX
    from dns.rdtypes.ANY.NS import NS
    from dns.rdtypes.ANY.TXT import TXT

    match rdata:
        case TXT():
            return b"".join(rdata.strings).decode("latin-1")
        case MX():
            return f"{rdata.preference} {rdata.exchange.to_text(omit_final_dot=True)}"
        case NS():
            return rdata.target.to_text(omit_final_dot=True)
    return rdata.to_text()


def unasked(answer: Answer | Failure) -> str:
    """Why there is no answer, in words; empty when there is one."""
    if isinstance(answer, Failure):
        return answer.text
    if answer.failed:
        return f"the name server answered {', '.join(answer.records) or answer.outcome.value.upper()}"
    return ""
