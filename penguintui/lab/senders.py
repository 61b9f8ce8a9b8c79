"""Who sends mail in the names of the lab's domains: ourselves, those who pass it on, and one who pretends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from penguintui.adapters.dmarc.sources import network_of
from penguintui.mail.dmarc import Source


@dataclass(frozen=True, slots=True)
class Sender:
    """One address, its name in DNS, and its share of the mail that a receiver reports, by what of it aligns."""

    address: str
    host: str
    shares: tuple[float, float, float, float]
    """Of all mails: with neither, by SPF, by DKIM, by both; the order of `Source`."""

    def counts(self, mails: float) -> Source:
        return Source(*(round(mails * share) for share in self.shares))


SENDERS = (
    Sender("203.0.113.11", "mx1.penguinmails.test", (0.0, 0.0, 0.004, 0.49)),
    Sender("203.0.113.12", "mx2.penguinmails.test", (0.0, 0.0, 0.003, 0.468)),
    Sender("198.18.25.4", "lists.university.test", (0.002, 0.0, 0.024, 0.0)),
    Sender("198.18.40.9", "out.helpdesk.test", (0.0, 0.0, 0.006, 0.0)),
    Sender("198.18.77.31", "", (0.003, 0.0, 0.0, 0.0)),
)
SPOOFER = Sender("198.51.100.201", "vps-201.cheap-hosting.test", (0.35, 0.0, 0.0, 0.0))
"""The one of the fault `spoofed-source`."""
SPOOFED = "acme-outreach.test"
"""The domain in whose name it sends."""


def networks() -> Mapping[str, tuple[str, tuple[float, ...]]]:
    """Those who always send, by network: the name of one of its addresses, and the shares of all of them."""
    found: dict[str, tuple[str, tuple[float, ...]]] = {}
    for sender in SENDERS:
        name, shares = found.get(network_of(sender.address), (sender.host, (0.0,) * 4))
        both = tuple(one + other for one, other in zip(shares, sender.shares, strict=True))
        found[network_of(sender.address)] = (name, both)
    return found
