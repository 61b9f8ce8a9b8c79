"""DANE for mail servers (RFC 7672): TLSA records matched with the certificates that a server really shows."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from penguintui.mail.records import Verdict
from penguintui.model.status import Status

_TLSA = re.compile(r"(\d{1,3})\s+(\d{1,3})\s+(\d{1,3})\s+([0-9a-fA-F\s]+)")


@dataclass(frozen=True, slots=True)
class Tlsa:
    """`3 1 1 <hex>`: usage, selector, matching type, data."""

    usage: int
    selector: int
    matching: int
    data: bytes

    @property
    def usable(self) -> bool:
        """Whether mail servers look at it: DANE-TA or DANE-EE, with a selector and a digest they know (3.1)."""
        return self.usage in (2, 3) and self.selector in (0, 1) and self.matching in (0, 1, 2)


def parse_tlsa(text: str) -> Tlsa | None:
    """A record in presentation form; None when it is none."""
    match = _TLSA.fullmatch(text.strip())
    if match is None:
        return None
    digits = "".join(match.group(4).split())
    if len(digits) % 2:
        return None
    return Tlsa(int(match.group(1)), int(match.group(2)), int(match.group(3)), bytes.fromhex(digits))


def matches(record: Tlsa, chain: Sequence[bytes]) -> bool:
    """Whether a record matches a chain of DER certificates, the server's own first.

    DANE-EE (3) speaks of the first only, DANE-TA (2) of any that the server sends.
    """
    if not record.usable:
        return False
    certificates = chain[:1] if record.usage == 3 else chain
    return any(_association(certificate, record) == record.data for certificate in certificates)


def _association(certificate: bytes, record: Tlsa) -> bytes:
    content = _public_key(certificate) if record.selector == 1 else certificate
    if record.matching == 0:
        return content
    return (hashlib.sha256 if record.matching == 1 else hashlib.sha512)(content).digest()


def _public_key(certificate: bytes) -> bytes:
    """The SubjectPublicKeyInfo of a certificate; empty for what is no certificate."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
    from cryptography.x509 import load_der_x509_certificate

    try:
        key = load_der_x509_certificate(certificate).public_key()
    except ValueError:
        return b""
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def judge_dane(host: str, records: Sequence[str], chain: Sequence[bytes], *, authenticated: bool) -> Verdict | None:
    """Whether senders that use DANE can deliver to a server; None when it has no TLSA records.

    authenticated: whether DNSSEC vouches for the records; without it nobody looks at them.
    """
    if not records:
        return None
    parsed = [record for record in map(parse_tlsa, records) if record is not None and record.usable]
    evidence = {"records": " | ".join(records)}
    if not authenticated:
        summary = f"TLSA records of {host} are not signed (DNSSEC): nobody uses them"
        return Verdict(Status.WARNING, summary, "Sign the zone, or remove the records.", evidence)
    if not parsed:
        summary = f"none of the TLSA records of {host} can be used: 3 1 1 or 2 1 1 is wanted"
        return Verdict(Status.WARNING, summary, "Publish 3 1 1 with the SHA-256 of the public key.", evidence)
    if not chain:
        summary = f"whether the TLSA records of {host} match is unknown: no certificate was seen"
        return Verdict(Status.UNKNOWN, summary, "See whether the server answers STARTTLS.", evidence)
    good = [record for record in parsed if matches(record, chain)]
    if not good:
        summary = f"no TLSA record of {host} matches its certificate: senders that use DANE refuse to deliver"
        return Verdict(Status.CRITICAL, summary, "Publish the record of the certificate in use.", evidence)
    rest = len(parsed) - len(good)
    more = f"; {rest} more may be for the next key" if rest else ""
    return Verdict(Status.OK, f"TLSA of {host} matches its certificate{more}", evidence=evidence)
