"""Classic histograms, whose buckets are series with a label `le`: histogram_quantile, histogram_fraction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from penguintui.query.language.floats import format_quantile, parse_float
from penguintui.query.language.names import check_label_name
from penguintui.query.language.nodes import Call
from penguintui.query.vectors.block import (
    NAME,
    Block,
    Floats,
    Indices,
    Key,
    Mask,
    Times,
    concatenate,
    empty,
    key_of,
    merge,
    same_number,
    without,
)
from penguintui.query.vectors.evaluation import Evaluation
from penguintui.query.vectors.quantiles import warn_about_quantile

if TYPE_CHECKING:
    from penguintui.query.notes import Notes

_NOISE = 1e-12
"""Relative difference of two buckets' counts that is rounding and not a fault of the histogram."""


@dataclass(slots=True)
class Histogram:
    """One histogram: its labels but for `le`, the rows of its buckets and their upper bounds, in order."""

    labels: dict[str, str]
    unnamed: bool
    rows: list[int]
    bounds: list[float]


def histograms(block: Block, notes: Notes) -> list[Histogram]:
    """The histograms in a vector. Series without a proper `le` are left out, with a warning."""
    found: dict[Key, Histogram] = {}
    for i, labels in enumerate(block.labels):
        bound = parse_float(labels.get("le", ""))
        if bound is None:
            if block.present[i].any():
                notes.warn(
                    'PromQL warning: bucket label "le" is missing or has a malformed value of '
                    f'"{labels.get("le", "")}" for metric name "{labels.get(NAME, "")}"'
                )
            continue
        kept = without(labels, ("le",))
        one = found.setdefault(key_of(kept), Histogram(kept, block.unnamed[i], [], []))
        one.rows.append(i)
        one.bounds.append(bound)
    for one in found.values():
        order = sorted(range(len(one.rows)), key=lambda j: one.bounds[j])
        one.rows, one.bounds = [one.rows[j] for j in order], [one.bounds[j] for j in order]
    return list(found.values())


Formula = Callable[[Floats, Floats, Indices, Indices], Floats]
"""(bounds, counts of shape (buckets, n), which histogram and which step each of the n is) to the n values."""


def _apply(block: Block, found: Sequence[Histogram], formula: Formula) -> Block:
    """One value for each histogram and step, computed for all with the same bounds at once."""
    steps = block.values.shape[1]
    values = np.full((len(found), steps), np.nan)
    present = np.zeros((len(found), steps), dtype=bool)
    alike: dict[tuple[float, ...], list[int]] = {}
    for i, one in enumerate(found):
        alike.setdefault(tuple(one.bounds), []).append(i)
    for bounds, members in alike.items():
        rows = np.array([found[i].rows for i in members]).T
        counts, here = block.values[rows], block.present[rows]
        for chosen in _patterns(here):
            buckets = here[(slice(None), *(axis[:1] for axis in chosen))][:, 0]
            if buckets.any():
                which = np.asarray(members)[chosen[0]]
                cells = counts[buckets][(slice(None), *chosen)]
                made = _merge_equal_bounds(np.asarray(bounds)[buckets], cells)
                values[which, chosen[1]] = formula(*made, which, chosen[1])
                present[which, chosen[1]] = True
    return Block([one.labels for one in found], values, present, [True] * len(found))


