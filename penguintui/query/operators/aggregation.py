"""Aggregation operators: many series become few."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from penguintui.query.errors import QueryError
from penguintui.query.language import nodes
from penguintui.query.operators.groups import Groups, group
from penguintui.query.operators.ranking import ORDERED, count_values
from penguintui.query.vectors.block import Block, Floats, Times
from penguintui.query.vectors.evaluation import Evaluation
from penguintui.query.vectors.sums import Sum, mean_of_sums


def aggregate(evaluation: Evaluation, node: nodes.Aggregate, steps: Times) -> Block:
    """Evaluate an aggregation at all steps."""
    block = evaluation.vector(node.expr, steps)
    if node.op == "count_values" and node.param is not None:
        return count_values(evaluation, block, node.grouping, node.param)
    groups = group(block, node.grouping)
    if node.op in REDUCERS:
        return groups.result(REDUCERS[node.op](groups, (len(groups.members), len(steps))))
    if node.op not in ORDERED or node.param is None:
        raise QueryError(f"the aggregation {node.op} is not known")
    return ORDERED[node.op](evaluation, groups, node.param, steps)


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
