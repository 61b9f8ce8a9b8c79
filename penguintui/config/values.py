"""Values as operators write them: durations, sizes and secrets."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, GetPydanticSchema, WithJsonSchema
from pydantic_core import core_schema

from penguintui.model.secret import HIDDEN, Secret

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0, "y": 31536000.0}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(KiB|MiB|GiB)")
_SIZES = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|w|y)")


def parse_duration(value: Any) -> float:
    """Seconds from `30s`, `5m`, `1h30m`, `30d`, or a bare number of seconds.

    The units are Prometheus' (a year is 365 days). Raises ValueError with an example otherwise.
    """
    if isinstance(value, bool):
        raise ValueError("a duration such as 30s, 5m or 1h30m is wanted")
    if isinstance(value, int | float):
        return _not_negative(float(value))
    text = str(value).strip()
    parts = _DURATION.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise ValueError(f"{text!r} is no duration; write one such as 30s, 5m or 1h30m")
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


def _not_negative(seconds: float) -> float:
    if seconds < 0:
        raise ValueError("a duration cannot be negative; write one such as 30s, 5m or 1h30m")
    return seconds


def parse_size(value: Any) -> int:
    """Bytes from `64KiB`, `256MiB`, `1.5GiB`, or a bare number. Raises ValueError with an example otherwise."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    found = _SIZE.fullmatch(str(value).strip())
    if found is None:
        raise ValueError(f"{value!r} is no size; write one such as 256MiB or 1GiB")
    return round(float(found[1]) * _SIZES[found[2]])


def _secret_schema(_source: Any, _handler: Any) -> core_schema.CoreSchema:
    """A secret comes as a `Secret` from the loader, and as `•••` from a document in which it was hidden."""
    hidden = core_schema.no_info_after_validator_function(Secret, core_schema.literal_schema([HIDDEN]))
    return core_schema.json_or_python_schema(
        json_schema=hidden,
        python_schema=core_schema.is_instance_schema(Secret),
        serialization=core_schema.plain_serializer_function_ser_schema(str, when_used="json"),
    )


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

Size = Annotated[
    int,
    BeforeValidator(parse_size),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": r"^\d+(\.\d+)?\s*(KiB|MiB|GiB)$", "examples": ["256MiB", "1GiB"]},
                {"type": "integer", "minimum": 0},
            ]
        }
    ),
]
"""Bytes, written as `256MiB`, `1GiB` or a number."""

SecretValue = Annotated[
    Secret,
    GetPydanticSchema(_secret_schema),
    WithJsonSchema(
        {
            "type": "string",
            "title": "Secret",
            "description": "Never written here: `!env NAME` takes it from an environment variable, "
            "`!file PATH` from a file that others cannot read.",
        }
    ),
]
"""A secret, written as `!env NAME` or `!file PATH`."""
