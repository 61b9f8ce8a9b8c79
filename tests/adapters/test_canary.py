"""Canaries: through a real Postfix into a real Dovecot, and through a signing relay of our own."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import dkim
import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from penguintui.adapters.canary.memory import CanaryMemory, Sent
from penguintui.adapters.canary.probe import CanaryAdapter
from penguintui.clock import SystemClock
from penguintui.config.mailprobes import CanaryProbe
from penguintui.mail.placement import Place
from penguintui.model.observation import Observation
from penguintui.model.secret import Secret
from penguintui.model.status import Status
from tests.conftest import FrozenClock

from .authority import Authority
from .bind import bind
from .conftest import TARGET, found, measured
from .dovecot import PASSWORD, USER, Dovecot, dovecot
from .mailrelay import IS_ROOT, relay
from .servers import HOST, closed_port

pytestmark = pytest.mark.needs("dovecot", "dovecot-imapd")

SENDER = "canary@news.example.com"


def pool(port: int, authority: Authority, **more: Any) -> dict[str, Any]:
    login = {"user": USER, "password": Secret(PASSWORD)}
    return {"host": HOST, "port": port, "sender": SENDER, "ca_file": authority.ca_file, **login, **more}


def seed(server: Dovecot, authority: Authority, address: str = "eva@seed.example", **more: Any) -> dict[str, Any]:
    login = {"user": USER, "password": Secret(PASSWORD)}
    return {
        "host": HOST, "port": server.tls, "address": address, "provider": "seed", "ca_file": authority.ca_file,
        **login, **more,
    }  # fmt: skip


def adapter(folder: Path, clock: Any = None, **settings: Any) -> CanaryAdapter:
    settings = {"memory": str(folder / "canaries.db"), "nameserver": f"{HOST}:9", **settings}
    return CanaryAdapter(CanaryProbe(type="canary", **settings), clock or SystemClock())


async def asked(one: CanaryAdapter, seconds: float = 30) -> Observation:
    return await one.probe(TARGET, time.monotonic() + seconds)


async def until(one: CanaryAdapter, done: Callable[[Observation], bool]) -> Observation:
    async with asyncio.timeout(60):
        while not done(seen := await asked(one)):
            await asyncio.sleep(0.1)
        return seen


@pytest.mark.needs("postfix", "postfix")
@pytest.mark.skipif(not IS_ROOT, reason="Postfix is started by root only")
async def test_through_postfix_into_dovecot(authority: Authority, tmp_path: Path) -> None:
    async with dovecot(authority) as server, relay(authority, server) as postfix:
        seeds = [
            seed(server, authority),
            seed(server, authority, "spam@seed.example", provider="strict"),
            seed(server, authority, "lost@seed.example", provider="void"),
        ]
        pools = {"news": pool(postfix.port, authority)}
        one = adapter(tmp_path, pools=pools, seeds=seeds)
        kinds: list[str] = []

        def arrived(seen: Observation) -> bool:
            kinds.extend(event.attributes["place"] for event in seen.events)
            return len(kinds) == 2

        seen = await until(one, arrived)
        assert sorted(kinds) == ["inbox", "spam"]
        inbox = found(seen, "canary.arrival", "news to eva@seed.example")
        assert (inbox.status, "in the inbox after" in inbox.summary) == (Status.OK, True)
        spam = found(seen, "canary.arrival", "news to spam@seed.example")
        assert (spam.status, "arrived in spam" in spam.summary) == (Status.WARNING, True)
        lost = found(seen, "canary.arrival", "news to lost@seed.example")
        assert (lost.status, "under way" in lost.summary) == (Status.UNKNOWN, True)
        placed = found(seen, "canary.placement", "seed")
        assert (placed.status, placed.summary) == (Status.UNKNOWN, "seed: too little data (1 of at least 10 canaries)")
        assert found(seen, "canary.signature", "news to eva@seed.example").summary == "the mail has no DKIM signature"
        assert found(seen, "canary.headers", "news to eva@seed.example").status is Status.OK
        assert measured(seen, "penguintui_canaries", pool="news", provider="strict", place="spam") == 1
        assert measured(seen, "penguinmails_inbox_tests", provider="seed") == 1
        assert 0 <= measured(seen, "penguintui_canary_delay_seconds", provider="seed") < 60
        assert "is due" in found(await asked(one), "canary.sent").summary, "one an hour, however often it is asked"
        again = await asked(adapter(tmp_path, pools=pools, seeds=seeds))
        assert "no canary is due" in found(again, "canary.sent").summary, "nor after a restart"
        assert not again.events
        assert found(again, "canary.arrival", "news to spam@seed.example").summary.startswith(spam.summary[:60])
        assert found(again, "canary.signature", "news to eva@seed.example"), "judged again after a restart"
        refused = {"news": pool(postfix.port, authority, password=Secret("hunter2"))}
        denied = await asked(adapter(tmp_path, memory=str(tmp_path / "other.db"), pools=refused, seeds=seeds))
        assert "denied" in found(denied, "canary.sent").evidence["reason"]
        assert "hunter2" not in repr(denied)
        assert found(denied, "canary.arrival", "news to eva@seed.example").status is Status.UNKNOWN
        bad = [seed(server, authority, "refused@seed.example")]
        turned = await asked(adapter(tmp_path, memory=str(tmp_path / "third.db"), pools=pools, seeds=bad))
        assert "550 5.7.1" in found(turned, "canary.sent").summary
        assert not CanaryMemory(str(tmp_path / "third.db")).since(0), "what nobody took is no canary"


class Signing:
    """A relay that signs, says what it made of the mail, and puts it into Dovecot's inbox."""

    def __init__(self, server: Dovecot, key: bytes, results: str) -> None:
        self._server, self._key, self._results = server, key, results

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        mail = envelope.original_content or b""
        headers = [b"from", b"to", b"subject", b"date", b"message-id"]
        mail = dkim.sign(mail, b"pm", b"example.com", self._key, include_headers=headers) + mail
        self._server.deliver(f"Authentication-Results: {self._results}\r\n".encode() + mail)
        return "250 taken"


