"""The SMTP adapter against aiosmtpd, and against servers that turn it away."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP
from hypothesis import given
from hypothesis import strategies as st

from penguintui.adapters.failure import NotAnswered
from penguintui.adapters.smtp.dialogue import MAX_LINE, Dialogue
from penguintui.adapters.smtp.probe import SmtpAdapter
from penguintui.clock import SystemClock
from penguintui.config.probes import Levels, SmtpProbe
from penguintui.model.status import Status

from .authority import Authority
from .conftest import ask, found, measured
from .servers import HOST, serving


@contextlib.asynccontextmanager
async def mail_server(tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A real SMTP server; offers STARTTLS when it has a certificate."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(object(), hostname="mail.example", tls_context=tls), HOST, 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


def adapter(port: int, **settings: Any) -> SmtpAdapter:
    return SmtpAdapter(SmtpProbe(type="smtp", host=HOST, port=port, **settings), SystemClock())


async def test_good_server_with_starttls(authority: Authority) -> None:
    async with mail_server(authority.server(days=60)) as port:
        seen = await ask(adapter(port, ca_file=authority.ca_file))
    assert seen.up
    assert seen.complete
    checks = ("smtp.reach", "smtp.greeting", "smtp.starttls", "tls.certificate", "smtp.time")
    assert {f.check: f.status for f in seen.findings} == dict.fromkeys(checks, Status.OK)
    assert "SIZE" in found(seen, "smtp.greeting").evidence["extensions"]
    for phase in ("resolve", "connect", "greeting", "ehlo", "starttls"):
        assert measured(seen, "probe_smtp_duration_seconds", phase=phase) >= 0
    assert measured(seen, "probe_ssl_earliest_cert_expiry") == pytest.approx(seen.time + 60 * 86400, abs=60)


@pytest.mark.parametrize(("starttls", "status"), [("required", Status.CRITICAL), ("optional", Status.OK)])
async def test_server_without_starttls(starttls: str, status: Status) -> None:
    async with mail_server() as port:
        seen = await ask(adapter(port, starttls=starttls))
    assert found(seen, "smtp.starttls").status is status
    assert not [f for f in seen.findings if f.check == "tls.certificate"]


async def test_starttls_is_left_alone_when_not_wanted(authority: Authority) -> None:
    async with mail_server(authority.server(days=-1)) as port:
        seen = await ask(adapter(port, starttls="none"))
    assert {f.check for f in seen.findings} == {"smtp.reach", "smtp.greeting", "smtp.time"}


@pytest.mark.parametrize(("starttls", "status"), [("required", Status.CRITICAL), ("optional", Status.WARNING)])
async def test_untrusted_certificate(authority: Authority, starttls: str, status: Status) -> None:
    async with mail_server(authority.server(days=-1)) as port:
        seen = await ask(adapter(port, ca_file=authority.ca_file, starttls=starttls))
    finding = found(seen, "tls.certificate")
    assert finding.status is status
    assert "expired on" in finding.summary
    assert seen.up
    assert found(seen, "smtp.greeting").status is Status.OK


@pytest.mark.parametrize(
    ("greeting", "words"),
    [
        (b"421-4.3.2 mail.example\r\n421 4.3.2 stopping\r\n", "takes no mail now: 421"),
        (b"554 5.7.1 go away\r\n", "turns this client away: 554 5.7.1 go away"),
    ],
)
async def test_refusing_greeting(greeting: bytes, words: str) -> None:
    async def refusing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        await writer.drain()

    async with serving(refusing) as server:
        seen = await ask(adapter(server.port))
    finding = found(seen, "smtp.greeting")
    assert finding.status is Status.CRITICAL
    assert words in finding.summary
    assert finding.remedy
    assert seen.up


def scripted(*replies: bytes) -> Any:
    """A server that greets with the first reply and gives the next one for each line it reads."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for reply in replies:
            writer.write(reply)
            await reader.readline()

    return handler


async def test_refused_ehlo_and_refused_starttls() -> None:
    async with serving(scripted(b"220 hi\r\n", b"550 bad name\r\n", b"221 bye\r\n")) as server:
        finding = found(await ask(adapter(server.port)), "smtp.greeting")
    assert finding.status is Status.CRITICAL
    assert "refuses EHLO penguintui.invalid: 550 bad name" in finding.summary
    async with serving(
        scripted(b"220 hi\r\n", b"250-x\r\n250 STARTTLS\r\n", b"454 no key\r\n", b"221 bye\r\n")
    ) as server:
        finding = found(await ask(adapter(server.port)), "smtp.starttls")
    assert finding.status is Status.CRITICAL
    assert "refuses it: 454 no key" in finding.summary


async def test_broken_handshake_is_a_finding_on_starttls() -> None:
    async with serving(scripted(b"220 hi\r\n", b"250-x\r\n250 STARTTLS\r\n", b"220 go\r\n", b"not TLS\r\n")) as server:
        finding = found(await ask(adapter(server.port)), "smtp.starttls")
    assert finding.status is Status.CRITICAL
    assert "the handshake fails" in finding.summary


async def test_hanging_up_on_quit_is_fine() -> None:
    async with serving(scripted(b"220 hi\r\n", b"250 x\r\n")) as server:
        seen = await ask(adapter(server.port, starttls="none"))
    assert found(seen, "smtp.greeting").status is Status.OK


async def test_slow_greeting_crosses_its_limit() -> None:
    async with mail_server() as port:
        finding = found(await ask(adapter(port, response_seconds=Levels(critical=0.0))), "smtp.time")
    assert finding.status is Status.CRITICAL
    assert "over the limit of 0 s" in finding.summary


@given(st.binary(max_size=200))
def test_any_bytes_are_a_reply_or_a_failure(data: bytes) -> None:
    async def read() -> None:
        reader = asyncio.StreamReader(limit=MAX_LINE)
        reader.feed_data(data)
        reader.feed_eof()
        writer: Any = None
        try:
            reply = await Dialogue(reader, writer, "mail.example:25").reply()
        except (NotAnswered, EOFError):
            return
        assert 200 <= reply.code < 600
        assert reply.lines

    asyncio.run(read())
