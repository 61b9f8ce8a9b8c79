"""What is wrong, or soon will be, with a domain's SPF record: the whole tree of look-ups, counted and named."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from penguintui.mail.resolver import Answer, Outcome, Resolver, mx_hosts
from penguintui.mail.spf.evaluate import MAX_LOOKUPS, MAX_NAMES, MAX_VOIDS
from penguintui.mail.spf.macros import Macro, Template, is_name
from penguintui.mail.spf.parse import LOOKUP_MECHANISMS, Mechanism, Modifier, Record, parse, select
from penguintui.model.status import Status

LONGEST_RECORD = 450
"""Bytes that fit, with the rest of the answer, into 512 (RFC 7208, 3.4)."""
_ENOUGH = 100
"""Look-ups after which a tree is not followed further: it is broken ten times over."""


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to say about a record. `code` is stable; `domain` is whose record it is about."""

    code: str
    status: Status
    domain: str
    sentence: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """A term that asks DNS.

    total: look-ups of the term and all below it. voids: questions below it that found nothing.
    record: the SPF record found, for include and redirect.
    """

    term: str
    name: str
    total: int
    voids: tuple[str, ...] = ()
    record: str = ""
    looks: tuple[Look, ...] = ()

    def walk(self, depth: int = 0) -> Iterator[tuple[int, Look]]:
        """This look-up and all below it, with their depth, in the order in which they count."""
        yield depth, self
        for look in self.looks:
            yield from look.walk(depth + 1)


@dataclass(frozen=True, slots=True)
class Lint:
    """All that can be said about one domain's record, in its whole tree.

    lookups: of 10. voids: of 2; a and mx count as void only when neither IPv4 nor IPv6 has an answer.
    """

    domain: str
    record: str
    lookups: int
    voids: tuple[str, ...]
    looks: tuple[Look, ...]
    remarks: tuple[Remark, ...]

    @property
    def status(self) -> Status:
        return max((remark.status for remark in self.remarks), default=Status.OK)


@dataclass(slots=True)
class _Walk:
    """One lint under way."""

    resolver: Resolver
    remarks: list[Remark] = field(default_factory=list)
    asked: int = 0

    def say(self, code: str, status: Status, domain: str, sentence: str, remedy: str = "") -> None:
        remark = Remark(code, status, domain, sentence, remedy)
        if remark not in self.remarks:
            self.remarks.append(remark)

    async def query(self, name: str, type: str) -> Answer:
        if not is_name(name):
            return Answer(Outcome.NXDOMAIN)
        answer = await self.resolver.query(name, type)
        if answer.failed:
            self.say(
                "unanswered",
                Status.UNKNOWN,
                name,
                f"the {type} records of {name} could not be had ({answer.outcome.value})",
                "ask again; nothing is known of what hangs on them",
            )
        return answer


async def lint(resolver: Resolver, domain: str) -> Lint:
    """Looks at a domain's record and at all that it leads to. Asks each level at once."""
    walk = _Walk(resolver)
    domain = domain.removesuffix(".")
    text, looks = await _record(walk, domain, ())
    lookups = sum(look.total for look in looks)
    voids = tuple(void for look in looks for void in look.voids)
    if lookups > MAX_LOOKUPS:
        sentence = f"{lookups} look-ups; with the 11th every receiver answers permerror"
        walk.say("lookups", Status.CRITICAL, domain, sentence, "drop includes, or write addresses as ip4: and ip6:")
    elif lookups > MAX_LOOKUPS - 2:
        sentence = f"{lookups} of {MAX_LOOKUPS} look-ups are used up"
        walk.say("lookups", Status.WARNING, domain, sentence, "make room before the next provider is included")
    if len(voids) > MAX_VOIDS:
        sentence = f"{len(voids)} look-ups find nothing, {MAX_VOIDS} are allowed: {', '.join(voids)}"
        walk.say("voids", Status.CRITICAL, domain, sentence, "remove these terms or publish their names")
    elif voids:
        sentence = f"finds nothing: {', '.join(voids)}"
        walk.say("voids", Status.WARNING, domain, sentence, "remove these terms or publish their names")
    return Lint(domain, text, lookups, voids, looks, tuple(walk.remarks))


async def _record(walk: _Walk, domain: str, above: tuple[str, ...]) -> tuple[str, tuple[Look, ...]]:
    """The record of a domain and its look-ups; `above` are the domains that led here."""
    answer = await walk.query(domain, "TXT")
    if answer.failed:
        return "", ()
    texts = select(answer.records)
    if not texts:
        led = f", which {above[-1]} includes" if above else ""
        walk.say("missing", Status.CRITICAL, domain, f"{domain}{led}, has no SPF record", "publish one")
        return "", ()
    if len(texts) > 1:
        sentence = f"{domain} has {len(texts)} SPF records: every receiver answers permerror"
        walk.say("multiple", Status.CRITICAL, domain, sentence, "merge them into one")
    record = parse(texts[0])
    _judge(walk, domain, record, top=not above)
    looks = await asyncio.gather(*(_look(walk, term, domain, above) for term in _asking(record)))
    return record.text, tuple(looks)


