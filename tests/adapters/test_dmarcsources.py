"""Who sends in our domains' names: counted over a window, bounded, remembered, and judged."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penguintui.adapters.dmarc.judging import judge_sources, rows, sample_sources
from penguintui.adapters.dmarc.names import name_sources
from penguintui.adapters.dmarc.sources import MOST_SHOWN, Sources, added, network_of
from penguintui.config.mailprobes import SourcesSettings
from penguintui.mail.dmarc import AggregateReport, Source
from penguintui.model.observation import Finding
from penguintui.model.status import Status

from .servers import HOST
from .zoneserver import zones

DAY = 86400.0
NOW = 1_700_000_000.0 // DAY * DAY + 50_000
SETTINGS = SourcesSettings()
OURS = {"203.0.113.11": Source(both=900, dkim=50)}
STRANGER = {"198.51.100.7": Source(neither=100)}


def report(
    sources: Mapping[str, Source], days_ago: float = 1, domain: str = "x.example", org: str = "google.com"
) -> AggregateReport:
    """What a receiver saw on one day."""
    end = NOW - (days_ago - 1) * DAY - 60
    whole = added(sources.values())
    return AggregateReport(
        org, f"{days_ago}", domain, end - DAY + 60, end, len(sources), whole.messages, whole.dkim + whole.both,
        whole.spf + whole.both, whole.aligned, sources=sources,
    )  # fmt: skip


def week(sources: Mapping[str, Source] = OURS) -> Sources:
    """Reports of the last seven days, all of them the same."""
    counted = Sources(SETTINGS.window)
    for days in range(7, 0, -1):
        counted.add(report(sources, days), NOW)
    return counted


def judged(counted: Sources, check: str) -> list[Finding]:
    return [finding for finding in judge_sources(counted, NOW, SETTINGS) if finding.check == check]


def test_mail_that_aligns_is_fine() -> None:
    (alignment,) = judged(week(), "dmarc.alignment")
    assert (alignment.status, alignment.subject) == (Status.OK, "x.example")
    assert alignment.summary.startswith("0.0 % of 6650 mails in the name of x.example in 7 days")
    assert (alignment.evidence["reports"], alignment.evidence["newest report"]) == ("7", "60 s ago")
    assert not judged(week(), "dmarc.source")


def test_a_new_source_that_does_not_align_is_told() -> None:
    counted = week()
    counted.add(report(STRANGER), NOW)
    (stranger,) = judged(counted, "dmarc.source")
    assert (stranger.status, stranger.subject) == (Status.WARNING, "x.example 198.51.100.0/24")
    assert "198.51.100.0/24 is new and sends as x.example: 100 mails in 7 days, none aligned (1.5 % of all" in (
        stranger.summary
    )
    counted.add(report({"198.51.100.9": Source(neither=4000)}), NOW)
    (stranger,) = judged(counted, "dmarc.source")
    assert stranger.status is Status.CRITICAL
    assert "4100 mails" in stranger.summary
    (alignment,) = judged(counted, "dmarc.alignment")
    assert alignment.status is Status.CRITICAL


@pytest.mark.parametrize(
    ("sources", "days"),
    [
        ({"198.51.100.7": Source(dkim=100)}, 1),  # aligned
        ({"198.51.100.7": Source(neither=9)}, 1),  # too few
        ({"198.51.100.7": Source(neither=20)}, 1),  # too small a share
        (STRANGER, 6.9),  # the reports on the domain began with it
    ],
)
def test_a_source_that_is_not_told(sources: Mapping[str, Source], days: float) -> None:
    counted = week()
    counted.add(report(sources, days), NOW)
    assert not judged(counted, "dmarc.source")


def test_an_old_source_is_not_new() -> None:
    counted = Sources(SETTINGS.window)
    for days in (40, 30):
        counted.add(report(OURS if days == 40 else STRANGER, days), NOW)
    counted.add(report(OURS | STRANGER), NOW)
    assert {row.network: row.new for row in rows(counted, counted.domains["x.example"], NOW, SETTINGS.new_for)} == {
        "198.51.100.0/24": False,
        "203.0.113.0/24": False,
    }


def test_too_little_is_unknown() -> None:
    counted = Sources(SETTINGS.window)
    (nothing,) = judged(counted, "dmarc.alignment")
    assert nothing.status is Status.UNKNOWN
    assert "no DMARC report was read yet" in nothing.summary
    counted.add(report({"198.51.100.7": Source(neither=99)}), NOW)
    (few,) = judged(counted, "dmarc.alignment")
    assert few.status is Status.UNKNOWN
    assert "99 mails of x.example in 7 days: too little for a verdict (100 mails are enough)" in few.summary


def test_what_lies_before_the_window_is_forgotten_and_its_age_told() -> None:
    counted = week()
    counted.expire(NOW + 9 * DAY)
    assert counted.domains["x.example"].counts == Source()
    (silent,) = judge_sources(counted, NOW + 9 * DAY, SETTINGS)
    assert silent.status is Status.UNKNOWN
    assert "no report on x.example in 7 days" in silent.summary
    assert "the newest report is 9 days old" in silent.summary


def test_samples_are_bounded_and_the_rest_is_one_line() -> None:
    counted = week()
    many = {f"10.{n // 250}.{n % 250}.1": Source(neither=1 + n % 5) for n in range(1000)}
    counted.add(report(many), NOW)
    samples = list(sample_sources(counted, NOW, SETTINGS.new_for))
    counts = [sample for sample in samples if sample.metric == "penguintui_dmarc_source_messages"]
    assert sum(sample.value for sample in counts) == counted.domains["x.example"].counts.messages == 6650 + 3000
    assert len({sample.labels["source"] for sample in counts}) == MOST_SHOWN + 1
    assert len(counted.domains["x.example"].sources) == 2 * MOST_SHOWN
    ours = next(s.labels for s in samples if s.labels.get("source") == "203.0.113.0/24" and "new" in s.labels)
    assert ours["new"] == "no"


def test_many_domains_have_fewer_sources_each() -> None:
    counted = Sources(SETTINGS.window)
    for number in range(300):
        sources = {f"10.{n}.{number % 250}.1": Source(neither=1) for n in range(40)}
        counted.add(report(sources, domain=f"d{number}.example"), NOW)
    samples = list(sample_sources(counted, NOW, SETTINGS.new_for))
    assert len(samples) < 20_000
    assert len(counted.domains) == 201
    assert sum(s.value for s in samples if s.metric == "penguintui_dmarc_source_messages") == 300 * 40


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("nonsense", "an address that is none"),
    ],
)
def test_networks(address: str, network: str) -> None:
    assert network_of(address) == network


_SOURCES = st.dictionaries(
    st.one_of(st.ip_addresses().map(str), st.text(max_size=5)),
    st.builds(Source, *(st.integers(0, 10**6) for _ in range(4))),
    max_size=5,
)


@given(st.lists(st.tuples(_SOURCES, st.floats(0, 20), st.sampled_from(["a.example", "b.example"])), max_size=8))
def test_nothing_is_lost_and_all_of_it_outlives_a_restart(found: list[tuple[dict[str, Source], float, str]]) -> None:
    counted = Sources(SETTINGS.window)
    for sources, days, domain in found:
        counted.add(report(sources, days, domain), NOW)
    later = Sources(SETTINGS.window)
    later.remember(counted.text())
    assert later.domains == counted.domains
    within = [sources for sources, days, _ in found if NOW - (days - 1) * DAY - 60 > NOW - 7 * DAY]
    least = sum(added(sources.values()).messages for sources in within)
    assert sum(domain.counts.messages for domain in later.domains.values()) >= least


@pytest.mark.parametrize("text", ["", "x", "eJw=", "AAAA", "W10="])
def test_a_state_of_nonsense_is_none(text: str) -> None:
    counted = week()
    counted.remember(text)
    assert counted.domains == {}


def test_ipv6_and_ipv4_are_told_apart() -> None:
    assert ipaddress.ip_network(network_of("2001:db8::1")).version == 6


async def test_names_are_believed_only_when_they_lead_back() -> None:
    zone = {
        "7.100.51.198.in-addr.arpa": [{"PTR": "mail.evil.example"}],
        "mail.evil.example": [{"A": "198.51.100.7"}],
        "11.113.0.203.in-addr.arpa": [{"PTR": "mail.google.com"}],
        "mail.google.com": [{"A": "192.0.2.1"}],
    }
    counted = week()
    counted.add(report(STRANGER), NOW)
    async with zones(zone) as server:
        assert await name_sources(counted, f"{HOST}:{server.port}", 5) == []
        asked = len(server.asked)
        assert await name_sources(counted, f"{HOST}:{server.port}", 5) == []
        assert len(server.asked) == asked, "all names are known"
    names = {network: seen.name for network, seen in counted.domains["x.example"].sources.items()}
    assert names == {"198.51.100.0/24": "mail.evil.example", "203.0.113.0/24": ""}
    (stranger,) = judged(counted, "dmarc.source")
    assert "198.51.100.0/24 (mail.evil.example) is new" in stranger.summary


async def test_a_name_server_that_is_silent_is_said() -> None:
    counted = week()
    (finding,) = await name_sources(counted, "127.0.0.1:1", 0.5)
    assert (finding.check, finding.status) == ("dmarc.names", Status.UNKNOWN)
    assert "127.0.0.1:1" in finding.summary
    (finding,) = await name_sources(counted, "127.0.0.1:none", 0.5)
    assert "no port" in finding.summary
