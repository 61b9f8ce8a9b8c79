"""Desired records against two real name servers: as wanted, drifted, at odds with each other, half silent."""

from __future__ import annotations

import pytest

from penguintui.adapters.desired import DesiredDnsAdapter
from penguintui.clock import SystemClock
from penguintui.config.probes import DesiredDnsProbe
from penguintui.config.zones import ZoneSettings
from penguintui.model.metrics import METRICS
from penguintui.model.observation import Observation
from penguintui.model.status import Status

from .bind import bind
from .conftest import ask, found, measured
from .servers import HOST, closed_port

pytestmark = pytest.mark.needs("named", "bind9")

GOOD = """
@ MX 10 mx1
mx1 A 192.0.2.1
@ TXT "proof=1"
@ TXT "v=spf1 ip4:192.0.2.1 ~all"
_dmarc TXT "v=DMARC1;p=none;" "rua=mailto:d@shop.example"
"""


def adapter(*ports: int) -> DesiredDnsAdapter:
    zone = ZoneSettings.model_validate(
        {
            "servers": [f"{HOST}:{port}" for port in ports],
            "domains": {
                "shop.example": {
                    "mx": ["10 mx1.shop.example."],
                    "spf": {"addresses": ["192.0.2.1"]},
                    "dmarc": {"policy": "none", "reports": ["d@shop.example"]},
                    "dkim": {"old": {"retired": True}},
                }
            },
        }
    )
    settings = DesiredDnsProbe(type="dns-desired", domain="shop.example", zones={"shop.example": zone})
    return DesiredDnsAdapter(settings, SystemClock())


def check(seen: Observation, drift: Status, servers: Status) -> None:
    assert found(seen, "dns.drift").status is drift
    assert found(seen, "dns.servers").status is servers
    assert {sample.metric for sample in seen.samples} <= METRICS.keys()


async def test_as_wanted_everywhere() -> None:
    async with bind({"shop.example": GOOD}) as first, bind({"shop.example": GOOD}) as second:
        seen = await ask(adapter(first, second))
    check(seen, Status.OK, Status.OK)
    assert found(seen, "dns.drift").summary == "all 4 sets of records of shop.example are as wanted at 2 name servers"
    assert found(seen, "dns.servers").evidence[f"serial at {HOST}:{first}"] == "1"
    assert measured(seen, "penguintui_dns_differences", server=f"{HOST}:{first}") == 0


async def test_one_has_drifted() -> None:
    drifted = GOOD.replace("192.0.2.1 ~all", "192.0.2.9 ~all") + 'old._domainkey TXT "v=DKIM1; p=OLD"\n'
    async with bind({"shop.example": GOOD}) as first, bind({"shop.example": drifted}) as second:
        seen = await ask(adapter(first, second))
    check(seen, Status.CRITICAL, Status.WARNING)
    drift, at = found(seen, "dns.drift"), f"at {HOST}:{second}"
    assert drift.summary.startswith(f'TXT shop.example {at}: "v=spf1 ip4:192.0.2.9 ~all" is published, wanted')
    assert drift.evidence[f"TXT old._domainkey.shop.example {at}"].startswith("extra: ")
    assert "the name servers disagree on TXT old._domainkey.shop.example" in found(seen, "dns.servers").summary
    assert measured(seen, "penguintui_dns_differences", server=f"{HOST}:{second}") == 2


async def test_one_is_silent() -> None:
    async with bind({"shop.example": GOOD}) as first:
        with closed_port() as second:
            seen = await ask(adapter(first, second), 2.0)
    check(seen, Status.UNKNOWN, Status.UNKNOWN)
    assert "1 of the 2 name servers of shop.example cannot be asked" in found(seen, "dns.servers").summary
    assert [sample.labels["server"] for sample in seen.samples if "dns" in sample.metric] == [f"{HOST}:{first}"]


async def test_one_does_not_serve_the_zone() -> None:
    async with bind({"shop.example": GOOD}) as first, bind({"other.example": GOOD}) as second:
        seen = await ask(adapter(first, second))
    check(seen, Status.UNKNOWN, Status.UNKNOWN)
    assert "REFUSED" in found(seen, "dns.servers").summary


async def test_what_nobody_declares_is_said() -> None:
    settings = DesiredDnsProbe(type="dns-desired", domain="shop.example")
    seen = await ask(DesiredDnsAdapter(settings, SystemClock()))
    assert "no zone of the block `dns` declares shop.example" in found(seen, "dns.servers").summary