@contextlib.asynccontextmanager
async def signing(handler: Signing, authority: Authority) -> AsyncIterator[int]:
    loop, context = asyncio.get_running_loop(), authority.server()

    def allowed(*_: Any) -> AuthResult:
        return AuthResult(success=True)

    server = await loop.create_server(
        lambda: SMTP(handler, hostname="mx", tls_context=context, authenticator=allowed, auth_required=True), HOST, 0
    )
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


@pytest.fixture(scope="module")
def key() -> tuple[bytes, str]:
    """A private key, and the record of its public one."""
    made = rsa.generate_private_key(65537, 2048)
    private = made.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    public = made.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    text = f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}"
    return private, " ".join(f'"{text[start : start + 200]}"' for start in range(0, len(text), 200))


_DMARC = '_dmarc TXT "v=DMARC1; p=reject"\n'


@pytest.mark.needs("named", "bind9")
async def test_what_arrived_is_judged(authority: Authority, tmp_path: Path, key: tuple[bytes, str]) -> None:
    results = "mx.seed.example; dkim=pass header.d=example.com; spf=pass smtp.mailfrom=news.example.com; dmarc=pass"
    zones = {"example.com": f"pm._domainkey TXT {key[1]}\n{_DMARC}"}
    async with (
        dovecot(authority) as server,
        bind(zones) as dns,
        signing(Signing(server, key[0], results), authority) as smtp,
    ):
        pools = {"news": pool(smtp, authority, unsubscribe="https://example.com/u/1")}
        trusting = [seed(server, authority, trusted="mx.seed.example")]
        one = adapter(tmp_path, pools=pools, seeds=trusting, nameserver=f"{HOST}:{dns}")
        seen = await asked(one)
        plain = {"memory": str(tmp_path / "other.db"), "pools": {"news": pool(smtp, authority)}}
        own = await asked(adapter(tmp_path, seeds=[seed(server, authority)], nameserver=f"{HOST}:{dns}", **plain))
    assert found(seen, "canary.signature").summary == "the DKIM signature by pm._domainkey.example.com verifies"
    aligned = found(seen, "canary.alignment")
    assert (aligned.status, aligned.summary) == (
        Status.OK, "aligned with news.example.com by DKIM and SPF at mx.seed.example",
    )  # fmt: skip
    demands = found(seen, "canary.headers")
    assert demands.status is Status.CRITICAL, "bulk mail must have both headers signed"
    assert "no DKIM signature covers List-Unsubscribe" in demands.evidence["one-click"]
    assert found(own, "canary.headers").status is Status.OK, "no bulk mail, no demand"
    assert found(own, "canary.alignment").summary == "aligned with news.example.com by DKIM at this check"


