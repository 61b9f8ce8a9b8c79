"""Beside other programs for the same rules: what they say of domains, addresses and reports made at random."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from penguintui.mail.dmarc import AggregateReport, read_reports
from penguintui.mail.spf import check_host
from penguintui.mail.spf.lint import lint
from tests.mail.test_dmarc_reports import xml
from tests.mail.zone import FakeZone

_WITHOUT = "pip install 'penguintui[oracles]'"
_NAMES = [f"{letter}.example" for letter in "abcde"]
_TERMS = st.one_of(
    st.sampled_from(["a", "mx", "ptr", "ip4:192.0.2.0/28", "ip4:192.0.2.7", "ip6:2001:db8::/32", "a/24", "mx//64"]),
    st.builds("{}:{}".format, st.sampled_from(["a", "mx", "include", "exists"]), st.sampled_from(_NAMES)),
    st.sampled_from(["exists:%{ir}.a.example", "a:%{d}", "include:none.example", "ip4:192.0.2.300", "nonsense"]),
)
_RECORDS = st.builds(
    lambda terms, end: " ".join(["v=spf1", *terms, *end]),
    st.lists(st.builds("{}{}".format, st.sampled_from(["", "-", "~", "?"]), _TERMS), max_size=4),
    st.one_of(
        st.just([]),
        st.builds(lambda q: [f"{q}all"], st.sampled_from(["", "-", "~", "?"])),
        st.builds(lambda name: [f"redirect={name}"], st.sampled_from(_NAMES)),
    ),
)
ZONES = st.fixed_dictionaries(
    {name: st.fixed_dictionaries(
        {"TXT": st.lists(_RECORDS, max_size=1), "A": st.lists(st.sampled_from(["192.0.2.1", "192.0.2.7"]), max_size=1),
         "MX": st.lists(st.sampled_from([f"10 {other}" for other in _NAMES]), max_size=1)}
    ) for name in _NAMES}
)  # fmt: skip
SENDERS = st.sampled_from(["192.0.2.1", "192.0.2.7", "198.51.100.1", "2001:db8::1"])
_MANY = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))


def _pyspf_answers(zone: dict[str, dict[str, list[str]]]) -> Any:
    """pyspf's DNS function over a zone: names and records as it wants them."""

    def look_up(name: str, type: str, strict: bool = True, timeout: float = 20) -> Iterator[tuple[Any, Any]]:
        for record in zone.get(name.lower(), {}).get(type, []):
            value: Any = record
            if type == "TXT":
                value = (record.encode(),)
            elif type == "MX":
                preference, _, host = record.partition(" ")
                value = (int(preference), host)
            elif type == "AAAA":
                value = socket.inet_pton(socket.AF_INET6, record)
            yield (name, type), value

    return lambda *given, **named: list(look_up(*given, **named))


@_MANY
@given(ZONES, SENDERS)
def test_spf_beside_pyspf(zone: dict[str, dict[str, list[str]]], ip: str) -> None:
    spf = pytest.importorskip("spf", reason=_WITHOUT)
    spf.DNSLookup = _pyspf_answers(zone)
    theirs, _, why = spf.query(i=ip, s="eva@a.example", h="mx.example", strict=True).check()
    ours = asyncio.run(check_host(FakeZone(zone), ip, "eva@a.example", "mx.example"))
    if "trivial recursion" in why:
        return  # pyspf looks for that before it begins, also behind a term that already matches
    assert theirs == ours.result, (ours, zone)


@_MANY
@given(st.lists(st.tuples(st.integers(0, 10**6), *[st.sampled_from(["pass", "fail", "Pass"])] * 2), min_size=1))
def test_totals_beside_parsedmarc(rows: list[tuple[int, str, str]]) -> None:
    parsedmarc = pytest.importorskip("parsedmarc", reason=_WITHOUT)
    named = b"</row><identifiers><header_from>x.example</header_from></identifiers>"
    data = xml(rows).replace(b"</row>", named)
    (ours,) = read_reports(data)
    assert isinstance(ours, AggregateReport)
    theirs = parsedmarc.parse_aggregate_report_file(data, offline=True, always_use_local_files=True)
    counted = [(row["count"], row["alignment"]) for row in theirs["records"]]
    assert len(counted) == ours.records
    assert sum(count for count, _ in counted) == ours.messages
    for way, total in (("dkim", ours.dkim_aligned), ("spf", ours.spf_aligned), ("dmarc", ours.aligned)):
        assert sum(count for count, aligned in counted if aligned[way]) == total


@pytest.mark.parametrize("includes", [1, 9, 10, 12])
async def test_look_ups_beside_checkdmarc(includes: int) -> None:
    module = pytest.importorskip("checkdmarc.spf", reason=_WITHOUT)
    from dns.nameserver import Do53Nameserver
    from dns.resolver import Resolver

    from penguintui.adapters.dns.nameserver import opened
    from tests.adapters.zoneserver import zones

    domain = f"a{includes}.example"  # checkdmarc remembers names from one test to the next
    senders = [f"c{n}.{domain}" for n in range(includes)]
    zone = {name: [{"TXT": "v=spf1 ip4:192.0.2.1 -all"}] for name in senders}
    zone[domain] = [{"TXT": f"v=spf1 {' '.join(f'include:{name}' for name in senders)} -all"}]
    async with zones(zone) as server:
        resolver = Resolver(configure=False)
        resolver.nameservers = [Do53Nameserver("127.0.0.1", server.port)]
        theirs = await asyncio.to_thread(module.check_spf, domain, resolver=resolver)
        ours = await lint(await opened(f"127.0.0.1:{server.port}", "the test's server", 20), domain)
    assert theirs["valid"] is (ours.lookups <= 10)
    assert theirs["dns_lookups"] == ours.lookups or not theirs["valid"]
