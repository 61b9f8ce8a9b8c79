"""DNS over dnspython: one name server, or the system's, asked by the rules of mail."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections import defaultdict
from typing import TYPE_CHECKING

from penguintui.adapters.dns.answer import answer_of
from penguintui.adapters.dns.datagram import plain_answer
from penguintui.adapters.failure import Failure, NotAnswered, from_error, garbled, local, timed_out
from penguintui.mail.resolver import Answer, Outcome

if TYPE_CHECKING:
    import dns.resolver
    from dns.asyncresolver import Resolver
    from dns.name import Name

SYSTEM = "the system's resolver"
AT_ONCE = 50
"""Questions that are under way at most."""
_ONE_TRY = 2.0


class NameServer:
    """Asks one name server, each question once. Implements `mail.resolver.Resolver`; `ask` says more about failures.

    resolver: dnspython's, already pointed at the server. seconds: after which no question waits any longer.
    each: seconds that one question may wait.
    """

    def __init__(self, resolver: Resolver, place: str, seconds: float, each: float) -> None:
        self._resolver, self._place, self._seconds, self._each = resolver, place, seconds, each
        self._until = asyncio.get_running_loop().time() + seconds
        self._room = asyncio.Semaphore(AT_ONCE)
        self._known: dict[tuple[Name, str], Answer | Failure] = {}
        self._asking: defaultdict[tuple[Name, str], asyncio.Lock] = defaultdict(asyncio.Lock)

    async def query(self, name: str, type: str) -> Answer:
        answer = await self.ask(name, type)
        return Answer(Outcome.TIMEOUT) if isinstance(answer, Failure) else answer

    async def ask(self, name: str, type: str) -> Answer | Failure:
        """The server's answer; SERVFAIL when it says that it has none to give (SERVFAIL, REFUSED and others).

        A Failure when the server did not speak at all, or not DNS.
        """
        asked = _wire_name(name)
        if asked is None:
            return Answer(Outcome.NXDOMAIN)
        question = (asked, type)
        async with self._asking[question]:
            if question not in self._known:
                self._known[question] = await self._ask(asked, type)
        return self._known[question]

    async def _ask(self, asked: Name, type: str) -> Answer | Failure:
        import dns.exception
        import dns.resolver

        try:
            async with self._room:
                found = await self._found(asked, type)
        except dns.resolver.NXDOMAIN:
            return Answer(Outcome.NXDOMAIN)
        except dns.resolver.NoNameservers as error:
            return _no_answer(error, self._place, self._seconds)
        except (dns.exception.DNSException, OSError, EOFError) as error:
            return from_dns(error, self._place, self._seconds)
        return found if isinstance(found, Answer) else answer_of(found)

    async def _found(self, asked: Name, type: str) -> Answer | dns.resolver.Answer:
        """A plain answer, or else what the resolver comes to. Raises what that raises."""
        loop = asyncio.get_running_loop()
        until = min(self._until, loop.time() + self._each)
        servers = self._resolver.nameservers
        if len(servers) == 1 and isinstance(servers[0], str):
            seconds = min(self._resolver.timeout, max(0.0, until - loop.time()))
            found = await plain_answer(servers[0], self._resolver.port, asked, type, seconds)
            if found is not None:
                return found
        left = max(0.0, until - loop.time())
        return await self._resolver.resolve(asked, type, raise_on_no_answer=False, lifetime=left, search=False)


async def opened(nameserver: str | None, place: str, seconds: float, each: float | None = None) -> NameServer:
    """The server at HOST or HOST:PORT, or the system's resolver as it is configured now. Raises NotAnswered.

    each: seconds that one question may wait; all of them when left out.
    """
    import dns.asyncresolver
    import dns.flags
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
    each = seconds if each is None else min(each, seconds)
    resolver.timeout = min(_ONE_TRY, each)
    resolver.flags = dns.flags.RD | dns.flags.AD  # AD: say whether you vouch for it (RFC 6840, 5.7)
    return NameServer(resolver, place, seconds, each)


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


def _wire_name(text: str) -> Name | None:
    """A name as it goes to the server, each character a byte (Latin-1) and nothing escaped; None when it is none."""
    import dns.exception
    import dns.name

    try:
        labels = text.removesuffix(".").encode("latin-1").split(b".")
        return dns.name.Name([*labels, b""])
    except (dns.exception.DNSException, UnicodeError):
        return None


def unasked(answer: Answer | Failure) -> str:
    """Why there is no answer, in words; empty when there is one."""
    if isinstance(answer, Failure):
        return answer.text
    if answer.failed:
        return f"the name server answered {', '.join(answer.records) or answer.outcome.value.upper()}"
    return ""
