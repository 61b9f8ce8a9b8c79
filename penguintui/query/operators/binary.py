"""Binary operators: arithmetic and comparison between numbers, between a vector and a number, between vectors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from penguintui.query.language.nodes import COMPARISONS, SET_OPERATORS, Binary, Kind, kind_of
from penguintui.query.operators.matching import match_sets, match_vectors
from penguintui.query.vectors.block import Block, Floats, Mask, Times
from penguintui.query.vectors.evaluation import Evaluation

_ARITHMETIC: dict[str, Callable[[Any, Any], Floats]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "%": np.fmod,
    "^": np.power,
    "atan2": np.arctan2,
}
_COMPARISON: dict[str, Callable[[Any, Any], Mask]] = {
    "==": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    ">": np.greater,
    "<=": np.less_equal,
    ">=": np.greater_equal,
}


def scalar_binary(op: str, left: Floats, right: Floats) -> Floats:
    """Two numbers; a comparison yields 1 or 0."""
    return np.asarray(_ARITHMETIC.get(op, _COMPARISON.get(op))(left, right), dtype=np.float64)  # type: ignore[misc]


def binary(evaluation: Evaluation, node: Binary, steps: Times) -> Block:
    """An operator with a vector on at least one side."""
    left_kind, right_kind = kind_of(node.left), kind_of(node.right)
    if left_kind is Kind.SCALAR:
        number = evaluation.scalar(node.left, steps)
        return _with_number(node, evaluation.vector(node.right, steps), number, number_first=True)
    if right_kind is Kind.SCALAR:
        block = evaluation.vector(node.left, steps)
        return _with_number(node, block, evaluation.scalar(node.right, steps), number_first=False)
    left, right = evaluation.vector(node.left, steps), evaluation.vector(node.right, steps)
    if node.op in SET_OPERATORS:
        return match_sets(node.op, left, right, node.matching)
    pairs = match_vectors(left, right, node)
    evaluation.budget.series(len(pairs.labels))
    evaluation.budget.samples(pairs.present.size)
    values, present = _apply(node, pairs.left, pairs.right, pairs.present, pairs.left)
    return pairs.result(values, present)


def _with_number(node: Binary, block: Block, number: Floats, number_first: bool) -> Block:
    left, right = (number, block.values) if number_first else (block.values, number)
    values, present = _apply(node, left, right, block.present, block.values)
    if node.op in COMPARISONS and not node.return_bool:
        return Block(block.labels, values, present, block.unnamed)
    return block.with_values(values, present)


def _apply(node: Binary, left: Floats, right: Floats, present: Mask, kept: Floats) -> tuple[Floats, Mask]:
    """The values of an operation and where they are; a comparison without `bool` only keeps or drops."""
    if node.op in _ARITHMETIC:
        return _ARITHMETIC[node.op](left, right), present
    holds = _COMPARISON[node.op](left, right)
    if node.return_bool:
        return holds.astype(np.float64), present
    return kept, present & holds
