"""Aggregations that look at the order or the identity of a group's members: topk, quantile, count_values and so on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from penguintui.query.errors import QueryError
from penguintui.query.language.floats import format_float, format_general
from penguintui.query.language.names import check_label_name
from penguintui.query.language.nodes import Grouping, Node
from penguintui.query.operators.groups import Groups, group
from penguintui.query.operators.xxh64 import hash_labels
from penguintui.query.vectors.block import (
    METADATA,
    NAME,
    Block,
    Floats,
    Indices,
    Mask,
    Times,
    concatenate,
    empty,
    same_number,
)
from penguintui.query.vectors.evaluation import Evaluation
from penguintui.query.vectors.quantiles import column_quantiles, warn_about_quantile


def _how_many(evaluation: Evaluation, param: Node, steps: Times) -> Floats:
    """The `k` of topk and its like, cut to whole numbers."""
    wanted = evaluation.scalar(param, steps)
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


def _ranked(largest: bool) -> Callable[[Evaluation, Groups, Node, Times], Block]:
    def select(evaluation: Evaluation, groups: Groups, param: Node, steps: Times) -> Block:
        wanted = _how_many(evaluation, param, steps)
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


def _limitk(evaluation: Evaluation, groups: Groups, param: Node, steps: Times) -> Block:
    wanted = _how_many(evaluation, param, steps)
    parts = [empty(len(steps))]
    for members in groups.members:
        present = groups.block.present[members]
        parts.append(_keep(groups.block, members, present & (np.cumsum(present, axis=0) <= wanted)))
    return concatenate(parts)


def _limit_ratio(evaluation: Evaluation, groups: Groups, param: Node, steps: Times) -> Block:
    """A share of the series, chosen by the hash of their labels: the same ones each time, as in Prometheus.

    A negative ratio chooses just those that 1 + ratio leaves out.
    """
    ratio = evaluation.scalar(param, steps)
    if np.isnan(ratio).any():
        raise QueryError("Ratio value is NaN")
    for value in ratio[np.abs(ratio) > 1].tolist():
        bound = 1.0 if value > 1 else -1.0
        evaluation.notes.warn(
            f"PromQL warning: ratio value should be between -1 and 1, got {format_general(value)}, "
            f"capping to {format_general(bound)}"
        )
    ratio = np.clip(ratio, -1.0, 1.0)
    offsets = np.array([hash_labels(labels) / float(2**64 - 1) for labels in groups.block.labels])[:, None]
    chosen = np.where(ratio >= 0, offsets < ratio, offsets >= 1.0 + ratio)
    block = groups.block
    return Block(block.labels, block.values, block.present & chosen, block.unnamed)


def _quantile(evaluation: Evaluation, groups: Groups, param: Node, steps: Times) -> Block:
    wanted = evaluation.scalar(param, steps)
    warn_about_quantile(evaluation.notes, wanted)
    values = np.full((len(groups.members), len(steps)), np.nan)
    for i, members in enumerate(groups.members):
        values[i] = column_quantiles(wanted, groups.block.values[members], groups.block.present[members])
    return groups.result(values)


def count_values(evaluation: Evaluation, block: Block, grouping: Grouping, param: Node) -> Block:
    """How many series have each value. The label that tells it is set before the series are grouped by their labels."""
    name = check_label_name(evaluation.string(param))
    told = not grouping.exclude or name not in (*grouping.labels, *METADATA)
    labels = [*grouping.labels, name] if grouping.exclude else [one for one in grouping.labels if one != name]
    groups = group(block, Grouping(tuple(labels), grouping.exclude))
    steps = block.values.shape[1]
    parts = [empty(steps)]
    produced = 0
    for kept, unnamed, members in zip(groups.labels, groups.unnamed, groups.members, strict=True):
        values, present = block.values[members], block.present[members]
        distinct = np.unique(values[present])
        produced += len(distinct)
        evaluation.budget.series(produced)
        evaluation.budget.samples(len(distinct) * steps)
        counts = np.zeros((len(distinct), steps))
        for i, value in enumerate(distinct.tolist()):
            counts[i] = (same_number(values, value) & present).sum(axis=0)
        if told:
            series = [{**kept, name: format_float(value)} for value in distinct.tolist()]
        else:
            series, counts = [kept], counts.sum(axis=0, keepdims=True)
        parts.append(Block(series, counts, counts > 0, [unnamed and name != NAME] * len(series)))
    return concatenate(parts)


ORDERED: dict[str, Callable[[Evaluation, Groups, Node, Times], Block]] = {
    "topk": _ranked(largest=True),
    "bottomk": _ranked(largest=False),
    "limitk": _limitk,
    "limit_ratio": _limit_ratio,
    "quantile": _quantile,
}
