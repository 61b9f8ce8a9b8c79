"""Plain questions, answered without arrays: what most panels and rules ask of few series at one moment.

Arrays cost more to set up than the work on a few dozen numbers takes, and their library more to import. What is here
gives the same answers as the engine, float by float. Whatever is rare, large or wrong raises `NotPlain` and is the
engine's: every error is worded there.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from penguintui.query.language import nodes
from penguintui.query.language.nodes import SET_OPERATORS, Kind, Node, kind_of
from penguintui.query.notes import Notes
from penguintui.query.plain.pairing import Groups, Pairs, grouped, paired
from penguintui.query.plain.rows import METADATA, Labels, NotPlain, Rows
from penguintui.query.plain.windows import OVER_WINDOWS, Window, divided, total_of
from penguintui.query.results import Scalar, Vector, VectorSample
from penguintui.query.source import Matcher


class PlainSource(Protocol):
    """A source that finds few samples fast.

    It gives None where the question is one for `SampleSource.select`: of much, of a past that is kept elsewhere, or of
    series that differ in nothing but what says what a metric is.
    """

    def newest(self, matchers: Sequence[Matcher], oldest: int, moment: int) -> Rows | None:
        """What each matching series shows at a moment; `oldest` is the time of the oldest sample that may stand for it.

        Both are milliseconds and included. Series that show nothing are left out.
        """
        ...

    def windows(self, matchers: Sequence[Matcher], oldest: int, newest: int) -> Sequence[Window] | None:
        """The samples of each matching series from `oldest` to `newest`, both included; series without any left out."""
        ...


def answer(
    source: PlainSource, node: Node, moment: int, lookback: int, *, closed: bool, most: int
) -> Vector | Scalar | None:
    """The expression's value at a moment (milliseconds); None when it is not plain.

    lookback, closed: as in `Evaluator`. most: rows that one part of the expression may yield.
    """
    plain = Plain(source, moment, lookback, closed, most)
    try:
        if kind_of(node) is Kind.SCALAR:
            return Scalar(plain.scalar(node), moment / 1000)
        rows = plain.vector(node)
    except (NotPlain, RecursionError):
        return None
    samples = tuple(map(VectorSample, rows.named(), rows.values))
    return Vector(samples, moment / 1000, infos=tuple(plain.notes.infos))


@dataclass(slots=True)
class Plain:
    """One question under way."""

    source: PlainSource
    moment: int
    lookback: int
    closed: bool
    most: int
    notes: Notes = field(default_factory=Notes)
    _shown: dict[int, list[Labels]] = field(default_factory=dict)
    _groups: dict[int, Groups] = field(default_factory=dict)
    _pairs: dict[int, Pairs] = field(default_factory=dict)

    def vector(self, node: Node) -> Rows:
        """An instant vector. Raises NotPlain.

        While a part of the expression has the same series as when it was evaluated before, its `labels` are the same
        object: what was found out about them then still holds.
        """
        evaluate = _VECTORS.get(type(node))
        if evaluate is None:
            return Rows([{}], [self.scalar(node)], [False])
        rows = evaluate(self, node)
        if len(rows.values) > self.most:
            raise NotPlain
        before = self._shown.get(id(node))
        if before == rows.labels:
            rows.labels = before
        else:
            self._shown[id(node)] = rows.labels
        return rows

    def scalar(self, node: Node) -> float:
        """A number. Raises NotPlain."""
        match node:
            case nodes.Number():
                return node.value
            case nodes.Negation():
                return -self.scalar(node.expr)
            case nodes.Binary():
                return _of_numbers(node.op, self.scalar(node.left), self.scalar(node.right))
            case nodes.Call(function="time"):
                return self.moment / 1000
            case nodes.Call(function="scalar"):
                values = self.vector(node.args[0]).values
                return values[0] if len(values) == 1 else math.nan
        raise NotPlain

    def windows(self, node: Node) -> tuple[Sequence[Window], int, int]:
        """The samples of a range selector, and the bounds of its range. Raises NotPlain."""
        if not isinstance(node, nodes.RangeSelector) or node.selector.at is not None:
            raise NotPlain
        end = self.moment - node.selector.offset
        start = end - node.range
        found = self.source.windows(node.selector.matchers, start if self.closed else start + 1, end)
        if found is None:
            raise NotPlain
        return found, start, end

    def _selector(self, node: nodes.Selector) -> Rows:
        if node.offset or node.at is not None:
            raise NotPlain
        oldest = self.moment - self.lookback + (0 if self.closed else 1)
        found = self.source.newest(node.matchers, oldest, self.moment)
        if found is None:
            raise NotPlain
        return found

    def _negation(self, node: nodes.Negation) -> Rows:
        rows = self.vector(node.expr)
        return rows.with_values([-value for value in rows.values])

    def _call(self, node: nodes.Call) -> Rows:
        if node.function in OVER_WINDOWS:
            return self._over_windows(node)
        work = _EACH.get(node.function)
        if work is not None:
            rows = self.vector(node.args[0])
            return rows.with_values([work(value) for value in rows.values])
        if node.function == "absent" and self.vector(node.args[0]).values:
            return Rows([], [], [])  # the labels of what is missing are the engine's
        if node.function == "vector":
            return Rows([{}], [self.scalar(node.args[0])], [False])
        raise NotPlain

    def _over_windows(self, node: nodes.Call) -> Rows:
        function = OVER_WINDOWS[node.function]
        parameters = [self.scalar(arg) for arg in node.args[:-1]]
        windows, start, end = self.windows(node.args[-1])
        labels: list[Labels] = []
        values: list[float] = []
        for window in windows:
            value = function(window, start, end, *parameters)
            if value is not None:
                labels.append(window.labels)
                values.append(value)
        if values and node.function in ("rate", "increase"):
            self.notes.doubt_the_counter(node)
        keeps_name = node.function in ("last_over_time", "first_over_time")
        return Rows(labels, values, [not keeps_name] * len(values))

    def _aggregate(self, node: nodes.Aggregate) -> Rows:
        reduce = _REDUCERS.get(node.op)
        if reduce is None or not METADATA.isdisjoint(node.grouping.labels):
            raise NotPlain
        rows = self.vector(node.expr)
        groups = self._groups.get(id(node))
        if groups is None or groups.of is not rows.labels:
            groups = self._groups[id(node)] = grouped(rows.labels, node.grouping)
        values, unnamed = rows.values, rows.unnamed
        return Rows(
            groups.labels,
            [reduce([values[i] for i in own]) for own in groups.members],
            [unnamed[own[0]] if len(own) == 1 else any(unnamed[i] for i in own) for own in groups.members],
        )

    def _binary(self, node: nodes.Binary) -> Rows:
        left, right = kind_of(node.left) is Kind.SCALAR, kind_of(node.right) is Kind.SCALAR
        if left and right:
            return Rows([{}], [self.scalar(node)], [False])
        if left:
            number, rows = self.scalar(node.left), self.vector(node.right)
            return _with(node, rows, [number] * len(rows.values), rows.values, rows.values)
        if right:
            rows, number = self.vector(node.left), self.scalar(node.right)
            return _with(node, rows, rows.values, [number] * len(rows.values), rows.values)
        return self._between(node)

    def _between(self, node: nodes.Binary) -> Rows:
        """An operator between two vectors that find each other one by one."""
        matching = node.matching
        if (
            matching.fill_left is not None
            or matching.fill_right is not None
            or not METADATA.isdisjoint(matching.labels)
        ):
            raise NotPlain
        left, right = self.vector(node.left), self.vector(node.right)
        pairs = self._pairs.get(id(node))
        if pairs is None or pairs.left is not left.labels or pairs.right is not right.labels:
            pairs = self._pairs[id(node)] = paired(node, left.labels, right.labels)
        kept = left.only(pairs.kept)
        kept.labels = pairs.labels
        if node.op == "or":
            added = right.only(pairs.others)
            return Rows(kept.labels, kept.values + added.values, kept.unnamed + added.unnamed)
        if node.op in SET_OPERATORS:
            return kept
        others = [right.values[i] for i in pairs.others]
        return _with(node, kept, kept.values, others, kept.values, renamed=True)


_VECTORS: dict[type[Node], Callable[[Plain, Any], Rows]] = {
    nodes.Selector: Plain._selector,
    nodes.Negation: Plain._negation,
    nodes.Call: Plain._call,
    nodes.Aggregate: Plain._aggregate,
    nodes.Binary: Plain._binary,
}


_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": divided,
}
_COMPARISON: dict[str, Callable[[float, float], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


def _of_numbers(op: str, left: float, right: float) -> float:
    if op in _ARITHMETIC:
        return _ARITHMETIC[op](left, right)
    if op in _COMPARISON:
        return float(_COMPARISON[op](left, right))
    raise NotPlain


def _with(
    node: nodes.Binary,
    rows: Rows,
    left: Sequence[float],
    right: Sequence[float],
    kept: Sequence[float],
    *,
    renamed: bool = False,
) -> Rows:
    """The rows with what an operator makes of their values; a comparison without `bool` keeps or drops them.

    renamed: what the name no longer says has been taken out of the labels already.
    """
    if node.op in _ARITHMETIC:
        values = list(map(_ARITHMETIC[node.op], left, right))
        return Rows(rows.labels, values, rows.unnamed) if renamed else rows.with_values(values)
    if node.op not in _COMPARISON:
        raise NotPlain
    holds = list(map(_COMPARISON[node.op], left, right))
    if node.return_bool:
        return rows.with_values([float(one) for one in holds])
    return Rows(rows.labels, list(kept), rows.unnamed).only([i for i, one in enumerate(holds) if one])


def _least(values: Sequence[float]) -> float:
    """NaN only where every value is NaN."""
    return values[0] if len(values) == 1 else min((value for value in values if value == value), default=math.nan)  # noqa: PLR0124


def _largest(values: Sequence[float]) -> float:
    return values[0] if len(values) == 1 else max((value for value in values if value == value), default=math.nan)  # noqa: PLR0124


def _mean(values: Sequence[float]) -> float:
    total = total_of(values)
    if math.isinf(total):
        raise NotPlain  # the parts of a sum that overflowed are divided first
    return total / len(values)


_REDUCERS: dict[str, Callable[[Sequence[float]], float]] = {
    "sum": total_of,
    "count": lambda values: float(len(values)),
    "avg": _mean,
    "min": _least,
    "max": _largest,
    "group": lambda _values: 1.0,
}


def _whole(pick: Callable[[float], int]) -> Callable[[float], float]:
    """Rounding to a whole number; zero keeps the sign, and what is not finite stays."""
    return lambda value: math.copysign(pick(value), value) if math.isfinite(value) else value


_EACH: dict[str, Callable[[float], float]] = {"abs": abs, "ceil": _whole(math.ceil), "floor": _whole(math.floor)}
