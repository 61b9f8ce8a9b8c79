"""An instant vector at all steps at once: one row for each series, one column for each step."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from penguintui.query.errors import QueryError

Labels = Mapping[str, str]
Key = tuple[tuple[str, str], ...]
Floats = NDArray[np.float64]
Times = NDArray[np.int64]
Mask = NDArray[np.bool_]
Indices = NDArray[np.intp]

NAME = "__name__"
METADATA = (NAME, "__type__", "__unit__")
"""What says what a metric is; it no longer holds for what a function made of it."""


@dataclass(slots=True)
class Block:
    """Values of shape (series, steps) and whether each exists. What stands where nothing exists means nothing.

    `unnamed` says of each series that its metric name goes at the end: until then functions may still read it.
    """

    labels: Sequence[Labels]
    values: Floats
    present: Mask
    unnamed: Sequence[bool]

    def __len__(self) -> int:
        return len(self.labels)

    def with_values(self, values: Floats, present: Mask | None = None) -> Block:
        """The same series with other values, which no longer are what the metric's name says."""
        return Block(self.labels, values, self.present if present is None else present, [True] * len(self.labels))

    def rows(self, indices: Sequence[int] | Indices) -> Block:
        """Some of the series, in this order."""
        chosen = [int(i) for i in indices]
        return Block(
            [self.labels[i] for i in chosen],
            self.values[chosen],
            self.present[chosen],
            [self.unnamed[i] for i in chosen],
        )


def empty(steps: int) -> Block:
    """No series at all."""
    return Block([], np.zeros((0, steps)), np.zeros((0, steps), dtype=bool), [])


def single(labels: Labels, values: Floats, present: Mask | None = None) -> Block:
    """One series."""
    here = np.ones(len(values), dtype=bool) if present is None else present
    return Block([labels], values[None, :], here[None, :], [False])


def concatenate(blocks: Sequence[Block]) -> Block:
    """All series of all blocks, which have the same steps."""
    return Block(
        [labels for b in blocks for labels in b.labels],
        np.concatenate([b.values for b in blocks]),
        np.concatenate([b.present for b in blocks]),
        [u for b in blocks for u in b.unnamed],
    )


def any_row(mask: Mask) -> Mask:
    """At which steps any series exists."""
    return np.asarray(mask.any(axis=0))


def same_number(values: Floats, wanted: float) -> Mask:
    """Where values are the wanted one; NaN is NaN here."""
    return np.isnan(values) if math.isnan(wanted) else np.asarray(values == wanted)


def key_of(labels: Labels) -> Key:
    """Labels as something that can be compared and hashed."""
    return tuple(sorted(labels.items()))


def without(labels: Labels, names: Iterable[str]) -> dict[str, str]:
    """The labels but for some."""
    dropped = frozenset(names)
    return {name: value for name, value in labels.items() if name not in dropped}


def only(labels: Labels, names: Iterable[str]) -> dict[str, str]:
    """Some of the labels, where they exist."""
    return {name: labels[name] for name in names if name in labels}


def format_labels(labels: Labels) -> str:
    """Labels as Prometheus writes them into its messages."""
    return "{" + ", ".join(f'{name}="{value}"' for name, value in sorted(labels.items())) + "}"


def merge(block: Block, message: str = "vector cannot contain metrics with the same labelset") -> Block:
    """Series with the same labels become one. `QueryError` with the message where both have a value at some step."""
    first: dict[tuple[Key, bool], int] = {}
    twins: list[tuple[int, int]] = []
    for i, labels in enumerate(block.labels):
        original = first.setdefault((key_of(labels), block.unnamed[i]), i)
        if original != i:
            twins.append((original, i))
    if not twins:
        return block
    values, present = block.values.copy(), block.present.copy()
    for original, twin in twins:
        if (present[original] & block.present[twin]).any():
            raise QueryError(message)
        values[original] = np.where(block.present[twin], block.values[twin], values[original])
        present[original] |= block.present[twin]
    return Block(block.labels, values, present, block.unnamed).rows(list(first.values()))


def finish(block: Block) -> Block:
    """Take the names away that had to go; drop series without any value."""
    kept: Any = np.flatnonzero(block.present.any(axis=1))
    if len(kept) < len(block):
        block = block.rows(kept)
    labels = [
        without(labels, METADATA) if unnamed else labels
        for labels, unnamed in zip(block.labels, block.unnamed, strict=True)
    ]
    return merge(Block(labels, block.values, block.present, [False] * len(labels)))
