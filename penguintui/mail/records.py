"""What the records of a domain say by themselves: presence and syntax. The rules that ask further are elsewhere.

Every `judge_…` takes what DNS answered, in the form of `mail.resolver.Answer.records`, and gives a `Verdict`, or None
when there is no such record. Whether its absence is a fault is for the caller to say (`missing`).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from penguintui.mail.resolver import Outcome
from penguintui.mail.spf.parse import LOOKUP_MECHANISMS, Mechanism, parse, select
from penguintui.model.status import Status

MAX_LOOKUPS = 10
"""Terms of an SPF record that may ask DNS (RFC 7208, 4.6.4)."""

_HOST = re.compile(r"(?=.{1,253}\Z)(?:(?!-)[A-Za-z0-9_-]{1,63}(?<!-)\.)+(?!-)[A-Za-z0-9-]{2,63}(?<!-)")
_POLICIES = ("none", "quarantine", "reject")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be said of one record. `remedy` is empty when it is fine."""

    status: Status
    summary: str
    remedy: str = ""
    evidence: Mapping[str, str] = field(default_factory=dict)


Judge = Callable[[str, Sequence[str]], Verdict | None]
"""A judge of one sort of record: the name where it stands, what stands there."""


class TagError(ValueError):
    """Why a text is no list of tags."""


def parse_tags(text: str) -> dict[str, str]:
    """`v=DMARC1; p=none` as names and values, in order (RFC 6376, 3.2). Raises TagError."""
    tags: dict[str, str] = {}
    parts = text.split(";")
    for position, part in enumerate(parts):
        if not part.strip():
            if position < len(parts) - 1:
                raise TagError("there is an empty tag between two semicolons")
            continue
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name):
            raise TagError(f"{part.strip()[:40]!r} is no tag such as v=…")
        if name in tags:
            raise TagError(f"the tag {name} stands twice")
        tags[name] = value
    return tags


def missing(what: str, name: str, outcome: Outcome, remedy: str, status: Status = Status.CRITICAL) -> Verdict:
    """A record that should be there and is not, as the name server itself says."""
    why = "the name does not exist (NXDOMAIN)" if outcome is Outcome.NXDOMAIN else "none is published"
    return Verdict(status, f"{what} of {name} is missing: {why}", remedy, {"answer": outcome.value})


def judge_spf(name: str, texts: Sequence[str]) -> Verdict | None:
    """The SPF record by itself (RFC 7208): how many there are, its syntax, its own look-ups, its end."""
    found = select(texts)
    if not found:
        return None
    evidence = {"record": " | ".join(found)}
    if len(found) > 1:
        summary = f"SPF of {name}: {len(found)} records where one may be; every receiver answers permerror"
        return Verdict(Status.CRITICAL, summary, "Merge them into one record.", evidence)
    record = parse(found[0])
    if record.faults:
        words = "; ".join(f"{fault.term!r}: {fault.reason}" for fault in record.faults)
        return Verdict(Status.CRITICAL, f"SPF of {name} is broken: {words}", "Correct the term.", evidence)
    lookups = sum(term.name in LOOKUP_MECHANISMS for term in record.mechanisms)
    lookups += record.modifier("redirect") is not None
    evidence["look-ups of its own"] = f"{lookups} of {MAX_LOOKUPS}"
    if lookups > MAX_LOOKUPS:
        summary = f"SPF of {name} asks DNS {lookups} times, {MAX_LOOKUPS} are allowed; every receiver answers permerror"
        return Verdict(Status.CRITICAL, summary, "Drop includes, or write addresses as ip4: and ip6:.", evidence)
    return _judge_end(name, record.mechanisms, record.modifier("redirect") is not None, evidence)


