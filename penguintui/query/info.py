"""info(): enrich series with the labels of the info series (`target_info`) of the same instance and job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from penguintui.query.block import Block, Times
from penguintui.query.nodes import Call

if TYPE_CHECKING:
    from penguintui.query.evaluator import Evaluator


def info(evaluator: Evaluator, node: Call, steps: Times) -> Block:
    return evaluator.vector(node.args[0], steps)
