"""Lines through the samples of each window: deriv, predict_linear, double_exponential_smoothing."""

from __future__ import annotations

import numpy as np

from penguintui.query.errors import QueryError
from penguintui.query.functions.over_time import over_chunks
from penguintui.query.language.nodes import Call
from penguintui.query.vectors.block import Block, Floats, Times
from penguintui.query.vectors.evaluation import Evaluation
from penguintui.query.vectors.selection import Chunk
from penguintui.query.vectors.sums import column_sums


def deriv(evaluation: Evaluation, node: Call, steps: Times) -> Block:
    """The slope per second of the least-squares line."""
    windows = evaluation.windows(node.args[0], steps)
    slopes = over_chunks(evaluation, windows, lambda c: _line(c, c.times[0])[0])
    return windows.block(slopes, windows.counts > 1)


def predict_linear(evaluation: Evaluation, node: Call, steps: Times) -> Block:
    """Where the least-squares line will be so many seconds after the step."""
    windows = evaluation.windows(node.args[0], steps)
    ahead = np.tile(evaluation.scalar(node.args[1], steps), len(windows.labels))
    moments = np.tile(steps, len(windows.labels))

    def predict(chunk: Chunk) -> Floats:
        slope, intercept = _line(chunk, moments[chunk.windows])
        return slope * ahead[chunk.windows] + intercept

    return windows.block(over_chunks(evaluation, windows, predict), windows.counts > 1)


def _line(chunk: Chunk, origin: Times) -> tuple[Floats, Floats]:
    """Slope per second and value at the origin. A constant has slope 0 exactly."""
    n = chunk.counts
    x = (chunk.times - origin) / 1000
    y = chunk.values
    sum_x, sum_y = column_sums(x, chunk.mask), column_sums(y, chunk.mask)
    covariance = column_sums(x * y, chunk.mask) - sum_x * sum_y / n
    variance = column_sums(x * x, chunk.mask) - sum_x * sum_x / n
    slope = covariance / variance
    intercept = sum_y / n - slope * sum_x / n
    first = y[0]
    constant = ((y == first) | ~chunk.mask).all(axis=0)
    slope = np.where(constant, np.where(np.isinf(first), np.nan, 0.0), slope)
    intercept = np.where(constant, np.where(np.isinf(first), np.nan, first), intercept)
    return slope, intercept


def double_exponential_smoothing(evaluation: Evaluation, node: Call, steps: Times) -> Block:
    """Holt's linear smoothing: a level and a trend, each with its factor between 0 and 1."""
    windows = evaluation.windows(node.args[0], steps)
    level = _factor(evaluation.scalar(node.args[1], steps), "smoothing", "sf")
    trend = _factor(evaluation.scalar(node.args[2], steps), "trend", "tf")
    levels, trends = np.tile(level, len(windows.labels)), np.tile(trend, len(windows.labels))

    def smooth(chunk: Chunk) -> Floats:
        sf, tf = levels[chunk.windows], trends[chunk.windows]
        if len(chunk.values) < 2:
            return np.asarray(chunk.values[0])
        current, slope = chunk.values[0], chunk.values[1] - chunk.values[0]
        previous = np.zeros_like(current)
        for i in range(1, len(chunk.values)):
            new_slope = slope if i == 1 else tf * (current - previous) + (1 - tf) * slope
            smoothed = sf * chunk.values[i] + (1 - sf) * (current + new_slope)
            here = chunk.mask[i]
            previous = np.where(here, current, previous)
            current = np.where(here, smoothed, current)
            slope = np.where(here, new_slope, slope)
        return np.asarray(current)

    return windows.block(over_chunks(evaluation, windows, smooth), windows.counts > 1)


def _factor(values: Floats, what: str, short: str) -> Floats:
    for value in values[~((values > 0) & (values < 1))].tolist():
        raise QueryError(f"invalid {what} factor. Expected: 0 < {short} < 1, got: {value:f}")
    return values
