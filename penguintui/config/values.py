"""Values as operators write them: durations, shares and sizes."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0, "y": 31536000.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|w|y)")


def parse_duration(value: Any) -> float:
    """Seconds from `30s`, `5m`, `1h30m`, `30d`, or a bare number of seconds.

    The units are Prometheus' (a year is 365 days). Raises ValueError with an example otherwise.
    """
    if isinstance(value, bool):
        raise ValueError("a duration such as 30s, 5m or 1h30m is wanted")
    if isinstance(value, int | float):
        return float(value)
    text = str(value).strip()
    parts = _DURATION.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise ValueError(f"{text!r} is no duration; write one such as 30s, 5m or 1h30m")
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


Duration = Annotated[
    float,
    BeforeValidator(parse_duration),
    WithJsonSchema(
        {
            "anyOf": [
                {
                    "type": "string",
                    "pattern": r"^(\d+(\.\d+)?(ms|s|m|h|d|w|y))+$",
                    "examples": ["30s", "5m", "1h30m"],
                },
                {"type": "number", "minimum": 0},
            ]
        }
    ),
]
"""Seconds, written as `30s`, `5m`, `1h30m` or a number."""
