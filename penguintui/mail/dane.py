"""DANE for mail servers (RFC 7672): TLSA records matched with the certificates that a server really shows.

DANE-EE (3) vouches for a key alone: names and dates in the certificate do not count (RFC 7671, 5.1). DANE-TA (2)
vouches for an authority: the server must show a chain to it, in force, whose first certificate has its name (5.2).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from penguintui.mail.records import Verdict
from penguintui.model.clock import Time
from penguintui.model.status import Status

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

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
    return _matched(record, chain) is not None


def _matched(record: Tlsa, chain: Sequence[bytes]) -> int | None:
    """The place in the chain of the first certificate that a record matches."""
    if not record.usable:
        return None
    certificates = chain[:1] if record.usage == 3 else chain
    places = (n for n, certificate in enumerate(certificates) if _association(certificate, record) == record.data)
    return next(places, None)


def fault(record: Tlsa, chain: Sequence[bytes], names: Sequence[str], now: Time) -> str:
    """Why senders do not accept a chain by a record; empty when they do. names: one of them must be the server's."""
    from cryptography.x509 import load_der_x509_certificate

    place = _matched(record, chain)
    if place is None:
        return "it matches no certificate"
    if record.usage == 3:
        return ""
    try:
        shown = [load_der_x509_certificate(certificate) for certificate in chain[: place + 1]]
    except ValueError:
        return "a certificate before the authority's cannot be read"
    return _fault_of_chain(shown, now) or _fault_of_names(shown[0], names)


def _fault_of_chain(shown: Sequence[Certificate], now: Time) -> str:
    """From the server's own certificate to the authority's, each is in force and issued by the next."""
    from cryptography.exceptions import InvalidSignature

    for certificate in shown:
        if not certificate.not_valid_before_utc.timestamp() <= now <= certificate.not_valid_after_utc.timestamp():
            return f"the certificate of {certificate.subject.rfc4514_string()[:80]} is not in force"
    for certificate, issuer in pairwise(shown):
        try:
            certificate.verify_directly_issued_by(issuer)
        except (ValueError, TypeError, InvalidSignature):
            return f"{certificate.subject.rfc4514_string()[:80]} was not issued by the next in the chain"
    return ""


def _fault_of_names(certificate: Certificate, names: Sequence[str]) -> str:
    """RFC 7672, 3.2.3: a DNS name of the certificate or, where it has none, its common name."""
    from cryptography.x509 import DNSName, ExtensionNotFound, SubjectAlternativeName
    from cryptography.x509.oid import NameOID

    try:
        extension = certificate.extensions.get_extension_for_class(SubjectAlternativeName)
        shown = [str(name) for name in extension.value.get_values_for_type(DNSName)]
    except (ExtensionNotFound, ValueError):
        shown = []
    if not shown:
        shown = [str(name.value) for name in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    if any(_same_name(one, name) for one in shown for name in names):
        return ""
    return f"the certificate is of {', '.join(shown[:3]) or 'nobody'}, not of {' or '.join(names)}"


def _same_name(shown: str, name: str) -> bool:
    """Whether a name in a certificate, which may have * for its first label, is a server's (RFC 6125, 6.4)."""
    shown, name = shown.lower().rstrip("."), name.lower().rstrip(".")
    return shown == name or (shown.startswith("*.") and shown[2:] == name.partition(".")[2])


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


def judge_dane(
    host: str, records: Sequence[str], chain: Sequence[bytes], *, authenticated: bool, domain: str, now: Time
) -> Verdict | None:
    """Whether senders that use DANE can deliver to a server; None when it has no TLSA records.

    authenticated: whether DNSSEC vouches for the records; without it nobody looks at them. domain: whose mail the
    server takes; its certificate may be of this name, too (RFC 7672, 3.2.2).
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
    faults = [fault(record, chain, (host, domain), now) for record in parsed]
    good = [record for record, why in zip(parsed, faults, strict=True) if not why]
    matching = [why for record, why in zip(parsed, faults, strict=True) if matches(record, chain)]
    if not good:
        return _refused(host, matching, evidence)
    rest = len(parsed) - len(good)
    more = f"; {rest} more may be for the next key" if rest else ""
    return Verdict(Status.OK, f"TLSA of {host} matches its certificate{more}", evidence=evidence)


def _refused(host: str, faults: Sequence[str], evidence: dict[str, str]) -> Verdict:
    """No record lets senders in. faults: what is wrong with the chain, for each record that matches."""
    if faults:
        summary = f"TLSA of {host} names its authority (usage 2), but {faults[0]}: senders that use DANE refuse"
        remedy = (
            f"Get a certificate for {host} that is in force, with its chain; or publish 3 1 1, which needs neither."
        )
        return Verdict(Status.CRITICAL, summary, remedy, evidence)
    summary = f"no TLSA record of {host} matches its certificate: senders that use DANE refuse to deliver"
    return Verdict(Status.CRITICAL, summary, "Publish the record of the certificate in use.", evidence)
