"""The probe of protected transport: BIND with a signed zone, a web server with the policy, aiosmtpd with STARTTLS."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import ssl
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from penguintui.adapters.mailtls.probe import MailTlsAdapter
from penguintui.clock import SystemClock
from penguintui.config.mailprobes import MailTlsProbe
from penguintui.model.observation import Observation
from penguintui.model.status import Status

from .authority import Authority
from .bind import bind
from .conftest import TARGET, ask, found, measured
from .servers import HOST, closed_port, serving
from .signed import validating
from .test_smtp import mail_server

ZONE, MX = "shop.example", "mx1.shop.example"
POLICY = "version: STSv1\r\nmode: enforce\r\nmx: mx1.shop.example\r\nmax_age: 604800\r\n"

pytestmark = pytest.mark.needs("named", "bind9")


class Web:
    """The web server of the policy; what it says can be changed."""

    def __init__(self) -> None:
        self.answer = page(POLICY)
        self.asked = b""

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked = await reader.readuntil(b"\r\n\r\n")
        writer.write(self.answer)
        await writer.drain()
        writer.close()
        await writer.wait_closed()


def page(text: str, media: str = "text/plain; charset=utf-8", status: str = "200 OK", more: str = "") -> bytes:
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: {media}\r\n{more}Content-Length: {len(text)}\r\nConnection: close\r\n\r\n"
    )
    return (head + text).encode()


def zone(tlsa: str = "", port: int = 25, sts: str = "v=STSv1; id=1;") -> str:
    lines = [
        "@ MX 10 mx1", f"mx1 A {HOST}", f"mta-sts A {HOST}",
        '_smtp._tls TXT "v=TLSRPTv1; rua=mailto:tls@shop.example"',
    ]  # fmt: skip
    if sts:
        lines.append(f'_mta-sts TXT "{sts}"')
    if tlsa:
        lines.append(f"_{port}._tcp.mx1 TLSA {tlsa}")
    return "\n".join(lines) + "\n"


def newest(authority: Authority) -> x509.Certificate:
    path = max(authority.folder.glob("server-*.pem"), key=lambda path: path.stat().st_mtime_ns)
    return x509.load_pem_x509_certificate(path.read_bytes())


def key_digest(certificate: x509.Certificate) -> str:
    key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(key).hexdigest()


@contextlib.asynccontextmanager
async def world(authority: Authority, *, web_name: str = "mta-sts.shop.example") -> AsyncIterator[tuple[Web, int, int]]:
    """The policy's web server, its port, and the mail server's port."""
    web = Web()
    async with (
        serving(web, authority.server(host=web_name)) as policy,
        mail_server(authority.server(host=MX)) as smtp,
    ):
        yield web, policy.port, smtp


def adapter(nameserver: str, authority: Authority, smtp: int, policy: int, **settings: Any) -> MailTlsAdapter:
    asked: dict[str, Any] = {"ca_file": authority.ca_file, **settings}
    asked |= {"domain": ZONE, "nameserver": nameserver, "port": smtp, "policy_port": policy}
    return MailTlsAdapter(MailTlsProbe(type="mail-tls", **asked), SystemClock())


def statuses(seen: Observation) -> dict[str, Status]:
    return {finding.check: finding.status for finding in seen.findings}


@pytest.mark.parametrize("usage", ["3 1 1", "3 0 2"])
async def test_all_is_well(authority: Authority, usage: str) -> None:
    async with world(authority) as (web, policy, smtp):
        certificate = newest(authority)
        whole = hashlib.sha512(certificate.public_bytes(Encoding.DER)).hexdigest()
        digest = key_digest(certificate) if usage == "3 1 1" else whole
        async with validating(ZONE, zone(f"{usage} {digest}", smtp)) as nameserver:
            seen = await ask(adapter(nameserver, authority, smtp, policy, expect=["mta-sts", "tls-rpt", "dane"]))
    assert web.asked.startswith(b"GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: mta-sts.shop.example\r\n")
    checks = ("dns.reach", "dns.mta-sts", "mta-sts.policy", "dns.tls-rpt", "mail-tls.server", "dane.tlsa")
    assert statuses(seen) == dict.fromkeys(checks, Status.OK)
    assert found(seen, "dane.tlsa").subject == MX
    assert "TLSv1.3" in found(seen, "mail-tls.server").summary
    assert measured(seen, "penguintui_mail_tls_protected", host=MX) == 1


async def test_dane_of_another_key_is_critical_and_unsigned_is_not_believed(authority: Authority) -> None:
    async with world(authority) as (_, policy, smtp):
        text = zone(f"3 1 1 {'00' * 32}", smtp)
        async with validating(ZONE, text) as nameserver:
            signed = await ask(adapter(nameserver, authority, smtp, policy))
        async with bind({ZONE: text}) as port:
            unsigned = await ask(adapter(f"{HOST}:{port}", authority, smtp, policy))
    assert found(signed, "dane.tlsa").status is Status.CRITICAL
    assert "matches its certificate" in found(signed, "dane.tlsa").summary
    assert found(unsigned, "dane.tlsa").status is Status.WARNING
    assert "not signed" in found(unsigned, "dane.tlsa").summary


async def test_what_is_expected_and_missing_is_said(authority: Authority) -> None:
    async with world(authority) as (web, policy, smtp), bind({ZONE: zone(sts="")}) as port:
        expect = ["mta-sts", "tls-rpt", "dane"]
        wanted = await ask(adapter(f"{HOST}:{port}", authority, smtp, policy, expect=expect))
        free = await ask(adapter(f"{HOST}:{port}", authority, smtp, policy, expect=[]))
    assert found(wanted, "dns.mta-sts").summary.startswith("MTA-STS of _mta-sts.shop.example is missing")
    assert found(wanted, "dane.tlsa").status is Status.WARNING
    assert not web.asked, "without a record nobody looks for a policy"
    assert statuses(free).keys() == {"dns.reach", "dns.tls-rpt", "mail-tls.server"}


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        (
            page("", status="301 Moved", more="Location: https://elsewhere.example/\r\n"),
            Status.CRITICAL,
            "redirects to",
        ),
        (page("no", status="404 Not Found"), Status.CRITICAL, "answered 404"),
        (page(POLICY + "x" * 70_000), Status.CRITICAL, "more than 64 KiB"),
        (page("<html>"), Status.CRITICAL, "broken"),
        (page(POLICY, media="text/html"), Status.WARNING, "text/html"),
        (page(POLICY.replace("enforce", "testing")), Status.WARNING, "protects nothing"),
        (page(POLICY.replace("mx1", "mx9")), Status.CRITICAL, "leaves out mx1.shop.example"),
        (page(POLICY.replace("604800", "60")), Status.WARNING, "lasts 60 s"),
        (b"SSH-2.0\r\n", Status.CRITICAL, "closed the connection"),
    ],
)
async def test_policies_that_senders_do_not_take(
    authority: Authority, answer: bytes, status: Status, words: str
) -> None:
    async with world(authority) as (web, policy, smtp), bind({ZONE: zone()}) as port:
        web.answer = answer
        seen = await ask(adapter(f"{HOST}:{port}", authority, smtp, policy))
    judged = found(seen, "mta-sts.policy")
    assert (judged.status, words in judged.summary) == (status, True), judged.summary
    assert judged.remedy


async def test_the_web_server_needs_a_certificate_for_the_name(authority: Authority) -> None:
    async with world(authority, web_name="www.shop.example") as (_, policy, smtp), bind({ZONE: zone()}) as port:
        seen = await ask(adapter(f"{HOST}:{port}", authority, smtp, policy))
    judged = found(seen, "mta-sts.policy")
    assert judged.status is Status.CRITICAL
    assert "certificate" in judged.summary


async def test_another_policy_needs_another_id(authority: Authority) -> None:
    async with world(authority) as (web, policy, smtp), bind({ZONE: zone()}) as port:
        one = adapter(f"{HOST}:{port}", authority, smtp, policy)
        first = await one.probe(TARGET, time.monotonic() + 20)
        web.answer = page(POLICY + "mx: mx2.shop.example\r\n")
        for _ in range(2):  # it stays said, until the id changes
            second = await one.probe(TARGET, time.monotonic() + 20)
            assert "id is still 1" in found(second, "mta-sts.policy").summary
    assert found(first, "mta-sts.policy").status is Status.OK
    assert found(second, "mta-sts.policy").status is Status.WARNING


async def test_a_mail_server_that_breaks_the_policy(authority: Authority) -> None:
    async with world(authority) as (web, policy, _), bind({ZONE: zone()}) as port:
        async with mail_server(authority.server(host="other.example")) as smtp:
            foreign = await ask(adapter(f"{HOST}:{port}", authority, smtp, policy))
        async with mail_server() as smtp:
            plain = await ask(adapter(f"{HOST}:{port}", authority, smtp, policy))
            web.answer = page("version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n")
            allowed = await ask(adapter(f"{HOST}:{port}", authority, smtp, policy))
        with closed_port() as smtp:
            silent = await ask(adapter(f"{HOST}:{port}", authority, smtp, policy))
    assert found(foreign, "mail-tls.server").status is Status.CRITICAL
    assert "mismatch" in found(foreign, "mail-tls.server").summary
    assert found(plain, "mail-tls.server").status is Status.CRITICAL
    assert found(allowed, "mail-tls.server").status is Status.WARNING
    assert found(silent, "mail-tls.server").status is Status.UNKNOWN
    assert silent.complete


async def test_a_domain_without_mail() -> None:
    async with bind({ZONE: "@ MX 0 .\n"}) as port:
        one = MailTlsAdapter(MailTlsProbe(type="mail-tls", domain=ZONE, nameserver=f"{HOST}:{port}"), SystemClock())
        seen = await ask(one)
    assert "null MX" in found(seen, "mail-tls.server").summary


async def test_an_authority_in_the_chain_is_matched_too(authority: Authority, tmp_path: Path) -> None:
    """DANE-TA (2): the record names the authority, whose certificate the server must send."""
    authority.server(host=MX)
    own = max(authority.folder.glob("server-*.pem"), key=lambda path: path.stat().st_mtime_ns).read_text()
    end = "-----END CERTIFICATE-----\n"
    leaf, _, key = own.partition(end)
    anchor = Path(authority.ca_file).read_text()
    (tmp_path / "chain.pem").write_text(leaf + end + anchor + key)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "chain.pem")
    digest = key_digest(x509.load_pem_x509_certificate(anchor.encode()))
    async with mail_server(context) as smtp, validating(ZONE, zone(f"2 1 1 {digest}", smtp, sts="")) as nameserver:
        seen = await ask(adapter(nameserver, authority, smtp, 443, expect=[]))
    assert found(seen, "dane.tlsa").status is Status.OK, found(seen, "dane.tlsa").summary
