"""Walks an expression and evaluates every part of it at all steps at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from penguintui.query.errors import QueryError
from penguintui.query.functions.catalogue import FUNCTIONS
from penguintui.query.language import nodes
from penguintui.query.language.nodes import Anchor, Kind, Node, kind_of
from penguintui.query.limits import Budget
from penguintui.query.notes import Notes
from penguintui.query.operators.aggregation import aggregate
from penguintui.query.operators.binary import binary, scalar_binary
from penguintui.query.source import Matcher, SampleSource, keeps_rollups
from penguintui.query.vectors.block import Block, Floats, Times, empty, single
from penguintui.query.vectors.evaluation import Frame
from penguintui.query.vectors.selection import SeriesSet, Windows, latest, load, windows_of

DEFAULT_SUBQUERY_STEP = 60_000
"""Milliseconds between the steps of a subquery that names none: Prometheus' default evaluation interval."""

Value = Block | Floats | str
T = TypeVar("T")


@dataclass(slots=True)
class Evaluator:
    """One query's evaluation. `closed` says that ranges and look-back include their oldest moment (Prometheus 2)."""

    source: SampleSource
    frame: Frame
    lookback: int
    closed: bool
    budget: Budget
    notes: Notes = field(default_factory=Notes)
    _loaded: dict[tuple[Sequence[Matcher], int, int, str], SeriesSet] = field(default_factory=dict)

    def vector(self, node: Node, steps: Times) -> Block:
        """An instant vector at every step."""
        return self._blaming(node, steps, self._vector)

    def scalar(self, node: Node, steps: Times) -> Floats:
        """A number at every step."""
        return self._blaming(node, steps, self._scalar)

    def windows(self, node: Node, steps: Times, column: str = "last") -> Windows:
        """A range vector at every step; of what is kept as roll-ups this column (see `RolledSource`)."""
        return self._blaming(node, steps, lambda node, steps: self._windows(node, steps, column))

    @property
    def rolled(self) -> bool:
        """Whether some of the samples that were loaded stand for many."""
        return keeps_rollups(self.source) and self.source.rolled

    def string(self, node: Node) -> str:
        """A string, which is a literal always."""
        if isinstance(node, nodes.String):
            return node.value
        raise QueryError("expected a string literal", node.text)

    def latest(self, node: nodes.Selector, steps: Times) -> tuple[Block, Times]:
        """What a selector yields at every step, and when these samples were taken."""
        moments = self._moments(steps, node.at, node.offset)
        oldest = int(moments.min()) - self.lookback + (0 if self.closed else 1)
        series = self._load(node.matchers, oldest, int(moments.max()))
        self.budget.samples(len(series.labels) * len(moments))
        return latest(series, moments, self.lookback, self.closed)

    def _blaming(self, node: Node, steps: Times, evaluate: Callable[[Node, Times], T]) -> T:
        self.budget.time()
        try:
            return evaluate(node, steps)
        except QueryError as error:
            if not error.expression:
                error.expression = node.text
            raise

    def _vector(self, node: Node, steps: Times) -> Block:
        block = self._any_vector(node, steps)
        self.budget.series(len(block))
        return block

    def _any_vector(self, node: Node, steps: Times) -> Block:
        match node:
            case nodes.Selector():
                return self.latest(node, steps)[0]
            case nodes.Negation():
                block = self.vector(node.expr, steps)
                return block.with_values(-block.values)
            case nodes.Call():
                made = FUNCTIONS[node.function](self, node, steps)
                return made if isinstance(made, Block) else single({}, made)
            case nodes.Aggregate():
                return aggregate(self, node, steps)
            case nodes.Binary():
                return binary(self, node, steps)
            case _:
                return single({}, self.scalar(node, steps))

    def _scalar(self, node: Node, steps: Times) -> Floats:
        match node:
            case nodes.Number():
                return np.full(len(steps), node.value)
            case nodes.Negation():
                return -self.scalar(node.expr, steps)
            case nodes.Binary():
                return scalar_binary(node.op, self.scalar(node.left, steps), self.scalar(node.right, steps))
            case nodes.Call():
                made = FUNCTIONS[node.function](self, node, steps)
                if not isinstance(made, Block):
                    return made
        raise QueryError(f"expected a scalar, got an {kind_of(node).value}")

    def _windows(self, node: Node, steps: Times, column: str) -> Windows:
        match node:
            case nodes.RangeSelector():
                ends = self._moments(steps, node.selector.at, node.selector.offset)
                starts = ends - node.range
                oldest = int(starts.min()) + (0 if self.closed else 1)
                series = self._load(node.selector.matchers, oldest, int(ends.max()), column).without_stale()
            case nodes.Subquery():
                ends = self._moments(steps, node.at, node.offset)
                starts = ends - node.range
                series, unnamed = self._subquery(node, int(starts.min()), int(ends.max()))
                self.budget.samples(len(series.labels) * len(ends))
                windows = windows_of(series, starts, ends, self.closed)
                windows.unnamed = unnamed
                return windows
            case _:
                raise QueryError(f"expected a range vector, got an {kind_of(node).value}")
        self.budget.samples(len(series.labels) * len(ends))
        return windows_of(series, starts, ends, self.closed)

    def _subquery(self, node: nodes.Subquery, oldest: int, newest: int) -> tuple[SeriesSet, Sequence[bool]]:
        """The inner expression at all multiples of the step that some window may want."""
        step = node.step or DEFAULT_SUBQUERY_STEP
        first = -(-oldest // step) * step
        if first == oldest and not self.closed:
            first += step
        count = max(0, (newest - first) // step + 1)
        self.budget.steps(count)
        if not count:
            return _as_series(empty(0), np.zeros(0, dtype=np.int64)), []
        moments = first + step * np.arange(count, dtype=np.int64)
        inner = self.vector(node.expr, moments)
        return _as_series(inner, moments), inner.unnamed

    def _moments(self, steps: Times, at: int | Anchor | None, offset: int) -> Times:
        match at:
            case None:
                return steps - offset
            case Anchor.START:
                fixed = self.frame.start
            case Anchor.END:
                fixed = self.frame.end
            case _:
                fixed = at
        return np.full(len(steps), fixed - offset, dtype=np.int64)

    def _load(self, matchers: tuple[Matcher, ...], start: int, end: int, column: str = "last") -> SeriesSet:
        wanted = (matchers, start, end, column)
        if wanted not in self._loaded:
            self._loaded[wanted] = load(self.source, matchers, start, end, self.budget, column)
        return self._loaded[wanted]


def _as_series(block: Block, moments: Times) -> SeriesSet:
    """The values of a block one series after the other, as if they were samples."""
    counts = block.present.sum(axis=1)
    times = np.broadcast_to(moments, block.present.shape)[block.present]
    bounds = [0, *np.cumsum(counts).tolist()]
    return SeriesSet(list(block.labels), times, block.values[block.present], bounds)


def evaluate(evaluator: Evaluator, node: Node, steps: Times) -> Value | Windows:
    """Whatever the expression yields."""
    match kind_of(node):
        case Kind.STRING:
            return evaluator.string(node)
        case Kind.SCALAR:
            return evaluator.scalar(node, steps)
        case Kind.MATRIX:
            return evaluator.windows(node, steps)
        case _:
            return evaluator.vector(node, steps)
