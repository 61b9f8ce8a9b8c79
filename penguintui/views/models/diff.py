"""What differs between two moments, the most surprising first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from penguintui.model.clock import Time
    from penguintui.model.status import Status
    from penguintui.views.models.what import Need


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that changed, as a sentence.

    surprise: 0 to 100, by which they are ordered; why: what that rests on. kind: finding, alert, target,
    configuration, run, release, incident, event or number. at: when, where that is known; time: the same as it is
    drawn. before, after: what it was and is, in words; "" where one does not apply. status: how much it worries now.
    about: what it speaks of; with kind and target it tells a difference apart from reading to reading.
    """

    surprise: float
    kind: str
    text: str
    status: Status | None = None
    target: str = ""
    at: Time | None = None
    time: str = ""
    before: str = ""
    after: str = ""
    why: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Diff:
    """since, until: the two moments; title: both in words, with what happened at the first.

    same: how much was compared and is as it was. trouble: why nothing could be compared; "" when it could.
    """

    since: Time
    until: Time
    title: str
    differences: tuple[Difference, ...] = ()
    same: str = ""
    trouble: str = ""
    needs: tuple[Need, ...] = ()
