"""The head of a log line: when, which program, and what it said. Syslog's old and new forms, and Dovecot's own."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from penguintui.model.clock import Time

_DAY = 86400.0
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_STAMP_SYSLOG = re.compile(r"(?:<\d{1,3}>)?([A-Z][a-z]{2}) +(\d{1,2}) (\d\d):(\d\d):(\d\d)(?:\.\d+)? +")
_STAMP_ISO = re.compile(
    r"(?:<\d{1,3}>)?(1 )?(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,6})\d*)? ?(Z|[+-]\d\d:?\d\d)? +"
)
_HEAD = re.compile(
    r"(?:\S*[^\s:] )??"  # the host, which Dovecot's own log leaves out
    r"(?:\[(?P<bare>[\w./-]+)\]:? +|(?P<program>[A-Za-z][\w./-]*)(?:(?:\[(?P<pid>\d+)\])?: +|(?=\()))"
    r"(?:\[ID \d+ \S+\] )?"  # Solaris
)
_HEAD_RFC5424 = re.compile(r"\S+ (?P<program>[\w./-]+) (?:(?P<pid>\d+)|-) \S+ (?:-|\[.*?\]) (?:\ufeff)?(?P<bare>)")


@dataclass(frozen=True, slots=True)
class LogLine:
    """time: None when the line carries no stamp that makes sense. program: as the line's head names it."""

    time: Time | None
    program: str
    pid: str
    message: str


def split_line(line: str, now: Time, zone: datetime.tzinfo | None = None) -> LogLine | None:
    """The parts of a line; None when no program is named. Never raises.

    `now` and `zone` (the machine's own when None) resolve stamps without a year or without a zone.
    """
    time, rest, pattern = None, line, _HEAD
    if match := _STAMP_SYSLOG.match(line):
        time, rest = _without_year(match, now, zone), line[match.end() :]
    elif match := _STAMP_ISO.match(line):
        time, rest = _iso(match, zone), line[match.end() :]
        if match[1]:
            pattern = _HEAD_RFC5424
    head = pattern.match(rest)
    if head is None:
        return None
    return LogLine(time, head["program"] or head["bare"], head["pid"] or "", rest[head.end() :])


def _without_year(match: re.Match[str], now: Time, zone: datetime.tzinfo | None) -> Time | None:
    """The latest such time that is at most a day ahead of `now`: logs speak of the past, clocks differ a little."""
    if match[1] not in _MONTHS:
        return None
    month, latest = _MONTHS.index(match[1]) + 1, now + _DAY
    day, hour, minute, second = (int(part) for part in match.groups()[1:])
    this_year = datetime.datetime.fromtimestamp(latest, zone).year
    for year in range(this_year, max(this_year - 9, 1), -1):  # 29 February may be eight years back
        try:
            time = datetime.datetime(year, month, day, hour, minute, min(second, 59), tzinfo=zone).timestamp()
        except (ValueError, OverflowError, OSError):
            continue
        if time <= latest:
            return time
    return None


def _iso(match: re.Match[str], zone: datetime.tzinfo | None) -> Time | None:
    _, date, clock, fraction, offset = match.groups()
    if offset and len(offset) == 5:
        offset = offset[:3] + ":" + offset[3:]
    try:
        time = datetime.datetime.fromisoformat(f"{date}T{clock}.{fraction or '':0<6}{offset or ''}")
        return (time if time.tzinfo else time.replace(tzinfo=zone)).timestamp()
    except (ValueError, OverflowError, OSError):
        return None
