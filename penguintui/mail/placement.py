"""Where canary mails arrived: shares per provider with their uncertainty, or the words that there are too few."""

from __future__ import annotations

import enum
import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from penguintui.model.clock import Time

FEWEST = 10
"""Canaries below which no share is told: even ten of ten in the inbox leave 72 % possible."""
PATIENCE = 3600.0
"""Seconds after which a canary that did not arrive counts as missing."""
_Z = 1.959964
"""Of the normal distribution, for 95 %."""


class Place(enum.StrEnum):
    INBOX = "inbox"
    SPAM = "spam"
    MISSING = "missing"
    PENDING = "pending"


@dataclass(frozen=True, slots=True)
class Canary:
    """One canary. place: where it was found last; PENDING until then. sent, seen: times; seen is 0 when it was not."""

    provider: str
    pool: str
    sent: Time
    place: Place = Place.PENDING
    seen: Time = 0.0


@dataclass(frozen=True, slots=True)
class Placement:
    """What the canaries say of one provider.

    share: in the inbox, of those that count; None when there are too few. low, high: its Wilson interval of 95 %.
    count: those that count (found, or missing). pending: under way. age: seconds since the newest that counts was sent.
    """

    provider: str
    count: int
    inbox: int
    spam: int
    missing: int
    pending: int
    share: float | None
    low: float
    high: float
    age: float
    fewest: int = FEWEST

    @property
    def words(self) -> str:
        """In one line, always with how many it stands on."""
        if self.share is None:
            wanted = "none has arrived yet" if not self.count else f"{self.count} of at least {self.fewest} canaries"
            return f"{self.provider}: too little data ({wanted})"
        spread = f"{100 * self.low:.0f} to {100 * self.high:.0f} %"
        return f"{self.provider}: {100 * self.share:.0f} % in the inbox ({spread}, n={self.count})"


def placements(canaries: Iterable[Canary], now: Time, fewest: int = FEWEST) -> list[Placement]:
    """Per provider, by name. Of canaries that were sent in the period that is asked for."""
    by_provider: defaultdict[str, list[Canary]] = defaultdict(list)
    for canary in canaries:
        by_provider[canary.provider].append(canary)
    return [_placement(provider, by_provider[provider], now, fewest) for provider in sorted(by_provider)]


def settled(canary: Canary, now: Time) -> Place:
    """Where a canary is, with one that has been under way for too long taken as missing."""
    late = canary.place is Place.PENDING and now - canary.sent > PATIENCE
    return Place.MISSING if late else canary.place


def wilson(successes: int, count: int) -> tuple[float, float]:
    """The interval in which the true share lies with 95 % (Wilson, 1927); 0 to 1 when nothing was counted."""
    if not count:
        return 0.0, 1.0
    share, square = successes / count, _Z * _Z
    middle = (share + square / (2 * count)) / (1 + square / count)
    half = _Z * math.sqrt(share * (1 - share) / count + square / (4 * count * count)) / (1 + square / count)
    return max(0.0, middle - half), min(1.0, middle + half)


def _placement(provider: str, canaries: list[Canary], now: Time, fewest: int) -> Placement:
    places = [settled(canary, now) for canary in canaries]
    inbox, spam, missing = (places.count(place) for place in (Place.INBOX, Place.SPAM, Place.MISSING))
    count = inbox + spam + missing
    low, high = wilson(inbox, count)
    counted = [one.sent for one, place in zip(canaries, places, strict=True) if place is not Place.PENDING]
    age = now - max(counted, default=now)
    share = inbox / count if count >= fewest else None
    return Placement(provider, count, inbox, spam, missing, len(places) - count, share, low, high, age, fewest)
