"""What the screens ask of the rest of the program. The command line gives an object that fits `Desk`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from penguintui.model.record import record
from penguintui.views.models.question import SCREENS, Question

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from penguintui.views.models.actions import PlanView
    from penguintui.views.models.frame import FrameView

__all__ = ["SCREENS", "Desk", "DeskError", "ExtraCommand", "Question"]


@record
class ExtraCommand:
    """A `:` command that only this start of the program has, such as `:break` in the demo.

    complete: the arguments that begin with a prefix. run: does it and returns the sentence for the message line;
    called in a thread, so it may take its time.
    """

    help: str
    complete: Callable[[str], list[str]]
    run: Callable[[str], str]


class DeskError(Exception):
    """The agent refused or could not be asked; the text is the sentence that the person reads."""


class DisarmedError(DeskError):
    """The agent does not know this viewer as armed: it was armed at an agent that is gone."""


class Desk(Protocol):
    """The store and the agent, as the screens know them."""

    @property
    def extra_commands(self) -> Mapping[str, ExtraCommand]:
        """Commands by name, without the colon."""
        ...

    def version(self) -> int:
        """A number that changes whenever the store does. Cheap; called in the reading thread."""
        ...

    def read(self, question: Question) -> tuple[FrameView, object]:
        """The frame, and the view model of the question's screen. Called in the reading thread only."""
        ...

    async def plan(self, action: str, target: str, parameters: Mapping[str, str]) -> PlanView:
        """What running an action would do. Raises DeskError."""
        ...

    async def ask(self, method: str, **params: Any) -> Mapping[str, Any]:
        """Asks the agent: run, cancel, undo, approve, arm, disarm, resume, release. Raises DeskError."""
        ...
