"""Small worlds in a store of their own, for views, screens and snapshots: calm, in trouble, and empty.

Everything in them is decided by the clock, which stands still at 14:15:09Z on 2026-11-24: two makings of one world
are the same to the last byte that a view shows.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from penguintui.model.action import RunStatus, StepStatus
from penguintui.model.observation import Finding
from penguintui.model.role import Role
from penguintui.model.status import Status
from penguintui.store.reader import Store
from penguintui.store.writer import Writer
from penguintui.views.models.frame import Viewer
from tests.conftest import FrozenClock
from tests.views.making import DAY, HOUR, NOW, Making, World, at, rising, total, wave
from tests.views.settings import configuration

ARMED = Viewer(Role.OPERATOR, armed_until=NOW + 600)
"""A viewer that may act."""

_FINE, _WARNING, _CRITICAL, _UNKNOWN = Status.OK, Status.WARNING, Status.CRITICAL, Status.UNKNOWN


def empty(folder: Path) -> World:
    """A store that an agent has opened, and nothing in it: no configuration, no target, no word."""
    writer = Writer(f"sqlite:///{folder / 'store.db'}")
    writer.close()
    clock = FrozenClock(NOW)
    return World(f"sqlite:///{folder / 'store.db'}", clock, Store(f"sqlite:///{folder / 'store.db'}", clock))


def calm(folder: Path, **changed: Any) -> World:
    """Everything is fine. `changed` replaces sections of the configuration."""
    making = Making(folder, configuration(**changed))
    _fine(making)
    making.numbers("mx2", "node_filesystem_avail_bytes", 5.9e10, mountpoint="/var")
    _provider(making, "outlook", 28.0, 0.96)
    return making.made()


def trouble(folder: Path) -> World:
    """A sending address is listed, mail to Outlook is late, a disk is full, somebody tries passwords, a deploy runs."""
    making = Making(folder, configuration())
    _fine(making)
    _ill(making)
    return making.made()


def _fine(making: Making) -> None:
    making.heartbeat()
    making.find("api", Finding("http.status", _FINE, "answered 200"), Finding("http.time", _FINE, "after 34 ms"))
    making.find(
        "web",
        Finding("http.status", _FINE, "answered 200"),
        Finding("tls.certificate", _FINE, "the certificate ends in 61.2 days"),
    )
    making.find("mx1-smtp", Finding("smtp.reach", _FINE, "answers"), Finding("smtp.starttls", _FINE, "TLSv1.3"))
    for host in ("mx1", "mx2"):
        making.find(host, Finding("host.disk", _FINE, "/var is 41 % full", "/var"))
    making.find("database", Finding("sql.reach", _FINE, "answers after 3 ms"))
    making.find("redis", Finding("http.reach", _FINE, "answers"))
    making.find(
        "mx1-queue",
        Finding("queue.waiting", _FINE, "12 messages wait"),
        Finding("queue.age", _FINE, "the oldest has waited 40 s"),
    )
    for domain in ("penguinmails.test", "acme.test"):
        making.find(domain, *_records(domain))
    making.find(
        "sending-addresses",
        *(Finding("platform.reputation", _FINE, "reputation 97", ip) for ip in ("203.0.113.11", "203.0.113.12")),
    )
    making.find(
        "mx1-logins",
        Finding("log.reach", _FINE, "written 2 s ago"),
        Finding("login.failures", _FINE, "3 failed logins from 2 sources in 5 min"),
        Finding("login.breach", _FINE, "no login succeeded after failures in 5 min"),
    )
    making.find("mail", Finding("sql.reach", _FINE, "answers"))
    _fine_numbers(making)
    making.event(at("09:10", 5), "release", "release 2026.11.2 by ben", "api")
    making.event(
        at("03:00", 11),
        "incident.opened",
        "API slow and mail late",
        incident="INC-17",
        severity="SEV-2",
        severity_status="CRITICAL",
    )
    making.event(at("04:50", 11), "incident.resolved", "API slow and mail late", incident="INC-17")
    making.run(
        "backup",
        "Back up the database",
        [("copy", StepStatus.SUCCEEDED)],
        status=RunStatus.SUCCEEDED,
        started=at("05:10"),
        finished=at("05:11"),
        result="1,249 rows counted",
    )
    making.audit(at("05:10"), "ana", "run backup", "started", run="1")


def _records(domain: str) -> list[Finding]:
    """Findings on all records of a domain, each published; SPF is the first."""
    published = [
        Finding(f"dns.{record}", _FINE, f"{record} of {domain} is published")
        for record in ("spf", "dmarc", "mta-sts", "tls-rpt", "bimi")
    ]
    return [
        *published,
        Finding("dns.dkim", _FINE, "key is published", "pm"),
        Finding("dns.mx", _FINE, f"MX of {domain}", evidence={"records": "10 mx1.penguinmails.test."}),
    ]


def _fine_numbers(making: Making) -> None:
    making.numbers("api", "up", 1.0)
    for service in ("api", "web"):
        making.numbers(service, "probe_duration_seconds", wave(0.02, 0.06))
    making.numbers("api", "penguinmails_service_response_seconds", wave(0.1, 0.15), service="api", quantile="0.95")
    making.numbers("web", "page_load_seconds", wave(1.2, 1.9))
    making.numbers("web", "probe_ssl_earliest_cert_expiry", NOW + 61.2 * DAY)
    for host, load in (("mx1", 1.2), ("mx2", 0.9)):
        making.numbers(host, "node_load1", load)
        making.numbers(host, "node_cpu_seconds_total", total(0.78 * HOUR), mode="idle", cpu="0")
        making.numbers(host, "node_memory_MemTotal_bytes", 8e9)
        making.numbers(host, "node_memory_MemAvailable_bytes", wave(3.8e9, 4.2e9))
        making.numbers(host, "node_filesystem_size_bytes", 1e11, mountpoint="/var")
    making.numbers("mx1", "node_filesystem_avail_bytes", 5.9e10, mountpoint="/var")
    making.numbers("mx1-queue", "postfix_queue_messages", 12.0, queue="active")
    making.numbers("mx1-queue", "postfix_queue_oldest_seconds", 40.0, queue="active")
    for ip in ("203.0.113.11", "203.0.113.12"):
        making.numbers("sending-addresses", "penguinmails_ip_reputation_score", 97.0, ip=ip, provider="hostwinds")
    making.numbers("mx1-logins", "penguintui_logins_total", total(3), result="failed")
    for provider, p95 in (("gmail", 21.0), ("yahoo", 34.0)):
        _provider(making, provider, p95, 0.97)
    making.numbers("mail", "penguinmails_mails_today", 6.41e6)
    making.numbers("mail", "penguinmails_revenue_today_dollars", 18_204.0)
    making.numbers("mail", "penguinmails_revenue_dollars_total", total(1280))
    making.numbers("mail", "penguinmails_campaigns", 312.0, status="running")


def _provider(making: Making, name: str, p95: float | Callable[[float], float], placed: float) -> None:
    making.numbers("mail", "penguinmails_mails_sent_total", total(150_000), provider=name)
    making.numbers("mail", "penguinmails_delivery_seconds", p95, provider=name, quantile="0.95")
    making.numbers("mail", "penguinmails_delivery_seconds", 4.0, provider=name, quantile="0.5")
    making.numbers("mail", "penguinmails_deferred_ratio", 0.004, provider=name)
    making.numbers("mail", "penguinmails_bounce_ratio", 0.008, provider=name)
    making.numbers("mail", "penguinmails_complaint_ratio", 0.0004, provider=name)
    making.numbers("mail", "penguinmails_inbox_ratio", placed, provider=name)
    making.numbers("mail", "penguinmails_inbox_tests", 400.0, provider=name)


def _ill(making: Making) -> None:
    listed, late = at("13:31"), at("13:42")
    making.event(at("13:20"), "release", "release 2026.11.24-2 by ben", "api")
    blocked = "203.0.113.12 is listed by zen.dnsbl.test"
    making.find(
        "sending-addresses",
        Finding("platform.reputation", _FINE, "reputation 97", "203.0.113.11"),
        Finding("dns.blocklist", _CRITICAL, blocked, "203.0.113.12 zen.dnsbl.test", "Take it out (x)."),
        since=listed,
    )
    _provider(making, "outlook", rising(28.0, 192.0, late), 0.93)
    making.find(
        "mail",
        Finding(
            "mail.delivery",
            _CRITICAL,
            "mail to outlook takes 192 s for 95 % of messages",
            "outlook",
            "See in the queue what outlook answers.",
        ),
        since=late,
    )
    making.find(
        "mx2", Finding("host.disk", _CRITICAL, "/var is 97 % full", "/var", "Free room on it (x)."), since=at("14:02")
    )
    making.numbers("mx2", "node_filesystem_avail_bytes", rising(5.9e10, 3e9, at("14:02")), mountpoint="/var")
    making.find(
        "mx1-queue",
        Finding("queue.waiting", _WARNING, "2,500 messages wait", "", "Read the reasons."),
        since=at("13:50"),
    )
    making.numbers(
        "mx1-queue", "postfix_queue_destination_messages", 2300.0, queue="deferred", destination="outlook.com"
    )
    making.numbers(
        "mx1-queue", "postfix_queue_destination_oldest_seconds", 1980.0, queue="deferred", destination="outlook.com"
    )
    making.numbers("mx1-queue", "postfix_queue_messages", 2500.0, queue="deferred")
    making.find(
        "redis",
        Finding("http.reach", _UNKNOWN, "no answer within 3 s", "", "See whether it runs."),
        since=at("14:12"),
        seen=NOW - 42,
    )
    missing = Finding(
        "dns.spf", _CRITICAL, "SPF of acme.test is missing: none is published", "", "Publish the record again."
    )
    making.find("acme.test", *_records("acme.test")[1:], missing, since=at("11:05"))
    making.find(
        "web",
        Finding("http.status", _FINE, "answered 200"),
        Finding(
            "tls.certificate",
            _CRITICAL,
            "the certificate ends in 4.8 days, on 2026-11-29",
            "",
            "Renew the certificate.",
        ),
        since=at("09:00"),
    )
    making.numbers("web", "probe_ssl_earliest_cert_expiry", NOW + 4.8 * DAY)
    _attack(making)
    making.numbers("mail", "penguinmails_customers", 1208.0, state="healthy")
    making.numbers("mail", "penguinmails_customers", 41.0, state="affected")
    making.run(
        "deploy",
        "Deploy release 2026.11.24-3",
        [("start", StepStatus.SUCCEEDED), ("switch", StepStatus.RUNNING), ("watch", StepStatus.WAITING)],
        status=RunStatus.RUNNING,
        started=at("14:12") + 40,
        lines=["green: 4 of 4 processes healthy", "edge1: answered by green"],
    )
    making.audit(at("14:12") + 40, "ana", "run deploy", "started", run="2")


def _attack(making: Making) -> None:
    source = "198.51.100.77"
    making.find(
        "mx1-logins",
        Finding("log.reach", _FINE, "written 2 s ago"),
        Finding(
            "login.failures",
            _CRITICAL,
            f"412 failed logins from {source} in 5 min, over 50",
            source,
            f"Block {source}.",
            {"failures": "412"},
        ),
        Finding(
            "login.breach",
            _CRITICAL,
            f"root logged in to sshd from {source} after 412 failures",
            "",
            "Lock root and end its sessions.",
        ),
        since=at("14:10"),
    )
    for minute, (user, count) in enumerate((("root", "300"), ("admin", "112"))):
        making.event(
            at("14:10") + 60 * minute,
            "login.failed",
            f"login of {user} failed",
            "mx1-logins",
            user=user,
            source=source,
            service="sshd",
            method="password",
            count=count,
        )
    making.event(
        at("14:13"),
        "login.breach",
        f"root logged in to sshd from {source} after 412 failures",
        "mx1-logins",
        user="root",
        source=source,
        severity_status="CRITICAL",
    )
