"""Published keys against real ones: DANE with certificates, DKIM with the signer's key."""

from __future__ import annotations

import base64
import hashlib
import itertools
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from penguintui.mail.dane import judge_dane, matches, parse_tlsa
from penguintui.mail.records import Verdict
from penguintui.mail.signer import judge_age, judge_match, public_part, record_for
from penguintui.model.status import Status


def certificate(key: ec.EllipticCurvePrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mx.d.example")])
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, moment, moment.replace(year=2027))
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


_KEY = ec.generate_private_key(ec.SECP256R1())
_CHAIN = [certificate(_KEY), certificate(ec.generate_private_key(ec.SECP256R1()))]
_PUBLIC = _KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
_GOOD = f"3 1 1 {hashlib.sha256(_PUBLIC).hexdigest()}"
_OTHER = f"3 1 1 {'00' * 32}"


@pytest.mark.parametrize(
    ("text", "match"),
    [
        (_GOOD, True),
        (_GOOD.upper(), True),
        (f"3 0 2 {hashlib.sha512(_CHAIN[0]).hexdigest()}", True),
        (f"3 1 0 {_PUBLIC.hex()}", True),
        (f"2 0 1 {hashlib.sha256(_CHAIN[1]).hexdigest()}", True),
        (f"3 0 1 {hashlib.sha256(_CHAIN[1]).hexdigest()}", False),
        (f"1 0 1 {hashlib.sha256(_CHAIN[0]).hexdigest()}", False),
        (_OTHER, False),
    ],
    ids=itertools.count(),  # the certificates are new ones each time
)
def test_tlsa(text: str, match: bool) -> None:
    record = parse_tlsa(text)
    assert record is not None
    assert matches(record, _CHAIN) is match
    assert not matches(record, [b"no certificate"])


@pytest.mark.parametrize(
    ("records", "chain", "authenticated", "status"),
    [
        ([_GOOD], _CHAIN, True, Status.OK),
        ([_GOOD, _OTHER], _CHAIN, True, Status.OK),
        ([_OTHER], _CHAIN, True, Status.CRITICAL),
        ([_GOOD], _CHAIN, False, Status.WARNING),
        ([_GOOD], [], True, Status.UNKNOWN),
        (["0 0 1 00", "nonsense", "3 1 1 abc"], _CHAIN, True, Status.WARNING),
    ],
)
def test_dane(records: list[str], chain: list[bytes], authenticated: bool, status: Status) -> None:
    verdict = judge(records, chain, authenticated=authenticated)
    assert verdict is not None
    assert verdict.status is status


def test_no_dane() -> None:
    assert judge([], _CHAIN) is None


_START, _END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
_NOW = datetime(2026, 6, 1, tzinfo=UTC).timestamp()


def judge(records: list[str], chain: list[bytes], *, authenticated: bool = True) -> Verdict | None:
    return judge_dane("mx.d.example", records, chain, authenticated=authenticated, domain="d.example", now=_NOW)


def name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common)] if common else [])


class Issuer:
    """An authority, and its certificate."""

    def __init__(self, above: Issuer | None = None, until: datetime = _END) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = name("an authority below" if above else "an authority")
        self.own = (above or self).certificate(self.key.public_key(), self.name, (), until)

    def certificate(
        self, key: ec.EllipticCurvePublicKey, subject: x509.Name, names: tuple[str, ...], until: datetime = _END
    ) -> bytes:
        builder = x509.CertificateBuilder(self.name, subject, key, x509.random_serial_number(), _START, until)
        if names:
            alternative = x509.SubjectAlternativeName([x509.DNSName(one) for one in names])
            builder = builder.add_extension(alternative, critical=False)
        return builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.DER)

    def server(self, *names: str, common: str = "a server", until: datetime = _END) -> bytes:
        return self.certificate(_KEY.public_key(), name(common), names, until)

    @property
    def record(self) -> str:
        return f"2 0 1 {hashlib.sha256(self.own).hexdigest()}"


