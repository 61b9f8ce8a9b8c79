"""Aggregation operators: many series become few."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from penguintui.query import nodes
from penguintui.query.block import METADATA, Block, Floats, Indices, Key, Mask, Times, key_of, only, without
from penguintui.query.errors import QueryError
from penguintui.query.ranking import ORDERED
from penguintui.query.sums import Sum, mean_of_sums

if TYPE_CHECKING:
    from penguintui.query.evaluator import Evaluator


@dataclass(slots=True)
class Groups:
    """The series of a block by the labels they share, the largest groups first."""

    block: Block
    labels: list[dict[str, str]]
    unnamed: list[bool]
    members: list[list[int]]

    def layers(self) -> Iterator[tuple[int, Floats, Mask]]:
        """The first member of every group, then the second of those that have one, and so on.

        Each layer is (number of groups, values, present): groups of different sizes cost only what they hold.
        """
        sizes = np.array([len(m) for m in self.members])
        for depth in range(int(sizes[0]) if len(sizes) else 0):
            count = int(np.searchsorted(-sizes, -depth, "left"))
            rows: Indices = np.fromiter((m[depth] for m in self.members[:count]), dtype=np.intp, count=count)
            yield count, self.block.values[rows], self.block.present[rows]

    def result(self, values: Floats) -> Block:
        """One series for each group, present where any member is."""
        present = np.zeros(values.shape, dtype=bool)
        for count, _, here in self.layers():
            present[:count] |= here
        return Block(self.labels, values, present, self.unnamed)


def group(block: Block, grouping: nodes.Grouping) -> Groups:
    """Sort series into groups. `without` drops the metric's name, too."""
    members: dict[Key, list[int]] = {}
    shown: dict[Key, dict[str, str]] = {}
    dropped = (*grouping.labels, *METADATA)
    for i, labels in enumerate(block.labels):
        kept = without(labels, dropped) if grouping.exclude else only(labels, grouping.labels)
        key = key_of(kept)
        members.setdefault(key, []).append(i)
        shown.setdefault(key, kept)
    order = sorted(members, key=lambda key: -len(members[key]))
    return Groups(
        block,
        [shown[k] for k in order],
        [any(block.unnamed[i] for i in members[k]) for k in order],
        [members[k] for k in order],
    )


def aggregate(evaluator: Evaluator, node: nodes.Aggregate, steps: Times) -> Block:
    """Evaluate an aggregation at all steps."""
    block = evaluator.vector(node.expr, steps)
    groups = group(block, node.grouping)
    if node.op in REDUCERS:
        return groups.result(REDUCERS[node.op](groups, (len(groups.members), len(steps))))
    if node.op not in ORDERED or node.param is None:
        raise QueryError(f"the aggregation {node.op} is not known")
    return ORDERED[node.op](evaluator, groups, node.param, steps)


Shape = tuple[int, int]


def _sum(groups: Groups, shape: Shape) -> Floats:
    sums = Sum(shape)
    for count, values, present in groups.layers():
        sums.add(np.where(present, values, 0.0), count)
    return sums.result()


def _count(groups: Groups, shape: Shape) -> Floats:
    counts = np.zeros(shape)
    for count, _, present in groups.layers():
        counts[:count] += present
    return counts


def _avg(groups: Groups, shape: Shape) -> Floats:
    addends = ((count, np.where(present, values, 0.0)) for count, values, present in groups.layers())
    return mean_of_sums(_sum(groups, shape), _count(groups, shape), addends)


def _extreme(pick: Callable[..., Floats]) -> Callable[[Groups, Shape], Floats]:
    """Minimum or maximum; NaN only where every value is NaN."""

    def reduce(groups: Groups, shape: Shape) -> Floats:
        extremes = np.full(shape, np.nan)
        for count, values, present in groups.layers():
            extremes[:count] = np.where(present, pick(extremes[:count], values), extremes[:count])
        return extremes

    return reduce


def _variance(groups: Groups, shape: Shape) -> Floats:
    """Welford's running population variance."""
    counts, means, squares = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for count, values, present in groups.layers():
        n, mean = counts[:count], means[:count]
        n += present
        delta = np.where(present, values - mean, 0.0)
        mean += np.where(present, delta / n, 0.0)
        # A first value that is not finite has no distance from itself, yet the variance is not a number.
        finite = np.isfinite(values)
        squares[:count] += np.where(present, np.where(finite, delta * (values - mean), np.nan), 0.0)
    return squares / counts


REDUCERS: dict[str, Callable[[Groups, Shape], Floats]] = {
    "sum": _sum,
    "count": _count,
    "avg": _avg,
    "min": _extreme(np.fmin),
    "max": _extreme(np.fmax),
    "group": lambda groups, shape: np.ones(shape),
    "stdvar": _variance,
    "stddev": lambda groups, shape: np.sqrt(_variance(groups, shape)),
}
