"""What counts as an authoritative server's own answer, from a server that misbehaves."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from penguintui.adapters.dns.authority import held, presented, written
from penguintui.mail.desired import Held

from .nameserver import Udp
from .servers import HOST

KEY = ("shop.example", "TXT")


@contextlib.asynccontextmanager
async def answering(change: Callable[[dns.message.Message], None]) -> AsyncIterator[str]:
    """A server whose answers are made by `change` out of an empty authoritative one."""

    def reply(question: bytes) -> bytes:
        asked = dns.message.from_wire(question)
        assert not asked.flags & dns.flags.RD, "nobody is asked to recurse"
        answer = dns.message.make_response(asked)
        answer.flags |= dns.flags.AA
        change(answer)
        return answer.to_wire()

    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: Udp(reply, asyncio.Event()), local_addr=(HOST, 0))
    try:
        yield f"{HOST}:{transport.get_extra_info('sockname')[1]}"
    finally:
        transport.close()


def text(answer: dns.message.Message) -> None:
    answer.answer.append(dns.rrset.from_text("shop.example.", 300, "IN", "TXT", '"one " "text"', '"b\\195"'))


def cached(answer: dns.message.Message) -> None:
    text(answer)
    answer.flags &= ~dns.flags.AA


def refusing(answer: dns.message.Message) -> None:
    answer.set_rcode(dns.rcode.REFUSED)


def looping(answer: dns.message.Message) -> None:
    for one, other in (("shop", "b"), ("b", "shop")):
        answer.answer.append(dns.rrset.from_text(f"{one}.example.", 300, "IN", "CNAME", f"{other}.example."))


def leading(answer: dns.message.Message) -> None:
    answer.answer.append(dns.rrset.from_text("shop.example.", 300, "IN", "CNAME", "Else.example."))


@pytest.mark.parametrize(
    ("change", "wanted"),
    [(text, Held(("b\xc3", "one text"), 300.0)), (leading, Held(alias="else.example")), (lambda _: None, Held())],
)
async def test_its_own_answer(change: Callable[[dns.message.Message], None], wanted: Held) -> None:
    async with answering(change) as server:
        assert await held(KEY, server, 5) == wanted


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (cached, "has no authority for it (a lame delegation)"),
        (refusing, "answered REFUSED"),
        (looping, "no chain of records"),
    ],
)
async def test_what_is_no_answer_is_trouble(change: Callable[[dns.message.Message], None], words: str) -> None:
    async with answering(change) as server:
        found = await held(KEY, server, 5)
    assert words in found.trouble
    assert server in found.trouble
    assert found.values == ()


@given(st.text(st.characters(max_codepoint=255), max_size=700))
def test_a_text_is_cut_and_joined_again(value: str) -> None:
    (record,) = written(KEY, [value], 60)
    assert presented(record) == value
    assert all(len(piece) <= 255 for piece in record.strings)


@pytest.mark.parametrize(
    ("type", "value"),
    [("MX", "10 mx.example"), ("A", "192.0.2.1"), ("CNAME", "a.example"), ("SRV", "0 5 587 mx.example")],
)
def test_other_records_come_back_as_they_went(type: str, value: str) -> None:
    (record,) = written(("x.example", type), [value], 60)
    assert presented(record) == value
