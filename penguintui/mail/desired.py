"""The records that a domain should have against those that one of its name servers holds: whether they differ, and how.

Values are as in `mail.resolver.Answer.records`: the strings of a TXT record joined, names without their last dot.
"""

from __future__ import annotations

import enum
import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from penguintui.mail.records import TagError, parse_tags

Key = tuple[str, str]
"""A name and a type: what one set of records stands at."""

_MARKS = {
    "spf": re.compile(r"v=spf1(?: |\Z)", re.IGNORECASE),
    "dmarc": re.compile(r"\s*v\s*=\s*DMARC1\s*(?:;|\Z)"),
    "tls-rpt": re.compile(r"v=TLSRPTv1\s*(?:;|\Z)"),
    "mta-sts": re.compile(r"v=STSv1\s*(?:;|\Z)"),
    "bimi": re.compile(r"v=BIMI1\s*(?:;|\Z)"),
}
"""By which a TXT record shows what it is for. Others at the same name are left alone."""
PURPOSES = {"A": "a", "AAAA": "a", "MX": "mx", "PTR": "ptr"}
"""What records of a type are for, whoever asks for them."""
_TAGGED = ("dkim", "dmarc", "tls-rpt", "mta-sts", "bimi")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One set of records that should be there.

    name: lower case, without its last dot. values: none when nothing of the purpose may be there.
    purpose: what it is for (`spf`, `dkim`, `dmarc`, `mx`, `ptr`, `a` for addresses …; empty for any other record).
    ttl: seconds; None when any will do.
    """

    name: str
    type: str
    values: tuple[str, ...]
    purpose: str = ""
    ttl: float | None = None

    @property
    def key(self) -> Key:
        return self.name, self.type


@dataclass(frozen=True, slots=True)
class Held:
    """What one name server answers for a name and type.

    values: all of them, in no order. ttl: seconds. alias: where the name leads (CNAME); empty when it is none.
    trouble: why there is no answer, in words; then nothing else is known, least of all that something is missing.
    """

    values: tuple[str, ...] = ()
    ttl: float = 0.0
    alias: str = ""
    trouble: str = ""


class Standing(enum.StrEnum):
    EQUAL = "equal"
    MISSING = "missing"
    DIFFERING = "differing"
    EXTRA = "extra"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Difference:
    """How one name server stands to what is wanted. why: in words, without the record's and the server's names."""

    wanted: Wanted
    standing: Standing
    why: str = ""


def compare(wanted: Wanted, held: Held) -> Difference:
    """How what is held differs from what is wanted."""
    if held.trouble:
        return Difference(wanted, Standing.UNKNOWN, held.trouble)
    found = meant(wanted, held.values)
    lacking = [value for value in wanted.values if not _among(wanted, value, found)]
    over = [value for value in found if not _among(wanted, value, wanted.values)]
    standing, why = Standing.EQUAL, ""
    if lacking and not found:
        standing, why = Standing.MISSING, f"nothing is published, wanted {shown(wanted.values)}"
    elif lacking and not over:
        standing, why = Standing.MISSING, f"{shown(lacking)} is missing"
    elif lacking:
        standing, why = Standing.DIFFERING, f"{shown(found)} is published, wanted {shown(wanted.values)}"
    elif over:
        standing, why = Standing.EXTRA, f"{shown(over)} is published and should not be"
    elif wanted.values and wanted.ttl is not None and held.ttl != wanted.ttl:
        standing, why = Standing.DIFFERING, f"its TTL is {held.ttl:g} s, wanted {wanted.ttl:g} s"
    if why and held.alias:
        why += f" (the name is an alias of {held.alias})"
    return Difference(wanted, standing, why)


def meant(wanted: Wanted, values: Iterable[str]) -> tuple[str, ...]:
    """Those of the values at a name that are for the same purpose."""
    mark = _MARKS.get(wanted.purpose)
    if mark is not None:
        return tuple(value for value in values if mark.match(value))
    if wanted.type == "TXT" and wanted.purpose != "dkim":  # a TXT record of any other kind is nobody's but its own
        return tuple(value for value in values if _among(wanted, value, wanted.values))
    return tuple(values)


def same(wanted: Wanted, one: str, other: str) -> bool:
    """Whether two values say the same: spaces between tags, and the case of names, mean nothing."""
    return _plain(wanted, one) == _plain(wanted, other)


def agreeing(wanted: Wanted, answers: Iterable[Held]) -> bool:
    """Whether all name servers that answer hold the same for this purpose."""
    return len({_set(wanted, held.values) for held in answers if not held.trouble}) <= 1


def shown(values: Sequence[str]) -> str:
    """Values for people, each on a line's part and not longer than it helps."""
    return " and ".join(f'"{_short(value)}"' for value in sorted(values)) or "nothing"


def _short(value: str, most: int = 300) -> str:
    return value if len(value) <= most else f"{value[: most - 20]}…{value[-19:]}"


def _set(wanted: Wanted, values: Iterable[str]) -> frozenset[object]:
    return frozenset(_plain(wanted, value) for value in meant(wanted, values))


def _among(wanted: Wanted, value: str, others: Iterable[str]) -> bool:
    return any(same(wanted, value, other) for other in others)


def _plain(wanted: Wanted, value: str) -> object:
    """The value as it is compared."""
    if wanted.purpose == "spf":
        return tuple(value.lower().split())
    try:
        if wanted.purpose in _TAGGED:
            return tuple(sorted((name, "".join(text.split())) for name, text in parse_tags(value).items()))
        if wanted.type in ("A", "AAAA"):
            return ipaddress.ip_address(value)
    except (TagError, ValueError):
        return value
    return value if wanted.type == "TXT" else " ".join(value.lower().split()).removesuffix(".")
