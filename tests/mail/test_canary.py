"""What a canary is, and what receivers say of it in headers that anybody can forge."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penguintui.mail.authresults import read_results
from penguintui.mail.canary import HEADER, Identifiers, compose, judge_alignment
from penguintui.mail.headers import judge_headers
from penguintui.mail.mime import Headers, split_headers
from penguintui.mail.resolver import Outcome
from penguintui.model.status import Status

from .zone import FakeZone

_TRUSTED = "mx.seed.example"
_PASSED = (
    "mx.seed.example (v1); dkim=pass (2048-bit key; unprotected) header.d=Example.com header.i=@example.com header.b=x;"
    " spf=pass (sender permitted) smtp.mailfrom=bounce@news.example.com; dmarc=pass (p=REJECT) header.from=example.com"
)


def headers(*results: str, author: str = "a@example.com") -> Headers:
    return Headers((("from", f"A <{author}>"), *(("authentication-results", text) for text in results)))


def test_composed_canary_meets_every_demand() -> None:
    mail = compose("0123456789abcdef", "a@example.com", "b@seed.example", 1.8e9, "https://example.com/u")
    found, body = split_headers(mail)
    assert found.get(HEADER) == "0123456789abcdef"
    assert found.get("message-id") == "<0123456789abcdef@example.com>"
    assert {demand.status for demand in judge_headers(found, marketing=True)} == {Status.OK}
    assert body
    assert b"\n" not in mail.replace(b"\r\n", b"")


def test_results_are_read_from_the_trusted_server_only() -> None:
    read = read_results(headers("evil.example; dkim=pass header.d=bank.example", _PASSED), _TRUSTED)
    assert [(one.method, one.result, one.domain) for one in read] == [
        ("dkim", "pass", "example.com"), ("spf", "pass", "news.example.com"), ("dmarc", "pass", "example.com"),
    ]  # fmt: skip
    assert not read_results(headers("mx.seed.example.evil.example; dkim=pass header.d=x"), _TRUSTED)
    first = headers("mx.seed.example; dkim=fail header.d=example.com", _PASSED)
    assert [one.result for one in read_results(first, _TRUSTED)] == ["fail"], "what stands below came from outside"
    assert not read_results(headers("mx.seed.example; none"), _TRUSTED)


@given(st.text(max_size=300))
def test_any_header_is_read(text: str) -> None:
    assert all(one.method and one.result for one in read_results(headers(f"mx.seed.example;{text}"), _TRUSTED))


@pytest.mark.parametrize(
    ("results", "author", "status", "words"),
    [
        (_PASSED, "a@example.com", Status.OK, "by DKIM and SPF"),
        ("mx.seed.example; spf=pass smtp.mailfrom=x@news.example.com", "a@example.com", Status.WARNING, "by SPF"),
        ("mx.seed.example; dkim=pass header.d=other.example", "a@example.com", Status.CRITICAL, "neither SPF nor DKIM"),
        ("mx.seed.example; dkim=pass header.d=example.com; dmarc=fail", "a@example.com", Status.CRITICAL, "DMARC of"),
        ("mx.seed.example; dkim=pass header.d=silent.example", "a@example.com", Status.UNKNOWN, "did not answer"),
        ("", "a@example.com", Status.UNKNOWN, "no Authentication-Results"),
    ],
)
async def test_alignment(results: str, author: str, status: Status, words: str) -> None:
    zone = FakeZone(
        {
            "_dmarc.example.com": {"TXT": ["v=DMARC1; p=reject"]},
            "_dmarc.silent.example": Outcome.TIMEOUT,
            "_dmarc.example": Outcome.NXDOMAIN,
        }
    )
    verdict = await judge_alignment(zone, Identifiers.of(headers(results, author=author), _TRUSTED), _TRUSTED)
    assert (verdict.status, words in verdict.summary) == (status, True), verdict.summary
