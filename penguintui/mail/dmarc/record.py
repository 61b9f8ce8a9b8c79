"""DMARC records (RFC 9989, 4.7), with what RFC 7489 had and is gone said by name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from penguintui.mail.records import TagError, parse_tags

POLICIES = ("none", "quarantine", "reject")
OBSOLETE = {
    "pct": "pct= is gone (RFC 9989): t=y is what is left of it",
    "rf": "rf= is gone (RFC 9989): there is one format of failure reports",
    "ri": "ri= is gone (RFC 9989): reports come daily",
}
_MAILTO = re.compile(r"mailto:[^@\s!]+@([A-Za-z0-9.-]+)(![0-9]+[kmgt]?)?", re.IGNORECASE)
_CHOICES = {"adkim": ("r", "s"), "aspf": ("r", "s"), "psd": ("y", "n", "u"), "t": ("y", "n")}


@dataclass(frozen=True, slots=True)
class DmarcRecord:
    """One record.

    p, sp, np: policies for the domain, for names below it, for names below it that do not exist. An `sp` or `np` that
        is not published follows from the others (4.7).
    psd: y, n or u. testing: `t=y`, which lowers the policy by one step for receivers that go along.
    faults: what is wrong, and what no longer means anything, in words.
    """

    text: str
    p: str
    sp: str
    np: str
    adkim: str = "r"
    aspf: str = "r"
    psd: str = "u"
    testing: bool = False
    rua: tuple[str, ...] = ()
    ruf: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)


def select_dmarc(texts: Sequence[str]) -> list[str]:
    """The DMARC records among TXT records: their first tag is `v=DMARC1`."""
    return [text for text in texts if re.match(r"v\s*=\s*DMARC1\s*(?:;|$)", text)]


def parse_dmarc(text: str) -> DmarcRecord | None:
    """Takes a record apart; None when it cannot be applied: no list of tags, or neither a policy nor a report address.

    A policy that is missing or unknown counts as `none` where `rua=` names an address (4.7).
    """
    try:
        tags = parse_tags(text)
    except TagError:
        return None
    faults = [OBSOLETE[name] for name in tags if name in OBSOLETE]
    rua, ruf = _addresses(tags.get("rua", ""), "rua", faults), _addresses(tags.get("ruf", ""), "ruf", faults)
    p = tags.get("p", "").lower()
    if p not in POLICIES:
        if not rua:
            return None
        faults.append(f"p={tags['p']} is no policy: none applies" if "p" in tags else "p= is missing: none applies")
        p = "none"
    sp = _policy(tags, "sp", p, faults)
    for name, choices in _CHOICES.items():
        if name in tags and tags[name].lower() not in choices:
            faults.append(f"{name}={tags[name]} means nothing: {' or '.join(choices)} is wanted")
    return DmarcRecord(
        text=text,
        p=p,
        sp=sp,
        np=_policy(tags, "np", sp, faults),
        adkim=_choice(tags, "adkim", "r"),
        aspf=_choice(tags, "aspf", "r"),
        psd=_choice(tags, "psd", "u"),
        testing=_choice(tags, "t", "n") == "y",
        rua=rua,
        ruf=ruf,
        faults=tuple(faults),
        tags=tags,
    )


def report_domain(uri: str) -> str:
    """The domain of a report address; empty for what is no `mailto:`."""
    match = _MAILTO.fullmatch(uri.strip())
    return match.group(1).lower().rstrip(".") if match else ""


def _addresses(value: str, name: str, faults: list[str]) -> tuple[str, ...]:
    found = []
    for uri in filter(None, (piece.strip() for piece in value.split(","))):
        if report_domain(uri):
            found.append(uri)
            if "!" in uri:
                faults.append(f"the size limit in {name}={uri} is ignored (RFC 9989)")
        else:
            faults.append(f"{uri!r} in {name}= is no mailto: address")
    return tuple(found)


def _policy(tags: Mapping[str, str], name: str, default: str, faults: list[str]) -> str:
    value = tags.get(name, "").lower()
    if value and value not in POLICIES:
        faults.append(f"{name}={tags[name]} is no policy: {default} applies")
    return value if value in POLICIES else default


def _choice(tags: Mapping[str, str], name: str, default: str) -> str:
    value = tags.get(name, default).lower()
    return value if value in _CHOICES[name] else default
