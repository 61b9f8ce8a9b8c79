"""Aggregations that look at the order or the identity of a group's members: topk, quantile, count_values and so on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from penguintui.query.block import Block, Floats, Indices, Mask, Times, concatenate, empty, merge, same_number
from penguintui.query.errors import QueryError
from penguintui.query.floats import format_float, format_general
from penguintui.query.names import check_label_name
from penguintui.query.nodes import Node
from penguintui.query.quantiles import column_quantiles, warn_about_quantile
from penguintui.query.xxh64 import hash_labels

if TYPE_CHECKING:
    from penguintui.query.aggregation import Groups
    from penguintui.query.evaluator import Evaluator


def _how_many(evaluator: Evaluator, param: Node, steps: Times) -> Floats:
    """The `k` of topk and its like, cut to whole numbers."""
    wanted = evaluator.scalar(param, steps)
    if np.isnan(wanted).any():
        raise QueryError("Parameter value is NaN")
    if (np.abs(wanted) > 2.0**63).any():
        worst = wanted[np.argmax(np.abs(wanted))]
        raise QueryError(f"Scalar value {format_general(float(worst))} {'over' if worst > 0 else 'under'}flows int64")
    whole: Floats = np.trunc(wanted)
    return whole


def _keep(block: Block, members: list[int], kept: Mask, order: Indices | None = None) -> Block:
    """Some values of some members, as they were."""
    rows = block.rows(members)
    chosen = Block(rows.labels, rows.values, kept, rows.unnamed)
    return chosen if order is None else chosen.rows(order)


def _ranked(largest: bool) -> Callable[[Evaluator, Groups, Node, Times], Block]:
    def select(evaluator: Evaluator, groups: Groups, param: Node, steps: Times) -> Block:
        wanted = _how_many(evaluator, param, steps)
        parts = [empty(len(steps))]
        for members in groups.members:
            rows = groups.block.rows(members)
            key = -rows.values if largest else rows.values
            # lexsort: present values first, then by value; NaN is the worst of all, earlier series win a tie.
            order = np.lexsort((key, ~rows.present), axis=0)
            rank = np.empty_like(order)
            np.put_along_axis(rank, order, np.arange(len(members))[:, None], axis=0)
            first = order[:, 0] if len(steps) == 1 else None
            parts.append(_keep(groups.block, members, rows.present & (rank < wanted), first))
        return concatenate(parts)

    return select


def _limitk(evaluator: Evaluator, groups: Groups, param: Node, steps: Times) -> Block:
    wanted = _how_many(evaluator, param, steps)
    parts = [empty(len(steps))]
    for members in groups.members:
        present = groups.block.present[members]
        parts.append(_keep(groups.block, members, present & (np.cumsum(present, axis=0) <= wanted)))
    return concatenate(parts)


def _limit_ratio(evaluator: Evaluator, groups: Groups, param: Node, steps: Times) -> Block:
    """A share of the series, chosen by the hash of their labels: the same ones each time, as in Prometheus.

    A negative ratio chooses just those that 1 + ratio leaves out.
    """
    ratio = evaluator.scalar(param, steps)
    if np.isnan(ratio).any():
        raise QueryError("Ratio value is NaN")
    for value in ratio[np.abs(ratio) > 1].tolist():
        bound = 1.0 if value > 1 else -1.0
        evaluator.notes.warn(
            f"PromQL warning: ratio value should be between -1 and 1, got {format_general(value)}, "
            f"capping to {format_general(bound)}"
        )
    ratio = np.clip(ratio, -1.0, 1.0)
    offsets = np.array([hash_labels(labels) / float(2**64 - 1) for labels in groups.block.labels])[:, None]
    chosen = np.where(ratio >= 0, offsets < ratio, offsets >= 1.0 + ratio)
    block = groups.block
    return Block(block.labels, block.values, block.present & chosen, block.unnamed)


def _quantile(evaluator: Evaluator, groups: Groups, param: Node, steps: Times) -> Block:
    wanted = evaluator.scalar(param, steps)
    warn_about_quantile(evaluator.notes, wanted)
    values = np.full((len(groups.members), len(steps)), np.nan)
    for i, members in enumerate(groups.members):
        values[i] = column_quantiles(wanted, groups.block.values[members], groups.block.present[members])
    return groups.result(values)


def _count_values(evaluator: Evaluator, groups: Groups, param: Node, steps: Times) -> Block:
    name = check_label_name(evaluator.string(param))
    parts = [empty(len(steps))]
    produced = 0
    for labels, unnamed, members in zip(groups.labels, groups.unnamed, groups.members, strict=True):
        values, present = groups.block.values[members], groups.block.present[members]
        distinct = np.unique(values[present])
        produced += len(distinct)
        evaluator.budget.series(produced)
        evaluator.budget.samples(len(distinct) * len(steps))
        counts = np.zeros((len(distinct), len(steps)))
        for i, value in enumerate(distinct.tolist()):
            counts[i] = (same_number(values, value) & present).sum(axis=0)
        series = [{**labels, name: format_float(value)} for value in distinct.tolist()]
        parts.append(Block(series, counts, counts > 0, [unnamed] * len(series)))
    return merge(concatenate(parts))


ORDERED: dict[str, Callable[[Evaluator, Groups, Node, Times], Block]] = {
    "topk": _ranked(largest=True),
    "bottomk": _ranked(largest=False),
    "limitk": _limitk,
    "limit_ratio": _limit_ratio,
    "quantile": _quantile,
    "count_values": _count_values,
}
