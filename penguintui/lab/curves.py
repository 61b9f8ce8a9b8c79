"""How each number of the generated past went: one curve for each key series that the agent will go on writing."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from penguintui.lab import past
from penguintui.lab.mailflow import RUNNING_CAMPAIGNS
from penguintui.lab.operations import SATISFIED_SHARE, SPOOL_BYTES, SPOOL_USED, TENANTS
from penguintui.lab.senders import networks
from penguintui.lab.traffic import DAY, HOUR, PROVIDERS, Provider, hourly_mails, load
from penguintui.lab.zones import DOMAINS
from penguintui.model.clock import Time

_MEDIAN_TO_P95 = 1.59
_API_MEDIAN = 0.058
_WEB_SECONDS = 0.17
_LOGINS_AN_HOUR = 30.0
_MAILS_REPORTED = 16_000.0
_OUTAGE = 600.0
"""Seconds before and after the middle of the outage in which the API did not answer at all."""

Curve = Callable[[Time], float]


@dataclass(frozen=True, slots=True)
class Course:
    """A series of the past: its metric and own labels, the target and probe that bring it, and its curve."""

    target: str
    probe: str
    metric: str
    curve: Curve
    labels: dict[str, str] = field(default_factory=dict)


class Curves:
    """All courses of one past. Seeded; asked in ascending order of time."""

    def __init__(self, began: Time, seed: int) -> None:
        self._began = began
        self._seed = seed
        self._incident = past.incident(began)
        self._busy: dict[Time, float] = {}
        self._mails = {provider.name: _Totals(began, seed, provider) for provider in PROVIDERS}

    def courses(self) -> Iterator[Course]:
        yield from self._api()
        yield from self._mail()
        yield from self._business()
        yield from self._nodes()
        yield from self._addresses()
        yield from self._logins()
        yield from self._senders()

    def load(self, time: Time) -> float:
        found = self._busy.get(time)
        if found is None:
            found = self._busy[time] = load(time, self._seed)
        return found

    def trouble(self, time: Time) -> float:
        """How bad the incident is: 0 outside, rising to 1 within ten minutes, falling in the last twenty."""
        since, left = time - self._incident.start, self._incident.end - time
        return 0.0 if since < 0 or left < 0 else min(1.0, since / 600, left / 1200)

    def out(self, time: Time) -> bool:
        """Whether the API did not answer at all: for twenty minutes of the incident."""
        middle = math.ceil((self._incident.start + 900) / 1800) * 1800
        return abs(time - middle) <= _OUTAGE

    def _noise(self, name: str, share: float) -> Callable[[], float]:
        chance = random.Random(f"{self._seed}/{name}")  # noqa: S311 - a simulation
        return lambda: max(0.1, chance.gauss(1.0, share))

    def _around(self, name: str, base: float, worse: float = 0.0, share: float = 0.05, follows: float = 0.0) -> Curve:
        """A value around `base`: with the load by `follows`, with noise, and `worse` more at the incident's height."""
        noise = self._noise(name, share)
        return lambda time: (
            base * (1 + follows * (self.load(time) - 1)) * noise() + worse * self.trouble(time) * noise()
        )

    def _api(self) -> Iterator[Course]:
        for quantile, base, worse in (
            ("avg", _API_MEDIAN * 1.04, 0.9),
            ("0.95", _API_MEDIAN * _MEDIAN_TO_P95, 1.9),
            ("0.99", _API_MEDIAN * 1.95, 3.1),
        ):
            labels = {"service": "api", "quantile": quantile}
            curve = self._around(f"api {quantile}", base, worse, 0.07, 0.3)
            yield Course("api", "health", "penguinmails_service_response_seconds", curve, labels)
        errors = self._around("errors", 0.00035, 0.06, 0.3, 0.4)
        yield Course("api", "health", "penguinmails_service_error_ratio", errors, {"service": "api"})
        for target in ("api", "api-blue", "api-green"):
            worse = 1.7 if target != "api-blue" else 0.0
            seconds = self._around(f"{target} seconds", _API_MEDIAN, worse, 0.2, 0.3)
            yield Course(target, "http", "probe_duration_seconds", seconds)
        yield Course("web", "http", "probe_duration_seconds", self._around("web", _WEB_SECONDS, 2.1, 0.1, 0.8))
        for probe in ("http", "health"):
            yield Course("api", probe, "up", lambda time: 0.0 if self.out(time) else 1.0)
        for target in ("api-blue", "api-green", "web"):
            yield Course(target, "http", "up", lambda _: 1.0)

    def _mail(self) -> Iterator[Course]:
        for provider in PROVIDERS:
            name, usual = provider.name, provider.rates
            slow = 2.4 if name == "outlook" else 0.9
            for quantile, seconds in (("0.5", usual.p50), ("0.95", usual.p95)):
                curve = self._around(f"{name} {quantile}", seconds, slow * seconds, 0.08, 0.1)
                labels = {"provider": name, "quantile": quantile}
                yield Course("mail", "sql", "penguinmails_delivery_seconds", curve, labels)
            for metric, base, worse in (
                ("penguinmails_deferred_ratio", usual.deferred, 0.2),
                ("penguinmails_bounce_ratio", usual.bounced, 0.002),
                ("penguinmails_complaint_ratio", usual.complained, 0.0),
            ):
                curve = self._around(f"{name} {metric}", base, worse, 0.1)
                yield Course("mail", "sql", metric, curve, {"provider": name})
            yield Course("mail", "sql", "penguinmails_inbox_ratio", self._inbox(provider), {"provider": name})
            yield Course("mail", "sql", "penguinmails_inbox_tests", lambda _: 40.0, {"provider": name})
            totals = self._mails[name]
            yield Course("mail", "sql", "penguinmails_mails_sent_total", totals.sent, {"provider": name})
            yield Course("mail", "sql", "penguinmails_mails_delivered_total", totals.delivered, {"provider": name})

    def _inbox(self, provider: Provider) -> Curve:
        missed = self._around(f"{provider.name} inbox", 1 - provider.rates.inbox, 0.02, 0.15)
        return lambda time: 1.0 - missed(time)

    def _business(self) -> Iterator[Course]:
        def today(time: Time) -> float:
            midnight = time // DAY * DAY
            return sum(totals.sent(time) - totals.sent(midnight) for totals in self._mails.values())

        def sent(time: Time) -> float:
            return sum(totals.sent(time) for totals in self._mails.values())

        earned = past.DOLLARS_A_MAIL
        yield Course("business", "sql", "penguinmails_mails_today", today)
        yield Course(
            "business", "sql", "penguinmails_revenue_today_dollars", lambda time: today(time) * sum(earned.values())
        )
        for source, dollars in earned.items():
            curve = _times(sent, dollars)
            yield Course("business", "sql", "penguinmails_revenue_dollars_total", curve, {"source": source})
        yield Course("business", "sql", "penguinmails_opens_total", _times(sent, past.OPEN_SHARE))
        yield Course("business", "sql", "penguinmails_replies_total", _times(sent, past.REPLY_SHARE))

        def affected(time: Time) -> float:
            return 38.0 if self.trouble(time) > 0.3 else 0.0

        customers = "penguinmails_customers"
        yield Course("business", "sql", customers, affected, {"state": "affected"})
        yield Course("business", "sql", customers, lambda time: TENANTS - affected(time), {"state": "healthy"})
        running = self._around("campaigns", RUNNING_CAMPAIGNS, share=0.01)
        campaigns = "penguinmails_campaigns"
        yield Course("business", "sql", campaigns, lambda time: float(round(running(time))), {"status": "running"})
        satisfied = self._around("satisfied", SATISFIED_SHARE, share=0.002)
        yield Course("business", "sql", "penguinmails_satisfaction_ratio", satisfied)

    def _nodes(self) -> Iterator[Course]:
        for node, used in SPOOL_USED.items():
            free = self._around(f"{node} disk", SPOOL_BYTES * (1 - used - 0.01), share=0.004)
            spool = {"mountpoint": "/var/spool"}
            yield Course(node, "sql", "node_filesystem_avail_bytes", free, spool)
            yield Course(node, "sql", "node_filesystem_size_bytes", lambda _: float(SPOOL_BYTES), spool)
            yield Course(node, "sql", "node_load1", self._around(f"{node} load", 0.74, 1.2, 0.1, 1.0))
            yield Course(node, "sql", "penguinmails_node_cpu_ratio", self._around(f"{node} cpu", 0.185, 0.3, 0.1, 0.9))
            memory = self._around(f"{node} memory", 0.52, 0.05, 0.01, 0.08)
            yield Course(node, "sql", "penguinmails_node_memory_ratio", memory)
        waiting = self._around("waiting", 34, 900, 0.2, 1.0)
        queue = {"queue": "queue:email:processing"}
        yield Course("job-queues", "queues", "penguinmails_queue_waiting", waiting, queue)

    def _addresses(self) -> Iterator[Course]:
        for address, score in (("203.0.113.11", 97.0), ("203.0.113.12", 95.0)):
            labels = {"ip": address, "provider": "hostwinds"}
            curve = self._around(address, score, share=0.003)
            yield Course("sending-addresses", "reputation", "penguinmails_ip_reputation_score", curve, labels)
        for address in ("203.0.113.11", "203.0.113.12", "203.0.113.13"):
            labels = {"ip": address, "zone": "zen.dnsbl.test"}
            yield Course("sending-addresses", "blocklists", "penguintui_blocklist_listed", lambda _: 0.0, labels)

    def _logins(self) -> Iterator[Course]:
        """Attackers never rest and come in waves; people log in by day."""
        waves = self._around("logins", _LOGINS_AN_HOUR, 0.0, 0.5)
        for result, rate in (("failed", waves), ("accepted", lambda time: 0.5 * _LOGINS_AN_HOUR * self.load(time))):
            counter = _Counter(self._began, rate)
            yield Course("mx1-logins", "log", "penguintui_logins_total", counter, {"result": result})

    def _senders(self) -> Iterator[Course]:
        """Who sent in our domains' names, as reports told it; nobody was new."""
        first = past.beginning(self._began)
        of_box = ("dmarc-reports", "imap")
        for domain in DOMAINS:
            named = {"domain": domain}
            yield Course(*of_box, "penguintui_dmarc_sources", lambda _: float(len(networks())), named)
            for network, (name, shares) in networks().items():
                source = {**named, "source": network}
                for aligned, share in zip(("none", "spf", "dkim", "both"), shares, strict=True):
                    if share:
                        mails = _whole(self._around(f"{domain} {network} {aligned}", _MAILS_REPORTED * share))
                        yield Course(*of_box, "penguintui_dmarc_source_messages", mails, {**source, "aligned": aligned})
                seen = {**source, "name": name, "new": "no"}
                yield Course(*of_box, "penguintui_dmarc_source_first_seen_seconds", lambda _: first, seen)