_ROOT = Issuer()
_BELOW = Issuer(_ROOT)
_PAST = datetime(2026, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("record", "chain", "fault"),
    [
        (_ROOT.record, [_ROOT.server("mx.d.example"), _ROOT.own], ""),
        (_ROOT.record, [_ROOT.server("d.example"), _ROOT.own], ""),
        (_ROOT.record, [_ROOT.server("other.example", "MX.D.example."), _ROOT.own], ""),
        (_ROOT.record, [_ROOT.server("*.d.example"), _ROOT.own], ""),
        (_ROOT.record, [_ROOT.server(common="mx.d.example"), _ROOT.own], ""),
        (_ROOT.record, [_BELOW.server("mx.d.example"), _BELOW.own, _ROOT.own], ""),
        (_BELOW.record, [_BELOW.server("mx.d.example"), _BELOW.own, _ROOT.own], ""),
        (_ROOT.record, [_ROOT.server("other.example"), _ROOT.own], "is of other.example, not of mx.d.example"),
        (_ROOT.record, [_ROOT.server("other.example", common="mx.d.example"), _ROOT.own], "not of mx.d.example"),
        (_ROOT.record, [_ROOT.server("*.mx.d.example"), _ROOT.own], "not of mx.d.example"),
        (_ROOT.record, [_ROOT.server("*.example"), _ROOT.own], ""),  # it is of d.example
        (_ROOT.record, [_ROOT.server("*.test"), _ROOT.own], "not of mx.d.example"),
        (_ROOT.record, [_ROOT.server(common=""), _ROOT.own], "is of nobody"),
        (_ROOT.record, [_ROOT.server("mx.d.example", until=_PAST), _ROOT.own], "is not in force"),
        (_ROOT.record, [_BELOW.server("mx.d.example"), _ROOT.own], "was not issued by the next"),
        (_ROOT.record, [Issuer().server("mx.d.example"), _ROOT.own], "was not issued by the next"),
        (_ROOT.record, [b"nonsense", _ROOT.own], "cannot be read"),
        (_GOOD, [_ROOT.server("other.example", until=_PAST)], ""),
    ],
    ids=itertools.count(),  # the certificates are new ones each time
)
def test_what_an_authority_vouches_for(record: str, chain: list[bytes], fault: str) -> None:
    verdict = judge([record], chain)
    assert verdict is not None
    assert verdict.status is (Status.CRITICAL if fault else Status.OK), verdict.summary
    assert fault in verdict.summary
    both = judge([record, _GOOD], [_ROOT.server("other.example", until=_PAST), *chain[1:]])
    assert both is not None
    assert both.status is Status.OK, "the key is vouched for by itself"


def pem(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


_RSA = rsa.generate_private_key(65537, 2048)
_ED = ed25519.Ed25519PrivateKey.generate()


@pytest.mark.parametrize("key", [_RSA, _ED])
def test_signer_s_own_record(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey) -> None:
    assert judge_match("s._domainkey.d.example", record_for(pem(key)), pem(key)).status is Status.OK


def test_bare_rsa_key_is_the_same_key() -> None:
    bare = _RSA.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)
    assert judge_match("s", f"v=DKIM1; p={base64.b64encode(bare).decode()}", pem(_RSA)).status is Status.OK


@pytest.mark.parametrize(
    ("record", "key", "status"),
    [
        (record_for(pem(_ED)), pem(_RSA), Status.CRITICAL),
        (record_for(pem(rsa.generate_private_key(65537, 2048))), pem(_RSA), Status.CRITICAL),
        (record_for(pem(_RSA)) + "; h=sha1", pem(_RSA), Status.CRITICAL),
        (record_for(pem(_RSA)) + "; s=tlsrpt", pem(_RSA), Status.CRITICAL),
        (record_for(pem(_RSA)) + "; h=sha1:sha256; s=email", pem(_RSA), Status.OK),
        ("v=DKIM1; p=!!!", pem(_RSA), Status.CRITICAL),
        (record_for(pem(_RSA)), b"no key", Status.UNKNOWN),
        (record_for(pem(_RSA)), pem(_KEY), Status.UNKNOWN),
    ],
    ids=itertools.count(),  # the keys are new ones each time
)
def test_signer(record: str, key: bytes, status: Status) -> None:
    assert judge_match("s._domainkey.d.example", record, key).status is status


def test_public_keys_do_too() -> None:
    public = _RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    assert public_part(public) == public_part(pem(_RSA))


def test_age() -> None:
    assert judge_age("s", 0.0, 30 * 86_400.0).status is Status.OK
    assert judge_age("s", 0.0, 200 * 86_400.0).status is Status.WARNING
