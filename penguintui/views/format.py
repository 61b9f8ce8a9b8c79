"""Numbers, spans and times as people read them: three significant digits, a unit, a named zone."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from penguintui.model.clock import Time

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SCALES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
_EXACT = 10_000
"""Below it a whole number is written out: 1,204 and not 1.2 k."""
_ZONE = "Z"
DAY = 86400.0

NO_DATA = "no data"


def quantity(value: float | None, unit: str) -> str:
    """A number in its unit. Units are those of `model.metrics.Unit`, as text; an unknown one is written after it."""
    if value is None or math.isnan(value):
        return NO_DATA
    if math.isinf(value):
        return "endless" if value > 0 else "-endless"
    write = _WRITERS.get(unit)
    return write(value) if write is not None else f"{number(value)} {unit}"


def number(value: float) -> str:
    """1,204; 10.6 k; 6.41 M; 0.07; 7.2."""
    size = abs(value)
    if size < _EXACT and (float(value).is_integer() or round(size) >= 1000):
        return f"{round(value):,}"
    for scale, letter in _SCALES:
        if size >= scale and size >= _EXACT:
            return f"{digits(value / scale)} {letter}"
    return digits(value)


def digits(value: float, significant: int = 3) -> str:
    """A number in so many significant digits, without an exponent and without trailing zeros."""
    if value == 0:
        return "0"
    if math.isinf(value):  # a number near the largest, made larger by its unit
        return "endless" if value > 0 else "-endless"
    places = max(significant - 1 - math.floor(math.log10(abs(value))), 0)
    text = f"{value:.{min(places, 9)}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def percent(value: float) -> str:
    """A percentage; near 100 with as many digits as it takes not to round a shortfall away: 99.962 %."""
    if 99 < value < 100:
        for places in (3, 5, 9):
            text = f"{value:.{places}f}"
            if not text.startswith("100"):
                return f"{text.rstrip('0').rstrip('.')} %"
    return f"{number(value) if abs(value) >= _EXACT else digits(value)} %"


def share(value: float) -> str:
    """How much of a whole is in use, in percent: 99.3 %; of uptime `percent` says more."""
    return f"{digits(value)} %"


def data_size(value: float) -> str:
    """Bytes in decimal multiples: 1.9 GB."""
    for scale, letter in ((1e15, "PB"), (1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if abs(value) >= scale:
            return f"{digits(value / scale)} {letter}"
    return f"{digits(value)} B"


def dollars(value: float) -> str:
    """$18,204 and $0.21; from a million on $1.24 M."""
    sign = "-" if value < 0 else ""
    size = abs(float(value))
    if size >= 1e6:
        return f"{sign}${number(size)}"
    return f"{sign}${size:,.0f}" if size >= 100 or size.is_integer() else f"{sign}${size:,.2f}"


def seconds(value: float) -> str:
    """A measured time: 0.42 ms, 148 ms, 7.2 s, 3m12s, 1h52m, 7d10h."""
    size = abs(value)
    if size == 0:
        return "0 s"
    if size < 1:
        text = f"{digits(value * 1000)} ms"
        return "1 s" if text == "1000 ms" else text
    if size < 60 and digits(value) != "60":
        return f"{digits(value)} s"
    if size <= 60:
        return "60 s"
    return span(value)


def span(value: float) -> str:
    """A span of time in its two largest units: 4s, 3m12s, 2h40m, 3d4h. Never negative."""
    whole = max(round(value), 0)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return _two(whole // 60, "m", whole % 60, "s")
    if whole < DAY:
        return _two(whole // 3600, "h", whole % 3600 // 60, "m")
    return _two(whole // 86400, "d", whole % 86400 // 3600, "h")


def _two(large: int, large_unit: str, small: int, small_unit: str) -> str:
    return f"{large}{large_unit}{small}{small_unit}" if small else f"{large}{large_unit}"


def clock(at: Time, *, zone: bool = True) -> str:
    """14:05:09Z."""
    t = time.gmtime(at)
    return f"{t.tm_hour:02}:{t.tm_min:02}:{t.tm_sec:02}{_ZONE if zone else ''}"


def clock_exact(at: Time) -> str:
    """14:05:09.107, for lines of output."""
    whole, fraction = divmod(round(at * 1000), 1000)
    return f"{clock(whole, zone=False)}.{fraction:03}"


def short(at: Time, now: Time) -> str:
    """The shortest text that tells a time apart, in UTC: 13:42 today, else 24 Nov 13:42, else 2025-11-24 13:42."""
    t, today = time.gmtime(at), time.gmtime(now)
    minute = f"{t.tm_hour:02}:{t.tm_min:02}"
    if (t.tm_year, t.tm_yday) == (today.tm_year, today.tm_yday):
        return minute
    if abs(now - at) < 300 * DAY:
        return f"{t.tm_mday} {_MONTHS[t.tm_mon - 1]} {minute}"
    return f"{date(at)} {minute}"


def date(at: Time) -> str:
    """2026-11-24."""
    t = time.gmtime(at)
    return f"{t.tm_year:04}-{t.tm_mon:02}-{t.tm_mday:02}"


def day(at: Time) -> str:
    """24 Nov."""
    t = time.gmtime(at)
    return f"{t.tm_mday} {_MONTHS[t.tm_mon - 1]}"


def moment(at: Time) -> str:
    """2026-11-24 14:05:09Z."""
    return f"{date(at)} {clock(at)}"


def counted(count: int, one: str, many: str = "") -> str:
    """1 target, 2 targets, 1,204 targets."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def sentence(text: str) -> str:
    """A text as a sentence: it ends with a full stop unless it ends already."""
    text = text.strip()
    return text if not text or text[-1] in ".!?…" else f"{text}."


def capital(text: str) -> str:
    """The first letter large, the others as they are."""
    return text[:1].upper() + text[1:]


_WRITERS: dict[str, Callable[[float], str]] = {
    "seconds": seconds,
    "ratio": lambda value: percent(value * 100),
    "percent": percent,
    "bytes": data_size,
    "dollars": dollars,
    "per second": lambda value: f"{number(value)}/s",
    "time": moment,
    "count": number,
    "": number,
}
