"""What an expression reads, seen without evaluating it: which metrics, and whether it looks past its own moment."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import replace

from penguintui.query.language import nodes
from penguintui.query.language.nodes import Node
from penguintui.query.language.parse import parse
from penguintui.query.language.regex import RegexError, matches


def parts(node: Node) -> Iterator[Node]:
    """The node and everything inside it."""
    yield node
    for inner in _inside(node):
        yield from parts(inner)


def _inside(node: Node) -> tuple[Node, ...]:
    match node:
        case nodes.RangeSelector(selector=selector):
            return (selector,)
        case nodes.Subquery(expr=expr) | nodes.Negation(expr=expr):
            return (expr,)
        case nodes.Call(args=args):
            return args
        case nodes.Aggregate(expr=expr, param=param):
            return (expr,) if param is None else (param, expr)
        case nodes.Binary(left=left, right=right):
            return (left, right)
        case _:
            return ()


@functools.lru_cache(maxsize=4096)
def selectors(expr: str) -> tuple[nodes.Selector, ...]:
    """All selectors of an expression. Raises QueryError when it cannot be read."""
    return tuple(part for part in parts(parse(expr)) if isinstance(part, nodes.Selector))


def may_read(expr: str, metric: str) -> bool:
    """Whether a series of this metric could be selected; labels other than the name are not looked at."""
    return any(_may_select(selector, metric) for selector in selectors(expr))


def _may_select(selector: nodes.Selector, metric: str) -> bool:
    try:
        return all(matches(matcher, metric) for matcher in selector.matchers if matcher.name == "__name__")
    except RegexError:
        return True


@functools.lru_cache(maxsize=4096)
def own_moment_only(expr: str) -> bool:
    """Whether the expression's value at a moment needs nothing later than it, and means the same in a range query."""
    for part in parts(parse(expr)):
        if isinstance(part, nodes.Selector | nodes.Subquery) and (part.offset < 0 or part.at is not None):
            return False
        if isinstance(part, nodes.Call) and part.function in _OF_THE_QUERY:
            return False
        if isinstance(part, nodes.Call) and part.function == "info":
            return False
    return True


_OF_THE_QUERY = ("start", "end", "range", "step")


def with_subquery_step(node: Node, step: int) -> Node:
    """The expression with `step` (milliseconds) for every subquery that names none."""
    match node:
        case nodes.Subquery(expr=expr, step=own):
            return replace(node, expr=with_subquery_step(expr, step), step=own or step)
        case nodes.Negation(expr=expr):
            return replace(node, expr=with_subquery_step(expr, step))
        case nodes.Call(args=args):
            return replace(node, args=tuple(with_subquery_step(arg, step) for arg in args))
        case nodes.Aggregate(expr=expr, param=param):
            inner = None if param is None else with_subquery_step(param, step)
            return replace(node, expr=with_subquery_step(expr, step), param=inner)
        case nodes.Binary(left=left, right=right):
            return replace(node, left=with_subquery_step(left, step), right=with_subquery_step(right, step))
        case _:
            return node
