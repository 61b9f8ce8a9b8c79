"""One mail against the demands of large providers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penguintui.mail.bulk import LARGEST_MAIL, judge_mail
from penguintui.model.status import Status

_SIGNED = (
    "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=shop.example; s=pm; t=1;\r\n"
    "\th=From:Subject:Date:List-Unsubscribe:List-Unsubscribe-Post; bh=AA==; b=BB==\r\n"
)
_REST = (
    "Return-Path: <b@bounce.shop.example>\r\nFrom: The shop <news@shop.example>\r\nSubject: News\r\n"
    "Date: Tue, 24 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@shop.example>\r\n"
    "List-Unsubscribe: <https://shop.example/u/1>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
)
GOOD = f"{_SIGNED}{_REST}\r\nhello\r\n"


def bad(mail: str | bytes, *, marketing: bool = True) -> dict[str, Status]:
    """The demands that are not met, each with its worst status."""
    data = mail.encode() if isinstance(mail, str) else mail
    found: dict[str, Status] = {}
    for demand in judge_mail(data, marketing=marketing).demands:
        assert demand.sentence
        assert bool(demand.remedy) is (demand.status is not Status.OK)
        if demand.status is not Status.OK:
            found[demand.code] = max(demand.status, found.get(demand.code, Status.OK))
    return found


def test_a_good_mail() -> None:
    assert bad(GOOD) == {}
    judged = judge_mail(GOOD.encode(), marketing=True)
    assert judged.author == "shop.example"
    assert [(one.domain, one.selector, one.algorithm) for one in judged.signatures] == [
        ("shop.example", "pm", "rsa-sha256")
    ]
    assert {one.code for one in judged.demands} == {"form", "one-click", "from", "dkim", "alignment", "size"}


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        (_SIGNED, "", {"dkim": Status.CRITICAL, "alignment": Status.WARNING}),
        ("h=From:", "h=", {"dkim": Status.CRITICAL}),
        ("rsa-sha256", "rsa-sha1", {"dkim": Status.CRITICAL}),
        ("t=1;", "t=1; l=7;", {"dkim": Status.WARNING}),
        (":List-Unsubscribe-Post;", ";", {"one-click": Status.CRITICAL}),
        ("v=1; a=rsa-sha256;", "nonsense;", {"dkim": Status.CRITICAL, "alignment": Status.WARNING}),
        ("d=shop.example", "d=esp.example", {"alignment": Status.WARNING}),
        ("d=shop.example", "d=mail.shop.example", {}),
        ("From: The shop <news@shop.example>", "From: a@shop.example, b@shop.example", {"from": Status.CRITICAL}),
        ("From: The shop <news@shop.example>", "From: The shop", {"from": Status.CRITICAL}),
        ("news@shop.example", "news@localhost", {"from": Status.CRITICAL}),
        ("From: The shop", 'From: "bank@bank.example"', {"from": Status.WARNING}),
        ("From: The shop", 'From: "news@shop.example"', {}),
        ("From: The shop", 'From: "Shop, The" (we)', {}),
        ("Date: Tue, 24 Nov 2026 10:00:00 +0000", "Date: now", {"date": Status.CRITICAL}),
        ("Date: Tue, 24 Nov 2026 10:00:00 +0000\r\n", "", {"missing": Status.CRITICAL}),
        ("Subject: News", "Subject: N\u00e9ws", {"ascii": Status.WARNING}),
        ("hello", "h" * 999, {"lines": Status.WARNING}),
        ("hello", "h" * 998, {}),
        ("hello", "h\0", {"nul": Status.WARNING}),
        ("hello", "x" * 70 + "\r\n", {}),
    ],
)
def test_demands(old: str, new: str, wrong: dict[str, Status]) -> None:
    assert old in GOOD
    assert bad(GOOD.replace(old, new, 1)) == wrong


def test_nothing_aligns() -> None:
    mail = GOOD.replace("d=shop.example", "d=esp.example").replace("bounce.shop.example", "esp.example")
    assert bad(mail) == {"alignment": Status.CRITICAL}
    without_envelope = mail.replace("Return-Path: <b@esp.example>\r\n", "")
    assert bad(without_envelope) == {"alignment": Status.CRITICAL}


@pytest.mark.parametrize(
    ("author", "key", "aligns"),
    [
        ("a.shop.example", "b.shop.example", True),
        ("shop.co.uk", "other.co.uk", False),
        ("a.shop.co.uk", "b.shop.co.uk", True),
        ("shop.co.uk", "shop.co.uk", True),
        ("shop.de", "mail.shop.de", True),
        ("shop.example", "myshop.example", False),
        ("shop.example", "example", False),
    ],
)
def test_names_that_may_have_one_owner(author: str, key: str, aligns: bool) -> None:
    mail = GOOD.replace("bounce.shop.example", "esp.test").replace("d=shop.example", f"d={key}")
    found = bad(mail.replace("news@shop.example", f"news@{author}"))
    assert found == ({} if aligns else {"alignment": Status.CRITICAL})


def test_who_cannot_be_unsubscribed_from_needs_no_click() -> None:
    mail = GOOD.replace("List-Unsubscribe: <https://shop.example/u/1>\r\n", "")
    assert bad(mail) == {"one-click": Status.CRITICAL}
    assert bad(mail, marketing=False) == {}


def test_size() -> None:
    assert bad(GOOD + "x" * 76 + "\r\n") == {}
    assert bad(GOOD + ("x" * 76 + "\r\n") * (LARGEST_MAIL // 78 + 1)) == {"size": Status.CRITICAL}
    html = GOOD.replace("Message-ID:", "Content-Type: text/html\r\nMessage-ID:") + ("<p>x</p>\r\n" * 12_000)
    assert bad(html) == {"size": Status.WARNING}


@given(st.binary(max_size=300))
def test_any_mail(data: bytes) -> None:
    assert judge_mail(data, marketing=True).demands


@given(st.integers(0, len(GOOD)), st.text(max_size=5))
def test_any_damage(place: int, text: str) -> None:
    assert judge_mail((GOOD[:place] + text + GOOD[place:]).encode(), marketing=True).demands
