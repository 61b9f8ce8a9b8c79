"""Blocklists: whom to ask for, and what the answer means."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penguintui.mail.blocklist import judge_listing, query_name
from penguintui.mail.resolver import Answer, Outcome
from penguintui.model.status import Status


def test_names() -> None:
    assert query_name("192.0.2.99", "bl.example.") == "99.2.0.192.bl.example"
    assert query_name("::ffff:192.0.2.99", "bl.example") == "99.2.0.192.bl.example"
    assert query_name("2001:db8::1", "bl.example").startswith("1.0.0.0.0.0.")
    assert query_name("2001:db8::1", "bl.example").endswith(".8.b.d.0.1.0.0.2.bl.example")


@given(st.ip_addresses())
def test_names_have_all_digits_in_reverse(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    labels = query_name(str(address), "bl.example").removesuffix(".bl.example").split(".")
    if isinstance(address, ipaddress.IPv6Address) and mapped is None:
        assert "".join(reversed(labels)) == address.exploded.replace(":", "")
    else:
        assert ".".join(reversed(labels)) == str(mapped or address)


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        (Answer(Outcome.NXDOMAIN), Status.OK, "does not list"),
        (Answer(Outcome.NODATA), Status.OK, "does not list"),
        (Answer(Outcome.RECORDS, ("127.0.0.2",)), Status.CRITICAL, "lists 192.0.2.1: spam"),
        (Answer(Outcome.RECORDS, ("127.0.1.4", "127.255.255.254")), Status.CRITICAL, "lists"),
        (Answer(Outcome.RECORDS, ("127.255.255.252",)), Status.UNKNOWN, "written wrongly"),
        (Answer(Outcome.RECORDS, ("127.255.255.254",)), Status.UNKNOWN, "public resolvers"),
        (Answer(Outcome.RECORDS, ("127.255.255.255",)), Status.UNKNOWN, "too many queries"),
        (Answer(Outcome.RECORDS, ("127.255.255.1",)), Status.UNKNOWN, "127.255.255.1"),
        (Answer(Outcome.RECORDS, ("127.0.0.1",)), Status.UNKNOWN, "127.0.0.1"),
        (Answer(Outcome.RECORDS, ("203.0.113.5",)), Status.UNKNOWN, "203.0.113.5"),
        (Answer(Outcome.TIMEOUT), Status.UNKNOWN, "could not be asked"),
        (Answer(Outcome.SERVFAIL), Status.UNKNOWN, "could not be asked"),
    ],
)
def test_answers(answer: Answer, status: Status, words: str) -> None:
    verdict = judge_listing("192.0.2.1", "bl.example", answer, ["spam"])
    assert verdict.status is status
    assert words in verdict.summary
    assert "bl.example" in verdict.summary
    assert "192.0.2.1" in verdict.summary
    assert bool(verdict.remedy) is (status is not Status.OK)
