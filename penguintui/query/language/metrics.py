"""What an expression rests on: which metrics, and how much of their past."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import fields

from penguintui.query.language.nodes import Call, Node, RangeSelector, Selector, Subquery
from penguintui.query.language.parse import parse
from penguintui.query.source import MatchOp


@functools.lru_cache(maxsize=512)
def metrics_of(expr: str) -> frozenset[str] | None:
    """The names of all metrics that the expression reads; None when only its evaluation tells. Raises `QueryError`."""
    found = set()
    for node in _parts(parse(expr)):
        if isinstance(node, Call) and node.function == "info":
            return None
        if isinstance(node, Selector):
            name = next((m.value for m in node.matchers if m.name == "__name__" and m.op is MatchOp.EQUAL), None)
            if name is None:
                return None
            found.add(name)
    return frozenset(found)


@functools.lru_cache(maxsize=4096)
def newest_only(expr: str) -> bool:
    """Whether each selector wants the newest sample alone: no range and no subquery. Raises `QueryError`."""
    return not any(isinstance(part, RangeSelector | Subquery) for part in _parts(parse(expr)))


def _parts(node: Node) -> Iterator[Node]:
    """The node and everything in it."""
    yield node
    for field in fields(node):
        value = getattr(node, field.name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Node):
                yield from _parts(part)
