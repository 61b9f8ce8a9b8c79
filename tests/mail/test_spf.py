"""SPF beyond the openspf suite: counts, names of voids, the tree, and records of nonsense."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penguintui.mail.resolver import Answer, Outcome
from penguintui.mail.spf import Lint, Result, check_host, lint, parse
from penguintui.mail.spf.macros import MacroError, expand, parse_macros
from penguintui.model.status import Status
from tests.mail.zone import FakeZone


def codes(found: Lint) -> set[str]:
    return {remark.code for remark in found.remarks}


def spf(text: str) -> dict[str, list[str]]:
    return {"TXT": ["unrelated", text]}


async def test_counts_lookups_and_names_voids() -> None:
    zone = FakeZone({"a.example": spf("v=spf1 a:gone.a.example mx ip4:192.0.2.1 -all")})
    verdict = await check_host(zone, "192.0.2.1", "me@a.example", "helo.example")
    assert (verdict.result, verdict.lookups, verdict.voids) == (Result.PASS, 2, 2)
    assert verdict.void_names == ("gone.a.example A", "a.example MX")


@pytest.mark.parametrize("term", ["ptr", "exists:%{p}.z.example"])
async def test_names_of_the_address_that_lead_nowhere_are_void(term: str) -> None:
    names = ["gone.example", "lost.example", "left.example"]
    zone = FakeZone({"a.example": spf(f"v=spf1 {term} -all"), "1.2.0.192.in-addr.arpa": {"PTR": names}})
    verdict = await check_host(zone, "192.0.2.1", "me@a.example", "h.example")
    assert (verdict.result, verdict.void_names) == (Result.PERMERROR, tuple(f"{name} A" for name in names))


async def test_voids_of_an_explanation_change_nothing() -> None:
    names = ["gone.example", "lost.example", "left.example"]
    zone = FakeZone(
        {
            "a.example": spf("v=spf1 -all exp=why.a.example"),
            "why.a.example": {"TXT": ["%{p} may not"]},
            "1.2.0.192.in-addr.arpa": {"PTR": names},
        }
    )
    verdict = await check_host(zone, "192.0.2.1", "me@a.example", "h.example")
    assert (verdict.result, verdict.explanation, verdict.voids) == (Result.FAIL, "", 0)


async def test_null_sender_is_judged_by_helo() -> None:
    zone = FakeZone(
        {"mx.a.example": spf("v=spf1 exists:%{l}.ok.example -all"), "postmaster.ok.example": {"A": ["127.0.0.2"]}}
    )
    assert (await check_host(zone, "192.0.2.1", "", "mx.a.example")).result is Result.PASS


async def test_internationalised_domain_is_asked_in_a_labels() -> None:
    zone = FakeZone({"xn--mnchen-3ya.example": spf("v=spf1 exists:%{o}.ok.example -all")})
    verdict = await check_host(zone, "192.0.2.1", "me@münchen.example", "h.example")
    assert verdict.result is Result.FAIL
    assert ("xn--mnchen-3ya.example.ok.example", "A") in zone.asked


async def test_failure_of_dns_is_no_verdict() -> None:
    zone = FakeZone({"a.example": Outcome.SERVFAIL})
    verdict = await check_host(zone, "2001:db8::1", "me@a.example", "h.example")
    assert verdict.result is Result.TEMPERROR
    assert "servfail" in verdict.reason


async def test_too_slow_is_temperror() -> None:
    class Never:
        async def query(self, name: str, type: str) -> Answer:
            await asyncio.Event().wait()
            raise AssertionError

    verdict = await check_host(Never(), "192.0.2.1", "me@a.example", "h.example", seconds=0.01)
    assert verdict.result is Result.TEMPERROR


async def test_no_address_is_a_usage_error() -> None:
    with pytest.raises(ValueError, match="nonsense"):
        await check_host(FakeZone({}), "nonsense", "a@b.example", "h.example")


async def test_lint_shows_the_tree_with_counts() -> None:
    zone = FakeZone(
        {
            "a.example": spf("v=spf1 mx include:_spf.b.example ~all") | {"MX": ["10 mx.a.example"]},
            "mx.a.example": {"A": ["192.0.2.1"]},
            "_spf.b.example": spf("v=spf1 include:_c.b.example a:only6.b.example -all"),
            "_c.b.example": spf("v=spf1 ip4:198.51.100.0/24 -all"),
            "only6.b.example": {"AAAA": ["2001:db8::6"]},
        }
    )
    found = await lint(zone, "a.example")
    assert [(depth, look.term, look.total) for top in found.looks for depth, look in top.walk()] == [
        (0, "mx", 1),
        (0, "include:_spf.b.example", 3),
        (1, "include:_c.b.example", 1),
        (1, "a:only6.b.example", 1),
    ]
    assert (found.lookups, found.voids, found.status) == (4, (), Status.OK)


async def test_lint_counts_beyond_the_limit_and_names_voids() -> None:
    terms = " ".join(f"a:n{number}.example" for number in range(12))
    found = await lint(FakeZone({"a.example": spf(f"v=spf1 {terms} -all")}), "a.example")
    assert found.lookups == 12
    assert "n7.example A" in found.voids
    assert {"lookups", "voids"} <= codes(found)
    assert found.status is Status.CRITICAL


async def test_lint_ends_in_circles() -> None:
    zone = FakeZone({"a.example": spf("v=spf1 include:b.example -all"), "b.example": spf("v=spf1 redirect=a.example")})
    found = await lint(zone, "a.example")
    assert "loop" in codes(found)
    assert found.lookups > 10


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ("v=spf1 +all", "plus-all"),
        ("v=spf1 ?all", "neutral-all"),
        ("v=spf1 ip4:192.0.2.1", "no-all"),
        ("v=spf1 ptr -all", "ptr"),
        ("v=spf1 -all ip4:192.0.2.1", "order"),
        ("v=spf1 -all redirect=b.example", "order"),
        ("v=spf1 ip4:192.0.2.1 ip4:192.0.2.1 -all", "duplicate"),
        ("v=spf1 ip4:192.0.2.999 -all", "syntax"),
        ("v=spf1 " + "ip4:192.0.2.1/32 " * 30 + "-all", "length"),
        ("v=spf2 -all", "missing"),
    ],
)
async def test_lint_remarks(record: str, code: str) -> None:
    assert code in codes(await lint(FakeZone({"a.example": {"TXT": [record]}}), "a.example"))


async def test_lint_never_takes_silence_for_missing() -> None:
    found = await lint(FakeZone({"a.example": Outcome.TIMEOUT}), "a.example")
    assert codes(found) == {"unanswered"}
    assert found.status is Status.UNKNOWN


async def test_two_records() -> None:
    zone = FakeZone({"a.example": {"TXT": ["v=spf1 -all", "V=SPF1 ~all"]}})
    assert "multiple" in codes(await lint(zone, "a.example"))
    assert (await check_host(zone, "192.0.2.1", "me@a.example", "h.example")).result is Result.PERMERROR


def test_faults_are_sentences() -> None:
    record = parse("v=spf1 a:192.0.2.1 redirect:b.example moo -all")
    assert [fault.term for fault in record.faults] == ["a:192.0.2.1", "redirect:b.example", "moo"]
    assert "ip4:192.0.2.1" in record.faults[0].reason
    assert "redirect=" in record.faults[1].reason


@given(st.text(alphabet=st.characters(max_codepoint=255), max_size=80))
def test_nonsense_is_parsed_without_raising(text: str) -> None:
    parse("v=spf1 " + text)


_TERMS = st.lists(
    st.sampled_from(
        [
            "a",
            "mx",
            "ptr",
            "-all",
            "include:a.example",
            "exists:%{i}.a.example",
            "a:%{h}",
            "redirect=b.example",
            "x=%{d1r}",
        ],
    ),
    max_size=14,
)


@given(_TERMS, _TERMS, st.sampled_from(["192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1"]), st.text(max_size=30))
def test_limits_hold_whatever_stands_there(first: list[str], second: list[str], ip: str, helo: str) -> None:
    zone = FakeZone({"a.example": spf(" ".join(["v=spf1", *first])), "b.example": spf(" ".join(["v=spf1", *second]))})
    verdict = asyncio.run(check_host(zone, ip, "me@a.example", helo))
    assert verdict.lookups <= 11
    assert verdict.voids <= 3
    if verdict.lookups > 10 or verdict.voids > 2:
        assert verdict.result is Result.PERMERROR


@given(st.text(max_size=40), st.text(max_size=40))
def test_macros(text: str, value: str) -> None:
    try:
        template = parse_macros(text, explanation=True)
    except MacroError:
        return
    assert isinstance(expand(template, dict.fromkeys("slodiphvcrt", value)), str)


def test_transformers() -> None:
    values = {
        "s": "strong-bad@email.example.com",
        "l": "strong-bad",
        "d": "email.example.com",
        "i": "192.0.2.3",
        "v": "in-addr",
    }
    examples = {  # RFC 7208, 7.4
        "%{s}": "strong-bad@email.example.com",
        "%{d2}": "example.com",
        "%{dr}": "com.example.email",
        "%{d2r}": "example.email",
        "%{l-}": "strong.bad",
        "%{lr-}": "bad.strong",
        "%{l1r-}": "strong",
        "%{ir}.%{v}._spf.%{d2}": "3.2.0.192.in-addr._spf.example.com",
    }
    for text, expected in examples.items():
        assert expand(parse_macros(text), values) == expected
