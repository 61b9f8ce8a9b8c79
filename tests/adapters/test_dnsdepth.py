"""The DNS adapter on what records lead to: includes, mail servers, receivers of reports."""

from __future__ import annotations

from penguintui.adapters.dns.nameserver import AT_ONCE
from penguintui.adapters.dns.probe import DnsAdapter
from penguintui.clock import SystemClock
from penguintui.config.probes import DnsProbe
from penguintui.model.observation import Observation
from penguintui.model.status import Status

from .conftest import ask, found
from .servers import HOST
from .zoneserver import Zone, ZoneServer, zones

_ZONE: Zone = {
    "a.example": [
        {"SOA": "ns.a.example. h.a.example. 1 2 3 4 5"},
        {"TXT": "v=spf1 include:b.example mx -all"},
        {"MX": [10, "mx.a.example"]},
        {"NS": "ns1.a.example"},
        {"NS": "ns2.a.example"},
    ],
    "mx.a.example": [{"A": "192.0.2.1"}],
    "b.example": [{"TXT": "v=spf1 " + " ".join(f"include:c{i}.example" for i in range(9)) + " -all"}],
    "_dmarc.a.example": [{"TXT": "v=DMARC1; p=reject; rua=mailto:r@reports.example"}],
    "_dmarc.reports.example": [{"TXT": "v=DMARC1; p=reject"}],
    **{f"c{i}.example": [{"TXT": "v=spf1 ip4:192.0.2.2 -all"}] for i in range(9)},
}


async def asked(zone: Zone, delay: float = 0.0) -> tuple[Observation, ZoneServer]:
    async with zones(zone, delay) as server:
        settings = DnsProbe(type="dns", domain="a.example", nameserver=f"{HOST}:{server.port}")
        return await ask(DnsAdapter(settings, SystemClock())), server


async def test_look_ups_of_the_whole_tree_count() -> None:
    spf = found((await asked(_ZONE))[0], "dns.spf")
    assert spf.status is Status.CRITICAL
    assert "11 look-ups" in spf.summary
    assert spf.remedy
    assert spf.evidence["record"].startswith("v=spf1 include:b.example")


async def test_reports_that_nobody_takes() -> None:
    seen = (await asked(_ZONE))[0]
    assert found(seen, "dns.dmarc", "").status is Status.OK
    refused = found(seen, "dns.dmarc", "mailto:r@reports.example")
    assert refused.status is Status.WARNING
    assert "a.example._report._dmarc" in refused.remedy
    agreed = {**_ZONE, "a.example._report._dmarc.reports.example": [{"TXT": "v=DMARC1"}]}
    assert found((await asked(agreed))[0], "dns.dmarc").status is Status.OK


async def test_mail_servers_are_looked_at() -> None:
    alias = {"mx.a.example": [{"CNAME": "real.a.example"}], "real.a.example": [{"A": "192.0.2.1"}]}
    seen = (await asked({**_ZONE, **alias}))[0]
    assert found(seen, "dns.mx", "").evidence["records"] == "10 mx.a.example"
    assert "alias of real.a.example" in found(seen, "dns.mx", "mx.a.example").summary
    gone = {**_ZONE, "mx.a.example": [{"TXT": "here"}]}
    assert found((await asked(gone))[0], "dns.mx", "mx.a.example").status is Status.CRITICAL
    silent = {**_ZONE, "mx.a.example": ["TIMEOUT"]}
    async with zones(silent) as server:
        settings = DnsProbe(type="dns", domain="a.example", nameserver=f"{HOST}:{server.port}")
        seen = await ask(DnsAdapter(settings, SystemClock()), seconds=2.0)
    assert found(seen, "dns.mx", "mx.a.example").status is Status.UNKNOWN


async def test_what_is_missing_and_not_expected_is_not_told() -> None:
    async with zones({"a.example": [{"SOA": "ns.a.example. h.a.example. 1 2 3 4 5"}]}) as server:
        settings = DnsProbe(type="dns", domain="a.example", nameserver=f"{HOST}:{server.port}", expect=())
        seen = await ask(DnsAdapter(settings, SystemClock()))
    assert [finding.check for finding in seen.findings] == ["dns.reach"]


async def test_each_question_once_and_many_at_a_time() -> None:
    _, server = await asked(_ZONE, delay=0.02)
    assert len(server.asked) == len(set(server.asked))
    assert 5 < server.most <= AT_ONCE
