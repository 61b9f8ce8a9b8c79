"""The moment shown: now, or a time that has passed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from penguintui.model.clock import Time


@dataclass(frozen=True, slots=True)
class Moment:
    """`at` is None while live. Nothing acts while the moment shown is past."""

    at: Time | None = None

    @property
    def live(self) -> bool:
        return self.at is None

    def resolve(self, now: Time) -> Time:
        """The time that this moment means when the clock says `now`."""
        return now if self.at is None else self.at


LIVE = Moment()
