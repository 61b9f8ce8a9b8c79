"""Keys of DKIM as they are published."""

from __future__ import annotations

import base64
import itertools

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st

from penguintui.mail.dkimkey import judge_dkim
from penguintui.model.status import Status

NAME = "pm._domainkey.shop.example"


def written(public: rsa.RSAPublicKey | ec.EllipticCurvePublicKey) -> str:
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


RSA = {bits: written(rsa.generate_private_key(65537, bits).public_key()) for bits in (1024, 2048)}
ED25519 = base64.b64encode(ed25519.Ed25519PrivateKey.generate().public_key().public_bytes_raw()).decode()
CURVE = written(ec.generate_private_key(ec.SECP256R1()).public_key())


@pytest.mark.parametrize(
    ("text", "status", "words"),
    [
        (f"v=DKIM1; k=rsa; p={RSA[2048]}", Status.OK, "2048 bits"),
        (f"p={RSA[2048][:60]} {RSA[2048][60:]}", Status.OK, "2048 bits"),
        (f"v=DKIM1; k=ed25519; p={ED25519}", Status.OK, "ed25519"),
        (f"v=DKIM1; p={RSA[1024]}", Status.WARNING, "1024 bits only"),
        (f"v=DKIM1; h=sha1; p={RSA[2048]}", Status.CRITICAL, "allows sha1 only"),
        (f"v=DKIM1; s=tlsrpt; p={RSA[2048]}", Status.CRITICAL, "not for mail"),
        (f"v=DKIM1; h=sha1:sha256; s=email; p={RSA[2048]}", Status.OK, "is published"),
        (f"v=DKIM1; t=s:y; p={RSA[2048]}", Status.WARNING, "test mode"),
        ("v=DKIM1; p=", Status.CRITICAL, "is revoked"),
        ("v=DKIM1; k=rsa", Status.CRITICAL, "has no key"),
        (f"p={RSA[2048]}; v=DKIM1", Status.CRITICAL, "first tag"),
        ("v=DKIM1; p=MII!", Status.CRITICAL, "no base64"),
        (f"v=DKIM1; p={RSA[2048][:100]}", Status.CRITICAL, "no RSA key"),
        (f"v=DKIM1; p={CURVE}", Status.CRITICAL, "no RSA key"),
        (f"v=DKIM1; k=ed25519; p={RSA[1024]}", Status.CRITICAL, "32 bytes"),
        (f"v=DKIM1; k=dsa; p={RSA[1024]}", Status.CRITICAL, "'dsa'"),
        ("v=DKIM1; p=A; p=B", Status.CRITICAL, "twice"),
    ],
    ids=itertools.count(),  # the keys are new ones each time
)
def test_keys(text: str, status: Status, words: str) -> None:
    verdict = judge_dkim(NAME, [text])
    assert verdict is not None
    assert verdict.status is status
    assert words in verdict.summary
    assert NAME in verdict.summary
    assert bool(verdict.remedy) is (status is not Status.OK)


def test_two_keys_under_one_selector() -> None:
    verdict = judge_dkim(NAME, [f"p={RSA[2048]}", f"p={RSA[2048]}"])
    assert verdict is not None
    assert verdict.status is Status.CRITICAL


def test_other_text_is_no_key() -> None:
    assert judge_dkim(NAME, []) is None
    assert judge_dkim(NAME, ["some text"]) is None


@given(st.text(max_size=60))
def test_any_text_is_judged(text: str) -> None:
    verdict = judge_dkim(NAME, [f"v=DKIM1; {text}"])
    assert verdict is not None
    assert verdict.summary
