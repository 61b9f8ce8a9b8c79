"""Certificates as services show them: read, and judged in words."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from penguintui.adapters.failure import NotAnswered, local
from penguintui.adapters.levels import judge, limit_crossed
from penguintui.config.probes import Levels
from penguintui.model.clock import Time
from penguintui.model.observation import Finding, Sample
from penguintui.model.status import Status

CHECK = "tls.certificate"
_DAY = 86400.0
_DER = 2
"""How the inner certificates of `ssl` are asked for their bytes."""

# Numbers of OpenSSL's verification errors (its x509_vfy.h).
_NOT_YET, _EXPIRED = 9, 10
_SELF_SIGNED = {18, 19}
_UNKNOWN_ISSUER = {2, 20, 21}
_OTHER_NAME = {62, 64}


@dataclass(frozen=True, slots=True)
class Certificate:
    """What matters of one certificate. `begins` and `ends` are its validity; `names` whom it is for."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    begins: Time
    ends: Time

    @property
    def evidence(self) -> dict[str, str]:
        return {
            "subject": self.subject,
            "issuer": self.issuer,
            "names": ", ".join(self.names),
            "valid from": day(self.begins),
            "valid until": day(self.ends),
        }


def day(time: Time) -> str:
    """A time as people read dates of certificates: `2026-03-01 12:00 UTC`."""
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d %H:%M UTC")


def read_certificate(der: bytes) -> Certificate:
    """Read a certificate. Raises ValueError when these bytes are none."""
    from cryptography import x509

    certificate = x509.load_der_x509_certificate(der)
    try:
        alternative = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names = (
            *alternative.get_values_for_type(x509.DNSName),
            *(str(address) for address in alternative.get_values_for_type(x509.IPAddress)),
        )
    except x509.ExtensionNotFound:
        names = ()
    return Certificate(
        certificate.subject.rfc4514_string(),
        certificate.issuer.rfc4514_string(),
        names,
        certificate.not_valid_before_utc.timestamp(),
        certificate.not_valid_after_utc.timestamp(),
    )


def shown_certificates(connection: ssl.SSLObject | ssl.SSLSocket | None) -> tuple[Certificate, ...]:
    """What the peer of this TLS connection showed, its own first (before Python 3.13 only that one)."""
    if connection is None:
        return ()
    whole_chain = getattr(connection, "get_unverified_chain", None)
    own = connection.getpeercert(binary_form=True)
    ders: Sequence[bytes] = whole_chain() if whole_chain is not None else [own] if own else []
    return tuple(read_certificate(der) for der in ders)


def shown_chain(connection: ssl.SSLObject | None) -> tuple[bytes, ...]:
    """All certificates that the peer sent, as DER, its own first; DANE-TA is matched with those behind it.

    Before Python 3.13 only the inner object of `ssl` tells them; where it does not, its own is all there is.
    """
    if connection is None:
        return ()
    own = connection.getpeercert(binary_form=True)
    inner = getattr(connection, "_sslobj", None)
    whole = getattr(connection, "get_unverified_chain", None) or getattr(inner, "get_unverified_chain", None)
    shown = [one if isinstance(one, bytes) else one.public_bytes(_DER) for one in (whole() if whole else ()) or ()]
    return tuple(shown) or ((own,) if own else ())


def verifying(place: str, ca_file: str | None) -> ssl.SSLContext:
    """A context that verifies chain and name, against `ca_file` or else the system's authorities."""
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        why = error.strerror or str(error)
        remedy = "Write the path of a PEM file with certificates of authorities into ca_file."
        raise NotAnswered(local(place, f"ca_file {ca_file}: {why}", remedy)) from error


_shared: dict[tuple[str | None, int, object], ssl.SSLContext] = {}