def _patterns(here: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Iterator[tuple[Indices, Indices]]:
    """The (histogram, step) pairs, those with the same buckets present together."""
    if here.all():
        grid = np.indices(here.shape[1:])
        yield grid[0].ravel(), grid[1].ravel()
        return
    flat = here.reshape(len(here), -1)
    _, pattern = np.unique(flat, axis=1, return_inverse=True)
    pattern = np.asarray(pattern).ravel()
    for index in range(int(pattern.max()) + 1):
        rows, columns = np.unravel_index(np.flatnonzero(pattern == index), here.shape[1:])
        yield rows, columns


def _merge_equal_bounds(bounds: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """Buckets whose bounds are the same number, differently written, are one."""
    first = np.flatnonzero(np.append(True, bounds[1:] != bounds[:-1]))
    if len(first) == len(bounds):
        return bounds, counts
    return bounds[first], np.add.reduceat(counts, first, axis=0)


def _monotonic(counts: Floats) -> tuple[Floats, Mask]:
    """Cumulative counts that never fall, and where more than rounding had to be mended."""
    fixed = counts.copy()
    mended = np.zeros(counts.shape[1], dtype=bool)
    for i in range(1, len(fixed)):
        before, now = fixed[i - 1], fixed[i]
        close = np.abs(before - now) < _NOISE * (np.abs(before) + np.abs(now))
        falls = (now < before) & ~close
        mended |= falls
        fixed[i] = np.where(close | falls, before, now)
    return fixed, mended


def quantiles(wanted: Floats, bounds: Floats, counts: Floats) -> tuple[Floats, Mask]:
    """The quantile of each histogram, linear inside a bucket, and which histograms had to be mended.

    Below 0 and above 1 it is infinite, whatever the histogram is like.
    """
    outside = np.where(wanted < 0, -np.inf, np.where(wanted > 1, np.inf, np.nan))
    between = (wanted >= 0) & (wanted <= 1)
    if not np.isposinf(bounds[-1]):
        return outside, np.zeros(counts.shape[1], dtype=bool)
    counts, mended = _monotonic(counts)
    if len(bounds) < 2:
        return outside, mended
    return np.where(between, _inside(wanted, bounds, counts), outside), mended & between


def _inside(wanted: Floats, bounds: Floats, counts: Floats) -> Floats:
    """The quantiles, each from 0 to 1, of two buckets or more, the last of which holds all there is."""
    total = counts[-1]
    rank = wanted * total
    bucket = (~(counts[:-1] >= rank)).sum(axis=0)
    columns = np.arange(counts.shape[1])
    below = np.maximum(bucket - 1, 0)
    start = np.where(bucket > 0, bounds[below], 0.0)
    before = np.where(bucket > 0, counts[below, columns], 0.0)
    width = bounds[bucket] - start
    result = start + width * ((rank - before) / (counts[bucket, columns] - before))
    result = np.where((bucket == 0) & (bounds[0] <= 0), bounds[0], result)
    result = np.where(bucket == len(bounds) - 1, bounds[-2], result)
    return np.where(total == 0, np.nan, result)


def fractions(lower: Floats, upper: Floats, bounds: Floats, counts: Floats) -> Floats:
    """The share of observations between two values, linear inside a bucket."""
    total = counts[-1]
    if not np.isposinf(bounds[-1]):
        return np.full(counts.shape[1], np.nan)
    result = (_rank(upper, bounds, counts) - _rank(lower, bounds, counts)) / total
    result = np.where(lower >= upper, 0.0, result)
    return np.where((total == 0) | np.isnan(lower) | np.isnan(upper), np.nan, result)


def _rank(value: Floats, bounds: Floats, counts: Floats) -> Floats:
    """How many observations are below a value. Buckets of infinite width are not divided: see the two ends."""
    count = counts.shape[1]
    lowest = 0.0 if bounds[0] > 0 else -np.inf
    lower_bounds = np.concatenate([[lowest], bounds[:-1]])
    rank = counts[-1].copy()
    settled = np.zeros(count, dtype=bool)
    before = np.zeros(count)
    for i in range(len(bounds)):
        low, high = lower_bounds[i], bounds[i]
        at_edge = ~settled & (low >= value)
        inside = ~settled & (low < value) & (high > value)
        share = counts[i] if np.isneginf(low) else before + (counts[i] - before) * (value - low) / (high - low)
        rank = np.where(at_edge, before, np.where(inside, share, rank))
        settled |= at_edge | inside
        before = counts[i]
    return np.asarray(np.minimum(rank, counts[-1]))


def histogram_quantile(evaluation: Evaluation, node: Call, steps: Times) -> Block:
    """A quantile of each histogram."""
    wanted = evaluation.scalar(node.args[0], steps)
    block = evaluation.vector(node.args[1], steps)
    return _quantile_block(evaluation, block, histograms(block, evaluation.notes), wanted)


def _quantile_block(evaluation: Evaluation, block: Block, found: Sequence[Histogram], wanted: Floats) -> Block:
    warn_about_quantile(evaluation.notes, wanted)

    def formula(bounds: Floats, counts: Floats, which: Indices, steps: Indices) -> Floats:
        result, mended = quantiles(wanted[steps], bounds, counts)
        for i in np.unique(which[mended]).tolist():
            evaluation.notes.info(
                "PromQL info: input to histogram_quantile needed to be fixed for monotonicity "
                f'for metric name "{found[i].labels.get(NAME, "")}"'
            )
        return result

    return _apply(block, found, formula) if found else empty(block.values.shape[1])


def histogram_quantiles(evaluation: Evaluation, node: Call, steps: Times) -> Block:
    """Several quantiles of each histogram, told apart by a label."""
    block = evaluation.vector(node.args[0], steps)
    label = check_label_name(evaluation.string(node.args[1]))
    found = histograms(block, evaluation.notes)
    parts = [empty(len(steps))]
    for arg in node.args[2:]:
        wanted = evaluation.scalar(arg, steps)
        part = _quantile_block(evaluation, block, found, wanted)
        for value in np.unique(wanted).tolist():
            series = [{**labels, label: format_quantile(value)} for labels in part.labels]
            parts.append(Block(series, part.values, part.present & same_number(wanted, value), part.unnamed))
    return merge(concatenate(parts))


def histogram_fraction(evaluation: Evaluation, node: Call, steps: Times) -> Block:
    """The share of each histogram's observations between two values."""
    lower, upper = evaluation.scalar(node.args[0], steps), evaluation.scalar(node.args[1], steps)
    block = evaluation.vector(node.args[2], steps)
    found = histograms(block, evaluation.notes)
    if not found:
        return empty(len(steps))
    return _apply(block, found, lambda bounds, counts, _, at: fractions(lower[at], upper[at], bounds, counts))
