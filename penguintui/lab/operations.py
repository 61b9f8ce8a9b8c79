"""What the platform says of itself in its database: customers, job queues, nodes and sending addresses."""

from __future__ import annotations

import random
from collections.abc import Container

from penguintui.lab.addresses import BLOCKLIST, AddressPool
from penguintui.lab.database import Batch
from penguintui.lab.mailflow import RUNNING_CAMPAIGNS
from penguintui.lab.past import incident
from penguintui.lab.traffic import DAY, MAIL_FAULTS, load
from penguintui.model.clock import Time

TENANTS = 1249
AFFECTED_TENANTS = 41
SATISFIED_SHARE = 0.963
SPOOL_BYTES = 50 << 30
SPOOL_USED = {"mx1": 0.41, "mx2": 0.46}
"""Each mail node and the share of its spool that is usually in use."""
FULL = 0.97
STUCK_JOBS = 2500
LISTED_REPUTATION = 61

QUEUES = {
    "queue:email:processing:high": (10, 6),
    "queue:email:processing": (100, 34),
    "queue:email:processing:low": (200, 21),
    "queue:bounce:process": (80, 5),
    "queue:warmup:process": (120, 9),
    "queue:webhook:process": (100, 7),
    "queue:analytics:campaign-aggregate": (180, 3),
}
"""Each job queue: its priority (the lower goes first) and how many jobs usually wait."""

_OTHER_CAMPAIGNS = {"held": 4, "paused": 12, "completed": 14, "draft": 4}
_PLACES = ("Northwind", "Blue Harbor", "Cedar", "Lumen", "Ironbridge", "Marlow", "Quill", "Sable", "Tern", "Vantage")
_TRADES = ("Logistics", "Dental", "Analytics", "Recruiting", "Legal", "Studios", "Energy", "Foods", "Travel", "Labs")
_PLANS = ("starter", "professional", "business")


class Operations:
    """Writes the state of the platform, tick by tick."""

    def __init__(self, seed: int, addresses: AddressPool, faults: Container[str]) -> None:
        self._seed = seed
        self._addresses = addresses
        self._faults = faults
        self._chance = random.Random(seed + 1)  # noqa: S311 - a simulation
        self._stuck_jobs = 0.0
        self._affected = False

    def beginning(self, began: Time) -> Batch:
        """Customers, campaigns, incidents, queues, nodes and addresses."""
        batch = Batch()
        for number in range(1, TENANTS + 1):
            name = f"{self._chance.choice(_PLACES)} {self._chance.choice(_TRADES)} {number}"
            satisfied = int(self._chance.random() < SATISFIED_SHARE)
            batch.add("tenants", number, name, self._chance.choice(_PLANS), "healthy", satisfied)
        statuses = ["running"] * RUNNING_CAMPAIGNS
        for status, count in _OTHER_CAMPAIGNS.items():
            statuses += [status] * count
        for number, status in enumerate(statuses, 1):
            batch.add("campaigns", number, self._chance.randint(1, TENANTS), f"Campaign {8500 + number}", status)
        bad = incident(began)
        batch.add("incidents", bad.number, bad.start, bad.end, bad.severity, bad.title)
        batch.add("incidents", 16, began - 20.6 * DAY, began - 20.6 * DAY + 2100, "SEV-3", "Webhooks delayed")
        for name, (priority, waiting) in QUEUES.items():
            batch.add("job_queues", name, priority, 2, waiting, 0, 0)
        for row in self._addresses:
            volume = row.daily_volume
            batch.add("sending_addresses", row.address, row.host, "hostwinds", row.state, row.reputation, "", volume)
        for node, used in SPOOL_USED.items():
            free = round(SPOOL_BYTES * (1 - used))
            batch.add("nodes", node, began, "/var/spool", SPOOL_BYTES, free, 0.2, 0.5, 0.6)
        return batch

    def tick(self, now: Time, seconds: float) -> Batch:
        batch = Batch()
        busy = load(now, self._seed)
        self._set_queues(batch, busy, seconds)
        self._set_nodes(batch, now, busy)
        self._set_addresses(batch)
        self._set_customers(batch)
        return batch

    def _set_queues(self, batch: Batch, busy: float, seconds: float) -> None:
        change = 400 * seconds if "queue-stuck" in self._faults else -800 * seconds
        self._stuck_jobs = min(STUCK_JOBS, max(0.0, self._stuck_jobs + change))
        for name, (_, usual) in QUEUES.items():
            waiting = round(usual * busy * self._chance.uniform(0.6, 1.4))
            if name == "queue:email:processing":
                waiting += round(self._stuck_jobs)
            batch.run(
                "UPDATE job_queues SET active = ?, waiting = ?, completed_last_hour = ?, failed = ? WHERE name = ?",
                self._chance.randint(1, 8),
                waiting,
                round(usual * 620 * busy),
                self._chance.choice((0, 0, 0, 1)),
                name,
            )

    def _set_nodes(self, batch: Batch, now: Time, busy: float) -> None:
        for node, usual in SPOOL_USED.items():
            full = node == "mx2" and "disk-full" in self._faults
            used = FULL if full else usual + 0.01 * busy
            cpu = min(1.0, 0.17 * busy + self._chance.uniform(0, 0.03))
            batch.run(
                "UPDATE nodes SET heartbeat = ?, avail_bytes = ?, cpu_ratio = ?, memory_ratio = ?, load1 = ? "
                "WHERE name = ?",
                now,
                round(SPOOL_BYTES * (1 - used)),
                round(cpu, 4),
                round(0.48 + 0.04 * busy, 4),
                round(4 * cpu, 2),
                node,
            )

    def _set_addresses(self, batch: Batch) -> None:
        for row in self._addresses:
            listed = row.listed_since is not None
            batch.run(
                "UPDATE sending_addresses SET state = ?, reputation = ?, lists = ?, daily_volume = ? WHERE address = ?",
                row.state,
                LISTED_REPUTATION if listed else row.reputation,
                BLOCKLIST if listed else "",
                row.daily_volume,
                row.address,
            )

    def _set_customers(self, batch: Batch) -> None:
        suffering = any(fault in self._faults for fault in MAIL_FAULTS - {"blocklisted"})
        affected = suffering or self._addresses.sending_while_listed
        if affected != self._affected:
            self._affected = affected
            state = "affected" if affected else "healthy"
            batch.run("UPDATE tenants SET state = ? WHERE id % 30 = 7 AND id < ?", state, AFFECTED_TENANTS * 30)
