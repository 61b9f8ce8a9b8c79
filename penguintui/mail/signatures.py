"""Whether the DKIM signatures of a mail verify (RFC 6376), with dkimpy, which comes with penguintui[dkim].

The keys are asked for first; then a thread computes, so that nothing else waits for a large mail.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence

from penguintui.mail.mime import split_headers
from penguintui.mail.records import TagError, Verdict, parse_tags
from penguintui.mail.resolver import Answer, Resolver
from penguintui.model.status import Status

LARGEST = 64 * 1024 * 1024
"""Bytes of a mail that is looked at."""
MOST = 10
"""Signatures of a mail that are looked at; others may be added on the way by anybody."""

_REMEDY = "See whether something changes the mail after it is signed, and whether the published key is the signer's."


async def judge_signatures(resolver: Resolver, mail: bytes) -> list[Verdict]:
    """A verdict on each signature of a mail, in the order in which they stand; one that says so when there is none.

    A key that DNS did not give is UNKNOWN, never a failure. Raises ModuleNotFoundError without dkimpy.
    """
    if len(mail) > LARGEST:
        return [
            Verdict(Status.UNKNOWN, f"the mail has more than {LARGEST >> 20} MiB: its signatures were not looked at")
        ]
    names = _keys(mail)
    if not names:
        return [Verdict(Status.CRITICAL, "the mail has no DKIM signature", "Let the mail server sign what it sends.")]
    wanted = sorted({name for name in names if name})
    answers = dict(zip(wanted, await asyncio.gather(*(resolver.query(name, "TXT") for name in wanted)), strict=True))
    return await asyncio.to_thread(_verdicts, mail, names, answers)


def signing_domains(mail: bytes) -> list[str]:
    """The domain of each signature (`d=`), in the order of the verdicts; empty for one that does not say."""
    return [name.partition("._domainkey.")[2].lower() for name in _keys(mail)]


def _keys(mail: bytes) -> list[str]:
    """Where the key of each signature stands; empty for a signature that does not say."""
    names = []
    for header in list(split_headers(mail)[0].all("dkim-signature"))[:MOST]:
        try:
            tags = parse_tags(re.sub(r"\r?\n", "", header))
        except TagError:
            tags = {}
        both = tags.get("s") and tags.get("d")
        names.append(f"{tags['s']}._domainkey.{tags['d']}" if both else "")
    return names


def _verdicts(mail: bytes, names: Sequence[str], answers: Mapping[str, Answer]) -> list[Verdict]:
    return [_verdict(mail, place, name, answers.get(name)) for place, name in enumerate(names)]


def _verdict(mail: bytes, place: int, name: str, answer: Answer | None) -> Verdict:
    """One signature. Where the key stands names it: two signatures of one mail have two keys."""
    import dkim

    if answer is None:
        return Verdict(Status.CRITICAL, f"DKIM signature {place + 1} is broken: it names no key (s=, d=)", _REMEDY)
    if answer.failed:
        summary = (
            f"whether the DKIM signature by {name} verifies is unknown: DNS did not answer ({answer.outcome.value})"
        )
        return Verdict(Status.UNKNOWN, summary, "Ask again; see whether the name server works.")
    if not answer.records:
        summary = f"the DKIM signature by {name} does not verify: that key is not published"
        return Verdict(Status.CRITICAL, summary, "Publish the key as the signer has it.")

    def key(_name: bytes, timeout: float = 0.0) -> bytes:
        return answer.records[0].encode("latin-1")

    try:
        passed = dkim.DKIM(mail).verify(place, dnsfunc=key)
        why = "the mail is not as it was signed"
    except dkim.DKIMException as error:
        passed, why = False, str(error)
    if passed:
        return Verdict(Status.OK, f"the DKIM signature by {name} verifies")
    return Verdict(Status.CRITICAL, f"the DKIM signature by {name} does not verify: {why}", _REMEDY)
