"""One question to one name server and its plain answer: what nearly all askings are, for a tenth of a resolver's work.

An answer that says what the last one said, byte for byte, is not read anew. Whatever is not a plain answer (a server
that is silent, refuses, cuts short or answers with something else) is left to dnspython's resolver and its retries.
"""

from __future__ import annotations

import asyncio
import functools
import secrets
import socket
from typing import TYPE_CHECKING

from penguintui.adapters.dns.answer import answer_of
from penguintui.mail.resolver import Answer

if TYPE_CHECKING:
    from dns.name import Name

_RECURSE_AND_VOUCH = b"\x01\x20"
"""The flags RD and AD: say whether you vouch for it (RFC 6840, 5.7)."""
_ONE_QUESTION = b"\x00\x01\x00\x00\x00\x00\x00\x00"
_INTERNET = b"\x00\x01"
_LARGEST = 65535
_USUAL = 4096
"""Bytes of an answer that is remembered, at most."""
_NOTHING = b"\x00\x00"
"""No questions; and what stands in place of an answer's number, which tells it from no other that says the same."""


async def plain_answer(host: str, port: int, name: Name, type: str, seconds: float) -> Answer | None:
    """What the server at an address says of a name, or that there is no such name; None for all else."""
    number, asked = secrets.token_bytes(2), _question(name, type)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    loop = asyncio.get_running_loop()
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as own:
            own.setblocking(False)
            own.connect((host, port))
            own.send(number + _RECURSE_AND_VOUCH + _ONE_QUESTION + asked)
            async with asyncio.timeout(seconds):
                while True:
                    reply = await loop.sock_recv(own, _LARGEST)
                    if reply[:2] == number and _answers(reply, asked):
                        return _understood(_NOTHING + reply[2:]) if len(reply) <= _USUAL else None
    except OSError:  # a time-out is one, too
        return None


def _answers(reply: bytes, asked: bytes) -> bool:
    """Whether a reply is to this question: it says it again, in whatever case, or, refusing it, leaves it out."""
    if reply[4:6] == _NOTHING:
        return True
    name, kind = asked[:-4], asked[-4:]
    again = reply[12 : 12 + len(asked)]
    return again[:-4].lower() == name.lower() and again[-4:] == kind


@functools.lru_cache(maxsize=2048)
def _question(name: Name, type: str) -> bytes:
    import dns.rdatatype

    labels = b"".join(bytes([len(label)]) + label for label in name.labels)
    return labels + dns.rdatatype.from_text(type).to_bytes(2, "big") + _INTERNET


@functools.lru_cache(maxsize=2048)
def _understood(reply: bytes) -> Answer | None:
    """What a whole answer to one question says; None when it is none, or says neither yes nor no."""
    import dns.exception
    import dns.flags
    import dns.message
    import dns.rcode
    import dns.resolver

    try:
        message = dns.message.from_wire(reply)
        if not isinstance(message, dns.message.QueryMessage) or not message.flags & dns.flags.QR:
            return None
        if message.flags & dns.flags.TC or message.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
            return None
        (asked,) = message.question
        return answer_of(dns.resolver.Answer(asked.name, asked.rdtype, asked.rdclass, message))
    except (dns.exception.DNSException, ValueError):
        return None
