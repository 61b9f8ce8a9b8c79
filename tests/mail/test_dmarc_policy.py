"""The tree walk, the policy that follows, alignment, and who may get reports."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penguintui.mail.dmarc.policy import Presence, aligned, applied, may_report_to, walk, walk_names
from penguintui.mail.dmarc.record import parse_dmarc, select_dmarc
from penguintui.mail.resolver import Outcome
from tests.mail.zone import FakeZone

Names = dict[str, dict[str, list[str]] | Outcome]


def zone(records: dict[str, str], more: Names | None = None) -> FakeZone:
    names: Names = {f"_dmarc.{name}": {"TXT": [text]} for name, text in records.items()}
    return FakeZone(names | (more or {}))


def test_long_names_are_cut_to_seven_labels() -> None:
    assert walk_names("a.b.Example.COM.") == ["a.b.example.com", "b.example.com", "example.com", "com"]
    long = walk_names("a.b.c.d.e.f.g.h.i.j.mail.example.com")
    assert long[:2] == ["a.b.c.d.e.f.g.h.i.j.mail.example.com", "g.h.i.j.mail.example.com"]
    assert (len(long), long[-1]) == (8, "com")


@given(st.lists(st.from_regex(r"[a-z]{1,5}", fullmatch=True), min_size=1, max_size=20))
def test_never_more_than_eight_queries(labels: list[str]) -> None:
    names = walk_names(".".join(labels))
    assert len(names) <= 8
    assert names[0] == ".".join(labels)
    assert names[-1] == labels[-1]


@pytest.mark.parametrize(
    ("records", "organizational"),
    [
        ({}, "a.mail.example.com"),
        ({"example.com": "v=DMARC1; p=reject"}, "example.com"),
        ({"a.mail.example.com": "v=DMARC1; p=none", "example.com": "v=DMARC1; p=reject"}, "example.com"),
        ({"mail.example.com": "v=DMARC1; p=none; psd=n", "example.com": "v=DMARC1; p=reject"}, "mail.example.com"),
        ({"com": "v=DMARC1; p=reject; psd=y"}, "example.com"),
        ({"example.com": "v=DMARC1; p=none", "com": "v=DMARC1; p=reject; psd=y"}, "example.com"),
        ({"a.mail.example.com": "v=DMARC1; p=none; psd=y"}, "a.mail.example.com"),
    ],
)
async def test_organizational_domain(records: dict[str, str], organizational: str) -> None:
    assert (await walk(zone(records), "a.mail.example.com")).organizational == organizational


async def test_own_record_comes_first() -> None:
    found = await applied(
        zone({"a.example.com": "v=DMARC1; p=none", "example.com": "v=DMARC1; p=reject"}), "a.example.com"
    )
    assert (found.policy, found.tag, found.found_at, found.organizational) == (
        "none",
        "p",
        "a.example.com",
        "example.com",
    )


@pytest.mark.parametrize(
    ("text", "exists", "policy", "tag"),
    [
        ("v=DMARC1; p=reject", True, "reject", "sp"),
        ("v=DMARC1; p=reject; sp=none", True, "none", "sp"),
        ("v=DMARC1; p=none; sp=quarantine; np=reject", False, "reject", "np"),
        ("v=DMARC1; p=none; sp=quarantine; np=reject", True, "quarantine", "sp"),
    ],
)
async def test_policy_from_above(text: str, exists: bool, policy: str, tag: str) -> None:
    more: Names = {"a.example.com": {"A": ["192.0.2.1"]}} if exists else {}
    found = await applied(zone({"example.com": text}, more), "a.example.com")
    assert (found.policy, found.tag, found.found_at, found.known) == (policy, tag, "example.com", True)


async def test_policy_of_the_public_suffix() -> None:
    found = await applied(zone({"gov.example": "v=DMARC1; p=reject; psd=y"}), "city.gov.example")
    assert (found.policy, found.found_at, found.organizational) == ("reject", "gov.example", "city.gov.example")


async def test_silence_is_no_missing_record() -> None:
    found = await applied(FakeZone({"_dmarc.example.com": Outcome.TIMEOUT}), "example.com")
    assert (found.policy, found.known) == ("", False)


async def test_two_records_are_none() -> None:
    names: Names = {"_dmarc.example.com": {"TXT": ["v=DMARC1; p=none", "v=DMARC1; p=reject", "other"]}}
    found = await walk(FakeZone(names), "example.com")
    assert (found.records, found.several) == ((), ("example.com",))


@pytest.mark.parametrize(
    ("identifier", "strict", "expected"),
    [
        ("example.com", True, Presence.YES),
        ("mail.example.com", True, Presence.NO),
        ("mail.example.com", False, Presence.YES),
        ("example.net", False, Presence.NO),
        ("silent.test", False, Presence.UNKNOWN),
    ],
)
async def test_alignment(identifier: str, strict: bool, expected: Presence) -> None:
    dns = zone({"example.com": "v=DMARC1; p=none"}, {"_dmarc.silent.test": Outcome.SERVFAIL})
    assert await aligned(dns, identifier, "Example.com.", strict=strict) is expected


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("mailto:a@reports.example.com", Presence.YES),
        ("mailto:a@yes.example.net", Presence.YES),
        ("mailto:a@no.example.net", Presence.NO),
        ("mailto:a@silent.test", Presence.UNKNOWN),
        ("https://example.com/", Presence.NO),
    ],
)
async def test_external_reports(uri: str, expected: Presence) -> None:
    more: Names = {
        "example.com._report._dmarc.yes.example.net": {"TXT": ["v=DMARC1"]},
        "example.com._report._dmarc.silent.test": Outcome.TIMEOUT,
    }
    assert await may_report_to(zone({"example.com": "v=DMARC1; p=none"}, more), "example.com", uri) is expected


def test_records() -> None:
    record = parse_dmarc("v=DMARC1; p=Reject; np=Quarantine; pct=50; adkim=s; t=y; rua=mailto:a@b.example!10m, ftp://x")
    assert record is not None
    assert (record.p, record.sp, record.np, record.adkim, record.testing) == (
        "reject",
        "reject",
        "quarantine",
        "s",
        True,
    )
    assert record.rua == ("mailto:a@b.example!10m",)
    assert [word for word in ("pct", "size limit", "ftp") if not any(word in fault for fault in record.faults)] == []


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        ("v=DMARC1; rua=mailto:a@b.example", "none"),
        ("v=DMARC1; p=what; rua=mailto:a@b.example", "none"),
        ("v=DMARC1; p=what", None),
        ("v=DMARC1", None),
        ("v=DMARC1; p", None),
    ],
)
def test_records_without_a_policy(text: str, policy: str | None) -> None:
    record = parse_dmarc(text)
    assert (record and record.p) == policy


def test_what_is_a_record() -> None:
    assert select_dmarc(
        ["v=DMARC1;p=none", " v=DMARC1; p=none", "V=DMARC1", "v=DMARC10", "v = DMARC1 ; p=none", "p=none; v=DMARC1"]
    ) == [
        "v=DMARC1;p=none",
        "v = DMARC1 ; p=none",
    ]


@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    parse_dmarc("v=DMARC1;" + text)


@given(st.text(alphabet="ab.", max_size=40))
def test_any_domain(domain: str) -> None:
    asyncio.run(applied(FakeZone({}), domain))


@pytest.mark.parametrize(
    ("tags", "policies"),
    [
        ("p=reject; sp=quarantin; rua=mailto:a@b.example", ("none", "none", "none")),
        ("p=reject; np=bogus; rua=mailto:a@b.example", ("none", "none", "none")),
        ("p=block; sp=reject; rua=mailto:a@b.example", ("none", "none", "none")),
        ("sp=reject; rua=mailto:a@b.example", ("none", "none", "none")),
        ("p=reject; sp=quarantin", None),
        ("p=reject; np=", None),
        ("sp=reject", None),
        ("psd=y", ("none", "none", "none")),
        ("p=quarantine; sp=Reject", ("quarantine", "reject", "reject")),
    ],
)
def test_an_unknown_policy_spoils_the_whole_record(tags: str, policies: tuple[str, str, str] | None) -> None:
    """RFC 9989, 4.10.1."""
    record = parse_dmarc(f"v=DMARC1; {tags}")
    assert (record and (record.p, record.sp, record.np)) == policies
