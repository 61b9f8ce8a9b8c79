"""A run from what is kept of it: after a restart, when it is undone later, and in words when its process died."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from penguintui.actions import zones
from penguintui.actions.conditions import Seen, look
from penguintui.agent.execution import PLAN, Execution
from penguintui.agent.keptplans import prepared_again
from penguintui.agent.protocol import Refused
from penguintui.config.settings import Configuration
from penguintui.model.action import StepStatus


@dataclass(frozen=True, slots=True)
class Kept:
    """What an agent has besides the folder of a run. token: of the lease under which it works."""

    configuration: Configuration
    backups: Path
    token: int | None


def rebuild(kept: Kept, run: int, folder: Path, requested_by: str, plan_hash: str) -> Execution:
    """An execution from what was kept in its folder. Raises Refused when too little is left of it.

    plan_hash: of the plan that the store has for it. Another store may have had a run of the same number.
    """
    try:
        text = (folder / PLAN).read_text(encoding="utf-8")
        prepared, known = prepared_again(text, kept.configuration, kept.backups)
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"nothing that can be used is known any more of run {run}: {error}") from None
    except Refused as why:
        raise Refused(f"run {run} cannot be followed any more: {why}") from None
    if known.plan["hash"] != plan_hash:
        raise Refused(f"what lies in {folder} is of another run than run {run}")
    plan = replace(prepared.plan, configuration=known.plan["configuration"], hash=known.plan["hash"])
    prepared = replace(prepared, plan=plan)
    execution = Execution(run, prepared, folder, requested_by, seen=known.seen, undoes=known.undoes, token=kept.token)
    if known.undoes is not None and known.undoes != run:
        finished = rebuild(kept, known.undoes, folder.parent / str(known.undoes), requested_by, plan_hash)
        finished.read()
        execution.take_over(finished)
    return execution


async def left_behind(execution: Execution, configuration: Configuration) -> str:
    """What an interrupted run was doing, and the real state of what it touched, in words."""
    doubtful = [step.name for step in execution.steps if step.status in (StepStatus.RUNNING, StepStatus.UNDOING)]
    action = configuration.actions.get(execution.prepared.plan.action)
    parameters = execution.prepared.plan.parameters
    now = await look(action, configuration, parameters) if action is not None else Seen()
    done = ", ".join(execution.steps[index].name for index in execution.done)
    states = [f"{name} is {state.active}" for name, state in now.proxies.items()] + list(now.troubles.values())
    states += [f"{name} is {word}" for name, word in zones.states(execution.prepared.changes, now.zones).items()]
    parts = [f" in {', '.join(doubtful)}" if doubtful else "", f"done: {done or 'nothing'}", *states]
    return "; ".join(parts)