class _Counter:
    """What a rate per hour adds up to since the past's beginning. Asked in ascending order of time."""

    def __init__(self, began: Time, rate: Curve) -> None:
        self._rate = rate
        self._last = past.beginning(began)
        self._sum = 0.0

    def __call__(self, time: Time) -> float:
        self._sum += self._rate(time) * (time - self._last) / HOUR
        self._last = time
        return float(math.floor(self._sum))


class _Totals:
    """The counters of one provider, as the database begins with them: whole hours, and a share of the last."""

    def __init__(self, began: Time, seed: int, provider: Provider) -> None:
        self._first = int(past.beginning(began) // HOUR)
        last = int(began // HOUR)
        self._hourly = [hourly_mails(hour, seed, provider) for hour in range(self._first, last + 1)]
        self._sent = _sums(self._hourly)
        self._delivered = _sums([round(mails * past.DELIVERED_SHARE) for mails in self._hourly])

    def sent(self, time: Time) -> float:
        return self._at(time, self._sent, 1.0)

    def delivered(self, time: Time) -> float:
        return self._at(time, self._delivered, past.DELIVERED_SHARE)

    def _at(self, time: Time, sums: Sequence[int], share: float) -> float:
        hour = min(max(int(time // HOUR) - self._first, 0), len(self._hourly) - 1)
        part = max(time - (self._first + hour) * HOUR, 0.0) / HOUR
        return float(sums[hour] + math.floor(self._hourly[hour] * part * share))


def _sums(numbers: Sequence[int]) -> list[int]:
    return list(accumulate(numbers, initial=0))


def _times(curve: Curve, factor: float) -> Curve:
    return lambda time: curve(time) * factor


def _whole(curve: Curve) -> Curve:
    return lambda time: float(round(curve(time)))
