"""Aggregations over the samples of each window: the `*_over_time` functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from penguintui.query.language.nodes import Call
from penguintui.query.vectors.block import Block, Floats, Mask, Times, any_row
from penguintui.query.vectors.evaluation import Evaluation
from penguintui.query.vectors.quantiles import column_quantiles, warn_about_quantile
from penguintui.query.vectors.selection import Chunk, Windows
from penguintui.query.vectors.sums import Sum, column_sums, mean_of_sums, sums_between

Function = Callable[[Evaluation, Call, Times], Block]


def over_chunks(evaluation: Evaluation, windows: Windows, work: Callable[[Chunk], Floats]) -> Floats:
    """Do some work on all samples of all windows, a bounded number of windows at a time."""
    results = np.full(windows.low.size, np.nan)
    for chunk in windows.chunks(evaluation.budget):
        results[chunk.windows] = work(chunk)
    return results.reshape(windows.low.shape)


def per_chunk(work: Callable[[Chunk], Floats], least: int = 1) -> Function:
    """A function of one range vector that needs `least` samples in each window."""

    def function(evaluation: Evaluation, node: Call, steps: Times) -> Block:
        windows = evaluation.windows(node.args[0], steps)
        return windows.block(over_chunks(evaluation, windows, work), windows.counts >= least)

    return function


def _segments(windows: Windows, reduce: np.ufunc) -> Floats:
    """Reduce each window's values with a function whose order does not matter, without copying the samples."""
    if not len(windows.values):
        return np.full(windows.low.shape, np.nan)
    padded = np.append(windows.values, np.nan)
    bounds = np.stack([windows.low, windows.high], axis=-1).ravel()
    return np.asarray(reduce.reduceat(padded, bounds)[::2]).reshape(windows.low.shape)


def _reduced(reduce: np.ufunc, column: str) -> Function:
    def function(evaluation: Evaluation, node: Call, steps: Times) -> Block:
        windows = evaluation.windows(node.args[0], steps, column)
        return windows.block(_segments(windows, reduce), windows.counts > 0)

    return function


def _summed(evaluation: Evaluation, windows: Windows, one_by_one: Callable[[Chunk], Floats]) -> tuple[Floats, Mask]:
    """The sums of all windows; of those that need it, which are told, what comes of their samples one by one."""
    sums, good = sums_between(windows.values, windows.low, windows.high)
    if not good.all():
        few = replace(windows, low=windows.low[~good], high=windows.high[~good])
        sums[~good] = over_chunks(evaluation, few, one_by_one)
    return sums, ~good


def _sums(chunk: Chunk) -> Floats:
    return column_sums(chunk.values, chunk.mask)


def sum_over_time(evaluation: Evaluation, node: Call, steps: Times) -> Block:
    windows = evaluation.windows(node.args[0], steps, "sum")
    return windows.block(_summed(evaluation, windows, _sums)[0], windows.counts > 0)


def avg_over_time(evaluation: Evaluation, node: Call, steps: Times) -> Block:
    windows = evaluation.windows(node.args[0], steps, "sum")
    if evaluation.rolled:
        counts = _summed(evaluation, evaluation.windows(node.args[0], steps, "count"), _sums)[0]
        return windows.block(_summed(evaluation, windows, _sums)[0] / counts, windows.counts > 0)
    sums, is_mean = _summed(evaluation, windows, _means)
    return windows.block(np.where(is_mean, sums, sums / windows.counts), windows.counts > 0)


def _means(chunk: Chunk) -> Floats:
    addends = ((None, row) for row in np.where(chunk.mask, chunk.values, 0.0))
    return mean_of_sums(_sums(chunk), chunk.counts.astype(np.float64), addends)


def _variances(chunk: Chunk) -> Floats:
    """Welford's running population variance, both of its sums compensated."""
    means, squares = Sum(chunk.values.shape[1]), Sum(chunk.values.shape[1])
    for count, (values, here) in enumerate(zip(chunk.values, chunk.mask, strict=True), 1):
        distance = np.where(here, values - means.result(), 0.0)
        means.add(distance / count)
        squares.add(np.where(here, distance * (values - means.result()), 0.0))
    return squares.result() / chunk.counts


