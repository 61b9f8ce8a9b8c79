"""`check_host` (RFC 7208, section 4): may this address send mail for that domain?"""

from __future__ import annotations

import asyncio
import enum
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, replace

from penguintui.mail.resolver import Answer, Outcome, Resolver, mx_hosts
from penguintui.mail.spf.macros import MacroError, Template, expand, expand_name, is_name, letters, parse_macros
from penguintui.mail.spf.parse import LOOKUP_MECHANISMS, Mechanism, Modifier, Record, parse, select

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

MAX_LOOKUPS = 10
"""Terms that ask DNS, in the whole evaluation (4.6.4)."""
MAX_VOIDS = 2
"""Look-ups that find nothing (4.6.4)."""
MAX_NAMES = 10
"""MX hosts or PTR names of one term (4.6.4)."""


_NOTHING = Answer(Outcome.NXDOMAIN)


class Result(enum.StrEnum):
    """The seven results (2.6)."""

    NONE = "none"
    NEUTRAL = "neutral"
    PASS = "pass"  # noqa: S105 - a result, no password
    FAIL = "fail"
    SOFTFAIL = "softfail"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"


_BY_QUALIFIER = {"+": Result.PASS, "-": Result.FAIL, "~": Result.SOFTFAIL, "?": Result.NEUTRAL}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of one check.

    explanation: what the domain's owner says to a refused sender (`exp=`); empty when nothing.
    reason: why, in words.
    lookups: terms that asked DNS, of 10. voids: look-ups that found nothing, of 2; void_names: which.
    """

    result: Result
    explanation: str = ""
    reason: str = ""
    lookups: int = 0
    voids: int = 0
    void_names: tuple[str, ...] = ()


class _StopError(Exception):
    """Ends an evaluation with an error."""

    def __init__(self, result: Result, reason: str) -> None:
        super().__init__(reason)
        self.result = result
        self.reason = reason


@dataclass(frozen=True, slots=True)
class _Match:
    """The result of one record, and where an explanation would come from."""

    result: Result
    reason: str
    domain: str = ""
    explanation: Modifier | None = None


async def check_host(
    resolver: Resolver,
    ip: str,
    mail_from: str,
    helo: str,
    *,
    receiver: str = "unknown",
    now: float = 0.0,
    seconds: float = 20.0,
) -> Verdict:
    """Judges one client address.

    mail_from: the envelope sender; empty for a bounce, which is judged as `postmaster@helo` (2.4).
    receiver, now: what `%{r}` and `%{t}` stand for in an explanation.
    seconds: how long all of it may take; after it the result is temperror (4.6.4).
    Raises ValueError when `ip` is no address.
    """
    sender = mail_from or f"postmaster@{helo}"
    evaluation = _Evaluation(resolver, ip=_address(ip), sender=sender, helo=helo, receiver=receiver, now=now)
    try:
        async with asyncio.timeout(seconds):
            return await evaluation.run()
    except TimeoutError:
        return evaluation.verdict(Result.TEMPERROR, f"DNS did not answer all of it within {seconds:g} s")


def _address(text: str) -> Address:
    address = ipaddress.ip_address(text)
    return (isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped) or address


def _in_ascii(domain: str) -> str:
    """A domain as DNS knows it: an internationalised one in its A-labels (RFC 8616)."""
    if domain.isascii():
        return domain
    try:
        return domain.encode("idna").decode()
    except UnicodeError:
        return domain


class _Evaluation:
    """One check: what all its records share, and the counts that run through them."""

    def __init__(self, resolver: Resolver, *, ip: Address, sender: str, helo: str, receiver: str, now: float) -> None:
        local, _, written = sender.rpartition("@")
        domain = _in_ascii(written)
        self._resolver = resolver
        self._ip = ip
        self._domain = domain
        self._sender = f"{local or 'postmaster'}@{domain}"
        self._helo = helo
        self._receiver = receiver
        self._now = now
        self._lookups = 0
        self._voids: list[str] = []

    def verdict(self, result: Result, reason: str) -> Verdict:
        return Verdict(result, "", reason, self._lookups, len(self._voids), tuple(self._voids))

    async def run(self) -> Verdict:
        try:
            match = await self._check(self._domain)
        except _StopError as stop:
            return self.verdict(stop.result, stop.reason)
        verdict = self.verdict(match.result, match.reason)  # before the explanation, whose questions count for nothing
        return replace(verdict, explanation=await self._explain(match)) if match.result is Result.FAIL else verdict

    async def _check(self, domain: str) -> _Match:
        if not is_name(domain) or domain.startswith("["):
            return _Match(Result.NONE, f"{domain!r} is no domain name")
        domain = domain.removesuffix(".")
        answer = await self._resolver.query(domain, "TXT")
        if answer.failed:
            raise _StopError(Result.TEMPERROR, f"the TXT records of {domain} could not be had ({answer.outcome.value})")
        records = select(answer.records)
        if not records:
            return _Match(Result.NONE, f"{domain} has no SPF record")
        if len(records) > 1:
            raise _StopError(Result.PERMERROR, f"{domain} has {len(records)} SPF records; one is allowed")
        record = parse(records[0])
        if record.faults:
            fault = record.faults[0]
            raise _StopError(Result.PERMERROR, f"{domain}: {fault.term!r}: {fault.reason}")
        return await self._walk(domain, record)

    async def _walk(self, domain: str, record: Record) -> _Match:
        for term in record.mechanisms:
            if await self._matches(term, domain):
                result = _BY_QUALIFIER[term.qualifier]
                return _Match(result, f"{term.text} of {domain} matches", domain, record.modifier("exp"))
        redirect = record.modifier("redirect")
        if redirect is None:
            return _Match(Result.NEUTRAL, f"nothing in the record of {domain} matches")
        self._count(redirect.text, domain)
        target = await self._name(redirect.value, domain)
        match = await self._check(target)
        if match.result is Result.NONE:
            raise _StopError(Result.PERMERROR, f"{redirect.text} of {domain}: {match.reason}")
        return match

    def _count(self, term: str, domain: str) -> None:
        self._lookups += 1
        if self._lookups > MAX_LOOKUPS:
            raise _StopError(Result.PERMERROR, f"{term} of {domain} is look-up 11; 10 are allowed")

    async def _matches(self, term: Mechanism, domain: str) -> bool:
        if term.name not in LOOKUP_MECHANISMS:
            return term.network is None or self._ip in term.network  # all, ip4, ip6
        self._count(term.text, domain)
        target = await self._name(term.domain, domain) if term.domain else domain
        match term.name:
            case "include":
                return await self._included(term, target, domain)
            case "a":
                return await self._has_address(target, term)
            case "mx":
                return await self._has_mx(target, term)
            case "ptr":
                return any(_within(name, target) for name in await self._validated())
            case _:
                return bool((await self._ask(target, "A")).records)

    async def _included(self, term: Mechanism, target: str, domain: str) -> bool:
        match = await self._check(target)
        if match.result is Result.NONE:
            raise _StopError(Result.PERMERROR, f"{term.text} of {domain}: {match.reason}")
        return match.result is Result.PASS

    async def _ask(self, name: str, type: str) -> Answer:
        """Asks for a mechanism: a failure ends the evaluation, an empty answer counts as void."""
        if not is_name(name):
            return _NOTHING
        answer = await self._resolver.query(name, type)
        if answer.failed:
            raise _StopError(
                Result.TEMPERROR, f"the {type} records of {name} could not be had ({answer.outcome.value})"
            )
        if not answer.records:
            self._void(f"{name} {type}")
        return answer

    def _void(self, question: str) -> None:
        self._voids.append(question)
        if len(self._voids) > MAX_VOIDS:
            raise _StopError(
                Result.PERMERROR, f"more than {MAX_VOIDS} look-ups found nothing: {', '.join(self._voids)}"
            )

    @property
    def _type(self) -> str:
        return "A" if self._ip.version == 4 else "AAAA"

    async def _has_address(self, name: str, term: Mechanism) -> bool:
        answer = await self._ask(name, self._type)
        prefix = term.prefix4 if self._ip.version == 4 else term.prefix6
        return _in_any(self._ip, answer.records, prefix)

    async def _has_mx(self, name: str, term: Mechanism) -> bool:
        hosts = [host for _, host in mx_hosts(await self._ask(name, "MX")) if host]
        if len(hosts) > MAX_NAMES:
            raise _StopError(Result.PERMERROR, f"{name} has {len(hosts)} MX hosts; {MAX_NAMES} are allowed")
        for host in hosts:
            if await self._has_address(host, term):
                return True
        return False

    async def _validated(self) -> list[str]:
        """The names of the address that lead back to it (5.5). DNS failures here are no errors, but voids count."""
        pointer = self._ip.reverse_pointer
        answer = await self._resolver.query(pointer, "PTR")
        if answer.void:
            self._void(f"{pointer} PTR")
        names = []
        for name in answer.records[:MAX_NAMES]:
            addresses = await self._resolver.query(name.removesuffix("."), self._type)
            if addresses.void:
                self._void(f"{name} {self._type}")
            if _in_any(self._ip, addresses.records, self._ip.max_prefixlen):
                names.append(name.removesuffix(".").lower())
        return names

    async def _name(self, template: Template, domain: str) -> str:
        return expand_name(template, await self._values(template, domain))

    async def _values(self, template: Template, domain: str) -> dict[str, str]:
        local, _, sender_domain = self._sender.rpartition("@")
        values = {
            "s": self._sender,
            "l": local,
            "o": sender_domain,
            "d": domain,
            "i": _dotted(self._ip),
            "v": "in-addr" if self._ip.version == 4 else "ip6",
            "h": self._helo,
            "c": str(self._ip),
            "r": self._receiver,
            "t": str(int(self._now)),
        }
        if "p" in letters(template):
            values["p"] = _best(await self._validated(), domain)
        return values

    async def _explain(self, match: _Match) -> str:
        """The text of `exp=`. Whatever is wrong with it, there just is none (6.2)."""
        if match.explanation is None:
            return ""
        try:
            name = await self._name(match.explanation.value, match.domain)
            answer = await self._resolver.query(name, "TXT") if is_name(name) else _NOTHING
            if len(answer.records) != 1:
                return ""
            template = parse_macros(answer.records[0], explanation=True)
            return expand(template, await self._values(template, match.domain))
        except (MacroError, _StopError):
            return ""


def _in_any(ip: Address, addresses: Iterable[str], prefix: int) -> bool:
    return any(ip in ipaddress.ip_network(f"{address}/{prefix}", strict=False) for address in addresses)


def _within(name: str, domain: str) -> bool:
    name, domain = name.lower(), domain.lower()
    return name == domain or name.endswith("." + domain)


def _best(names: list[str], domain: str) -> str:
    """The domain itself if it is among the names, else one below it, else any (7.3)."""
    exact = [name for name in names if name == domain.lower()]
    below = [name for name in names if _within(name, domain)]
    return (exact or below or names or ["unknown"])[0]


def _dotted(ip: Address) -> str:
    return str(ip) if ip.version == 4 else ".".join(ip.exploded.replace(":", "").upper())
