"""The parts of an expression, checked and ready to be evaluated. All durations and times are milliseconds."""

from __future__ import annotations

import enum
from dataclasses import field
from typing import Any

from penguintui.model.record import record
from penguintui.query.source import Matcher


class Kind(enum.Enum):
    """What an expression yields."""

    VECTOR = "instant vector"
    SCALAR = "scalar"
    MATRIX = "range vector"
    STRING = "string"


class Anchor(enum.Enum):
    """The ends of the query, as `@ start()` and `@ end()` name them."""

    START = "start"
    END = "end"


@record
class Node:
    """Any part of an expression. `parsed` is the parser's own node, which can print itself."""

    parsed: Any = field(default=None, compare=False, repr=False, kw_only=True)

    @property
    def text(self) -> str:
        """The part as it would be written."""
        return str(self.parsed)


@record
class Number(Node):
    value: float


@record
class String(Node):
    value: str


@record
class Selector(Node):
    """An instant vector selector."""

    matchers: tuple[Matcher, ...]
    offset: int = 0
    at: int | Anchor | None = None


@record
class RangeSelector(Node):
    selector: Selector
    range: int


@record
class Subquery(Node):
    expr: Node
    range: int
    step: int | None
    offset: int = 0
    at: int | Anchor | None = None


@record
class Negation(Node):
    expr: Node


@record
class Call(Node):
    function: str
    args: tuple[Node, ...]
    returns: Kind


@record
class Grouping:
    """`by` keeps the labels, `without` (`exclude`) drops them; no modifier is `by ()`."""

    labels: tuple[str, ...] = ()
    exclude: bool = False


@record
class Aggregate(Node):
    op: str
    expr: Node
    param: Node | None
    grouping: Grouping


class Cardinality(enum.Enum):
    ONE_TO_ONE = "one-to-one"
    MANY_TO_ONE = "group_left"
    ONE_TO_MANY = "group_right"


@record
class Matching:
    """How the sides of a vector operation find each other: `on` (not `exclude`) or `ignoring` these labels."""

    cardinality: Cardinality = Cardinality.ONE_TO_ONE
    labels: tuple[str, ...] = ()
    exclude: bool = True
    include: tuple[str, ...] = ()
    fill_left: float | None = None
    fill_right: float | None = None


@record
class Binary(Node):
    op: str
    left: Node
    right: Node
    return_bool: bool
    matching: Matching


COMPARISONS = frozenset({"==", "!=", "<", ">", "<=", ">="})
SET_OPERATORS = frozenset({"and", "or", "unless"})


def kind_of(node: Node) -> Kind:  # noqa: PLR0911 - one for each sort of node
    """What a part of an expression yields."""
    match node:
        case Number():
            return Kind.SCALAR
        case String():
            return Kind.STRING
        case RangeSelector() | Subquery():
            return Kind.MATRIX
        case Call(returns=returns):
            return returns
        case Negation(expr=expr):
            return kind_of(expr)
        case Binary(left=left, right=right):
            both = kind_of(left) is Kind.SCALAR and kind_of(right) is Kind.SCALAR
            return Kind.SCALAR if both else Kind.VECTOR
        case _:
            return Kind.VECTOR
