"""Which series of plain questions belong together, found out once for all steps at which they are the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from penguintui.query.language import nodes
from penguintui.query.language.nodes import COMPARISONS, SET_OPERATORS, Cardinality
from penguintui.query.plain.rows import METADATA, NAME, Labels, NotPlain, grouped_by, without_metadata


@dataclass(slots=True)
class Groups:
    """How an aggregation groups these series: their numbers, and the labels of each group."""

    of: list[Labels]
    members: Sequence[Sequence[int]]
    labels: list[Labels]


def grouped(series: list[Labels], grouping: nodes.Grouping) -> Groups:
    key, shown = grouped_by(grouping.labels, exclude=grouping.exclude)
    members: dict[Any, list[int]] = {}
    for i, labels in enumerate(series):
        members.setdefault(key(labels), []).append(i)
    order = sorted(members.values(), key=len, reverse=True)
    return Groups(series, order, [shown(series[own[0]]) for own in order])


@dataclass(slots=True)
class Pairs:
    """How the sides of an operator find each other: which of the left are kept, with which of the right or beside them.

    labels: those of the result.
    """

    left: list[Labels]
    right: list[Labels]
    kept: Sequence[int]
    others: Sequence[int]
    labels: list[Labels]


def paired(node: nodes.Binary, left: list[Labels], right: list[Labels]) -> Pairs:
    matching = node.matching
    names = (*matching.labels, NAME) if matching.exclude else matching.labels
    key, _ = grouped_by(names, exclude=matching.exclude, metadata=False)
    left_keys, right_keys = [key(one) for one in left], [key(one) for one in right]
    if node.op in SET_OPERATORS:
        return _of_sets(node.op, (left, left_keys), (right, right_keys))
    partners = {one: i for i, one in enumerate(right_keys)}
    one_to_one = matching.cardinality is Cardinality.ONE_TO_ONE
    if not one_to_one or len(partners) < len(right_keys) or len(set(left_keys)) < len(left_keys):
        raise NotPlain
    kept = [i for i, one in enumerate(left_keys) if one in partners]
    others = [partners[left_keys[i]] for i in kept]
    return Pairs(left, right, kept, others, [_left_of(node, left[i]) for i in kept])


def _of_sets(op: str, left: tuple[list[Labels], list[Any]], right: tuple[list[Labels], list[Any]]) -> Pairs:
    (labels, keys), (others, other_keys) = left, right
    if op != "or":
        there = frozenset(other_keys)
        kept = [i for i, key in enumerate(keys) if (key in there) == (op == "and")]
        return Pairs(labels, others, kept, (), [labels[i] for i in kept])
    there = frozenset(keys)
    added = [i for i, key in enumerate(other_keys) if key not in there]
    both = labels + [others[i] for i in added]
    _refuse_twins(both)
    return Pairs(labels, others, range(len(labels)), added, both)


def _left_of(node: nodes.Binary, labels: Labels) -> Labels:
    """The labels of a pair's result, from those of its left side."""
    dropped: set[str] = set() if node.op in COMPARISONS else set(METADATA)
    if node.matching.exclude:
        dropped.update(node.matching.labels)
        return {name: value for name, value in labels.items() if name not in dropped}
    return {name: labels[name] for name in node.matching.labels if name in labels and name not in dropped}


def _refuse_twins(series: Sequence[Labels]) -> None:
    """Raise NotPlain where two series would have the same labels without their metrics' names."""
    if len({frozenset(without_metadata(labels).items()) for labels in series}) < len(series):
        raise NotPlain
