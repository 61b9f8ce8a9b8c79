"""How the series of two vectors find each other: on/ignoring, group_left/group_right, fill, and the set operators."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from penguintui.query.errors import QueryError
from penguintui.query.language.nodes import COMPARISONS, Binary, Cardinality, Matching
from penguintui.query.vectors.block import (
    METADATA,
    NAME,
    Block,
    Floats,
    Key,
    Labels,
    Mask,
    any_row,
    concatenate,
    format_labels,
    key_of,
    merge,
    only,
    without,
)


def _matched_labels(matching: Matching) -> Callable[[Labels], dict[str, str]]:
    """The labels by which series are matched; the metric's name takes part only where `on` names it."""
    if matching.exclude:
        ignored = (*matching.labels, NAME)
        return lambda labels: without(labels, ignored)
    return lambda labels: only(labels, matching.labels)


@dataclass(slots=True)
class Sides:
    """Both vectors with their series sorted into match groups. `many` may have several series in a group, `one` not."""

    many: Block
    one: Block
    many_groups: list[int]
    one_groups: list[int]
    labels: list[dict[str, str]]

    def present(self, block: Block, groups: Sequence[int]) -> Mask:
        """Where any series of each group exists: shape (groups, steps)."""
        found = np.zeros((len(self.labels), block.present.shape[1]), dtype=bool)
        for row, index in zip(block.present, groups, strict=True):
            found[index] |= row
        return found


def _sides(many: Block, one: Block, matching: Matching) -> Sides:
    matched = _matched_labels(matching)
    groups: dict[Key, int] = {}
    shown: list[dict[str, str]] = []

    def index(labels: Labels) -> int:
        kept = matched(labels)
        key = key_of(kept)
        if key not in groups:
            groups[key] = len(groups)
            shown.append(kept)
        return groups[key]

    return Sides(many, one, [index(labels) for labels in many.labels], [index(labels) for labels in one.labels], shown)


@dataclass(slots=True)
class Pairs:
    """Series that found each other: the values of both sides, in the order in which they were written."""

    labels: list[Labels]
    left: Floats
    right: Floats
    present: Mask
    unnamed: list[bool]
    duplicate: str

    def result(self, values: Floats, present: Mask) -> Block:
        """What the operation made of the pairs. Two with the same labels at one step are an error, kept or not."""
        merge(Block(self.labels, values, self.present, self.unnamed), self.duplicate)
        return merge(Block(self.labels, values, present, self.unnamed), self.duplicate)


def match_vectors(left: Block, right: Block, node: Binary) -> Pairs:
    """Pair the series of an arithmetic operator or comparison."""
    matching = node.matching
    swapped = matching.cardinality is Cardinality.ONE_TO_MANY
    many, one = (right, left) if swapped else (left, right)
    sides = _sides(many, one, matching)
    fill_many, fill_one = matching.fill_left, matching.fill_right
    if swapped:
        fill_many, fill_one = fill_one, fill_many
    _refuse_ambiguity(sides, matching, filled=fill_many is not None or fill_one is not None)
    joined = _join(sides, node, fill_many, fill_one)
    if swapped:
        joined.left, joined.right = joined.right, joined.left
    return joined


def _refuse_ambiguity(sides: Sides, matching: Matching, filled: bool) -> None:
    """`QueryError` where, at some step, a group has several series on a side that may have one."""
    awake = np.ones(sides.many.present.shape[1], dtype=bool)
    if not filled:
        awake = any_row(sides.many.present) & any_row(sides.one.present)
    where = "left" if matching.cardinality is Cardinality.ONE_TO_MANY else "right"
    twins = _twins(sides.one, sides.one_groups, awake)
    if twins is not None:
        shown = sorted(format_labels(sides.one.labels[i]) for i in twins)
        group = format_labels(sides.labels[sides.one_groups[twins[0]]])
        raise QueryError(
            f"found duplicate series for the match group {group} on the {where} hand-side of the operation: "
            f"[{', '.join(shown)}];many-to-many matching not allowed: matching labels must be unique on one side"
        )
    if matching.cardinality is Cardinality.ONE_TO_ONE:
        partners = sides.present(sides.one, sides.one_groups) | (matching.fill_right is not None)
        if _twins(sides.many, sides.many_groups, awake, partners) is not None:
            raise QueryError(
                "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"
            )


