"""Domains that a step or a probe names and that no zone of the block `dns` declares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from penguintui.config.placeholders import PLACEHOLDER
from penguintui.config.problems import Trail, did_you_mean, shown
from penguintui.config.selecting import each, mapping
from penguintui.config.tree import Fault
from penguintui.config.zones import plain_name


def check_domains(data: Any) -> Iterator[Fault]:
    """Domains outside their zone, steps and probes without a declared domain, steps whose zone is only looked at."""
    zones = mapping(mapping(data, "dns"), "zones")
    for zone, settings in zones.items():
        for domain in mapping(settings, "domains"):
            if not _within(domain, zone):
                message = f"{shown(domain)} is not in the zone {shown(zone)}"
                yield Fault(
                    ("dns", "zones", zone, "domains", domain), message, "declare it in its own zone", at_key=True
                )
    for trail, step in each(data, "actions.*.steps.*"):
        if isinstance(step, dict) and step.get("type") == "dns":
            yield from _check((*trail, "domain"), step.get("domain"), zones, publishes=True)
    for trail, probe in each(data, "targets.*.probes.*"):
        if isinstance(probe, dict) and probe.get("type") == "dns-desired" and not probe.get("zones"):
            yield from _check((*trail, "domain"), probe.get("domain"), zones, publishes=False)


def _check(trail: Trail, domain: Any, zones: dict[str, Any], *, publishes: bool) -> Iterator[Fault]:
    if not isinstance(domain, str) or PLACEHOLDER.search(domain):
        return
    holders = {
        plain_name(name): zone for zone, settings in zones.items() for name in (zone, *mapping(settings, "domains"))
    }
    if plain_name(domain) not in holders:
        message = f"no zone of the block `dns` declares {shown(domain)}"
        yield Fault(trail, message, did_you_mean(domain, holders, "dns.zones"))
    elif publishes and not mapping(zones, holders[plain_name(domain)]).get("update"):
        yield Fault(trail, f"the zone of {shown(domain)} has no `update`", "say how it is published")


def _within(name: str, zone: str) -> bool:
    return plain_name(name) == plain_name(zone) or plain_name(name).endswith(f".{plain_name(zone)}")
