"""All functions of the language, by name. Each takes the evaluation, the call and the steps.

A function that returns a scalar returns one number for each step, the others a block.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from penguintui.query.functions import classic, rates, trends
from penguintui.query.functions.calendar import CALENDAR
from penguintui.query.functions.info import info
from penguintui.query.functions.labelling import LABELLING
from penguintui.query.functions.over_time import OVER_TIME
from penguintui.query.language.nodes import Call, Selector
from penguintui.query.vectors.block import Block, Floats, Times
from penguintui.query.vectors.evaluation import Evaluation

Function = Callable[[Evaluation, Call, Times], Block | Floats]


def _each(work: Callable[[Floats], Floats]) -> Function:
    """A function of each value by itself."""

    def function(evaluation: Evaluation, node: Call, steps: Times) -> Block:
        block = evaluation.vector(node.args[0], steps)
        return block.with_values(work(block.values))

    return function


def _round(evaluation: Evaluation, node: Call, steps: Times) -> Block:
    """The nearest multiple; half-way goes up."""
    block = evaluation.vector(node.args[0], steps)
    inverse = 1.0 / evaluation.scalar(node.args[1], steps) if len(node.args) > 1 else np.ones(len(steps))
    return block.with_values(np.floor(block.values * inverse + 0.5) / inverse)


def _clamp(evaluation: Evaluation, node: Call, steps: Times) -> Block:
    block = evaluation.vector(node.args[0], steps)
    low, high = evaluation.scalar(node.args[1], steps), evaluation.scalar(node.args[2], steps)
    clamped = np.maximum(low, np.minimum(high, block.values))
    return block.with_values(clamped, block.present & ~(low > high))


def _bounded(pick: Callable[[Floats, Floats], Floats]) -> Function:
    """clamp_min and clamp_max; NaN on either side gives NaN."""

    def function(evaluation: Evaluation, node: Call, steps: Times) -> Block:
        block = evaluation.vector(node.args[0], steps)
        return block.with_values(pick(block.values, evaluation.scalar(node.args[1], steps)))

    return function


def _timestamp(evaluation: Evaluation, node: Call, steps: Times) -> Block:
    """When a selector's samples were taken; of anything else, the step itself."""
    if isinstance(node.args[0], Selector):
        block, times = evaluation.latest(node.args[0], steps)
        return block.with_values(times / 1000)
    block = evaluation.vector(node.args[0], steps)
    return block.with_values(np.broadcast_to(steps / 1000, block.values.shape))


def _scalar(evaluation: Evaluation, node: Call, steps: Times) -> Floats:
    """The value of the only series; NaN where there are none or several."""
    block = evaluation.vector(node.args[0], steps)
    alone = block.present.sum(axis=0) == 1
    return np.where(alone, np.where(block.present, block.values, 0.0).sum(axis=0), np.nan)


def _vector(evaluation: Evaluation, node: Call, steps: Times) -> Floats:
    return evaluation.scalar(node.args[0], steps)


def _of_two(pick: Callable[[Floats, Floats], Floats]) -> Function:
    def function(evaluation: Evaluation, node: Call, steps: Times) -> Floats:
        return pick(evaluation.scalar(node.args[0], steps), evaluation.scalar(node.args[1], steps))

    return function


def _number(give: Callable[[Evaluation], float]) -> Function:
    """A number that is the same at all steps."""
    return lambda evaluation, node, steps: np.full(len(steps), give(evaluation))


_EACH: dict[str, Callable[[Floats], Floats]] = {
    "abs": np.abs,
    "acos": np.arccos,
    "acosh": np.arccosh,
    "asin": np.arcsin,
    "asinh": np.arcsinh,
    "atan": np.arctan,
    "atanh": np.arctanh,
    "ceil": np.ceil,
    "cos": np.cos,
    "cosh": np.cosh,
    "deg": lambda values: values * 180 / np.pi,
    "exp": np.exp,
    "floor": np.floor,
    "ln": np.log,
    "log10": np.log10,
    "log2": np.log2,
    "rad": lambda values: values * np.pi / 180,
    "sgn": np.sign,
    "sin": np.sin,
    "sinh": np.sinh,
    "sqrt": np.sqrt,
    "tan": np.tan,
    "tanh": np.tanh,
}

FUNCTIONS: dict[str, Function] = {
    **{name: _each(work) for name, work in _EACH.items()},
    **CALENDAR,
    **LABELLING,
    **OVER_TIME,
    "changes": rates.changes,
    "clamp": _clamp,
    "clamp_max": _bounded(np.minimum),
    "clamp_min": _bounded(np.maximum),
    "delta": rates.delta,
    "deriv": trends.deriv,
    "double_exponential_smoothing": trends.double_exponential_smoothing,
    "end": _number(lambda evaluation: evaluation.frame.end / 1000),
    "histogram_fraction": classic.histogram_fraction,
    "histogram_quantile": classic.histogram_quantile,
    "histogram_quantiles": classic.histogram_quantiles,
    "idelta": rates.idelta,
    "increase": rates.increase,
    "info": info,
    "irate": rates.irate,
    "max_of": _of_two(np.maximum),
    "min_of": _of_two(np.minimum),
    "pi": _number(lambda evaluation: np.pi),
    "predict_linear": trends.predict_linear,
    "range": _number(lambda evaluation: (evaluation.frame.end - evaluation.frame.start) / 1000),
    "rate": rates.rate,
    "resets": rates.resets,
    "round": _round,
    "scalar": _scalar,
    "start": _number(lambda evaluation: evaluation.frame.start / 1000),
    "step": _number(lambda evaluation: evaluation.frame.step / 1000),
    "time": lambda evaluation, node, steps: steps / 1000,
    "timestamp": _timestamp,
    "vector": _vector,
}