def _twins(block: Block, groups: Sequence[int], awake: Mask, partners: Mask | None = None) -> tuple[int, int] | None:
    """Two series of one group that exist at the same step, among the steps and groups that matter."""
    members: dict[int, list[int]] = {}
    for i, index in enumerate(groups):
        members.setdefault(index, []).append(i)
    for index, rows in members.items():
        if len(rows) == 1:
            continue
        here = block.present[rows] & awake
        if partners is not None:
            here &= partners[index]
        crowded = np.flatnonzero(here.sum(axis=0) > 1)
        if len(crowded):
            first, second = np.flatnonzero(here[:, crowded[0]])[:2]
            return rows[first], rows[second]
    return None


def _join(sides: Sides, node: Binary, fill_many: float | None, fill_one: float | None) -> Pairs:
    many, one = sides.many, sides.one
    by_group: dict[int, list[int]] = {}
    for j, index in enumerate(sides.one_groups):
        by_group.setdefault(index, []).append(j)
    pairs = [(i, j) for i, index in enumerate(sides.many_groups) for j in by_group.get(index, ())]
    rows, columns = [i for i, _ in pairs], [j for _, j in pairs]
    name = _Naming(node)
    labels: list[Labels] = [name.labels(many.labels[i], one.labels[j]) for i, j in pairs]
    unnamed = [name.unnamed(many.unnamed[i]) for i in rows]
    left, right = [many.values[rows]], [one.values[columns]]
    present = [many.present[rows] & one.present[columns]]
    if fill_one is not None:
        found = sides.present(one, sides.one_groups)
        labels += [name.labels(own, sides.labels[g]) for own, g in zip(many.labels, sides.many_groups, strict=True)]
        unnamed += [name.unnamed(u) for u in many.unnamed]
        left.append(many.values)
        right.append(np.full(many.values.shape, fill_one))
        present.append(many.present & ~found[sides.many_groups])
    if fill_many is not None:
        found = sides.present(many, sides.many_groups)
        labels += [name.labels(sides.labels[g], own) for own, g in zip(one.labels, sides.one_groups, strict=True)]
        unnamed += [name.unnamed(u) for u in one.unnamed]
        left.append(np.full(one.values.shape, fill_many))
        right.append(one.values)
        present.append(one.present & ~found[sides.one_groups])
    duplicate = "multiple matches for labels: grouping labels must ensure unique matches"
    return Pairs(labels, np.concatenate(left), np.concatenate(right), np.concatenate(present), unnamed, duplicate)


class _Naming:
    """The labels of a pair's result."""

    def __init__(self, node: Binary) -> None:
        self._matching = node.matching
        self._one_to_one = node.matching.cardinality is Cardinality.ONE_TO_ONE
        self._drops_name = node.op not in COMPARISONS
        self._unnames = node.return_bool

    def unnamed(self, before: bool) -> bool:
        return self._unnames or before

    def labels(self, many: Labels, one: Labels) -> dict[str, str]:
        matching = self._matching
        made = without(many, METADATA) if self._drops_name else dict(many)
        if self._one_to_one:
            made = without(made, matching.labels) if matching.exclude else only(made, matching.labels)
        for name in matching.include:
            if name in one:
                made[name] = one[name]
            else:
                made.pop(name, None)
        return made


def match_sets(op: str, left: Block, right: Block, matching: Matching) -> Block:
    """`and`, `or` and `unless`: at each step, by whether the group of a series exists on the other side."""
    sides = _sides(left, right, matching)
    if op == "or":
        found = sides.present(left, sides.many_groups)
        added = Block(right.labels, right.values, right.present & ~found[sides.one_groups], right.unnamed)
        return merge(concatenate([left, added]))
    found = sides.present(right, sides.one_groups)[sides.many_groups]
    return Block(left.labels, left.values, left.present & (found if op == "and" else ~found), left.unnamed)
