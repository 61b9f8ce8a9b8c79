"""How fast counters and gauges move: rate, increase, delta, irate, idelta, changes, resets."""

from __future__ import annotations

import numpy as np

from penguintui.query.language.nodes import Call
from penguintui.query.vectors.block import Block, Floats, Indices, Mask, Times
from penguintui.query.vectors.evaluation import Evaluation
from penguintui.query.vectors.selection import Windows


def rate(evaluation: Evaluation, node: Call, steps: Times) -> Block:
    """Increase per second, extrapolated to the bounds of the range."""
    return _counter(evaluation, node, steps, per_second=True)


def increase(evaluation: Evaluation, node: Call, steps: Times) -> Block:
    """Increase over the range, extrapolated to its bounds."""
    return _counter(evaluation, node, steps, per_second=False)


def _counter(evaluation: Evaluation, node: Call, steps: Times, per_second: bool) -> Block:
    windows = evaluation.windows(node.args[0], steps)
    gained = _difference(windows) + _lost_to_resets(windows)
    stretch = _stretch(windows, gained, is_counter=True)
    if per_second:
        # Divided first, as Prometheus does: the last digit depends on it, and unit tests of rules compare it.
        stretch /= (windows.ends - windows.starts) / 1000
    present = windows.counts > 1
    if present.any():
        evaluation.notes.doubt_the_counter(node)
    return windows.block(gained * stretch, present)


def delta(evaluation: Evaluation, node: Call, steps: Times) -> Block:
    """The difference of a gauge over the range, extrapolated to its bounds."""
    windows = evaluation.windows(node.args[0], steps)
    moved = _difference(windows)
    return windows.block(moved * _stretch(windows, moved, is_counter=False), windows.counts > 1)


def _ends(windows: Windows) -> tuple[Indices, Indices]:
    """The first and the last sample of each window (of an empty one, any)."""
    most = max(0, len(windows.values) - 1)
    return np.minimum(windows.low, most), np.clip(windows.high - 1, 0, most)


def _difference(windows: Windows) -> Floats:
    if not len(windows.values):
        return np.zeros(windows.low.shape)
    first, last = _ends(windows)
    return windows.values[last] - windows.values[first]


def _lost_to_resets(windows: Windows) -> Floats:
    """What a counter had reached before each reset in the window: a reset starts again at zero."""
    resets = np.flatnonzero(windows.values[1:] < windows.values[:-1]) + 1
    lost = np.zeros(windows.low.shape)
    if not len(resets):
        return lost
    begin = np.searchsorted(resets, windows.low + 1)
    end = np.searchsorted(resets, windows.high)
    hit = end > begin
    if hit.any():
        reached = np.append(windows.values[resets - 1], 0.0)
        bounds = np.stack([begin[hit], end[hit]], axis=1).ravel()
        lost[hit] = np.add.reduceat(reached, bounds)[::2]
    return lost


def _stretch(windows: Windows, moved: Floats, is_counter: bool) -> Floats:
    """By how much a difference between samples grows when it is stretched to the bounds of its window.

    Up to a bound that is as near as the next sample would be; else half a sample's distance. A counter is not stretched
    to where it would have been below zero.
    """
    if not len(windows.values):
        return np.ones(moved.shape)
    first, last = _ends(windows)
    first_time, last_time = windows.times[first], windows.times[last]
    sampled = (last_time - first_time) / 1000
    before = (first_time - windows.starts) / 1000
    after = (windows.ends - last_time) / 1000
    average = sampled / (windows.counts - 1)
    threshold = average * 1.1
    before = np.where(before >= threshold, average / 2, before)
    if is_counter:
        value = windows.values[first]
        to_zero = np.where((moved > 0) & (value >= 0), sampled * (value / moved), before)
        before = np.where(to_zero < before, to_zero, before)
    after = np.where(after >= threshold, average / 2, after)
    return np.asarray((sampled + before + after) / sampled)


def irate(evaluation: Evaluation, node: Call, steps: Times) -> Block:
    """Increase per second between the last two samples."""
    windows = evaluation.windows(node.args[0], steps)
    values, seconds, present = _last_two(windows, is_counter=True)
    return windows.block(values / seconds, present)


def idelta(evaluation: Evaluation, node: Call, steps: Times) -> Block:
    """The difference between the last two samples."""
    windows = evaluation.windows(node.args[0], steps)
    values, _, present = _last_two(windows, is_counter=False)
    return windows.block(values, present)


def _last_two(windows: Windows, is_counter: bool) -> tuple[Floats, Floats, Mask]:
    if not len(windows.values):
        zeros = np.zeros(windows.low.shape)
        return zeros, zeros, zeros > 0
    _, last = _ends(windows)
    previous = np.maximum(last - 1, 0)
    new, old = windows.values[last], windows.values[previous]
    moved = np.where(new < old, new, new - old) if is_counter else new - old
    seconds = (windows.times[last] - windows.times[previous]) / 1000
    return moved, seconds, (windows.counts > 1) & (seconds != 0)


def changes(evaluation: Evaluation, node: Call, steps: Times) -> Block:
    """How often the value changed in the range."""
    windows = evaluation.windows(node.args[0], steps)
    old, new = windows.values[:-1], windows.values[1:]
    return _occurrences(windows, (new != old) & ~(np.isnan(new) & np.isnan(old)))


def resets(evaluation: Evaluation, node: Call, steps: Times) -> Block:
    """How often the value fell in the range."""
    windows = evaluation.windows(node.args[0], steps)
    return _occurrences(windows, windows.values[1:] < windows.values[:-1])


def _occurrences(windows: Windows, happened: Mask) -> Block:
    """How many neighbouring samples of each window differ as `happened` says of each pair in the whole array."""
    if not len(windows.values):
        return windows.block(np.zeros(windows.low.shape), np.zeros(windows.low.shape, dtype=bool))
    before = np.concatenate([[0, 0], np.cumsum(happened)])
    first, last = _ends(windows)
    return windows.block((before[last + 1] - before[first + 1]).astype(np.float64), windows.counts > 0)
