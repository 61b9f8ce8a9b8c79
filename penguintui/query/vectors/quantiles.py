"""Quantiles of many samples at once, as PromQL interpolates them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from penguintui.query.language.floats import format_general
from penguintui.query.vectors.block import Floats, Mask

if TYPE_CHECKING:
    from penguintui.query.notes import Notes


def warn_about_quantile(notes: Notes, wanted: Floats) -> None:
    """Say so where a quantile is not between 0 and 1."""
    for value in np.unique(wanted[~((wanted >= 0) & (wanted <= 1))]).tolist():
        notes.warn(f"PromQL warning: quantile value should be between 0 and 1, got {format_general(value)}")


def column_quantiles(wanted: Floats, values: Floats, mask: Mask) -> Floats:
    """The quantile of each column's values where the mask holds; `wanted` has one quantile for each column.

    NaN counts as the smallest of values; a column without values has NaN.
    """
    missing = np.isnan(values) & mask
    ordered = np.sort(np.where(mask, np.where(missing, -np.inf, values), np.inf), axis=0)
    ordered[np.arange(len(values))[:, None] < missing.sum(axis=0)] = np.nan
    count = mask.sum(axis=0)
    rank = np.where((wanted >= 0) & (wanted <= 1), wanted, 0.0) * (count - 1)
    below = np.maximum(0, np.floor(rank))
    above = np.minimum(count - 1, below + 1)
    weight = rank - np.floor(rank)
    columns = np.arange(values.shape[1])
    low = ordered[np.clip(below, 0, len(values) - 1).astype(np.intp), columns]
    high = ordered[np.clip(above, 0, len(values) - 1).astype(np.intp), columns]
    result = low * (1 - weight) + high * weight
    result = np.where(wanted < 0, -np.inf, np.where(wanted > 1, np.inf, result))
    result[np.isnan(wanted) | (count == 0)] = np.nan
    return result
