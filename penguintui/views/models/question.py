"""What a person wants to see: which screen, of which moment, with what selected and what hidden."""

from __future__ import annotations

from dataclasses import field

from penguintui.model.clock import Time
from penguintui.model.moment import LIVE, Moment
from penguintui.model.record import record
from penguintui.views.models.frame import Viewer

SCREENS = ("executive", "technical", "deliverability", "security", "business", "incidents", "actions")
"""The screens in the order of their number keys."""

READABLE = (*SCREENS, "wall")
"""All that can be read: the wall has no number, since it is a program of its own."""


@record
class Question:
    """What a screen wants to show.

    selected: the name of the target whose detail is wanted, "" for none, None for whichever stands first. run: the
    number of a run whose output is wanted. in_sight: the names of the targets whose rows are looked at, whose numbers
    are asked; None for all.
    expression: what Explore asks. since: the first of two moments that are compared, as a time or a word such as
    `deploy`; the question's own moment is the second. viewer: what this viewer is and may, since the frame and the
    actions say it.
    """

    screen: str
    moment: Moment = LIVE
    filter: str = ""
    faults_only: bool = False
    selected: str | None = ""
    run: int | None = None
    in_sight: tuple[str, ...] | None = None
    expression: str = ""
    since: Time | str = ""
    viewer: Viewer = field(default_factory=Viewer)
