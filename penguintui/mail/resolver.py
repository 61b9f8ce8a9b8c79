"""How the rules of mail ask DNS: a protocol that is passed in, and answers that never confuse "no" with "unknown"."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Protocol


class Outcome(enum.Enum):
    """How a question ended. Only `NXDOMAIN` and `NODATA` say that something is missing."""

    RECORDS = "records"
    NXDOMAIN = "nxdomain"
    NODATA = "nodata"
    SERVFAIL = "servfail"
    TIMEOUT = "timeout"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one question brought.

    records: of the asked type only, in presentation form, names without their last dot.
        TXT: the strings of one record joined without a space, each character one byte (Latin-1).
        MX: `10 mx.example.net`. TLSA: `3 1 1 <hex>`. A and AAAA: the address.
    canonical: the name at the end of the CNAME chain; empty when the asked name is no alias.
    ttl: seconds; the smallest of the chain.
    authenticated: whether a validating resolver vouches for it (AD).
    """

    outcome: Outcome
    records: tuple[str, ...] = ()
    canonical: str = ""
    ttl: float = 0.0
    authenticated: bool = False

    @property
    def void(self) -> bool:
        """Answered, with nothing: NXDOMAIN or no data (RFC 7208, 4.6.4)."""
        return self.outcome in (Outcome.NXDOMAIN, Outcome.NODATA)

    @property
    def failed(self) -> bool:
        """Not answered: nothing may be concluded, least of all that a record is missing."""
        return self.outcome in (Outcome.SERVFAIL, Outcome.TIMEOUT)


class Resolver(Protocol):
    """Asks DNS. Never raises: a failure is an `Outcome`."""

    async def query(self, name: str, type: str) -> Answer:
        """The records of `type` ("A", "TXT", …) at `name`, CNAMEs followed.

        `name` comes from records and mails: it may hold any character, and be no legal name at all. What
        cannot be asked is answered with NXDOMAIN.
        """
        ...


def mx_hosts(answer: Answer) -> list[tuple[int, str]]:
    """Preference and host of each MX record, best first; a null MX (RFC 7505) is `(0, "")`."""
    hosts = []
    for record in answer.records:
        preference, _, host = record.partition(" ")
        hosts.append((int(preference) if preference.isdigit() else 0, host.rstrip(".").lower()))
    return sorted(hosts)
