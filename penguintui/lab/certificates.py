"""The lab's own certificate authority, and certificates with as many days left as asked for."""

from __future__ import annotations

import datetime
import ipaddress
from collections.abc import Iterable
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from penguintui.lab.ports import LOOPBACK
from penguintui.model.clock import Time

_BEFORE = 2 * 86400.0
"""Seconds for which a new certificate has been good: the demo's clock may run a day before the machine's."""


def _moment(time: Time) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(time, datetime.UTC)


def _pem_key(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


class CertificateAuthority:
    """Signs the lab's certificates. Its own certificate lies in `ca.pem` for those who are to trust it."""

    def __init__(self, folder: Path, now: Time) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "PenguinMails lab CA")])
        self._certificate = self._build_own(now)
        self.file = folder / "ca.pem"
        self.file.write_bytes(self._certificate.public_bytes(serialization.Encoding.PEM))

    def _build_own(self, now: Time) -> x509.Certificate:
        public = self._key.public_key()
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        return (
            x509.CertificateBuilder()
            .subject_name(self._name)
            .issuer_name(self._name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(_moment(now - _BEFORE))
            .not_valid_after(_moment(now + 365 * 86400))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .sign(self._key, hashes.SHA256())
        )

    def issue(self, name: str, names: Iterable[str], now: Time, days: float) -> Path:
        """A certificate with its key in one PEM file, for these DNS names and loopback, ending in `days` days."""
        key = ec.generate_private_key(ec.SECP256R1())
        alternatives = [*map(x509.DNSName, names), x509.IPAddress(ipaddress.ip_address(LOOPBACK))]
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        certificate = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(_moment(now - _BEFORE))
            .not_valid_after(_moment(now + days * 86400))
            .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(authority, critical=False)
            .sign(self._key, hashes.SHA256())
        )
        path = self._folder / f"{name}.pem"
        path.touch(mode=0o600)
        path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + _pem_key(key))
        return path
