"""The DNS adapter against BIND."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from penguintui.adapters.dns import senders
from penguintui.adapters.dns.nameserver import split
from penguintui.adapters.dns.probe import DnsAdapter
from penguintui.adapters.failure import NotAnswered
from penguintui.clock import SystemClock
from penguintui.config.probes import DnsProbe
from penguintui.model.observation import Observation
from penguintui.model.status import Status
from tests.conftest import FrozenClock

from .bind import bind
from .conftest import TARGET, ask, found, measured
from .servers import HOST

pytestmark = pytest.mark.needs("named", "bind9")

ALL = ("a", "mx", "ns", "spf", "dkim", "dmarc", "mta-sts", "tls-rpt", "bimi")


def key(bits: int) -> str:
    public = rsa.generate_private_key(65537, bits).public_key()
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


def txt(text: str) -> str:
    """A TXT record's data, in strings of at most 255 bytes."""
    return " ".join(f'"{text[start : start + 255]}"' for start in range(0, len(text), 255))


GOOD = f"""
@ A 192.0.2.10
@ MX 10 mail
@ TXT "v=spf1 mx " "-all"
@ TXT "other=text"
mail A 192.0.2.25
pm._domainkey TXT {txt(f"v=DKIM1; k=rsa; p={key(2048)}")}
_dmarc TXT "v=DMARC1; p=reject; rua=mailto:dmarc@shop.example"
_mta-sts TXT "v=STSv1; id=20260101"
_smtp._tls TXT "v=TLSRPTv1; rua=mailto:tls@shop.example"
default._bimi TXT "v=BIMI1; l=https://shop.example/logo.svg"
"""


async def asked(port: int, domain: str = "shop.example", **settings: Any) -> Observation:
    probe = DnsProbe(type="dns", domain=domain, nameserver=f"{HOST}:{port}", **settings)
    return await ask(DnsAdapter(probe, SystemClock()))


async def test_good_domain_is_ok_throughout() -> None:
    async with bind({"shop.example": GOOD}) as port:
        seen = await asked(port, expect=ALL, dkim_selectors=["pm"])
    assert seen.up
    assert seen.complete
    assert {f.check: (f.status, f.summary) for f in seen.findings if f.status is not Status.OK} == {}
    assert {f.check for f in seen.findings} == {"dns.reach", *(f"dns.{record}" for record in ALL)}
    assert found(seen, "dns.dkim").subject == "pm"
    assert found(seen, "dns.dkim").evidence["key"] == "rsa, 2048 bits"
    assert [one.place for one in seen.bookmarks] == ["DKIM key pm._domainkey.shop.example"]
    assert measured(seen, "probe_dns_lookup_time_seconds") > 0


async def test_missing_records_are_missing_only_where_expected() -> None:
    async with bind({"shop.example": ""}) as port:
        seen = await asked(port, expect=("mx", "spf", "dmarc", "mta-sts"), dkim_selectors=["pm"])
    assert {f.check: f.status for f in seen.findings} == {
        "dns.reach": Status.OK,
        "dns.mx": Status.CRITICAL,
        "dns.ns": Status.OK,
        "dns.spf": Status.CRITICAL,
        "dns.dkim": Status.CRITICAL,
        "dns.dmarc": Status.CRITICAL,
        "dns.mta-sts": Status.WARNING,
    }
    assert "none is published" in found(seen, "dns.spf").summary
    assert "NXDOMAIN" in found(seen, "dns.dkim").summary
    assert all(f.remedy for f in seen.findings if f.status is not Status.OK)


async def test_zone_that_fails_is_unknown_never_missing() -> None:
    async with bind({"shop.example": "this is no zone\n"}) as port:
        seen = await asked(port, dkim_selectors=["pm"])
    checks = ("dns.mx", "dns.ns", "dns.spf", "dns.dkim", "dns.dmarc")
    assert {f.check: f.status for f in seen.findings} == {
        "dns.reach": Status.OK,
        **dict.fromkeys(checks, Status.UNKNOWN),
    }
    for check in checks:
        assert "SERVFAIL" in found(seen, check).summary
        assert "missing" not in found(seen, check).summary


async def test_refusing_server_is_unknown_never_missing() -> None:
    async with bind({"shop.example": GOOD}) as port:
        seen = await asked(port, domain="other.example")
    assert found(seen, "dns.spf").status is Status.UNKNOWN
    assert "REFUSED" in found(seen, "dns.spf").summary


@pytest.mark.parametrize(
    ("zone", "check", "status", "words"),
    [
        ('@ TXT "v=spf1 -all"\n@ TXT "v=spf1 mx -all"', "dns.spf", Status.CRITICAL, "2 records"),
        ('pm._domainkey TXT "v=DKIM1; p="', "dns.dkim", Status.CRITICAL, "is revoked"),
        ('_dmarc TXT "v=DMARC1; p=none"', "dns.dmarc", Status.WARNING, "p=none"),
        ("@ MX 0 .", "dns.mx", Status.CRITICAL, "takes no mail"),
    ],
)
async def test_faults_of_records(zone: str, check: str, status: Status, words: str) -> None:
    async with bind({"shop.example": zone + "\n"}) as port:
        finding = found(await asked(port, dkim_selectors=["pm"]), check)
    assert finding.status is status
    assert words in finding.summary
    assert finding.remedy