def _judge_end(name: str, mechanisms: Sequence[Mechanism], redirects: bool, evidence: Mapping[str, str]) -> Verdict:
    ends = [position for position, term in enumerate(mechanisms) if term.name == "all"]
    status, summary, remedy = Status.OK, f"SPF of {name} is published", ""
    if not ends:
        if not redirects:
            status, summary = Status.WARNING, f"SPF of {name} has no end: it says nothing of strangers"
            remedy = "End it with ~all or -all."
    elif mechanisms[ends[0]].qualifier == "+":
        status, summary = Status.CRITICAL, f"SPF of {name} ends with +all: everybody may send in this name"
        remedy = "End it with ~all or -all."
    elif ends[0] < len(mechanisms) - 1:
        late = " ".join(term.text for term in mechanisms[ends[0] + 1 :])
        status, summary = Status.WARNING, f"SPF of {name}: {late} stands after all and is never reached"
        remedy = "Let all be the last term, once."
    elif mechanisms[ends[0]].qualifier == "?":
        status, summary = Status.WARNING, f"SPF of {name} ends with ?all: it says nothing of strangers"
        remedy = "End it with ~all or -all."
    return Verdict(status, summary, remedy, evidence)


def judge_dmarc(name: str, texts: Sequence[str], *, inherited: bool = False) -> Verdict | None:
    """The DMARC record (RFC 9989): one, version first, a policy that protects.

    name: where it was found. inherited: whether for a domain below, so that `sp` counts.
    """
    found = [text for text in texts if re.match(r"\s*v\s*=\s*DMARC1\s*(;|\Z)", text)]
    if not found:
        alike = [text for text in texts if "dmarc1" in text.lower()]
        if not alike:
            return None
        summary = f"DMARC of {name} is broken: the record does not begin with v=DMARC1"
        return Verdict(Status.CRITICAL, summary, "Begin it with v=DMARC1;", {"record": " | ".join(alike)})
    evidence = {"record": " | ".join(found)}
    if len(found) > 1:
        summary = f"DMARC of {name}: {len(found)} records where one may be; receivers apply none"
        return Verdict(Status.CRITICAL, summary, "Remove all but one.", evidence)
    try:
        tags = parse_tags(found[0])
    except TagError as error:
        return Verdict(Status.CRITICAL, f"DMARC of {name} is broken: {error}", "Correct the record.", evidence)
    return _judge_policy(name, tags, inherited, evidence)


def _judge_policy(name: str, tags: Mapping[str, str], inherited: bool, evidence: Mapping[str, str]) -> Verdict:
    tag = "sp" if inherited and "sp" in tags else "p"
    unknown = [f"{one}={tags[one]}" for one in ("p", "sp", "np") if tags.get(one, "none").lower() not in _POLICIES]
    if unknown or "p" not in tags:
        what = f"{', '.join(unknown)} is no policy" if unknown else "it has no policy (p=)"
        remedy = "Write none, quarantine or reject; as it stands no policy applies (RFC 9989, 4.10.1)."
        return Verdict(Status.CRITICAL, f"DMARC of {name} is broken: {what}", remedy, evidence)
    policy = tags[tag].lower()
    bad = [
        uri for uri in tags.get("rua", "").split(",") if uri.strip() and not uri.strip().lower().startswith("mailto:")
    ]
    if bad:
        summary = f"DMARC of {name}: reports cannot be sent to {bad[0].strip()!r}"
        return Verdict(Status.WARNING, summary, "Write rua=mailto:ADDRESS.", evidence)
    if policy == "none":
        summary = f"DMARC of {name} has {tag}=none: forged mail is delivered like ours"
        remedy = "When the reports show that our own mail passes, go on to p=quarantine, then p=reject."
        return Verdict(Status.WARNING, summary, remedy, evidence)
    return Verdict(Status.OK, f"DMARC of {name} is published, {tag}={policy}", evidence=evidence)


