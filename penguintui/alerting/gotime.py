"""Moments and spans as Go's `time` writes them: what `toTime` and `toDuration` give to templates."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAYOUT = re.compile(
    r"January|Jan|Monday|Mon|MST|2006|Z07:00|Z0700|-07:00|-0700|-07|[.,](?:0+|9+)(?!\d)"
    r"|002|01|02|03|04|05|06|15|PM|pm|__2|_2|1|2|3|4|5"
)
_SHOWN: dict[str, Callable[[datetime], str]] = {
    "January": lambda t: f"{t:%B}",
    "Jan": lambda t: f"{t:%b}",
    "Monday": lambda t: f"{t:%A}",
    "Mon": lambda t: f"{t:%a}",
    "MST": lambda t: "UTC",
    "2006": lambda t: f"{t.year:04}",
    "Z07:00": lambda t: "Z",
    "Z0700": lambda t: "Z",
    "-07:00": lambda t: "+00:00",
    "-0700": lambda t: "+0000",
    "-07": lambda t: "+00",
    "002": lambda t: f"{t:%j}",
    "01": lambda t: f"{t:%m}",
    "02": lambda t: f"{t:%d}",
    "03": lambda t: f"{t:%I}",
    "04": lambda t: f"{t:%M}",
    "05": lambda t: f"{t:%S}",
    "06": lambda t: f"{t:%y}",
    "15": lambda t: f"{t:%H}",
    "PM": lambda t: "PM" if t.hour >= 12 else "AM",
    "pm": lambda t: "pm" if t.hour >= 12 else "am",
    "__2": lambda t: f"{int(f'{t:%j}'):3}",
    "_2": lambda t: f"{t.day:2}",
    "1": lambda t: str(t.month),
    "2": lambda t: str(t.day),
    "3": lambda t: str((t.hour - 1) % 12 + 1),
    "4": lambda t: str(t.minute),
    "5": lambda t: str(t.second),
}


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment, in milliseconds since 1970, UTC."""

    milliseconds: int

    @property
    def _time(self) -> datetime:
        return _EPOCH + timedelta(milliseconds=self.milliseconds)

    def __str__(self) -> str:
        return self.format("2006-01-02 15:04:05.999 -0700 MST")

    def format(self, layout: str) -> str:
        """As the layout shows the moment on which Go was thought up: `2006-01-02 15:04:05`."""
        moment = self._time

        def shown(found: re.Match[str]) -> str:
            word = found[0]
            if word[0] not in ".,":
                return _SHOWN[word](moment)
            digits = f"{moment.microsecond * 1000:09}"[: len(word) - 1].ljust(len(word) - 1, "0")
            digits = digits.rstrip("0") if word[1] == "9" else digits
            return word[0] + digits if digits else ""

        return _LAYOUT.sub(shown, layout)

    def method(self, name: str) -> Callable[..., Any] | None:
        """A method by its name in templates; None where there is none."""
        moment = self._time
        parts: dict[str, Any] = {
            "Year": moment.year,
            "Month": f"{moment:%B}",
            "Day": moment.day,
            "Hour": moment.hour,
            "Minute": moment.minute,
            "Second": moment.second,
            "Weekday": f"{moment:%A}",
            "YearDay": int(f"{moment:%j}"),
            "Unix": self.milliseconds // 1000,
            "UnixMilli": self.milliseconds,
            "UTC": self,
            "String": str(self),
        }
        if name == "Format":
            return self.format
        return (lambda: parts[name]) if name in parts else None


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time, in seconds."""

    seconds: float

    def __str__(self) -> str:
        size, sign = abs(self.seconds), "-" if self.seconds < 0 else ""
        if size < 1:
            for unit, many in (("ms", 1e3), ("µs", 1e6), ("ns", 1e9)):
                if size * many >= 1:
                    return f"{sign}{_digits(size * many)}{unit}"
            return "0s"
        minutes, rest = divmod(size, 60)
        hours, left = divmod(int(minutes), 60)
        made = f"{hours}h{left}m" if hours else f"{left}m" if left else ""
        return f"{sign}{made}{_digits(rest)}s"

    def method(self, name: str) -> Callable[..., Any] | None:
        """A method by its name in templates; None where there is none."""
        parts: dict[str, Any] = {
            "Seconds": self.seconds,
            "Minutes": self.seconds / 60,
            "Hours": self.seconds / 3600,
            "Milliseconds": math.trunc(self.seconds * 1000),
            "String": str(self),
        }
        return (lambda: parts[name]) if name in parts else None


def _digits(value: float) -> str:
    return f"{value:.9f}".rstrip("0").rstrip(".")
