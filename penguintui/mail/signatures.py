"""Whether the DKIM signatures of a mail verify (RFC 6376), with dkimpy, which comes with penguintui[dkim].

The keys are asked for first; then a thread computes, so that nothing else waits for a large mail.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass

from penguintui.mail.dkimkey import is_key
from penguintui.mail.mime import split_headers
from penguintui.mail.records import TagError, Verdict, parse_tags
from penguintui.mail.resolver import Answer, Resolver
from penguintui.model.status import Status

LARGEST = 64 * 1024 * 1024
"""Bytes of a mail that is looked at."""
MOST = 10
"""Signatures of a mail that are looked at; others may be added on the way by anybody."""

_REMEDY = "See whether something changes the mail after it is signed, and whether the published key is the signer's."


@dataclass(frozen=True, slots=True)
class _Signature:
    """One DKIM-Signature field, by its tags; without any where it is no list of tags."""

    place: int
    tags: Mapping[str, str]

    @property
    def name(self) -> str:
        """Where its key stands; empty when it does not say."""
        both = self.tags.get("s") and self.tags.get("d")
        return f"{self.tags['s']}._domainkey.{self.tags['d']}" if both else ""


async def judge_signatures(resolver: Resolver, mail: bytes) -> list[Verdict]:
    """A verdict on each signature of a mail, in the order in which they stand; one that says so when there is none.

    A key that DNS did not give is UNKNOWN, never a failure. Raises ModuleNotFoundError without dkimpy.
    """
    if len(mail) > LARGEST:
        return [
            Verdict(Status.UNKNOWN, f"the mail has more than {LARGEST >> 20} MiB: its signatures were not looked at")
        ]
    found = _signatures(mail)
    if not found:
        return [Verdict(Status.CRITICAL, "the mail has no DKIM signature", "Let the mail server sign what it sends.")]
    wanted = sorted({one.name for one in found if one.name})
    answers = dict(zip(wanted, await asyncio.gather(*(resolver.query(name, "TXT") for name in wanted)), strict=True))
    return await asyncio.to_thread(lambda: [_verdict(mail, one, answers.get(one.name)) for one in found])


def signing_domains(mail: bytes) -> list[str]:
    """The domain of each signature (`d=`), in the order of the verdicts; empty for one that does not say."""
    return [one.tags["d"].lower() if one.name else "" for one in _signatures(mail)]


def _signatures(mail: bytes) -> list[_Signature]:
    found = []
    for place, header in enumerate(list(split_headers(mail)[0].all("dkim-signature"))[:MOST]):
        try:
            tags = parse_tags(re.sub(r"\r?\n", "", header))
        except TagError:
            tags = {}
        found.append(_Signature(place, tags))
    return found


def _verdict(mail: bytes, signature: _Signature, answer: Answer | None) -> Verdict:
    """One signature. Where the key stands names it: two signatures of one mail have two keys."""
    name = signature.name
    if answer is None:
        return Verdict(
            Status.CRITICAL, f"DKIM signature {signature.place + 1} is broken: it names no key (s=, d=)", _REMEDY
        )
    if answer.failed:
        summary = (
            f"whether the DKIM signature by {name} verifies is unknown: DNS did not answer ({answer.outcome.value})"
        )
        return Verdict(Status.UNKNOWN, summary, "Ask again; see whether the name server works.")
    keys = [text for text in answer.records if is_key(text)]
    if not keys:
        summary = f"the DKIM signature by {name} does not verify: that key is not published"
        return Verdict(Status.CRITICAL, summary, "Publish the key as the signer has it.")
    why = [_why_not(mail, signature, key) for key in keys]
    if all(why):
        return Verdict(Status.CRITICAL, f"the DKIM signature by {name} does not verify: {why[0]}", _REMEDY)
    if "l" in signature.tags:
        summary = f"the DKIM signature by {name} verifies, but covers only a part of the body: anybody may add to it"
        return Verdict(Status.WARNING, summary, "Sign without l=.")
    return Verdict(Status.OK, f"the DKIM signature by {name} verifies")


def _why_not(mail: bytes, signature: _Signature, key: str) -> str:
    """Why a signature does not verify with a key; empty when it does."""
    import dkim

    try:
        unfit = _unfit(signature.tags, parse_tags(key))
    except TagError as error:
        unfit = f"the key is broken: {error}"
    if unfit:
        return unfit

    def published(_name: bytes, timeout: float = 0.0) -> bytes:
        return key.encode("latin-1")

    try:
        passed = dkim.DKIM(mail).verify(signature.place, dnsfunc=published)
    except dkim.DKIMException as error:
        return str(error)
    return "" if passed else "the mail is not as it was signed, or the key is another's"


def _unfit(signature: Mapping[str, str], key: Mapping[str, str]) -> str:
    """Why a key cannot serve for a signature, whatever was signed (RFC 6376, 6.1.2; RFC 8301); empty when it can."""
    kind, _, digest = signature.get("a", "").lower().partition("-")
    hashes, services, flags = (
        _listed(key.get(tag, default)) for tag, default in (("h", digest), ("s", "*"), ("t", ""))
    )
    domain = signature.get("d", "").lower()
    agent = signature.get("i", "").rpartition("@")[2].lower()
    reasons = (
        (digest == "sha1", "it is made with SHA-1, which nobody may accept any more (RFC 8301)"),
        (key.get("v", "DKIM1") != "DKIM1", f"the key is of an unknown version ({key.get('v')})"),
        (not key.get("p"), "the key is revoked (p= is empty)"),
        (key.get("k", "rsa").lower() != kind, f"the key is of the kind {key.get('k', 'rsa')}, the signature {kind}"),
        (digest not in hashes, f"the key allows only {', '.join(hashes)} (h=)"),
        (not {"*", "email"} & set(services), f"the key is not for mail, but for {', '.join(services)} (s=)"),
        ("s" in flags and agent not in ("", domain), f"the key allows no subdomain (t=s), and i= names {agent}"),
    )
    return next((words for holds, words in reasons if holds), "")


def _listed(value: str) -> list[str]:
    return [piece.strip().lower() for piece in value.split(":")]
