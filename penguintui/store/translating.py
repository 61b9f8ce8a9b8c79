"""Queries are written once, in SQLite's words; here they become PostgreSQL's."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Sequence
from typing import Any

_MARK = re.compile(r"\bIN \(SELECT value FROM json_each\(\?\)\)|\?")


@functools.lru_cache(maxsize=1024)
def translated(sql: str) -> tuple[str, tuple[int, ...]]:
    """The same query for psycopg, and which of its parameters are lists written as JSON."""
    lists = []
    pieces = []
    end = 0
    for number, mark in enumerate(_MARK.finditer(sql)):
        pieces.append(sql[end : mark.start()].replace("%", "%%"))
        end = mark.end()
        if mark.group() == "?":
            pieces.append("%s")
        else:
            pieces.append("= ANY(%s)")
            lists.append(number)
    pieces.append(sql[end:].replace("%", "%%"))
    return "".join(pieces), tuple(lists)


def unpacked(parameters: Sequence[Any], lists: Sequence[int]) -> Sequence[Any]:
    """Parameters whose lists are no longer JSON."""
    if not lists:
        return parameters
    return [json.loads(value) if number in lists else value for number, value in enumerate(parameters)]
