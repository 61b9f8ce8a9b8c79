"""What functions and operators may ask of the evaluation that they are part of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from penguintui.query.language.nodes import Node, Selector
from penguintui.query.limits import Budget
from penguintui.query.notes import Notes
from penguintui.query.vectors.block import Block, Floats, Times
from penguintui.query.vectors.selection import Windows


@dataclass(frozen=True, slots=True)
class Frame:
    """What the whole query asks for, in milliseconds; `step` is 0 for an instant query."""

    start: int
    end: int
    step: int


class Evaluation(Protocol):
    """Gives the parts of an expression at all steps (milliseconds); raises `QueryError` where one has no value."""

    frame: Frame
    budget: Budget
    notes: Notes

    @property
    def rolled(self) -> bool:
        """Whether some of the samples that were loaded stand for many."""
        ...

    def vector(self, node: Node, steps: Times) -> Block:
        """An instant vector at every step."""
        ...

    def scalar(self, node: Node, steps: Times) -> Floats:
        """A number at every step."""
        ...

    def string(self, node: Node) -> str:
        """A string, which is a literal always."""
        ...

    def windows(self, node: Node, steps: Times, column: str = "last") -> Windows:
        """A range vector at every step; of what is kept as roll-ups this column (see `RolledSource`)."""
        ...

    def latest(self, node: Selector, steps: Times) -> tuple[Block, Times]:
        """What a selector yields at every step, and when these samples were taken."""
        ...
