"""From an evaluation to the answer that is handed out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from penguintui.query import results
from penguintui.query.evaluator import Evaluator, Value, evaluate
from penguintui.query.language.nodes import Node
from penguintui.query.limits import Budget
from penguintui.query.notes import Notes
from penguintui.query.source import SampleSource, keeps_rollups
from penguintui.query.vectors.block import METADATA, Block, Floats, Times, finish, key_of, merge, single
from penguintui.query.vectors.evaluation import Frame
from penguintui.query.vectors.selection import Windows

_ROLLED = "the oldest of it is kept as roll-ups: one sample stands for all of five minutes, or of an hour"


@dataclass(slots=True)
class Answered:
    """What the expression yielded at the steps (milliseconds)."""

    value: Value | Windows
    steps: Times
    notes: Notes

    def instant(self) -> results.Result:
        """The answer of an instant query."""
        at = int(self.steps[0]) / 1000
        warnings, infos = tuple(self.notes.warnings), tuple(self.notes.infos)
        match self.value:
            case str() as text:
                return results.Text(text, at, warnings=warnings, infos=infos)
            case Windows() as windows:
                return results.Matrix(_raw(windows), warnings=warnings, infos=infos)
            case Block() as block:
                return results.Vector(_samples(finish(block)), at, warnings=warnings, infos=infos)
            case number:
                return results.Scalar(float(number[0]), at, warnings=warnings, infos=infos)

    def matrix(self) -> results.Matrix:
        """The answer of a range query: series in the order of their labels."""
        if isinstance(self.value, str | Windows):
            raise TypeError("a range query has vectors or scalars only")
        block = self.value if isinstance(self.value, Block) else single({}, self.value)
        seconds = self.steps / 1000
        series = [
            results.MatrixSeries(labels, seconds[present].tolist(), values[present].tolist())
            for labels, values, present in _by_labels(finish(block))
        ]
        return results.Matrix(tuple(series), warnings=tuple(self.notes.warnings), infos=tuple(self.notes.infos))


def answer(
    source: SampleSource, node: Node, frame: tuple[int, int, int], lookback: int, closed: bool, budget: Budget
) -> Answered:
    """Evaluate an expression from start to end every step (milliseconds; a step of 0 is one moment)."""
    start, end, step = frame
    steps = np.arange(start, end + 1, step or 1, dtype=np.int64)
    evaluator = Evaluator(source, Frame(start, end, step), lookback, closed, budget)
    if keeps_rollups(source):
        source.begin()
    with np.errstate(all="ignore"):
        value = evaluate(evaluator, node, steps)
    if keeps_rollups(source):
        for text in source.warnings:
            evaluator.notes.warn(text)
        if source.rolled:
            evaluator.notes.info(_ROLLED)
    return Answered(value, steps, evaluator.notes)


def _samples(block: Block) -> tuple[results.VectorSample, ...]:
    values: list[float] = block.values[:, 0].tolist()
    return tuple(results.VectorSample(labels, value) for labels, value in zip(block.labels, values, strict=True))


def _by_labels(block: Block) -> list[tuple[dict[str, str], Floats, np.ndarray[tuple[int, ...], np.dtype[np.bool_]]]]:
    order = sorted(range(len(block)), key=lambda i: key_of(block.labels[i]))
    return [(dict(block.labels[i]), block.values[i], block.present[i]) for i in order]


def _raw(windows: Windows) -> tuple[results.MatrixSeries, ...]:
    """The samples of a range selector, at their own times."""
    counts = windows.counts[:, 0]
    merge(Block(windows.labels, counts[:, None].astype(np.float64), counts[:, None] > 0, windows.unnamed))
    series = []
    for i, labels in enumerate(windows.labels):
        low, high = int(windows.low[i, 0]), int(windows.high[i, 0])
        if high > low:
            shown = {n: v for n, v in labels.items() if not (windows.unnamed[i] and n in METADATA)}
            times, values = windows.times[low:high] / 1000, windows.values[low:high]
            series.append(results.MatrixSeries(shown, times.tolist(), values.tolist()))
    return tuple(series)
