"""Times that a person writes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penguintui.model.words import parse_time

NOW = 1_795_443_309.0  # 2026-11-23T14:15:09Z
DAY = NOW - NOW % 86400


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("14:05", DAY + 14 * 3600 + 5 * 60),
        ("9:05", DAY + 9 * 3600 + 5 * 60),
        ("14:05:09Z", DAY + 14 * 3600 + 5 * 60 + 9),
        ("23:00", DAY - 3600),
        ("14:05+01:00", DAY + 13 * 3600 + 5 * 60),
        ("01:00+14:00", DAY + 11 * 3600),
        ("today 23:00", DAY + 23 * 3600),
        ("yesterday 14:05", DAY - 86400 + 14 * 3600 + 5 * 60),
        ("yesterday", NOW - 86400),
        ("22 Nov 13:31", DAY - 86400 + 13 * 3600 + 31 * 60),
        ("24 Nov 13:31", datetime(2025, 11, 24, 13, 31, tzinfo=UTC).timestamp()),
        ("2026-11-23 13:00", DAY + 13 * 3600),
        ("2026-11-23T13:00:00Z", DAY + 13 * 3600),
        ("2026-11-23", DAY),
        ("2026-11-30 13:00", DAY + 7 * 86400 + 13 * 3600),
        ("-2h", NOW - 7200),
        ("-1h30m", NOW - 5400),
        ("90s ago", NOW - 90),
        ("now", NOW),
        ("1795443309", NOW),
        # The hour that a clock in Berlin shows twice: only its offset tells the two apart.
        ("2026-10-25T02:30+02:00", datetime(2026, 10, 25, 0, 30, tzinfo=UTC).timestamp()),
        ("2026-10-25T02:30+01:00", datetime(2026, 10, 25, 1, 30, tzinfo=UTC).timestamp()),
    ],
)
def test_times_that_a_person_types(text: str, wanted: float) -> None:
    assert parse_time(text, NOW) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "",
        "teatime",
        "25:00",
        "14:61",
        "-5",
        "nan",
        "inf",
        "1e300",
        "31 Feb 13:00",
        "-99999999d",
        "14:05 CET",
    ],
)
def test_what_is_no_time_is_answered_with_examples(text: str) -> None:
    with pytest.raises(
        ValueError, match=r"is no time: 14:05, yesterday 14:05, 2026-11-20 14:05, -2h and now are \(UTC"
    ):
        parse_time(text, NOW)


@given(st.text(max_size=30))
def test_no_text_breaks_it(text: str) -> None:
    try:
        found = parse_time(text, NOW)
    except ValueError:
        return
    assert 0 <= found < 253_402_300_800


@given(st.datetimes(datetime(1975, 1, 1), datetime(9990, 1, 1), timezones=st.just(UTC)))
def test_what_screens_write_is_read_again(at: datetime) -> None:
    whole = at.replace(microsecond=0)
    assert parse_time(whole.strftime("%Y-%m-%d %H:%M:%SZ"), NOW) == whole.timestamp()