@pytest.mark.needs("named", "bind9")
async def test_a_key_that_is_not_the_signers(authority: Authority, tmp_path: Path, key: tuple[bytes, str]) -> None:
    forged = "mx.evil.example; dkim=pass header.d=example.com"
    async with (
        dovecot(authority) as server,
        bind({"example.com": _DMARC}) as dns,
        signing(Signing(server, key[0], forged), authority) as smtp,
    ):
        seeds = [seed(server, authority, trusted="mx.seed.example")]
        pools = {"news": pool(smtp, authority)}
        seen = await asked(adapter(tmp_path, pools=pools, seeds=seeds, nameserver=f"{HOST}:{dns}"))
    assert found(seen, "canary.signature").status is Status.CRITICAL
    assert "not published" in found(seen, "canary.signature").summary
    assert found(seen, "canary.alignment").status is Status.UNKNOWN, "what others wrote is not believed"


async def test_shares_missing_ones_and_worlds_that_fail(authority: Authority, tmp_path: Path) -> None:
    """A window of canaries of which some never arrived, with a pool that refuses and a mailbox that is not there."""
    clock = FrozenClock()
    memory = CanaryMemory(str(tmp_path / "canaries.db"))
    for number in range(20):
        sent = clock.now() - 7200 - 60 * number
        memory.begin(Sent(f"t{number}", f"p{number}", "eva@seed.example", "seed", sent), 0)
        memory.taken(f"t{number}")
        if number < 12:
            memory.found(f"t{number}", Place.INBOX, sent + 5)
    with closed_port() as port:
        dead = {"host": HOST, "port": port, "address": "eva@seed.example", "provider": "seed"}
        one = adapter(tmp_path, clock, pools={"news": pool(port, authority)}, seeds=[dead])
        seen = await one.probe(TARGET, clock.monotonic() + 20)
    placed = found(seen, "canary.placement")
    assert placed.status is Status.CRITICAL
    assert placed.summary.startswith("seed: 60 % in the inbox (39 to 78 %, n=20), the newest sent 2 h ago; under")
    assert (placed.evidence["missing"], placed.evidence["inbox"]) == ("8", "12")
    assert found(seen, "canary.sent").status is Status.CRITICAL
    assert found(seen, "canary.seed").status is Status.UNKNOWN
    assert measured(seen, "penguinmails_inbox_ratio", provider="seed") == pytest.approx(0.6)
    assert measured(seen, "penguintui_canary_inbox_low_ratio") == pytest.approx(0.3866, abs=1e-3)
    assert not seen.up


async def test_nothing_is_sent_that_cannot_be_remembered(authority: Authority, tmp_path: Path) -> None:
    with closed_port() as port:
        pools, seeds = {"news": pool(port, authority)}, [{"host": HOST, "address": "a@b.example", "provider": "x"}]
        seen = await asked(adapter(tmp_path, memory=str(tmp_path / "no/such/folder"), pools=pools, seeds=seeds))
    assert [finding.check for finding in seen.findings] == ["canary.memory"]
    assert not seen.complete
