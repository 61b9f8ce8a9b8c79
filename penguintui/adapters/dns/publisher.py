"""What a zone is written through, whoever keeps it, and why a record could not be published."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from penguintui.mail.changes import Change
from penguintui.mail.desired import Held, Key, shown


class PublishError(Exception):
    """Why a record could not be published, where, and what to do."""


class ConflictError(PublishError):
    """Somebody else changed the record since it was seen: nothing was done.

    values: what is there now; None when only the server knows that it differs.
    """

    def __init__(self, change: Change, values: Sequence[str] | None, place: str) -> None:
        now = "" if values is None else f" and is {shown(values)} now"
        words = f"{change.type} {change.name} at {place} was {shown(change.old)} when it was planned{now}"
        super().__init__(f"{words}: somebody else changed it; plan again")
        self.values = values


class Publisher(Protocol):
    """Where a zone's records are written. `place` names it in sentences and conditions."""

    place: str

    async def read(self, keys: Iterable[Key], seconds: float) -> dict[Key, Held]:
        """What is there. Never raises: trouble is in what is held."""
        ...

    async def publish(self, change: Change, seconds: float) -> str:
        """Make one change if the old values are still there; says what was done. Raises PublishError."""
        ...
