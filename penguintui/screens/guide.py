"""What the message line says while nobody spoke: what is wrong with the frame, or where a newcomer goes next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from penguintui.model.status import Status

if TYPE_CHECKING:
    from penguintui.views.models.frame import FrameView


def message_for(frame: FrameView | None, page: str) -> tuple[str, Status | None]:
    """The sentence, and the status whose colour it takes."""
    if frame is None:
        return ("", None)
    if frame.need:
        return (frame.need, Status.UNKNOWN)
    if frame.agent.blind:
        return (
            f"{frame.agent.why}: what is shown was true when it was seen last, and may not be any more",
            Status.CRITICAL,
        )
    if frame.agent.message:
        return (f"the agent says: {frame.agent.message}", Status.WARNING)
    if not frame.live:
        return (", and . move by a minute, < and > by an hour, t t returns to live; nothing acts on the past", None)
    return (_lead(frame, page), None) if frame.demo else ("", None)


def _lead(frame: FrameView, page: str) -> str:
    """One step at a time through the demo: break something, find out why, act, heal it."""
    worries = frame.counts.critical + frame.counts.warning
    if not worries:
        return "All is fine: type :break blocklisted and Enter, then watch what turns red."
    if page == "executive":
        return "Something is wrong. Press 2: what is it, and where? The worst stands first."
    if page == "technical":
        return "The arrow keys select, Enter shows reason and remedy, x what can be done."
    if page == "target":
        return "Here is why. x shows what can be done, Esc goes back; :heal takes back what :break broke."
    if page == "actions" and not frame.armed:
        return "Read-only: :arm 10m trying it out makes this viewer able to act. Then choose an action with x."
    return "x shows what can be done; :heal and the fault's name puts it right again."
