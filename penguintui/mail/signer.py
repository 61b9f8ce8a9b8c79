"""Whether the published DKIM key is the one that the signer has, and how old keys should become."""

from __future__ import annotations

import base64
import binascii

from penguintui.mail.dkimkey import limits_of
from penguintui.mail.records import TagError, Verdict, parse_tags
from penguintui.model.clock import Time
from penguintui.model.status import Status

OLDEST = 180 * 86_400.0
"""Seconds after which a key should be replaced: half a year (M3AAWG)."""


def public_part(key: bytes) -> tuple[str, bytes]:
    """Kind and public key, as `k=` and `p=` say it, of a private or public key in PEM. Raises ValueError for others."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        PublicFormat,
        load_pem_private_key,
        load_pem_public_key,
    )

    try:
        loaded = load_pem_private_key(key, None) if b"PRIVATE" in key else load_pem_public_key(key)
    except (ValueError, TypeError) as error:
        raise ValueError(f"the signer's key cannot be read: {error}") from error
    public = loaded.public_key() if isinstance(loaded, RSAPrivateKey | Ed25519PrivateKey) else loaded
    if isinstance(public, RSAPublicKey):
        return "rsa", public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if isinstance(public, Ed25519PublicKey):
        return "ed25519", public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    raise ValueError("the signer's key is neither RSA nor Ed25519")


def record_for(key: bytes) -> str:
    """The record to publish for a signer's key. Raises ValueError."""
    kind, public = public_part(key)
    return f"v=DKIM1; k={kind}; p={base64.b64encode(public).decode()}"


def judge_match(name: str, record: str, key: bytes) -> Verdict:
    """Whether a published key is the signer's; if not, every signature fails."""
    try:
        kind, public = public_part(key)
    except ValueError as error:
        return Verdict(Status.UNKNOWN, f"DKIM key {name}: {error}", "Name the PEM file of the signer.")
    try:
        tags = parse_tags(record)
        published = base64.b64decode("".join(tags.get("p", "").split()), validate=True)
    except (TagError, binascii.Error, ValueError):
        return Verdict(Status.CRITICAL, f"DKIM key {name} is broken", "Publish the key again as the signer has it.")
    if tags.get("k", "rsa").lower() != kind or _bare(published) != _bare(public):
        summary = f"DKIM key {name} is not the signer's: every signature with it fails"
        remedy = "Publish the record that the signer's key wants."
        return Verdict(Status.CRITICAL, summary, remedy, {"wanted": record_for(key)})
    limits = limits_of(tags)
    if limits:
        return Verdict(Status.CRITICAL, f"DKIM key {name} {limits}", "Publish the record without it.")
    return Verdict(Status.OK, f"DKIM key {name} is the signer's")


def judge_age(name: str, since: Time, now: Time) -> Verdict:
    """Whether a key has been in use for too long. since: when it was first seen published."""
    days = (now - since) / 86_400
    if now - since > OLDEST:
        summary = f"DKIM key {name} has been in use for {days:.0f} days, which is more than half a year"
        return Verdict(Status.WARNING, summary, "Publish a new key under a new selector, then let the signer use it.")
    return Verdict(Status.OK, f"DKIM key {name} has been in use for {days:.0f} days")


def _bare(public: bytes) -> bytes:
    """The key without its wrapping: some publish RSA keys as bare PKCS #1 (RFC 6376, 3.6.1)."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

    try:
        key = load_der_public_key(public)
    except ValueError:
        return public
    return key.public_bytes(Encoding.DER, PublicFormat.PKCS1) if isinstance(key, RSAPublicKey) else public