def judge_mx(name: str, records: Sequence[str]) -> Verdict | None:
    """The MX records: at least one, each a host name (RFC 5321, 5.1); a null MX (RFC 7505) takes no mail."""
    if not records:
        return None
    evidence = {"records": ", ".join(sorted(records))}
    hosts = [record.partition(" ")[2].rstrip(".") for record in records]
    if not any(hosts):
        summary = f"MX of {name} says that it takes no mail (null MX)"
        return Verdict(Status.CRITICAL, summary, "Publish the mail servers, or do not expect MX here.", evidence)
    for host in hosts:
        if not host:
            summary = f"MX of {name} names mail servers and also says that there are none (null MX)"
            return Verdict(Status.CRITICAL, summary, "Remove the null MX.", evidence)
        if not _HOST.fullmatch(host):
            what = "an address" if _is_address(host) else "no host name"
            remedy = "Name the mail server by its host name."
            return Verdict(Status.CRITICAL, f"MX of {name} leads to {host}, which is {what}", remedy, evidence)
    return Verdict(Status.OK, f"MX of {name} leads to {', '.join(sorted(hosts))}", evidence=evidence)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def judge_ns(name: str, records: Sequence[str]) -> Verdict | None:
    """The NS records: two at least (RFC 1034, 4.1)."""
    if not records:
        return None
    evidence = {"records": ", ".join(sorted(records))}
    if len(records) < 2:
        summary = f"{name} has one name server only, {records[0]}: without it nobody finds the domain"
        return Verdict(Status.WARNING, summary, "Let a second name server serve the zone.", evidence)
    return Verdict(Status.OK, f"{name} has {len(records)} name servers", evidence=evidence)


def judge_a(name: str, records: Sequence[str]) -> Verdict | None:
    """The addresses, of IPv4 and IPv6."""
    if not records:
        return None
    return Verdict(Status.OK, f"{name} has the address {', '.join(sorted(records))}")


def judge_mta_sts(name: str, texts: Sequence[str]) -> Verdict | None:
    """The TXT record of MTA-STS (RFC 8461, 3.1): one, with an id of 1 to 32 letters and digits."""

    def fault(tags: Mapping[str, str]) -> str:
        return "" if re.fullmatch(r"[A-Za-z0-9]{1,32}", tags.get("id", "")) else "id= wants 1 to 32 letters and digits"

    return _judge_versioned("MTA-STS", "STSv1", name, texts, fault)


def judge_tls_rpt(name: str, texts: Sequence[str]) -> Verdict | None:
    """The TXT record of TLS reports (RFC 8460, 3): one, with where they go."""

    def fault(tags: Mapping[str, str]) -> str:
        uris = [uri.strip().lower() for uri in tags.get("rua", "").split(",")]
        return "" if all(uri.startswith(("mailto:", "https:")) for uri in uris) else "rua= wants mailto: or https:"

    return _judge_versioned("TLS-RPT", "TLSRPTv1", name, texts, fault)


def judge_bimi(name: str, texts: Sequence[str]) -> Verdict | None:
    """The TXT record of BIMI: one, with an https: address of a logo; `l=` empty declines."""

    def fault(tags: Mapping[str, str]) -> str:
        logo = tags.get("l")
        if logo is None:
            return "it has no logo (l=)"
        return "" if not logo or logo.lower().startswith("https://") else "l= wants an https: address"

    return _judge_versioned("BIMI", "BIMI1", name, texts, fault)


def _judge_versioned(
    what: str, version: str, name: str, texts: Sequence[str], fault: Callable[[Mapping[str, str]], str]
) -> Verdict | None:
    found = [text for text in texts if re.match(rf"v={version}\s*(;|\Z)", text)]
    if not found:
        return None
    evidence = {"record": " | ".join(found)}
    if len(found) > 1:
        summary = f"{what} of {name}: {len(found)} records where one may be; senders act as if there were none"
        return Verdict(Status.WARNING, summary, "Remove all but one.", evidence)
    try:
        wrong = fault(parse_tags(found[0]))
    except TagError as error:
        wrong = str(error)
    if wrong:
        return Verdict(Status.WARNING, f"{what} of {name} is broken: {wrong}", "Correct the record.", evidence)
    return Verdict(Status.OK, f"{what} of {name} is published", evidence=evidence)
