"""Single questions over UDP: they say what dnspython's resolver says, and leave to it what is not plain."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import cast

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rrset
import pytest

from penguintui.adapters.dns import nameserver
from penguintui.adapters.dns.datagram import plain_answer
from penguintui.adapters.dns.nameserver import opened
from penguintui.adapters.failure import Failure
from penguintui.mail.resolver import Answer, Outcome

from .servers import HOST, closed_port
from .zoneserver import Zone, zones

ZONE: Zone = {
    "shop.example": [
        {"A": "192.0.2.1"},
        {"TXT": "v=spf1 mx -all"},
        {"TXT": ["two ", "parts"]},
        {"MX": [10, "mx.shop.example"]},
        {"NS": "ns.shop.example"},
    ],
    "www.shop.example": [{"CNAME": "shop.example"}],
    "away.shop.example": [{"CNAME": "nowhere.example"}],
    "round.shop.example": [{"CNAME": "round.shop.example"}],
    "long.shop.example": [{"TXT": "x" * 900}],
}
_QUESTIONS = [
    (name, type)
    for name in (*ZONE, "SHOP.example", "none.shop.example", "a..b", "ä.shop.example", "x" * 64)
    for type in ("A", "TXT", "MX", "NS", "SOA")
]
NAME = dns.name.from_text("shop.example")
Reply = Callable[[bytes], list[bytes]]


async def everything(port: int) -> list[Answer | Failure]:
    server = await opened(f"{HOST}:{port}", "the server", 10.0, 2.0)
    return [in_order(await server.ask(name, type)) for name, type in _QUESTIONS]


def in_order(answer: Answer | Failure) -> Answer | Failure:
    """The same with its records sorted: the server shuffles them."""
    return answer if isinstance(answer, Failure) else replace(answer, records=tuple(sorted(answer.records)))


async def test_it_says_what_the_resolver_says(monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing(*_: object) -> None:
        return None

    async with zones(ZONE) as server:
        plain = await everything(server.port)
        remembered = await everything(server.port)
        monkeypatch.setattr(nameserver, "plain_answer", nothing)
        resolved = await everything(server.port)
    assert plain == resolved
    assert remembered == resolved
    outcomes = {answer.outcome for answer in resolved if isinstance(answer, Answer)}
    assert {Outcome.RECORDS, Outcome.NODATA, Outcome.NXDOMAIN, Outcome.SERVFAIL} <= outcomes


async def test_a_plain_question_is_asked_once() -> None:
    async with zones(ZONE) as server:
        found = await plain_answer(HOST, server.port, NAME, "A", 5.0)
        assert len(server.asked) == 1
    assert found == Answer(Outcome.RECORDS, ("192.0.2.1",), ttl=60.0)


class Saying(asyncio.DatagramProtocol):
    """Answers each question with some datagrams."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str | int, int]) -> None:
        for wire in self._reply(data):
            self._transport.sendto(wire, addr)


@contextlib.asynccontextmanager
async def saying(reply: Reply) -> AsyncIterator[int]:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: Saying(reply), local_addr=(HOST, 0))
    try:
        yield transport.get_extra_info("sockname")[1]
    finally:
        transport.close()


def answer(wire: bytes, address: str = "192.0.2.7", flags: int = 0, rcode: int = 0) -> bytes:
    """An answer to a question, with one address in it."""
    message = dns.message.make_response(dns.message.from_wire(wire))
    message.flags |= flags
    message.set_rcode(dns.rcode.Rcode(rcode))
    if not rcode:
        message.answer.append(dns.rrset.from_text(message.question[0].name, 60, "IN", "A", address))
    return message.to_wire()


async def test_answers_to_other_questions_are_passed_over() -> None:
    def reply(wire: bytes) -> list[bytes]:
        number = bytes([wire[0] ^ 1, wire[1]])
        other = dns.message.make_query("other.example", "A", id=int.from_bytes(wire[:2], "big")).to_wire()
        return [number + answer(wire, "192.0.2.8")[2:], answer(other, "192.0.2.9"), b"", answer(wire)]

    async with saying(reply) as port:
        found = await plain_answer(HOST, port, NAME, "A", 5.0)
    assert found is not None
    assert found.records == ("192.0.2.7",)


async def test_a_question_may_come_back_in_other_letters() -> None:
    async with saying(lambda wire: [wire[:2] + answer(wire)[2:].replace(b"shop", b"ShOP")]) as port:
        found = await plain_answer(HOST, port, NAME, "A", 5.0)
    assert found is not None
    assert found.records == ("192.0.2.7",)


async def test_an_answer_that_changes_is_read_anew() -> None:
    addresses = iter(("192.0.2.1", "192.0.2.1", "192.0.2.2"))
    async with saying(lambda wire: [answer(wire, next(addresses))]) as port:
        found = [await plain_answer(HOST, port, NAME, "A", 5.0) for _ in range(3)]
    assert [one.records for one in found if one is not None] == [("192.0.2.1",), ("192.0.2.1",), ("192.0.2.2",)]


@pytest.mark.parametrize(
    "reply",
    [
        lambda wire: [answer(wire, flags=dns.flags.TC)],
        lambda wire: [answer(wire, rcode=dns.rcode.SERVFAIL)],
        lambda wire: [answer(wire, rcode=dns.rcode.REFUSED)],
        lambda wire: [wire],
        lambda wire: [answer(wire)[:-3]],
        lambda wire: [answer(wire) + b"more"],
        lambda wire: [wire[:2] + b"\x28\x00" + wire[4:]],
        lambda wire: [wire[:2] + b"\x81\x05" + bytes(8)],
        lambda wire: [answer(wire) + bytes(5000)],
    ],
    ids=["cut", "servfail", "refused", "echo", "torn", "trailing", "update", "without the question", "long"],
)
async def test_what_is_not_plain_is_left_to_the_resolver(reply: Reply) -> None:
    async with saying(reply) as port:
        assert await plain_answer(HOST, port, NAME, "A", 5.0) is None


async def test_silence_and_refusal_are_left_to_the_resolver() -> None:
    async with saying(lambda _: []) as port:
        assert await plain_answer(HOST, port, NAME, "A", 0.05) is None
    with closed_port() as port:
        assert await plain_answer(HOST, port, NAME, "A", 5.0) is None
