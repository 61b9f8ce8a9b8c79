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

    Where `p=` is missing, or any policy is unknown, `none` applies for all if `rua=` names an address (4.10.1); so it
    does in a record that only says whether its domain is a public suffix.
    """
    try:
        tags = parse_tags(text)
    except TagError:
        return None
    faults = [OBSOLETE[name] for name in tags if name in OBSOLETE]
    rua, ruf = _addresses(tags.get("rua", ""), "rua", faults), _addresses(tags.get("ruf", ""), "ruf", faults)
    p, sp, np = _policies(tags, faults)
    if not p:
        if not rua and tags.get("psd", "").lower() not in ("y", "n"):
            return None
        p = sp = np = "none"
    for name, choices in _CHOICES.items():
        if name in tags and tags[name].lower() not in choices:
            faults.append(f"{name}={tags[name]} means nothing: {' or '.join(choices)} is wanted")
    return DmarcRecord(
        text=text,
        p=p,
        sp=sp,
        np=np,
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


def _policies(tags: Mapping[str, str], faults: list[str]) -> tuple[str, str, str]:
    """p, sp and np, each from the one before where it is not published; empty ones when p is missing or one unknown."""
    unknown = [f"{name}={tags[name]}" for name in ("p", "sp", "np") if tags.get(name, "none").lower() not in POLICIES]
    if unknown:
        faults.append(f"{', '.join(unknown)} is no policy: none applies, whatever else is published")
    elif "p" not in tags:
        faults.append("p= is missing: none applies")
    else:
        p = tags["p"].lower()
        sp = tags.get("sp", p).lower()
        return p, sp, tags.get("np", sp).lower()
    return "", "", ""


def _choice(tags: Mapping[str, str], name: str, default: str) -> str:
    value = tags.get(name, default).lower()
    return value if value in _CHOICES[name] else default
