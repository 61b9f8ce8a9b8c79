"""Records by themselves: presence, number, syntax."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penguintui.mail import records
from penguintui.mail.records import TagError, parse_tags
from penguintui.model.status import Status

OK, WARNING, CRITICAL = Status.OK, Status.WARNING, Status.CRITICAL


@pytest.mark.parametrize(
    ("texts", "status", "words"),
    [
        (["v=spf1 mx -all", "other"], OK, "is published"),
        (["v=spf1 redirect=_spf.example.net"], OK, "is published"),
        (["V=SPF1 ~all"], OK, "is published"),
        (["v=spf1 mx"], WARNING, "has no end"),
        (["v=spf1 ?all"], WARNING, "?all"),
        (["v=spf1 -all mx"], WARNING, "mx stands after all"),
        (["v=spf1 -all ~all"], WARNING, "~all stands after all"),
        (["v=spf1 +all"], CRITICAL, "everybody"),
        (["v=spf1 all"], CRITICAL, "everybody"),
        (["v=spf1 -all", "v=spf1 mx -all"], CRITICAL, "2 records"),
        (["v=spf1 includes:example.net -all"], CRITICAL, "includes"),
        (["v=spf1 ip4:192.0.2.256 -all"], CRITICAL, "192.0.2.256"),
        (["v=spf1 " + " ".join(f"a:h{n}.example.net" for n in range(11)) + " -all"], CRITICAL, "11 times"),
    ],
)
def test_spf(texts: list[str], status: Status, words: str) -> None:
    verdict = records.judge_spf("shop.example", texts)
    assert verdict is not None
    assert verdict.status is status
    assert words in verdict.summary
    assert bool(verdict.remedy) is (status is not OK)


@pytest.mark.parametrize("texts", [[], ["v=spf10 -all"], ["spf1 -all"], ["v=DMARC1; p=none"]])
def test_spf_that_is_none(texts: list[str]) -> None:
    assert records.judge_spf("shop.example", texts) is None


@pytest.mark.parametrize(
    ("texts", "inherited", "status", "words"),
    [
        (["v=DMARC1; p=reject"], False, OK, "p=reject"),
        (["v = DMARC1;p=Quarantine;"], False, OK, "p=quarantine"),
        (["v=DMARC1; p=none; rua=mailto:a@b.example"], False, WARNING, "p=none"),
        (["v=DMARC1; p=none; sp=reject"], True, OK, "sp=reject"),
        (["v=DMARC1; p=reject; sp=none"], True, WARNING, "sp=none"),
        (["v=DMARC1; p=reject; rua=https://b.example"], False, WARNING, "https://b.example"),
        (["v=DMARC1"], False, CRITICAL, "no policy"),
        (["v=DMARC1; p=block"], False, CRITICAL, "p=block is no policy"),
        (["v=DMARC1; p=reject; sp=quarantin"], False, CRITICAL, "sp=quarantin is no policy"),
        (["v=DMARC1; p=none; p=reject"], False, CRITICAL, "twice"),
        (["v=DMARC1; quarantine"], False, CRITICAL, "no tag"),
        (["p=reject; v=DMARC1"], False, CRITICAL, "does not begin"),
        (["v=dmarc1; p=reject"], False, CRITICAL, "does not begin"),
        (["v=DMARC1; p=none", "v=DMARC1; p=reject"], False, CRITICAL, "2 records"),
    ],
)
def test_dmarc(texts: list[str], inherited: bool, status: Status, words: str) -> None:
    verdict = records.judge_dmarc("_dmarc.shop.example", texts, inherited=inherited)
    assert verdict is not None
    assert verdict.status is status
    assert words in verdict.summary


@pytest.mark.parametrize(
    ("found", "status", "words"),
    [
        (["10 mail.shop.example", "20 mx2.shop.example"], OK, "mail.shop.example"),
        (["0 ."], CRITICAL, "takes no mail"),
        (["0 .", "10 mail.shop.example"], CRITICAL, "null MX"),
        (["10 192.0.2.1"], CRITICAL, "an address"),
        (["10 mail"], CRITICAL, "no host name"),
    ],
)
def test_mx(found: list[str], status: Status, words: str) -> None:
    verdict = records.judge_mx("shop.example", found)
    assert verdict is not None
    assert verdict.status is status
    assert words in verdict.summary


def test_one_name_server_is_too_few() -> None:
    one = records.judge_ns("shop.example", ["ns1.example"])
    two = records.judge_ns("shop.example", ["ns1.example", "ns2.example"])
    assert one is not None
    assert two is not None
    assert (one.status, two.status) == (WARNING, OK)


@pytest.mark.parametrize(
    ("judge", "text", "status"),
    [
        (records.judge_mta_sts, "v=STSv1; id=20260101T01;", OK),
        (records.judge_mta_sts, "v=STSv1; id=2026-01-01", WARNING),
        (records.judge_mta_sts, "v=STSv1", WARNING),
        (records.judge_tls_rpt, "v=TLSRPTv1; rua=mailto:a@b.example,https://b.example/r", OK),
        (records.judge_tls_rpt, "v=TLSRPTv1; rua=a@b.example", WARNING),
        (records.judge_tls_rpt, "v=TLSRPTv1", WARNING),
        (records.judge_bimi, "v=BIMI1; l=https://b.example/l.svg; a=", OK),
        (records.judge_bimi, "v=BIMI1; l=", OK),
        (records.judge_bimi, "v=BIMI1; l=http://b.example/l.svg", WARNING),
        (records.judge_bimi, "v=BIMI1; a=", WARNING),
    ],
)
def test_other_records(judge: records.Judge, text: str, status: Status) -> None:
    verdict = judge("shop.example", [text])
    assert verdict is not None
    assert verdict.status is status
    twice = judge("shop.example", [text, text])
    assert twice is not None
    assert twice.status is WARNING
    assert judge("shop.example", ["v=other"]) is None


_NAME = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,8}", fullmatch=True)
_VALUE = st.from_regex(r"([!-:<-~]([ -:<-~]*[!-:<-~])?)?", fullmatch=True)


@given(st.dictionaries(_NAME, _VALUE), st.booleans())
def test_tags_are_read_as_they_were_written(tags: dict[str, str], ended: bool) -> None:
    text = "; ".join(f"{name}={value}" for name, value in tags.items()) + (";" if ended and tags else "")
    assert parse_tags(text) == tags


@given(st.lists(st.text(max_size=80) | st.from_regex(r"v=(spf1|DMARC1|STSv1|BIMI1)[ ;].{0,40}"), max_size=3))
def test_any_text_is_judged_or_is_none(texts: list[str]) -> None:
    for judge in (records.judge_spf, records.judge_dmarc, records.judge_mta_sts, records.judge_tls_rpt):
        judge("shop.example", texts)
    for text in texts:
        try:
            parse_tags(text)
        except TagError as error:
            assert str(error)