def _mad(chunk: Chunk) -> Floats:
    """The median of the distances to the median."""
    half = np.full(chunk.values.shape[1], 0.5)
    medians = column_quantiles(half, chunk.values, chunk.mask)
    distances = column_quantiles(half, np.abs(chunk.values - medians), chunk.mask)
    distances[(np.isnan(chunk.values) & chunk.mask).any(axis=0)] = np.nan
    return distances


def _time_of_extreme(reduce: np.ufunc) -> Callable[[Chunk], Floats]:
    """When the extreme was last seen; windows of NaN only give the time of the last NaN."""

    def work(chunk: Chunk) -> Floats:
        values = np.where(chunk.mask, chunk.values, np.nan)
        extremes = reduce.reduce(values, axis=0)
        hit = chunk.mask & ((values == extremes) | np.isnan(extremes))
        return np.asarray(np.where(hit, chunk.times, np.iinfo(np.int64).min).max(axis=0) / 1000)

    return work


def quantile_over_time(evaluation: Evaluation, node: Call, steps: Times) -> Block:
    """An interpolated quantile of each window."""
    wanted = evaluation.scalar(node.args[0], steps)
    windows = evaluation.windows(node.args[1], steps)
    warn_about_quantile(evaluation.notes, wanted)
    each = np.tile(wanted, len(windows.labels))
    found = over_chunks(evaluation, windows, lambda c: column_quantiles(each[c.windows], c.values, c.mask))
    return windows.block(found, windows.counts > 0)


def _edge(last: bool) -> Function:
    """The first or last sample of each window, which keeps its name: it is a sample still."""

    def function(evaluation: Evaluation, node: Call, steps: Times) -> Block:
        windows = evaluation.windows(node.args[0], steps)
        block = windows.block(_edge_values(windows, windows.values, last), windows.counts > 0)
        return Block(block.labels, block.values, block.present, windows.unnamed)

    return function


def _edge_time(last: bool) -> Function:
    def function(evaluation: Evaluation, node: Call, steps: Times) -> Block:
        windows = evaluation.windows(node.args[0], steps)
        return windows.block(_edge_values(windows, windows.times / 1000, last), windows.counts > 0)

    return function


def _edge_values(windows: Windows, values: Floats, last: bool) -> Floats:
    if not len(values):
        return np.zeros(windows.low.shape)
    return values[np.clip(windows.high - 1 if last else windows.low, 0, len(values) - 1)]


def count_over_time(evaluation: Evaluation, node: Call, steps: Times) -> Block:
    windows = evaluation.windows(node.args[0], steps, "count")
    if evaluation.rolled:
        return windows.block(_summed(evaluation, windows, _sums)[0], windows.counts > 0)
    return windows.block(windows.counts.astype(np.float64), windows.counts > 0)


def present_over_time(evaluation: Evaluation, node: Call, steps: Times) -> Block:
    windows = evaluation.windows(node.args[0], steps)
    return windows.block(np.ones(windows.low.shape), windows.counts > 0)


def any_present(windows: Windows) -> Mask:
    """At which steps any series has samples."""
    return any_row(windows.counts > 0)


OVER_TIME: dict[str, Function] = {
    "avg_over_time": avg_over_time,
    "count_over_time": count_over_time,
    "first_over_time": _edge(last=False),
    "last_over_time": _edge(last=True),
    "mad_over_time": per_chunk(_mad),
    "max_over_time": _reduced(np.fmax, "max"),
    "min_over_time": _reduced(np.fmin, "min"),
    "present_over_time": present_over_time,
    "quantile_over_time": quantile_over_time,
    "stddev_over_time": per_chunk(lambda chunk: np.sqrt(_variances(chunk))),
    "stdvar_over_time": per_chunk(_variances),
    "sum_over_time": sum_over_time,
    "ts_of_first_over_time": _edge_time(last=False),
    "ts_of_last_over_time": _edge_time(last=True),
    "ts_of_max_over_time": per_chunk(_time_of_extreme(np.fmax)),
    "ts_of_min_over_time": per_chunk(_time_of_extreme(np.fmin)),
}
