"""How times are said in sentences, and how they are read from what a person writes. All are UTC."""

from __future__ import annotations

import contextlib
import math
import re
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from penguintui.model.clock import Time

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_SPAN = r"(?:\d+\s*[smhdw]\s*)+"
_BACK = re.compile(rf"-\s*({_SPAN})|({_SPAN})ago")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_OF_YEAR = re.compile(r"(\d{1,2}) ([a-z]{3}) (\S+)")
_LATEST = datetime(9999, 12, 31, tzinfo=UTC).timestamp()
_EXAMPLES = "14:05, yesterday 14:05, 2026-11-20 14:05, -2h and now are (UTC, unless an offset such as +01:00 follows)"


def day_time(time: Time) -> str:
    """A day and its time in UTC: 24 Nov 14:02:11Z."""
    return datetime.fromtimestamp(time, UTC).strftime("%-d %b %H:%M:%SZ")


def parse_time(text: str, now: Time) -> Time:
    """A time that a person wrote, as seconds since 1970.

    `14:05` and `14:05:30` (the last such), `yesterday 14:05`, `24 Nov 14:05` as screens write it (the last such),
    `2026-11-20 14:05` and all of ISO 8601, `-2h` and `1h30m ago`, `now`, seconds since 1970. Without an offset it is
    UTC: a clock that is put back for winter has no hour twice. It may lie in the future. Raises ValueError with
    examples for anything else.
    """
    words = " ".join(text.split())
    for read in (_number, _relative, _of_day, _of_named_day, _of_year, _iso):
        with contextlib.suppress(ValueError, OverflowError):
            found = read(words, now)
            if found is not None and 0 <= found <= _LATEST:
                return found
    raise ValueError(f"{words or 'nothing'} is no time: {_EXAMPLES}")


def _number(words: str, now: Time) -> Time | None:
    found = float(words)
    return found if math.isfinite(found) else None


def _relative(words: str, now: Time) -> Time | None:
    if words.lower() == "now":
        return now
    found = _BACK.fullmatch(words.lower())
    if found is None:
        return None
    parts = re.findall(r"(\d+)\s*([smhdw])", found[1] or found[2])
    return now - sum(int(count) * _SECONDS[unit] for count, unit in parts)


def _of_day(words: str, now: Time) -> Time | None:
    """The last moment at which clocks showed this."""
    return now - (now - _at(_day(now), words)) % _SECONDS["d"]


def _of_named_day(words: str, now: Time) -> Time | None:
    name, _, clock = words.lower().partition(" ")
    if name not in ("today", "yesterday"):
        return None
    back = timedelta(days=int(name == "yesterday"))
    return _at(_day(now) - back, clock) if clock else now - back.total_seconds()


def _of_year(words: str, now: Time) -> Time | None:
    found = _OF_YEAR.fullmatch(words.lower())
    if found is None or found[2] not in _MONTHS:
        return None
    year, month, day = _day(now).year, _MONTHS.index(found[2]) + 1, int(found[1])
    at = _at(date(year, month, day), found[3])
    return at if at <= now else _at(date(year - 1, month, day), found[3])


def _iso(words: str, now: Time) -> Time | None:
    found = datetime.fromisoformat(words.upper())
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def _day(now: Time) -> date:
    return datetime.fromtimestamp(now, UTC).date()


def _at(day: date, clock: str) -> Time:
    """A time of day such as 14:05, 14:05:09Z or 14:05+01:00 on a day. Raises ValueError."""
    if ":" not in clock:  # 14 alone could be an hour, a minute, a day
        raise ValueError
    hour, _, rest = clock.upper().partition(":")
    found = time.fromisoformat(f"{hour.zfill(2)}:{rest}")
    return datetime.combine(day, found.replace(tzinfo=None), found.tzinfo or UTC).timestamp()
