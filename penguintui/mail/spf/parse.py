"""SPF records taken apart (RFC 7208, sections 4.5, 4.6 and 12). All faults are collected, none raised."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass

from penguintui.mail.spf.macros import Macro, MacroError, Template, parse_macros

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LOOKUP_MECHANISMS = frozenset({"include", "a", "mx", "ptr", "exists"})
"""The mechanisms that ask DNS; each counts, as `redirect` does, towards the limit of 10 (4.6.4)."""

_MECHANISM = re.compile(r"([-+?~]?)([A-Za-z][A-Za-z0-9_.-]*)(.*)", re.DOTALL)
_MODIFIER = re.compile(r"([A-Za-z][A-Za-z0-9_.-]*)=(.*)", re.DOTALL)
_CIDR = re.compile(r"(.*?)(?:/(0|[1-9][0-9]?))?(?://(0|[1-9][0-9]{0,2}))?", re.DOTALL)
_LAST_LABEL = re.compile(r"[A-Za-z0-9]*[A-Za-z][A-Za-z0-9]*|[A-Za-z0-9]+-[A-Za-z0-9-]*[A-Za-z0-9]")
_NAMES = frozenset({"all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"})


@dataclass(frozen=True, slots=True)
class Mechanism:
    """`-a:example.net/24//64` as qualifier, name, domain and prefix lengths.

    domain: the domain-spec; empty when the term has none and the current domain is meant.
    """

    text: str
    qualifier: str
    name: str
    domain: Template = ()
    prefix4: int = 32
    prefix6: int = 128
    network: Network | None = None


@dataclass(frozen=True, slots=True)
class Modifier:
    """`name=value`. Unknown ones are kept; they mean nothing (6)."""

    text: str
    name: str
    value: Template


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a term is no term."""

    term: str
    reason: str


@dataclass(frozen=True, slots=True)
class Record:
    """One record. Any fault makes the whole record a permanent error (4.6)."""

    text: str
    terms: tuple[Mechanism | Modifier, ...]
    faults: tuple[Fault, ...] = ()

    @property
    def mechanisms(self) -> tuple[Mechanism, ...]:
        return tuple(term for term in self.terms if isinstance(term, Mechanism))

    def modifier(self, name: str) -> Modifier | None:
        """The modifier of this name, if there is one."""
        return next((term for term in self.terms if isinstance(term, Modifier) and term.name == name), None)


class _TermError(ValueError):
    pass


def is_record(text: str) -> bool:
    """Whether a TXT record is an SPF record: the version, ended by a space or the end (4.5)."""
    return text[:6].lower() == "v=spf1" and (len(text) == 6 or text[6] == " ")


def select(records: Sequence[str]) -> list[str]:
    """The SPF records among TXT records. More than one is a permanent error."""
    return [text for text in records if is_record(text)]


def parse(text: str) -> Record:
    """Takes an SPF record apart. `text` holds one character per byte; it must begin with `v=spf1`."""
    terms: list[Mechanism | Modifier] = []
    faults: list[Fault] = []
    for word in text[6:].split(" "):
        if not word:
            continue
        try:
            terms.append(_term(word))
        except (_TermError, MacroError) as error:
            faults.append(Fault(word, str(error)))
    for name in ("redirect", "exp"):
        same = [term for term in terms if isinstance(term, Modifier) and term.name == name]
        faults.extend(Fault(term.text, f"{name}= may stand only once in a record") for term in same[1:])
    return Record(text, tuple(terms), tuple(faults))


def _term(word: str) -> Mechanism | Modifier:
    modifier = _MODIFIER.fullmatch(word)
    if modifier:
        name = modifier.group(1).lower()
        value = modifier.group(2)
        return Modifier(word, name, _domain(value) if name in ("redirect", "exp") else parse_macros(value))
    match = _MECHANISM.fullmatch(word)
    if match is None:
        raise _TermError("it is neither a mechanism nor a modifier")
    qualifier, name, rest = match.group(1) or "+", match.group(2).lower(), match.group(3)
    if name not in _NAMES:
        hint = f"; {name}= is meant" if name in ("redirect", "exp") else ""
        raise _TermError(f"there is no mechanism {name!r}{hint}")
    if name == "all":
        if rest:
            raise _TermError("all takes nothing after it")
        return Mechanism(word, qualifier, name)
    if name in ("ip4", "ip6"):
        return Mechanism(word, qualifier, name, network=_network(name, rest))
    if name in ("a", "mx"):
        return _address_mechanism(word, qualifier, name, rest)
    if name == "ptr" and not rest:
        return Mechanism(word, qualifier, name)
    if not rest.startswith(":"):
        raise _TermError(f"{name} wants a domain: {name}:example.net")
    return Mechanism(word, qualifier, name, _domain(rest[1:]))


def _address_mechanism(word: str, qualifier: str, name: str, rest: str) -> Mechanism:
    match = _CIDR.fullmatch(rest)
    if match is None:  # the pattern's first group takes anything
        raise _TermError("it cannot be read")
    domain, prefix4, prefix6 = match.group(1), int(match.group(2) or 32), int(match.group(3) or 128)
    prefix4 = 0 if match.group(2) == "0" else prefix4
    if prefix4 > 32 or prefix6 > 128:
        raise _TermError("a prefix is at most /32 for IPv4, //128 for IPv6")
    if domain and not domain.startswith(":"):
        raise _TermError(f"{domain!r} is no domain and no prefix length")
    return Mechanism(word, qualifier, name, _domain(domain[1:]) if domain else (), prefix4, prefix6)


def _network(name: str, rest: str) -> Network:
    """The network of ip4: or ip6:. Host bits may be set: they are cleared, as for comparison (5.6)."""
    address, slash, prefix = rest.removeprefix(":").partition("/")
    if not rest.startswith(":") or (slash and not re.fullmatch("0|[1-9][0-9]{0,2}", prefix, re.ASCII)):
        raise _TermError(f"{name} wants an address, and a prefix length if it is a network")
    if "%" in address:
        raise _TermError(f"{address!r} has a zone: an address of the Internet is wanted")
    try:
        if name == "ip4":
            return ipaddress.IPv4Network(f"{address}/{prefix or 32}", strict=False)
        return ipaddress.IPv6Network(f"{address}/{prefix or 128}", strict=False)
    except ValueError as error:
        raise _TermError(f"{rest.removeprefix(':')!r} is no {'IPv4' if name == 'ip4' else 'IPv6'} network") from error


def _domain(text: str) -> Template:
    """A domain-spec: it must end in a macro, or in a dot and a top label that is not all digits (7.1)."""
    if not text:
        raise _TermError("the domain is empty")
    template = parse_macros(text)
    last = template[-1]
    if isinstance(last, Macro):
        return template
    if text.endswith(("%%", "%_", "%-")):  # a macro-expand too, by the grammar
        return template
    before, dot, label = last.removesuffix(".").rpartition(".")
    if not dot or not (before or len(template) > 1) or not _LAST_LABEL.fullmatch(label):
        if re.fullmatch(r"[0-9.]+", text):
            raise _TermError(f"{text} is an address: ip4:{text} is meant")
        raise _TermError(f"{text!r} does not end in a domain name such as example.net")
    return template
