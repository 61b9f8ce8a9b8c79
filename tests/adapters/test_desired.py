"""Desired records against two real name servers: as wanted, drifted, at odds with each other, half silent."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from penguintui.adapters.dns.copies import latest
from penguintui.adapters.dns.desired import DesiredDnsAdapter
from penguintui.clock import SystemClock
from penguintui.config.probes import DesiredDnsProbe
from penguintui.config.zones import MailDomain, MailuSource, SpfRecord, ZoneSettings
from penguintui.model.clock import Clock
from penguintui.model.metrics import METRICS
from penguintui.model.observation import Observation
from penguintui.model.secret import Secret
from penguintui.model.status import Status

from ..conftest import FrozenClock
from .bind import HEAD, bind
from .conftest import TARGET, ask, found, measured
from .mailuservice import KEY, TOKEN, mailu
from .servers import HOST, closed_port

pytestmark = pytest.mark.needs("named", "bind9")

GOOD = """
@ MX 10 mx1
mx1 A 192.0.2.1
@ TXT "proof=1"
@ TXT "v=spf1 ip4:192.0.2.1 ~all"
_dmarc TXT "v=DMARC1;p=none;" "rua=mailto:d@shop.example"
"""


def adapter(*ports: int, clock: Clock | None = None) -> DesiredDnsAdapter:
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
    return DesiredDnsAdapter(settings, clock or SystemClock())


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


async def test_an_address_that_is_missing_is_as_bad_as_a_missing_mail_server() -> None:
    record = {"name": "mx2.shop.example", "type": "A", "values": ["192.0.2.2"]}
    async with bind({"shop.example": GOOD}) as port:
        zone = ZoneSettings.model_validate({"servers": [f"{HOST}:{port}"], "records": [record]})
        settings = DesiredDnsProbe(type="dns-desired", domain="shop.example", zones={"shop.example": zone})
        seen = await ask(DesiredDnsAdapter(settings, SystemClock()))
    check(seen, Status.CRITICAL, Status.OK)


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
    assert [sample.labels["server"] for sample in seen.samples if "differences" in sample.metric] == [f"{HOST}:{first}"]


async def test_one_does_not_serve_the_zone() -> None:
    async with bind({"shop.example": GOOD}) as first, bind({"other.example": GOOD}) as second:
        seen = await ask(adapter(first, second))
    check(seen, Status.UNKNOWN, Status.WARNING)
    assert "REFUSED" in found(seen, "dns.servers").summary


async def test_serial_numbers_may_differ_for_a_while(clock: FrozenClock) -> None:
    later = HEAD.replace("hostmaster 1 ", "hostmaster 7 ") + GOOD
    async with bind({"shop.example": GOOD}) as first, bind({"shop.example": later}) as second:
        asked, said = adapter(first, second, clock=clock), []
        for wait in (600, 301, 0):
            seen = await asked.probe(TARGET, clock.monotonic() + 20)
            said.append((found(seen, "dns.servers").status, found(seen, "dns.servers").summary))
            clock.advance(wait)
        await asked.close()
    assert [status for status, _ in said] == [Status.OK, Status.OK, Status.WARNING]
    assert said[1][1].endswith("a change is on its way")
    words = f"the serial numbers of shop.example differ since 15 min: the newest is 7, {HOST}:{first} has 1"
    assert said[2][1] == words
    assert measured(seen, "penguintui_dns_serial", server=f"{HOST}:{second}") == 7


@given(st.integers(0, 2**32 - 1), st.integers(1, 2**31 - 1))
@example(2**32 - 1, 2)
def test_serial_numbers_go_round(number: int, ahead: int) -> None:
    later = (number + ahead) % 2**32
    assert latest([number, later]) == latest([later, number]) == later


MAILU = """
@ MX 10 mail.d.example.
@ TXT "v=spf1 ip4:192.0.2.1 ~all"
_dmarc TXT "v=DMARC1; p=reject; adkim=s; aspf=s"
dkim._domainkey TXT "KEY1" "KEY2"
_submission._tcp SRV 20 1 587 mail.d.example.
""".replace("KEY1", KEY[:255]).replace("KEY2", KEY[255:])


def from_mailu(port: int, url: str, token: str = TOKEN) -> DesiredDnsAdapter:
    """Our own SPF record, and for the rest what Mailu wants."""
    zone = ZoneSettings(
        servers=[f"{HOST}:{port}"],
        domains={"d.example": MailDomain(spf=SpfRecord(addresses=["192.0.2.1"]))},
        mailu=MailuSource(url=url, token=Secret(token)),
    )
    settings = DesiredDnsProbe(type="dns-desired", domain="d.example", zones={"d.example": zone})
    return DesiredDnsAdapter(settings, SystemClock())


async def test_what_mailu_wants_is_wanted_too_and_ours_goes_before_it() -> None:
    async with mailu() as fake, bind({"d.example": MAILU.replace("p=reject", "p=none")}) as port:
        seen = await ask(from_mailu(port, fake.url))
    drift = found(seen, "dns.drift")
    assert fake.asked == ["/api/v1/domain/d.example"]
    missing = {name.partition(" at ")[0]: why.partition(",")[0] for name, why in drift.evidence.items()}
    assert missing == {
        "TXT _dmarc.d.example": 'differing: "v=DMARC1; p=none; adkim=s; aspf=s" is published',
        "TXT d.example._report._dmarc.d.example": "missing: nothing is published",
        "TLSA _25._tcp.mail.d.example": "missing: nothing is published",
    }


async def test_a_mailu_that_does_not_tell_is_said_and_what_is_ours_still_judged() -> None:
    async with mailu() as fake, bind({"d.example": MAILU}) as port:
        seen = await ask(from_mailu(port, fake.url, "wrong-token"))
        unknown = await ask(from_mailu(port, f"{fake.url}/nothing"))
    assert found(seen, "dns.drift").status is Status.OK and not seen.complete
    untold = found(seen, "dns.wanted")
    assert untold.status is Status.UNKNOWN and "denied access" in untold.summary and "wrong-token" not in repr(seen)
    assert found(unknown, "dns.wanted").status is Status.UNKNOWN


async def test_what_nobody_declares_is_said() -> None:
    settings = DesiredDnsProbe(type="dns-desired", domain="shop.example")
    seen = await ask(DesiredDnsAdapter(settings, SystemClock()))
    assert "no zone of the block `dns` declares shop.example" in found(seen, "dns.servers").summary
