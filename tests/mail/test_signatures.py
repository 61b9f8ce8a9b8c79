"""DKIM signatures, made here and verified."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from penguintui.mail import signatures
from penguintui.mail.resolver import Outcome
from penguintui.mail.signatures import judge_signatures
from penguintui.mail.signer import record_for
from penguintui.model.status import Status
from tests.mail.test_keys import _RSA, pem
from tests.mail.zone import FakeZone

dkim = pytest.importorskip("dkim", reason="dkimpy is missing: pip install 'penguintui[dkim]'")

MAIL = b"From: a@d.example\r\nTo: b@e.example\r\nSubject: hello\r\n\r\nhello\r\n"
ED = Ed25519PrivateKey.generate()
NAME, ED_NAME = "s._domainkey.d.example", "ed._domainkey.d.example"


def signed(mail: bytes = MAIL) -> bytes:
    return bytes(dkim.sign(mail, b"s", b"d.example", pem(_RSA), include_headers=[b"from", b"subject"])) + mail


def signed_twice() -> bytes:
    seed = base64.b64encode(ED.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()))
    arguments = {"include_headers": [b"from"], "signature_algorithm": b"ed25519-sha256"}
    return bytes(dkim.sign(MAIL, b"ed", b"d.example", seed, **arguments)) + signed()


def zone(**other: Outcome) -> FakeZone:
    pair = {NAME: {"TXT": [record_for(pem(_RSA))]}, ED_NAME: {"TXT": [record_for(pem(ED))]}}
    return FakeZone({**pair, **other})


async def test_both_kinds_verify() -> None:
    verdicts = await judge_signatures(zone(), signed_twice())
    assert [verdict.status for verdict in verdicts] == [Status.OK, Status.OK], verdicts
    assert ED_NAME in verdicts[0].summary
    assert NAME in verdicts[1].summary


async def test_a_changed_mail_does_not() -> None:
    for changed in (
        signed().replace(b"\r\n\r\nhello", b"\r\n\r\nHello"),
        signed().replace(b"Subject: h", b"Subject: H"),
    ):
        (verdict,) = await judge_signatures(zone(), changed)
        assert verdict.status is Status.CRITICAL
        assert verdict.remedy


async def test_keys_that_are_not_had() -> None:
    (missing,) = await judge_signatures(FakeZone({}), signed())
    assert missing.status is Status.CRITICAL
    assert "not published" in missing.summary
    (silent,) = await judge_signatures(FakeZone({NAME: Outcome.TIMEOUT}), signed())
    assert silent.status is Status.UNKNOWN
    (other,) = await judge_signatures(FakeZone({NAME: {"TXT": ["v=DKIM1; p=nonsense"]}}), signed())
    assert other.status is Status.CRITICAL


def signed_as(tags: str) -> bytes:
    """The mail, with a signature that says so; what it says is looked at before anything is computed."""
    return f"DKIM-Signature: v=1; s=s; d=d.example; h=from; bh=x; b=y; {tags}\r\n".encode() + MAIL


@pytest.mark.parametrize(
    ("tags", "key", "why"),
    [
        ("a=rsa-sha1", "p={}", "SHA-1"),
        ("a=rsa-sha256", "v=DKIM1; p=", "revoked"),
        ("a=rsa-sha256", "v=DKIM2; p={}", "unknown version"),
        ("a=rsa-sha256", "h=sha1; p={}", "allows only sha1"),
        ("a=rsa-sha256", "s=tlsrpt; p={}", "not for mail"),
        ("a=ed25519-sha256", "p={}", "of the kind rsa, the signature ed25519"),
        ("a=rsa-sha256; i=a@news.d.example", "t=y:s; p={}", "no subdomain"),
        ("a=rsa-sha256", "p={}; p={}", "the key is broken: the tag p stands twice"),
    ],
)
async def test_keys_that_cannot_serve(tags: str, key: str, why: str) -> None:
    """RFC 6376, 6.1.2, and RFC 8301."""
    record = key.replace("{}", record_for(pem(_RSA)).partition("p=")[2])
    (verdict,) = await judge_signatures(FakeZone({NAME: {"TXT": [record]}}), signed_as(tags))
    assert (verdict.status, why in verdict.summary) == (Status.CRITICAL, True), verdict


async def test_a_key_beside_other_texts_and_other_keys() -> None:
    records = ["a note", record_for(pem(ED)).replace("ed25519", "rsa"), f"v=DKIM1; h=sha256; s=email; {_own()}"]
    (verdict,) = await judge_signatures(FakeZone({NAME: {"TXT": records}}), signed())
    assert verdict.status is Status.OK, verdict


def _own() -> str:
    return "p=" + record_for(pem(_RSA)).partition("p=")[2]


async def test_a_part_of_a_body_is_not_all() -> None:
    arguments = {"include_headers": [b"from"], "length": True}
    mail = bytes(dkim.sign(MAIL, b"s", b"d.example", pem(_RSA), **arguments)) + MAIL
    (verdict,) = await judge_signatures(zone(), mail + b"and more\r\n")
    assert (verdict.status, "anybody may add" in verdict.summary) == (Status.WARNING, True)


async def test_mails_without() -> None:
    (verdict,) = await judge_signatures(zone(), MAIL)
    assert verdict.status is Status.CRITICAL
    assert "no DKIM signature" in verdict.summary
    (broken,) = await judge_signatures(zone(), b"DKIM-Signature: nonsense\r\n" + MAIL)
    assert "names no key" in broken.summary


async def test_not_all_of_a_thousand(monkeypatch: pytest.MonkeyPatch) -> None:
    verdicts = await judge_signatures(zone(), b"DKIM-Signature: s=s; d=d.example\r\n" * 1000 + MAIL)
    assert len(verdicts) == signatures.MOST
    monkeypatch.setattr(signatures, "LARGEST", 10)
    assert (await judge_signatures(zone(), signed()))[0].status is Status.UNKNOWN


@given(st.binary(max_size=200), st.binary(max_size=60))
async def test_nonsense_is_judged_without_raising(header: bytes, rest: bytes) -> None:
    mail = b"DKIM-Signature: s=s; d=d.example; " + header + b"\r\n" + rest
    assert all(one.status is not Status.OK for one in await judge_signatures(zone(), mail))
