"""The configuration of the worlds in `world.py`: a small PenguinMails, every panel fed."""

from __future__ import annotations

from typing import Any

from penguintui.config.settings import Configuration

HTTP = {"type": "http", "url": "https://api.penguinmails.test/health", "interval": "30s"}
DNS = {"type": "dns", "domain": "penguinmails.test", "dkim_selectors": ["pm"], "interval": "60s"}
SQL = {"type": "sql", "url": "sqlite:///platform.db", "interval": "30s"}


def _target(name: str, kind: str, probe: dict[str, Any], **labels: str) -> dict[str, Any]:
    return {"name": name, "kind": kind, "labels": labels, "probes": [probe]}


TARGETS = [
    _target("api", "service", HTTP, tier="web"),
    _target("web", "service", {**HTTP, "url": "https://www.penguinmails.test/"}, tier="web"),
    _target("mx1-smtp", "service", {"type": "smtp", "host": "mx1.penguinmails.test"}, host="mx1"),
    _target("mx1", "host", {"type": "host"}, host="mx1"),
    _target("mx2", "host", {"type": "host"}, host="mx2"),
    _target("database", "database", SQL),
    _target("redis", "cache", {**HTTP, "url": "http://redis.penguinmails.test/"}),
    _target("mx1-queue", "queue", {"type": "postfix-queue"}, host="mx1"),
    _target("penguinmails.test", "domain", DNS),
    _target("acme.test", "domain", {**DNS, "domain": "acme.test"}, tenant="acme"),
    _target("sending-addresses", "address", {"type": "platform", "url": "https://api.penguinmails.test/api/v1"}),
    _target("mx1-logins", "log", {"type": "log", "path": "/var/log/auth.log"}, host="mx1"),
    _target("mail", "business", SQL),
]

PROMISES = [
    {"name": "Uptime", "query": 'max(up{instance="api"})', "target": ">= 0.999", "unit": "ratio", "mean": True},
    {
        "name": "API p95",
        "query": 'max(penguinmails_service_response_seconds{service="api",quantile="0.95"})',
        "target": "<= 0.2",
        "unit": "seconds",
    },
    {
        "name": "Delivery p95",
        "query": 'max(penguinmails_delivery_seconds{quantile="0.95"})',
        "target": "<= 60",
        "unit": "seconds",
    },
    {"name": "Inbox placement", "query": "avg(penguinmails_inbox_ratio)", "target": ">= 0.95", "unit": "ratio"},
    {"name": "Page load", "query": 'max(page_load_seconds{instance="web"})', "target": "<= 3", "unit": "seconds"},
]

BUSINESS = [
    {"name": "Mails today", "query": "max(penguinmails_mails_today)", "goal": 10_000_000},
    {"name": "Revenue today", "query": "max(penguinmails_revenue_today_dollars)", "unit": "dollars"},
    {"name": "Campaigns running", "query": 'max(penguinmails_campaigns{status="running"})'},
]

ACTIONS = {
    "deploy": {
        "title": "Deploy release {release}",
        "target": "api",
        "danger": "guarded",
        "kinds": ["service"],
        "parameters": {"release": {"default": "2026.11.3", "help": "The release to start."}},
        "steps": [
            {"name": "start", "type": "command", "command": ["start", "{release}"]},
            {"name": "watch", "type": "gate", "finding": {"target": "api"}},
        ],
    },
    "rollback": {
        "title": "Roll back to the previous release",
        "target": "api",
        "danger": "dangerous",
        "emergency": True,
        "kinds": ["service"],
        "steps": [{"name": "switch", "type": "switch", "proxy": "api", "to": "previous"}],
    },
    "free-disk": {
        "title": "Free room on mx2",
        "target": "mx2",
        "danger": "safe",
        "kinds": ["host"],
        "steps": [{"name": "clean", "type": "command", "command": ["clean"]}],
    },
    "rotate-keys": {
        "title": "Rotate all keys",
        "target": "vault",
        "danger": "dangerous",
        "role": "admin",
        "second_person": True,
        "kinds": ["database"],
        "steps": [{"name": "rotate", "type": "command", "command": ["rotate"]}],
    },
}


def configuration(**changed: Any) -> Configuration:
    """The worlds' configuration, checked as the operator's is; `changed` replaces whole sections."""
    whole: dict[str, Any] = {
        "environment": "production",
        "region": "eu-1",
        "platform": "PenguinMails",
        "targets": TARGETS,
        "promises": PROMISES,
        "business": BUSINESS,
        "deliverability": {"providers": [{"name": n, "label": n.lower()} for n in ("Gmail", "Outlook", "Yahoo")]},
        "proxies": {"api": {"type": "http", "url": "http://127.0.0.1:1/", "colours": {"blue": "b", "green": "g"}}},
        "actions": ACTIONS,
    }
    return Configuration.model_validate({**whole, **changed})
