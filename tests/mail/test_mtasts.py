"""Policies of MTA-STS: their syntax, their servers, their strength."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penguintui.mail.mtasts import covers, judge_policy, parse_policy
from penguintui.model.status import Status

_GOOD = "version: STSv1\r\nmode: enforce\r\nmx: mx1.d.example\r\nmx: *.mail.d.example\r\nmax_age: 604800\r\n"


@pytest.mark.parametrize(
    ("host", "inside"),
    [
        ("MX1.d.example.", True),
        ("a.mail.d.example", True),
        ("a.b.mail.d.example", False),
        ("mail.d.example", False),
        ("mx2.d.example", False),
    ],
)
def test_servers(host: str, inside: bool) -> None:
    assert covers(parse_policy(_GOOD), host) is inside


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (("version: STSv1\r\n", ""), "version"),
        (("enforce", "strict"), "mode"),
        (("604800", "999999999"), "max_age"),
        (("604800", "soon"), "max_age"),
        (("mx1.d.example", "https://mx1"), "host name"),
        (("mode: enforce", "mode enforce"), "name: value"),
    ],
)
def test_faults(change: tuple[str, str], word: str) -> None:
    verdict = judge_policy("d.example", _GOOD.replace(*change), ["mx1.d.example"])
    assert verdict.status is Status.CRITICAL
    assert any(word in fault for fault in parse_policy(_GOOD.replace(*change)).faults)


@pytest.mark.parametrize(
    ("text", "hosts", "status"),
    [
        (_GOOD, ["mx1.d.example", "a.mail.d.example"], Status.OK),
        (_GOOD, ["mx9.d.example"], Status.CRITICAL),
        (_GOOD.replace("enforce", "testing"), ["mx9.d.example"], Status.WARNING),
        (_GOOD.replace("enforce", "testing"), ["mx1.d.example"], Status.WARNING),
        (_GOOD.replace("604800", "60"), ["mx1.d.example"], Status.WARNING),
        ("version: STSv1\nmode: none\nmax_age: 1\n", [], Status.WARNING),
    ],
)
def test_judgement(text: str, hosts: list[str], status: Status) -> None:
    assert judge_policy("d.example", text, hosts).status is status


@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    assert judge_policy("d.example", text, ["mx.d.example"]).status is not Status.OK
