"""How far a mailbox was read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Position:
    """How far a mailbox was read. validity: of its numbering (UIDVALIDITY); next: the number that comes next."""

    validity: int
    next: int
