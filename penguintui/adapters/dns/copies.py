"""How the copies of a zone at its authoritative name servers stand to each other: served at all, and of one number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from penguintui.adapters.dns.nameserver import from_dns
from penguintui.adapters.failure import NotAnswered, Reason
from penguintui.adapters.span import span
from penguintui.model.observation import Finding, Sample
from penguintui.model.status import Status

if TYPE_CHECKING:
    from dns.rdataset import Rdataset

_HALF = 1 << 31
_WHOLE = 1 << 32


@dataclass(frozen=True, slots=True)
class Unserved:
    """A name server without the zone. lame: it answers, and not with the zone; otherwise it cannot be asked."""

    why: str
    lame: bool


@dataclass(frozen=True, slots=True)
class Standings:
    """found: by server, the serial number of its copy, or why there is none.

    parted: seconds since the numbers differ; None when they do not. lag: so long they may; None for ever.
    """

    found: Mapping[str, str | Unserved]
    parted: float | None = None
    lag: float | None = None

    @property
    def evidence(self) -> dict[str, str]:
        return {
            f"serial at {server}": one.why if isinstance(one, Unserved) else one for server, one in self.found.items()
        }

    def samples(self, domain: str) -> tuple[Sample, ...]:
        numbers = {server: one for server, one in self.found.items() if isinstance(one, str)}
        return tuple(
            Sample("penguintui_dns_serial", float(number), {"domain": domain, "server": server})
            for server, number in numbers.items()
        )

    def judge(self, domain: str) -> Finding:
        """Whether all name servers answer, serve the zone, and have the same copy of it."""
        for lame, status, what, remedy in _UNSERVED:
            lost = [one for one in self.found.values() if isinstance(one, Unserved) and one.lame is lame]
            if lost:
                words = (
                    f"{len(lost)} of the {counted(len(self.found), 'name server')} of {domain} {what}: {lost[0].why}"
                )
                return Finding("dns.servers", status, words, domain, remedy, self.evidence)
        words = f"{counted(len(self.found), 'name server')} of {domain} answer, and agree"
        if self.parted is None or self.lag is None:
            return Finding("dns.servers", Status.OK, words, domain, evidence=self.evidence)
        numbers = {server: int(one) for server, one in self.found.items() if isinstance(one, str)}
        newest = latest(list(numbers.values()))
        behind = ", ".join(f"{server} has {number}" for server, number in numbers.items() if number != newest)
        words = f"the serial numbers of {domain} differ since {span(self.parted)}: the newest is {newest}, {behind}"
        if self.parted <= self.lag:
            return Finding("dns.servers", Status.OK, f"{words}; a change is on its way", domain, evidence=self.evidence)
        remedy = "See on the servers that are behind whether the transfer of the zone fails (NOTIFY, AXFR, its key)."
        return Finding("dns.servers", Status.WARNING, words, domain, remedy, self.evidence)


_UNSERVED = (
    (
        True,
        Status.WARNING,
        "are asked in vain (lame)",
        "Let it serve the zone, or take it out of the delegation and of `servers`: a part of all questions goes there.",
    ),
    (False, Status.UNKNOWN, "cannot be asked", "Let it answer, or take it out of the delegation and of `servers`."),
)


def authorities_of(
    servers: Sequence[str], answers: Sequence[tuple[Rdataset | None, str] | BaseException]
) -> dict[str, str | Unserved]:
    """The serial number of each server's copy of the zone, or why there is none. Raises what failed when all did."""
    failures = [answer for answer in answers if isinstance(answer, BaseException)]
    if len(failures) == len(answers):
        raise failures[0]
    told: dict[str, str | Unserved] = {}
    for server, answer in zip(servers, answers, strict=True):
        if isinstance(answer, BaseException):
            failure = from_dns(answer, f"the name server {server}")
            lame = isinstance(answer, NotAnswered) and failure.reason in (Reason.DENIED, Reason.GARBLED)
            told[server] = Unserved(failure.text, lame)
        else:
            told[server] = str(answer[0][0].serial) if answer[0] else Unserved("it has no SOA record", lame=True)
    return told


def latest(numbers: Sequence[int]) -> int:
    """The newest of serial numbers, which go round (RFC 1982); of two that cannot be compared, the greater."""
    newest = numbers[0]
    for number in numbers[1:]:
        ahead = (number - newest) % _WHOLE
        if 0 < ahead < _HALF or (ahead == _HALF and number > newest):
            newest = number
    return newest


def counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