def verifying_shared(
    place: str, ca_file: str | None, made: Callable[[str, str | None], ssl.SSLContext] = verifying
) -> ssl.SSLContext:
    """The same context for all that verify alike, never to be changed: one takes 25 ms and a megabyte to make.

    made: who makes it; each has its own, since httpx has HTTP offered (ALPN) in every context that it is given.
    """
    try:
        changed = Path(ca_file).stat().st_mtime_ns if ca_file else 0
    except OSError:
        changed = 0
    key = (ca_file, changed, made)
    if key not in _shared:
        _shared[key] = made(place, ca_file)
    return _shared[key]


def verifying_mail(place: str, ca_file: str | None) -> ssl.SSLContext:
    """One in which nothing but mail is spoken, for `verifying_shared`."""
    return verifying(place, ca_file)


def reading_only() -> ssl.SSLContext:
    """A context that verifies nothing. Only to read a certificate that was already refused: nothing is sent over it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def expiry_sample(shown: Sequence[Certificate]) -> tuple[Sample, ...]:
    """When the first of these ends, under blackbox_exporter's name; nothing when there are none."""
    if not shown:
        return ()
    return (Sample("probe_ssl_earliest_cert_expiry", min(certificate.ends for certificate in shown)),)


def judge_expiry(shown: Sequence[Certificate], place: str, now: Time, levels: Levels) -> Finding:
    """The finding on a trusted certificate: how many days are left of the one that ends first."""
    if not shown:
        return Finding(CHECK, Status.UNKNOWN, f"{place} showed no certificate", remedy="Configure TLS there.")
    first = min(shown, key=lambda certificate: certificate.ends)
    days = (first.ends - now) / _DAY
    status = judge(days, levels)
    crossed = limit_crossed(status, levels, "days")
    summary = f"the certificate of {place} ends in {days:.1f} days, on {day(first.ends)}{crossed and f', {crossed}'}"
    remedy = "Renew the certificate and reload the service." if status is not Status.OK else ""
    return Finding(CHECK, status, summary, remedy=remedy, evidence=first.evidence)


def judge_refused(
    error: ssl.SSLCertVerificationError,
    shown: Sequence[Certificate],
    *,
    place: str,
    name: str,
    now: Time,
    status: Status = Status.CRITICAL,
) -> Finding:
    """The finding on a certificate that did not verify: which, until when, issued by whom, and what to do.

    name: the host name that it was expected to be for.
    """
    if not shown:
        what = f"the certificate of {place} is not trusted: {error.verify_message}"
        return Finding(CHECK, status, what, remedy="Replace the certificate by one that this machine trusts.")
    own = shown[0]
    why, remedy = _refusal(error, own, name, now)
    summary = f"the certificate of {place} {why} ({own.subject}, until {day(own.ends)}, issued by {own.issuer})"
    return Finding(
        CHECK, status, summary, remedy=remedy, evidence={**own.evidence, "verification": error.verify_message}
    )


def _refusal(error: ssl.SSLCertVerificationError, own: Certificate, name: str, now: Time) -> tuple[str, str]:
    why, remedy = f"is not trusted: {error.verify_message}", "Replace the certificate by one that this machine trusts."
    match error.verify_code:
        case code if code == _EXPIRED:
            why = f"expired on {day(own.ends)}" if own.ends < now else "hangs on an issuer's that has expired"
            remedy = "Renew the certificate and reload the service."
        case code if code == _NOT_YET:
            why, remedy = f"is valid only from {day(own.begins)}", "Correct the clocks, or bring the right certificate."
        case code if code in _OTHER_NAME:
            why = f"is for {', '.join(own.names) or own.subject}, not for {name}"
            remedy = f"Get a certificate that names {name}, or correct the name in this probe's settings."
        case code if code in _SELF_SIGNED:
            why = "is signed by itself or by an authority that this machine does not know"
            remedy = "Get a certificate of a public authority, or name your own authority in ca_file."
        case code if code in _UNKNOWN_ISSUER:
            why = "comes from an issuer that this machine does not know"
            remedy = "Let the service send its whole chain, or name your own authority in ca_file."
    return why, remedy
