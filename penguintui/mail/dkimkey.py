"""The record in which a domain publishes the public key of its DKIM signatures (RFC 6376, 3.6.1; RFC 8463)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence

from penguintui.mail.records import TagError, Verdict, parse_tags
from penguintui.model.status import Status

WEAKEST, WEAK = 1024, 2048
"""Bits of an RSA key below which verifiers must reject (RFC 8301, 3.2), and below which it should be replaced."""


def judge_dkim(name: str, texts: Sequence[str]) -> Verdict | None:
    """The key at `name` (`selector._domainkey.domain`); None when there is none."""
    found = [text for text in texts if is_key(text)]
    if not found:
        return None
    evidence = {"record": " | ".join(found)}
    if len(found) > 1:
        summary = f"DKIM key {name}: {len(found)} records where one may be; verifiers may take either"
        return Verdict(Status.CRITICAL, summary, "Remove all but one.", evidence)
    try:
        tags = parse_tags(found[0])
    except TagError as error:
        return Verdict(Status.CRITICAL, f"DKIM key {name} is broken: {error}", "Publish the key again.", evidence)
    return _judge_tags(name, tags, evidence)


def is_key(text: str) -> bool:
    """Whether a TXT record is meant as a key. `v=` may be left out; a broken list of tags shows when it is judged."""
    return "p=" in text.replace(" ", "") or text.replace(" ", "").startswith("v=DKIM1")


def _judge_tags(name: str, tags: Mapping[str, str], evidence: dict[str, str]) -> Verdict:
    status, words, remedy = Status.CRITICAL, "", "Publish the key again as the signer has it."
    if "v" in tags and (tags["v"] != "DKIM1" or next(iter(tags)) != "v"):
        words = "is broken: v=DKIM1 must be its first tag"
    elif "p" not in tags:
        words = "is broken: it has no key (p=)"
    elif tags["p"] and (limits := limits_of(tags)):
        words, remedy = limits, "Publish it without h= and s=, or with what mail needs in them."
    elif not tags["p"]:
        words = "is revoked (p= is empty): every signature made with it fails"
        remedy = "Let the signer use another selector, or publish the key again."
    if words:
        return Verdict(status, f"DKIM key {name} {words}", remedy, evidence)
    kind = tags.get("k", "rsa").lower()
    try:
        bits = key_bits(kind, tags["p"])
    except ValueError as error:
        return Verdict(Status.CRITICAL, f"DKIM key {name} is broken: {error}", remedy, evidence)
    evidence["key"] = f"{kind}, {bits} bits"
    if kind == "rsa" and bits < WEAKEST:
        summary = f"DKIM key {name} has {bits} bits: verifiers reject it (RFC 8301)"
        return Verdict(Status.CRITICAL, summary, "Make a key of 2048 bits under a new selector.", evidence)
    if kind == "rsa" and bits < WEAK:
        summary = f"DKIM key {name} has {bits} bits only"
        return Verdict(Status.WARNING, summary, "Make a key of 2048 bits under a new selector.", evidence)
    if "y" in tags.get("t", "").replace(" ", "").split(":"):
        summary = f"DKIM key {name} is in test mode (t=y): failures count for nothing"
        return Verdict(Status.WARNING, summary, "Remove t=y when signatures verify.", evidence)
    return Verdict(Status.OK, f"DKIM key {name} is published, {kind} with {bits} bits", evidence=evidence)


def limits_of(tags: Mapping[str, str]) -> str:
    """Why a key, though a right one, cannot be used for our mail (RFC 6376, 3.6.1; RFC 8301)."""
    hashes = [word.strip().lower() for word in tags.get("h", "sha256").split(":")]
    services = [word.strip().lower() for word in tags.get("s", "*").split(":")]
    if "sha256" not in hashes:
        return f"allows {tags['h']} only: signatures with SHA-256 fail"
    if not {"*", "email"} & set(services):
        return f"is for the service {tags['s']}, not for mail"
    return ""


def key_bits(kind: str, text: str) -> int:
    """The length of a key written in base64, folding white space apart. Raises ValueError with what is wrong."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        data = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("its key is no base64") from error
    if kind == "ed25519":
        if len(data) != 32:
            raise ValueError(f"an Ed25519 key has 32 bytes, this one {len(data)}")
        return 256
    if kind != "rsa":
        raise ValueError(f"nobody knows keys of the kind {kind!r}")
    try:
        key = load_der_public_key(data)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ValueError("its key is no RSA key") from error
    if not isinstance(key, RSAPublicKey):
        raise ValueError("its key is no RSA key, though k= says so")
    return key.key_size
