"""Series and expressions as text: how a series is selected, and whether an expression asks for an order."""

from __future__ import annotations

import re
from collections.abc import Mapping

_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_ORDERING = ("sort", "sort_desc", "sort_by_label", "sort_by_label_desc")


def series(labels: Mapping[str, str]) -> str:
    """A series as it is selected: `up{instance="api", job="http"}`. What a terminal would obey is escaped."""
    name = labels.get("__name__", "")
    plain = bool(_NAME.fullmatch(name))
    inner = [f"{_label(key)}={quoted(value)}" for key, value in sorted(labels.items()) if key != "__name__"]
    if name and not plain:
        inner.insert(0, quoted(name))
    return f"{name if plain else ''}{{{', '.join(inner)}}}" if inner or not plain else name


def _label(name: str) -> str:
    return name if _LABEL.fullmatch(name) else quoted(name)


def quoted(text: str) -> str:
    """In double quotes; what is not printable as the language's escapes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else _escape(ord(c)) for c in escaped) + '"'


def _escape(code: int) -> str:
    return f"\\u{code:04x}" if code < 1 << 16 else f"\\U{code:08x}"


def is_ordered(expr: str) -> bool:
    """Whether an expression asks for an order of its own; one that only another engine understands does not."""
    from penguintui.query.errors import QueryError
    from penguintui.query.language import nodes
    from penguintui.query.language.parse import parse

    try:
        parsed = parse(expr)
    except QueryError:
        return False
    match parsed:
        case nodes.Call(function=name):
            return name in _ORDERING
        case nodes.Aggregate(op=op):
            return op in ("topk", "bottomk")
    return False