async def test_dmarc_of_a_domain_above_counts() -> None:
    async with bind({"shop.example": '_dmarc TXT "v=DMARC1; p=none; sp=reject"\n'}) as port:
        inherited = found(await asked(port, domain="news.shop.example"), "dns.dmarc")
        own = found(await asked(port), "dns.dmarc")
    assert inherited.status is Status.OK
    assert "sp=reject" in inherited.summary
    assert own.status is Status.WARNING


async def test_dkim_without_selectors_is_unknown() -> None:
    async with bind({"shop.example": GOOD}) as port:
        finding = found(await asked(port, expect=("dkim",)), "dns.dkim")
    assert finding.status is Status.UNKNOWN
    assert "no selector is configured" in finding.summary


async def test_sending_addresses_have_names_and_may_send() -> None:
    zones = {
        "shop.example": '@ TXT "v=spf1 ip4:192.0.2.7 -all"\nmx1 A 192.0.2.7\n',
        "2.0.192.in-addr.arpa": "7 PTR mx1.shop.example.\n",
    }
    async with bind(zones) as port:
        seen = await asked(port, addresses=["192.0.2.7", "192.0.2.8"], helo="mx1.shop.example", expect=())
    assert found(seen, "dns.ptr", "192.0.2.7").status is Status.OK
    assert found(seen, "dns.spf", "192.0.2.7").status is Status.OK
    assert "has no name (PTR)" in found(seen, "dns.ptr", "192.0.2.8").summary
    assert found(seen, "dns.spf", "192.0.2.8").status is Status.CRITICAL


async def test_lists_are_asked_at_their_own_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    zones = {"shop.example": GOOD, "bl.example": "2.0.0.127 A 127.0.0.2\n"}
    monkeypatch.setattr(senders, "pause_of", lambda _: 3600.0)
    async with bind(zones) as port:
        settings = DnsProbe(
            type="dns", domain="shop.example", nameserver=f"{HOST}:{port}", expect=(), blocklists=["bl.example"],
            addresses=["192.0.2.7"],
        )  # fmt: skip
        clock = FrozenClock()
        one = DnsAdapter(settings, clock)
        seen = [await one.probe(TARGET, clock.monotonic() + 20)]
        for seconds in (1800, 1801):
            clock.advance(seconds)
            seen.append(await one.probe(TARGET, clock.monotonic() + 20))
    asked_at = [found(each, "dns.blocklist").evidence.get("asked", "") for each in seen]
    assert [bool(each) for each in asked_at] == [False, True, False]


async def test_blocklists_tell_listings_from_errors() -> None:
    zones = {
        "shop.example": GOOD,
        "bl.example": '7.2.0.192 A 127.0.0.2\n7.2.0.192 TXT "spam seen, see https://bl.example/192.0.2.7"\n'
        f"1{'.0' * 23}.8.b.d.0.1.0.0.2 A 127.0.0.4\n2.0.0.127 A 127.0.0.2\n",
        "closed.example": "* A 127.255.255.254\n",
        "broken.example": "this is no zone\n",
    }
    addresses = ["192.0.2.7", "192.0.2.8", "2001:db8::1", "mail.example"]
    async with bind(zones) as port:
        seen = await asked(port, addresses=addresses, blocklists=["bl.example", "closed.example", "broken.example"])
    listed = found(seen, "dns.blocklist", "192.0.2.7 bl.example")
    assert listed.status is Status.CRITICAL
    assert "bl.example lists 192.0.2.7: spam seen, see https://bl.example/192.0.2.7" in listed.summary
    assert found(seen, "dns.blocklist", "192.0.2.8 bl.example").status is Status.OK
    assert found(seen, "dns.blocklist", "2001:db8::1 bl.example").status is Status.CRITICAL
    closed = found(seen, "dns.blocklist", "192.0.2.8 closed.example")
    assert closed.status is Status.UNKNOWN
    assert "public resolvers" in closed.summary
    assert found(seen, "dns.blocklist", "192.0.2.8 broken.example").status is Status.UNKNOWN
    assert "is no address" in found(seen, "dns.blocklist", "mail.example bl.example").summary
    assert measured(seen, "penguintui_blocklist_listed", ip="192.0.2.7", zone="bl.example") == 1
    assert measured(seen, "penguintui_blocklist_listed", ip="192.0.2.8", zone="bl.example") == 0
    assert not [s for s in seen.samples if s.labels.get("zone") == "closed.example"]


async def test_what_is_no_domain_is_our_own_mistake() -> None:
    (finding,) = (await asked(1, domain="a..b")).findings
    assert finding.status is Status.UNKNOWN
    assert "no domain name" in finding.summary


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("192.0.2.1", ("192.0.2.1", 53)),
        ("192.0.2.1:5353", ("192.0.2.1", 5353)),
        ("ns.example", ("ns.example", 53)),
        ("ns.example:54", ("ns.example", 54)),
        ("2001:db8::1", ("2001:db8::1", 53)),
        ("[2001:db8::1]:54", ("2001:db8::1", 54)),
    ],
)
def test_name_servers_are_written_in_many_ways(text: str, expected: tuple[str, int]) -> None:
    assert split(text, "here") == expected


@pytest.mark.parametrize("text", ["ns.example:", "ns.example:dns", "ns.example:70000"])
def test_bad_ports_are_told(text: str) -> None:
    with pytest.raises(NotAnswered, match="no port"):
        split(text, "here")
