"""The findings of the generated past: everything was fine, but for the incident."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from penguintui.lab import past
from penguintui.lab.zones import DOMAINS
from penguintui.model.clock import Time
from penguintui.model.observation import Finding, Observation
from penguintui.model.status import Status

if TYPE_CHECKING:
    from penguintui.agent.askings import Asked
    from penguintui.store.ingest import Reported

_HOLDS = 60.0
"""Seconds for which the last finding of the past holds: until the agent has started and asked for itself."""

_FINE = {
    "http": (("http.reach", "", "the address answers"), ("http.time", "", "answered in time")),
    "tls": (("tls.reach", "", "the port speaks TLS"),),
    "smtp": (("smtp.reach", "", "the mail server answers"), ("smtp.starttls", "", "STARTTLS is offered")),
    "sql": (("sql.reach", "", "the database answers"),),
    "postfix-queue": (("queue.waiting", "", "the queue is short"),),
    "log": (("login.failures", "", "few failed logins"),),
    "dns": (("dns.reach", "", "the name server answers"), ("dns.spf", "", "SPF is published")),
    "host": (("host.cpu", "", "CPU is free"),),
    "imap": (
        ("imap.reach", "", "the mailbox server answers"),
        *(("dmarc.alignment", domain, f"the mail in the name of {domain} aligns") for domain in DOMAINS),
    ),
}
_FINE_OF_PROBE = {
    "health": (("platform.service", "api", "api is healthy"), ("platform.service", "smtp", "smtp is healthy")),
    "queues": (("queue.waiting", "queue:email:processing", "queue:email:processing has few jobs waiting"),),
    "reputation": (("platform.reputation", "203.0.113.12", "203.0.113.12 has a score of 95"),),
    "blocklists": (("dns.blocklist", "203.0.113.12 zen.dnsbl.test", "zen.dnsbl.test does not list 203.0.113.12"),),
}

_BAD: Mapping[tuple[str, str], tuple[Finding, ...]] = {
    ("api", "http"): (
        Finding("http.reach", Status.OK, "the address answers"),
        Finding(
            "http.time",
            Status.CRITICAL,
            "answered after 1.83 s (most of it processing), over the limit of 1.5 s",
            remedy="See what the API waits for: its database, its pool, its queue.",
        ),
    ),
    ("api", "health"): (
        Finding(
            "platform.service",
            Status.WARNING,
            "api is degraded: 46 of 50 database connections in use",
            "api",
            "Look into the logs and the metrics of api.",
        ),
        Finding("platform.service", Status.OK, "smtp is healthy", "smtp"),
    ),
    ("mail", "sql"): (
        Finding("sql.reach", Status.OK, "the database answers"),
        Finding(
            "mail.delivery",
            Status.WARNING,
            "mail to outlook takes 91.8 s for 95 % of messages, over the limit of 60",
            'penguinmails_delivery_p95_seconds{provider="outlook"}',
            "Outlook defers what the busy API sends late; see the queue.",
        ),
    ),
}


def observations(pairs: Mapping[tuple[str, str], Asked], began: Time) -> list[Reported]:
    """What each probe said: fine at the beginning and the end, and around the incident what it found then."""
    from penguintui.store.ingest import Reported

    bad = past.incident(began)
    found = []
    for key, one in pairs.items():
        fine = tuple(Finding(*row[:1], Status.OK, row[2], row[1]) for row in _fine(one))
        story = [(past.beginning(began), fine)]
        if key in _BAD:
            story += [(bad.start + 119, fine), (bad.start + 120, _BAD[key]), (bad.end - 61, _BAD[key])]
            story += [(bad.end - 60, fine)]
        story.append((began, fine))
        for time, findings in story:
            observation = Observation(time, max(one.settings.holds, _HOLDS), up=True, findings=findings)
            found.append(Reported(one.target, one.probe, one.job, observation))
    return sorted(found, key=lambda reported: reported.observation.time)


def _fine(one: Asked) -> Iterator[tuple[str, str, str]]:
    yield from _FINE_OF_PROBE.get(one.probe, _FINE.get(one.settings.type, ()))
