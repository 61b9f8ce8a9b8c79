"""Finds values in a configuration as it was written, whatever else is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from penguintui.config.problems import Trail


def each(data: Any, pattern: str, below: Trail = ()) -> Iterator[tuple[Trail, Any]]:
    """The values at a dotted pattern such as `targets.*.name`, where `*` is any key or position.

    What is missing, or of another type, is passed over: other checks speak of it.
    """
    head, _, rest = pattern.partition(".")
    entries: Iterable[tuple[str | int, Any]]
    if isinstance(data, dict):
        entries = data.items() if head == "*" else [(head, data[head])] if head in data else []
    elif isinstance(data, list) and head == "*":
        entries = enumerate(data)
    else:
        return
    for key, value in entries:
        if rest:
            yield from each(value, rest, (*below, key))
        else:
            yield (*below, key), value


def texts(data: Any, pattern: str) -> Iterator[tuple[Trail, str]]:
    """The same, of the values that are texts."""
    return ((trail, value) for trail, value in each(data, pattern) if isinstance(value, str))


def mapping(data: Any, key: str) -> dict[str, Any]:
    """The mapping at a key; an empty one when there is none."""
    value = data.get(key) if isinstance(data, dict) else None
    return value if isinstance(value, dict) else {}


def inner_texts(data: Any, below: Trail = ()) -> Iterator[tuple[Trail, str]]:
    """Every text inside a value, at whatever depth; keys are not among them."""
    if isinstance(data, str):
        yield below, data
    elif isinstance(data, dict | list):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from inner_texts(value, (*below, key))
