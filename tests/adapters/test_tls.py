"""The TLS adapter against real TLS ports."""

from __future__ import annotations

import asyncio
import ssl
import warnings
from typing import Any

import pytest

from penguintui.adapters.tls import TlsAdapter
from penguintui.clock import SystemClock
from penguintui.config.probes import TlsProbe
from penguintui.model.status import Status

from .authority import Authority
from .conftest import ask, found, measured
from .servers import HOST, serving, silent


def adapter(port: int, **settings: Any) -> TlsAdapter:
    return TlsAdapter(TlsProbe(type="tls", host=HOST, port=port, **settings), SystemClock())


async def test_trusted_certificate_is_ok(authority: Authority) -> None:
    async with serving(silent, authority.server(days=90)) as server:
        seen = await ask(adapter(server.port, ca_file=authority.ca_file))
    assert seen.up
    assert {f.check: f.status for f in seen.findings} == {
        "tls.reach": Status.OK,
        "tls.certificate": Status.OK,
        "tls.protocol": Status.OK,
    }
    assert measured(seen, "probe_tls_version_info", version="TLSv1.3") == 1


async def test_certificate_for_another_server_name(authority: Authority) -> None:
    async with serving(silent, authority.server(host="mail.example")) as server:
        right = await ask(adapter(server.port, ca_file=authority.ca_file, server_name="mail.example"))
        wrong = await ask(adapter(server.port, ca_file=authority.ca_file, server_name="shop.example"))
    assert found(right, "tls.certificate").status is Status.OK
    finding = found(wrong, "tls.certificate")
    assert finding.status is Status.CRITICAL
    assert "is for mail.example, not for shop.example" in finding.summary


@pytest.mark.parametrize(("days", "status"), [(90, Status.OK), (29, Status.WARNING), (6, Status.CRITICAL)])
async def test_days_left_are_judged(authority: Authority, days: float, status: Status) -> None:
    async with serving(silent, authority.server(days=days)) as server:
        seen = await ask(adapter(server.port, ca_file=authority.ca_file))
    assert found(seen, "tls.certificate").status is status


async def test_expired_certificate_is_still_read(authority: Authority) -> None:
    async with serving(silent, authority.server(days=-2)) as server:
        seen = await ask(adapter(server.port, ca_file=authority.ca_file))
    finding = found(seen, "tls.certificate")
    assert finding.status is Status.CRITICAL
    assert "expired on" in finding.summary
    assert "issued by CN=Test authority" in finding.summary
    assert finding.remedy
    assert found(seen, "tls.reach").status is Status.OK
    assert measured(seen, "probe_ssl_earliest_cert_expiry") == pytest.approx(seen.time - 2 * 86400, abs=60)


async def test_old_protocol_is_a_warning(authority: Authority) -> None:
    context = authority.server()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    async with serving(silent, context) as server:
        seen = await ask(adapter(server.port, ca_file=authority.ca_file))
    finding = found(seen, "tls.protocol")
    assert finding.status is Status.WARNING
    assert "TLSv1.1" in finding.summary


async def test_certificate_behind_starttls(authority: Authority) -> None:
    context = authority.server(days=20)

    async def mail_server(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220-mail.example\r\n220 ready\r\n")
        await reader.readline()
        writer.write(b"250-mail.example\r\n250 STARTTLS\r\n")
        await reader.readline()
        writer.write(b"220 go on\r\n")
        await writer.start_tls(context)
        await silent(reader, writer)

    async with serving(mail_server) as server:
        seen = await ask(adapter(server.port, ca_file=authority.ca_file, starttls="smtp"))
    assert found(seen, "tls.certificate").status is Status.WARNING
