"""The mail of the platform, tick by tick: what is sent, what becomes of it, and what it earns."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Container

from penguintui.lab.addresses import AddressPool
from penguintui.lab.database import Batch
from penguintui.lab.past import DELIVERED_SHARE, DOLLARS_A_MAIL, OPEN_SHARE, REPLY_SHARE, hours
from penguintui.lab.traffic import DAY, HOUR, PROVIDERS, Provider, Rates, hourly_mails, mails_a_second, rates
from penguintui.model.clock import Time

TICK = 2.0
"""Seconds between two batches of mail."""
FIRST_TICKS = 5
"""Batches before the lab began, so that what is told of the last seconds has enough mail behind it from the start."""
RUNNING_CAMPAIGNS = 306
SEEDS_A_TICK = 10
SAMPLED_DELIVERIES = 30

_ADD_MAIL = (
    "INSERT INTO daily_mail VALUES (?, ?, ?, ?) ON CONFLICT (day, provider) "
    "DO UPDATE SET sent = sent + excluded.sent, delivered = delivered + excluded.delivered"
)
_ADD_REVENUE = (
    "INSERT INTO daily_revenue VALUES (?, ?, ?) ON CONFLICT (day, source) "
    "DO UPDATE SET dollars = dollars + excluded.dollars"
)
_ADD_ENGAGEMENT = (
    "INSERT INTO daily_engagement VALUES (?, ?, ?) ON CONFLICT (day) "
    "DO UPDATE SET opens = opens + excluded.opens, replies = replies + excluded.replies"
)


class MailFlow:
    """Makes the batches. Fractions of a mail are carried on, so that shares stay true in small numbers."""

    def __init__(self, seed: int, addresses: AddressPool, faults: Container[str]) -> None:
        self._seed = seed
        self._addresses = addresses
        self._faults = faults
        self._chance = random.Random(seed)  # noqa: S311 - a simulation
        self._carried: dict[str, float] = {}

    def _whole(self, what: str, amount: float) -> int:
        total = self._carried.get(what, self._chance.random()) + amount
        whole = math.floor(total)
        self._carried[what] = total - whole
        return whole

    def past(self, began: Time) -> Batch:
        """The totals of the last 30 days, and the batches of the last two hours: one a minute, then one a tick."""
        batch = Batch()
        for start, seconds in hours(began):
            for provider in PROVIDERS:
                mails = round(hourly_mails(int(start // HOUR), self._seed, provider) * seconds / HOUR)
                # Up, so that the counters go on where the generated history ends: less would look like a restart.
                _add_totals(batch, start, provider, mails, math.ceil(mails * DELIVERED_SHARE), math.ceil)
        for minutes in range(120, 1, -1):
            time = began - minutes * 60
            for provider in PROVIDERS:
                mails = round(mails_a_second(time, self._seed, provider) * 60)
                self._add_mail(batch, time, provider, mails, provider.rates)
        for ticks in range(FIRST_TICKS, 0, -1):
            self._add_tick(batch, began - ticks * TICK, TICK)
        return batch

    def tick(self, now: Time, seconds: float) -> Batch:
        """The mail of the last seconds."""
        batch = Batch()
        for provider, mails, delivered in self._add_tick(batch, now, seconds):
            _add_totals(batch, now, provider, mails, delivered)
        return batch

    def _add_tick(self, batch: Batch, now: Time, seconds: float) -> list[tuple[Provider, int, int]]:
        """All but the totals. Returns how many mails of each provider were sent, and how many delivered."""
        counts = []
        for provider in PROVIDERS:
            found = rates(provider, self._faults, self._addresses.sending_while_listed)
            mails = self._whole(provider.name, mails_a_second(now, self._seed, provider) * seconds)
            delivered = self._add_mail(batch, now, provider, mails, found)
            self._add_deliveries(batch, now, provider, found)
            self._add_seeds(batch, now, provider, found)
            counts.append((provider, mails, delivered))
        return counts

    def _add_mail(self, batch: Batch, time: Time, provider: Provider, mails: int, found: Rates) -> int:
        """One provider's batch. Returns how many mails were delivered."""
        campaign = self._chance.randint(1, RUNNING_CAMPAIGNS)
        deferred = self._whole(f"deferred {provider.name}", mails * found.deferred)
        bounced = self._whole(f"bounced {provider.name}", mails * found.bounced)
        complained = self._whole(f"complained {provider.name}", mails * found.complained)
        delivered = max(0, mails - deferred - bounced)
        batch.add("sends", time, campaign, provider.name, mails, delivered, deferred)
        if bounced:
            kind = self._chance.choice(("hard", "hard", "soft"))
            batch.add("bounces", time, campaign, provider.name, kind, bounced)
        if complained:
            batch.add("complaints", time, campaign, provider.name, complained)
        batch.add("opens", time, campaign, round(delivered * OPEN_SHARE))
        batch.add("replies", time, campaign, round(delivered * REPLY_SHARE))
        for source, dollars in DOLLARS_A_MAIL.items():
            batch.add("revenue", time, campaign, source, round(mails * dollars, 4))
        return delivered

    def _add_deliveries(self, batch: Batch, time: Time, provider: Provider, found: Rates) -> None:
        middle = math.log(found.p50)
        for _ in range(SAMPLED_DELIVERIES):
            batch.add("deliveries", time, provider.name, self._chance.lognormvariate(middle, found.sigma))

    def _add_seeds(self, batch: Batch, time: Time, provider: Provider, found: Rates) -> None:
        missed = self._whole(f"placed {provider.name}", SEEDS_A_TICK * (1 - found.inbox))
        batch.add("seed_results", time, provider.name, "inbox", SEEDS_A_TICK - missed)
        if missed:
            batch.add("seed_results", time, provider.name, "spam", missed)


def _add_totals(
    batch: Batch, time: Time, provider: Provider, mails: int, delivered: int, whole: Callable[[float], int] = round
) -> None:
    day = int(time // DAY)
    batch.run(_ADD_MAIL, day, provider.name, mails, delivered)
    batch.run(_ADD_ENGAGEMENT, day, whole(mails * OPEN_SHARE), whole(mails * REPLY_SHARE))
    for source, dollars in DOLLARS_A_MAIL.items():
        batch.run(_ADD_REVENUE, day, source, round(mails * dollars, 4))
