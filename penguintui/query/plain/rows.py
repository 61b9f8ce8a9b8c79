"""An instant vector of few series, without arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Labels = Mapping[str, str]

NAME = "__name__"
METADATA = frozenset({NAME, "__type__", "__unit__"})
"""What says what a metric is; it no longer holds for what a function made of it."""


class NotPlain(Exception):  # noqa: N818 - nothing is wrong
    """What is asked is the engine's."""


@dataclass(slots=True)
class Rows:
    """Series that exist, and their values. No two have the same labels, with or without what says what a metric is.

    `unnamed` as in `Block`: the metric's name goes at the end.
    """

    labels: list[Labels]
    values: list[float]
    unnamed: list[bool]

    def with_values(self, values: list[float]) -> Rows:
        """The same series with other values, which no longer are what the metric's name says."""
        return Rows(self.labels, values, [True] * len(values))

    def only(self, indices: Sequence[int]) -> Rows:
        """Some of the series, in this order."""
        return Rows(
            [self.labels[i] for i in indices], [self.values[i] for i in indices], [self.unnamed[i] for i in indices]
        )

    def named(self) -> list[Labels]:
        """The labels, without the names that had to go."""
        return [
            without_metadata(labels) if unnamed else labels
            for labels, unnamed in zip(self.labels, self.unnamed, strict=True)
        ]


def without_metadata(labels: Labels) -> Labels:
    return {name: value for name, value in labels.items() if name not in METADATA}


def grouped_by(
    names: Sequence[str], *, exclude: bool, metadata: bool = True
) -> tuple[Callable[[Labels], Any], Callable[[Labels], dict[str, str]]]:
    """Two functions of labels: what tells their group, and the labels that the group has.

    A group has these labels, or (exclude) all but these; then, if `metadata`, not what says what a metric is either.
    """
    if exclude:
        dropped = METADATA.union(names) if metadata else frozenset(names)

        def kept(labels: Labels) -> dict[str, str]:
            return {name: value for name, value in labels.items() if name not in dropped}

        return lambda labels: frozenset(kept(labels).items()), kept
    if len(names) == 1:
        only = names[0]
        return lambda labels: labels.get(only), lambda labels: {only: labels[only]} if only in labels else {}
    wanted = tuple(names)
    return (
        lambda labels: tuple([labels.get(name) for name in wanted]),
        lambda labels: {name: labels[name] for name in wanted if name in labels},
    )
