"""What there is to say of a run whose process lives, or lived, on another host than the agent that speaks of it."""

from __future__ import annotations

from collections.abc import Sequence

from penguintui.model.action import StepStatus
from penguintui.store.runs import Process


def elsewhere(process: Process, here: str, steps: Sequence[tuple[str, StepStatus]]) -> str:
    """The result of a run whose folder cannot be read on this host. steps: as the store knew them last."""
    doubtful = ", ".join(name for name, status in steps if status in (StepStatus.RUNNING, StepStatus.UNDOING))
    done = ", ".join(name for name, status in steps if status is StepStatus.SUCCEEDED)
    known = f"{f'in {doubtful}; ' if doubtful else ''}done: {done or 'nothing'}"
    return (
        f"its process is, or was, on {process.host}, where the agent on {here} can neither see nor end it. It ends at "
        "most the step that it is in: before each change it looks into the store, where this run is interrupted. As "
        f"the store knew it last: {known}. Look at {process.host}, in {process.folder}; release it, or let the agent "
        f"of {process.host} take the lease, and resume or undo it then"
    )


def out_of_sight(process: Process, here: str) -> str:
    """Why a run is interrupted whose folder can be read here, though its process belongs to another host."""
    return f"its process was on {process.host}, and whether it lives cannot be seen on {here}"


def why_only_released(process: Process, here: str) -> str:
    """Why an interrupted run can be neither resumed nor undone by the agent that works."""
    if process.host in ("", here):
        return f"too little is left of run {process.run} to go on with it or undo it; it can only be released"
    return (
        f"run {process.run} is known in full on {process.host} alone: resume or undo it while the agent there holds "
        f"the lease. From {here} it can only be released"
    )
