"""The lines of the queue's listing, added up."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penguintui.adapters.postfix import postqueue
from penguintui.adapters.postfix.postqueue import Totals, normalised


def message(queue: str = "deferred", arrival: int = 100, size: int = 10, **recipients: str | None) -> dict[str, Any]:
    return {
        "queue_name": queue,
        "queue_id": "4BxQ2f1z",
        "arrival_time": arrival,
        "message_size": size,
        "forced_expire": False,
        "sender": "news@example.com",
        "recipients": [
            {"address": f"eva@{domain.replace('_', '.')}"} | ({"delay_reason": reason} if reason else {})
            for domain, reason in recipients.items()
        ],
        "a member of tomorrow": {},
    }


def total(*messages: Any) -> Totals:
    totals = Totals()
    for one in messages:
        totals.add_line(json.dumps(one).encode() if not isinstance(one, bytes) else one)
    return totals


def test_messages_are_added_up_by_queue_and_destination() -> None:
    totals = total(
        message(arrival=300, size=5, a_example="slow", b_example=None),
        message(arrival=200, size=7, a_example="slow"),
        message("active", arrival=400, a_example=None),
    )
    deferred = totals.queues["deferred"]
    assert (deferred.messages, deferred.bytes, deferred.oldest) == (2, 12, 200)
    assert totals.queues["hold"].messages == 0
    assert [(q, d, w.messages, w.oldest) for q, d, w in totals.busiest(2)] == [
        ("deferred", "a.example", 2, 200),
        ("active", "a.example", 1, 400),
    ]
    assert totals.reasons == Counter({"slow": 2})


@pytest.mark.parametrize(
    "line",
    [b"Mail queue is empty", b"[]", b"7", b'{"queue_id": "1"}', b'{"queue_name": 3}', b"[" * 100_000, b"\xff"],
)
def test_rubbish_is_counted_and_kept_to_be_shown(line: bytes) -> None:
    totals = total(line, message())
    assert (totals.rubbish, totals.messages) == (1, 1)
    assert totals.first_rubbish == line[:200].decode("utf-8", "replace")


def test_a_line_too_long_still_counts() -> None:
    totals = Totals()
    totals.add_beginning(json.dumps(message(size=99)).encode()[:150])
    totals.add_beginning(b"x" * 100)
    assert (totals.queues["deferred"].messages, totals.queues["deferred"].bytes) == (1, 99)
    assert (totals.cut, totals.rubbish) == (2, 1)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "connect to mx1.example.net[192.0.2.1]:25: Connection refused",
            "connect to b.example[2001:db8::1]:25: Connection refused",
        ),
        (
            "host mx.example[192.0.2.1] said: 421-4.7.28 [198.51.100.7 15] unusual rate d2e1a72fcca58-82bd9f - gsmtp",
            "host mx.example[192.0.2.9] said: 421-4.7.28 [198.51.100.8 15] unusual rate a92af1059eb24-91ce3a - gsmtp",
        ),
        ("said: 452 4.2.2 <eva@example.com> over quota", "said: 452 4.2.2 <bob@example.com> over quota"),
    ],
)
def test_reasons_that_differ_in_details_are_one(one: str, other: str) -> None:
    assert normalised(one) == normalised(other)


def test_reasons_keep_what_they_say() -> None:
    assert "4.7.28" in normalised("host mx.example[192.0.2.1] said: 421-4.7.28 rate")
    assert normalised("connect to a.example[192.0.2.1]:25: Connection refused") == "connect to HOST: Connection refused"


def test_memory_is_bounded_and_the_busiest_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postqueue, "MAX_KEYS", 50)
    totals = total(*[message(**{f"early{number}_example": "early"}) for number in range(40)])
    for number in range(1000):
        totals.add_line(json.dumps(message(f"queue{number}", **{f"d{number}_example": f"r{number}x"})).encode())
        totals.add_line(json.dumps(message(busy_example="busy")).encode())
    assert len(totals.destinations) <= 50 and len(totals.reasons) <= 50 and len(totals.queues) <= 21
    assert totals.messages == 2040
    (queue, domain, waiting), *_ = totals.busiest(1)
    assert (queue, domain, waiting.messages) == ("deferred", "busy.example", 1000)


values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
)
members = st.sampled_from(["queue_name", "arrival_time", "message_size", "recipients", "address", "delay_reason"])
odd_messages = st.dictionaries(members, values | st.lists(st.dictionaries(members, values), max_size=3))


@given(st.lists(st.binary(max_size=30) | (odd_messages | values).map(lambda value: json.dumps(value).encode())))
def test_any_line_is_counted_once(lines: list[bytes]) -> None:
    totals = total(*lines)
    assert totals.messages + totals.rubbish == sum(bool(line.strip()) for line in lines)


@given(st.text())
def test_any_reason_is_normalised_to_the_same_again(reason: str) -> None:
    once = normalised(reason)
    assert len(once) <= 160 and once.isprintable()