def _asking(record: Record) -> list[Mechanism | Modifier]:
    redirects = not any(term.name == "all" for term in record.mechanisms)
    return [
        term
        for term in record.terms
        if (isinstance(term, Mechanism) and term.name in LOOKUP_MECHANISMS)
        or (isinstance(term, Modifier) and term.name == "redirect" and redirects)
    ]


def _plain(template: Template) -> str | None:
    """The name, or None when macros make it differ from mail to mail."""
    if any(isinstance(part, Macro) for part in template):
        return None
    return "".join(part for part in template if isinstance(part, str)).removesuffix(".")


async def _look(walk: _Walk, term: Mechanism | Modifier, domain: str, above: tuple[str, ...]) -> Look:
    template = term.value if isinstance(term, Modifier) else term.domain
    name = _plain(template) if template else domain
    walk.asked += 1
    if name is None or walk.asked > _ENOUGH:
        return Look(term.text, name or "", 1)
    if term.name in ("include", "redirect"):
        return await _follow(walk, term.text, name, (*above, domain))
    voids: tuple[str, ...] = ()
    if term.name == "a" and await _no_address(walk, name):
        voids = (f"{name} A",)
    elif term.name == "mx":
        voids = await _empty_mx(walk, name)
    elif term.name == "exists" and (await walk.query(name, "A")).void:
        voids = (f"{name} A",)
    return Look(term.text, name, 1, voids)


async def _follow(walk: _Walk, term: str, name: str, above: tuple[str, ...]) -> Look:
    if name.lower() in (domain.lower() for domain in above):
        circle = " → ".join((*above, name))
        walk.say("loop", Status.CRITICAL, name, f"the record leads back to itself: {circle}", "remove the last step")
        return Look(term, name, MAX_LOOKUPS + 1)
    text, looks = await _record(walk, name, above)
    own = () if text else ((f"{name} TXT",) if (await walk.query(name, "TXT")).void else ())
    below = tuple(void for look in looks for void in look.voids)
    return Look(term, name, 1 + sum(look.total for look in looks), own + below, text, looks)


async def _no_address(walk: _Walk, name: str) -> bool:
    answers = await asyncio.gather(walk.query(name, "A"), walk.query(name, "AAAA"))
    return all(answer.void for answer in answers)


async def _empty_mx(walk: _Walk, name: str) -> tuple[str, ...]:
    answer = await walk.query(name, "MX")
    if answer.void:
        return (f"{name} MX",)
    hosts = [host for _, host in mx_hosts(answer) if host]
    if len(hosts) > MAX_NAMES:
        sentence = f"mx of {name} leads to {len(hosts)} hosts; {MAX_NAMES} are allowed"
        walk.say("mx-names", Status.CRITICAL, name, sentence, "name the networks by ip4: and ip6: instead")
    empty = await asyncio.gather(*(_no_address(walk, host) for host in hosts[:MAX_NAMES]))
    return tuple(f"{host} A" for host, void in zip(hosts, empty, strict=False) if void)


def _judge(walk: _Walk, domain: str, record: Record, *, top: bool) -> None:
    """What one record shows by itself."""
    for fault in record.faults:
        sentence = f"{fault.term!r}: {fault.reason}: every receiver answers permerror"
        walk.say("syntax", Status.CRITICAL, domain, sentence, "correct the term")
    if len(record.text) > LONGEST_RECORD:
        sentence = f"the record has {len(record.text)} bytes; above {LONGEST_RECORD} some answers no longer fit"
        walk.say("length", Status.WARNING, domain, sentence, "move networks into an included record")
    for text, count in Counter(term.text.lower() for term in record.terms).items():
        if count > 1:
            walk.say("duplicate", Status.WARNING, domain, f"{text} stands {count} times", "remove the others")
    for term in record.mechanisms:
        if term.name == "ptr":
            walk.say("ptr", Status.WARNING, domain, "ptr must not be used (RFC 7208, 5.5)", "name addresses instead")
    _judge_order(walk, domain, record.terms, record.mechanisms, top=top)


def _judge_order(
    walk: _Walk,
    domain: str,
    terms: Sequence[Mechanism | Modifier],
    mechanisms: Sequence[Mechanism],
    *,
    top: bool,
) -> None:
    every = next((index for index, term in enumerate(mechanisms) if term.name == "all"), None)
    redirected = any(isinstance(term, Modifier) and term.name == "redirect" for term in terms)
    if every is None:
        if top and not redirected:
            walk.say("no-all", Status.WARNING, domain, "the record has no end: others are neutral", "end it with -all")
        return
    late = [term.text for term in mechanisms[every + 1 :]]
    if late:
        walk.say("order", Status.WARNING, domain, f"never reached after all: {' '.join(late)}", "put all last")
    if redirected:
        walk.say("order", Status.WARNING, domain, "redirect= means nothing beside all", "remove one of the two")
    qualifier = mechanisms[every].qualifier
    if qualifier == "+":
        walk.say("plus-all", Status.CRITICAL, domain, "+all lets the whole world send in this name", "end it with -all")
    elif qualifier == "?" and top:
        walk.say("neutral-all", Status.WARNING, domain, "?all says nothing about strangers", "end it with ~all or -all")
