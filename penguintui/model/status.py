"""How much a thing worries: one ordered scale for findings, targets and screens."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Status(enum.IntEnum):
    """A verdict, ordered by how much it worries.

    `UNKNOWN` means asked without getting a verdict. It is worse than fine and never shown as fine.
    Staleness (not asked lately) is an age beside any of these, not a status of its own.
    """

    OK = 0
    UNKNOWN = 1
    WARNING = 2
    CRITICAL = 3

    @property
    def word(self) -> str:
        return self.name

    @property
    def exit_code(self) -> int:
        """The code by which a monitoring plug-in says this (0, 1, 2, 3)."""
        return {Status.OK: 0, Status.WARNING: 1, Status.CRITICAL: 2, Status.UNKNOWN: 3}[self]


def worst(statuses: Iterable[Status], default: Status = Status.UNKNOWN) -> Status:
    """The most worrying of some; `default` when there are none, since no verdict is not a good one."""
    return max(statuses, default=default)
