"""The series of a vector by the labels they share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from penguintui.query.language import nodes
from penguintui.query.vectors.block import METADATA, Block, Floats, Indices, Key, Mask, key_of, only, without


@dataclass(slots=True)
class Groups:
    """The series of a block by the labels they share, the largest groups first."""

    block: Block
    labels: list[dict[str, str]]
    unnamed: list[bool]
    members: list[list[int]]

    def layers(self) -> Iterator[tuple[int, Floats, Mask]]:
        """The first member of every group, then the second of those that have one, and so on.

        Each layer is (number of groups, values, present): groups of different sizes cost only what they hold.
        """
        sizes = np.array([len(m) for m in self.members])
        for depth in range(int(sizes[0]) if len(sizes) else 0):
            count = int(np.searchsorted(-sizes, -depth, "left"))
            rows: Indices = np.fromiter((m[depth] for m in self.members[:count]), dtype=np.intp, count=count)
            yield count, self.block.values[rows], self.block.present[rows]

    def result(self, values: Floats) -> Block:
        """One series for each group, present where any member is."""
        present = np.zeros(values.shape, dtype=bool)
        for count, _, here in self.layers():
            present[:count] |= here
        return Block(self.labels, values, present, self.unnamed)


def group(block: Block, grouping: nodes.Grouping) -> Groups:
    """Sort series into groups. `without` drops the metric's name, too."""
    members: dict[Key, list[int]] = {}
    shown: dict[Key, dict[str, str]] = {}
    dropped = (*grouping.labels, *METADATA)
    for i, labels in enumerate(block.labels):
        kept = without(labels, dropped) if grouping.exclude else only(labels, grouping.labels)
        key = key_of(kept)
        members.setdefault(key, []).append(i)
        shown.setdefault(key, kept)
    order = sorted(members, key=lambda key: -len(members[key]))
    return Groups(
        block,
        [shown[k] for k in order],
        [any(block.unnamed[i] for i in members[k]) for k in order],
        [members[k] for k in order],
    )
