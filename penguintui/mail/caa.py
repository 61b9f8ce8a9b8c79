"""Which certificate authorities a domain lets issue for it (RFC 8659)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from penguintui.mail.records import Verdict
from penguintui.mail.resolver import Answer, Outcome, Resolver
from penguintui.model.status import Status

_RECORD = re.compile(r'(?P<flags>\d{1,3}) (?P<tag>[A-Za-z0-9]+) "(?P<value>.*)"', re.DOTALL)
_ISSUE = ("issue", "issuewild", "issuemail", "issuevmc")
_KNOWN = (*_ISSUE, "iodef", "contactemail", "contactphone")
_CRITICAL = 128
"""The flag with which an authority that does not know a tag must not issue (4.1)."""


async def find_caa(resolver: Resolver, domain: str) -> tuple[str, Answer]:
    """Where the records stand that count for a domain, and they: of the nearest name, upwards, that has any (3).

    Top-level domains are not asked. What does not answer ends the climb: what stands above may not count.
    """
    labels = domain.split(".")
    name, answer = domain, Answer(Outcome.NODATA)
    for start in range(max(1, len(labels) - 1)):
        name = ".".join(labels[start:])
        answer = await resolver.query(name, "CAA")
        if not answer.void:
            break
    return name, answer


def judge_caa(name: str, records: Sequence[str]) -> Verdict | None:
    """The CAA records at a name, in presentation form: `0 issue "ca.example"`."""
    if not records:
        return None
    evidence = {"records": ", ".join(sorted(records))}
    parts = [match.groups() for text in records if (match := _RECORD.fullmatch(text))]
    if len(parts) < len(records):
        return Verdict(Status.WARNING, f"CAA of {name} is broken", 'Write 0 issue "CA".', evidence)
    unknown = [tag for flags, tag, _ in parts if int(flags) & _CRITICAL and tag.lower() not in _KNOWN]
    if unknown:
        summary = f"CAA of {name} demands {unknown[0]}, which authorities do not know: none of them may issue"
        return Verdict(Status.WARNING, summary, "Write the flags of that record as 0.", evidence)
    for _, tag, value in parts:
        if tag.lower() == "iodef" and not value.lower().startswith(("mailto:", "https:", "http:")):
            remedy = 'Write 0 iodef "mailto:ADDRESS".'
            return Verdict(Status.WARNING, f"CAA of {name}: nobody can report to {value!r}", remedy, evidence)
    issuers = [value.partition(";")[0].strip() for _, tag, value in parts if tag.lower() == "issue"]
    if not issuers:
        return Verdict(Status.OK, f"CAA of {name} leaves the authorities open", evidence=evidence)
    allowed = sorted({issuer for issuer in issuers if issuer})
    words = f"lets {', '.join(allowed)} issue" if allowed else "lets nobody issue certificates"
    return Verdict(Status.OK, f"CAA of {name} {words}", evidence=evidence)
