"""How much mail there is and what becomes of it: pure functions of time, seed and standing faults."""

from __future__ import annotations

import functools
import math
import random
from collections.abc import Container
from dataclasses import dataclass, replace

from penguintui.model.clock import Time

MAILS_PER_DAY = 9_600_000
HOUR = 3600
DAY = 86400
_Z95 = 1.645
"""The 95th percentile of the normal distribution, in standard deviations."""


@dataclass(frozen=True, slots=True)
class Provider:
    """A mailbox provider as the lab's platform sees it: its share of the mail and its usual behaviour."""

    name: str
    domain: str
    share: float
    rates: Rates


@dataclass(frozen=True, slots=True)
class Rates:
    """What becomes of mail to one provider. Shares of one; `p50` and `p95` in seconds to delivery."""

    deferred: float
    bounced: float
    complained: float
    inbox: float
    p50: float
    p95: float

    @property
    def sigma(self) -> float:
        """The spread of the log-normal distribution with these two quantiles."""
        return math.log(self.p95 / self.p50) / _Z95


PROVIDERS = (
    Provider("gmail", "gmail.example", 0.40, Rates(0.012, 0.0080, 0.00040, 0.978, 4.5, 21.0)),
    Provider("outlook", "outlook.example", 0.25, Rates(0.021, 0.0095, 0.00030, 0.974, 7.0, 27.0)),
    Provider("yahoo", "yahoo.example", 0.15, Rates(0.016, 0.0090, 0.00045, 0.976, 6.0, 26.0)),
    Provider("other", "mailbox.example", 0.20, Rates(0.014, 0.0070, 0.00020, 0.982, 3.5, 18.0)),
)

MAIL_FAULTS = frozenset({"blocklisted", "bounce-spike", "slow-delivery", "queue-stuck", "api-errors", "smtp-down"})
"""Faults from which customers suffer."""


@functools.lru_cache(maxsize=4096)
def _hour_noise(seed: int, hour: int) -> float:
    return random.Random(f"{seed}/{hour}").uniform(0.95, 1.05)  # noqa: S311 - a simulation


def load(time: Time, seed: int) -> float:
    """How busy the platform is: about 1 on average, 0.5 at night, 1.45 after lunch, less on weekends (UTC)."""
    hour = (time % DAY) / HOUR
    daily = 1.0 + 0.42 * math.sin(math.tau * (hour - 8.5) / 24) + 0.06 * math.sin(2 * math.tau * (hour - 4) / 24)
    weekday = (int(time // DAY) + 4) % 7
    return daily * (0.8 if weekday in (0, 6) else 1.05) * _hour_noise(seed, int(time // HOUR))


def mails_a_second(time: Time, seed: int, provider: Provider) -> float:
    return MAILS_PER_DAY / DAY * provider.share * load(time, seed)


def hourly_mails(hour: int, seed: int, provider: Provider) -> int:
    """Mails of one hour since 1970. What the database starts with and what history tells are both this."""
    return round(mails_a_second(hour * HOUR + HOUR / 2, seed, provider) * HOUR)


def rates(provider: Provider, faults: Container[str], listed: bool) -> Rates:
    """What becomes of mail to a provider now. `listed`: whether a listed address is sending."""
    found = provider.rates
    if listed:
        hard = provider.name == "outlook"
        found = replace(
            found,
            deferred=0.31 if hard else found.deferred * 1.8,
            inbox=0.66 if hard else found.inbox - 0.012,
            p95=192.0 if hard else found.p95 * 1.3,
        )
    if "slow-delivery" in faults and provider.name == "outlook":
        found = replace(found, deferred=0.18, p50=44.0, p95=185.0)
    if "bounce-spike" in faults and provider.name == "yahoo":
        found = replace(found, bounced=0.115)
    if "queue-stuck" in faults:
        found = replace(found, deferred=0.42, p50=found.p50 * 3, p95=found.p95 * 4)
    return found
