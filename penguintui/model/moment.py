"""The moment shown: now, or a time that has passed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from penguintui.model.record import record

if TYPE_CHECKING:
    from penguintui.model.clock import Time


@record
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
