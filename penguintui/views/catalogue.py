"""What can be done: the declared actions as choices, each with whether this viewer could run it now, and why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from penguintui.model.action import Danger, Lock, Run, RunStatus
from penguintui.model.clock import Time
from penguintui.model.record import record
from penguintui.model.role import Role
from penguintui.model.status import Status
from penguintui.views import format as say
from penguintui.views.frame import agent, may_act
from penguintui.views.models.actions import ActionChoice, ParameterLine
from penguintui.views.models.frame import Viewer
from penguintui.views.settings import Settings

if TYPE_CHECKING:
    from penguintui.store.reader import Reader

DANGER_STATUS: Mapping[str, Status] = {
    Danger.SAFE: Status.OK,
    Danger.GUARDED: Status.WARNING,
    Danger.DANGEROUS: Status.CRITICAL,
}
_ORDER = tuple(Danger)


@record
class Hands:
    """What decides whether an action can be run now. blind: "" or since when no agent is there to run it."""

    viewer: Viewer
    now: Time
    live: bool
    blind: str = ""
    locks: Mapping[str, Lock] | None = None


def hands(reader: Reader, viewer: Viewer, now: Time) -> Hands:
    """What this viewer could do now, as the store knows it. now: the wall clock."""
    locks = {lock.environment: lock for lock in reader.locks()}
    return Hands(viewer, now, reader.moment.live, agent(reader.heartbeat(), now).blind, locks)


def choices(
    known: Settings, having: Hands, runs: Sequence[Run], at: Time, of: tuple[str, str] | None = None
) -> tuple[ActionChoice, ...]:
    """The declared actions, the safest first, then by title.

    runs: newest first. of: name and kind of the target on which they are offered; None for all actions.
    """
    declared: Mapping[str, Mapping[str, Any]] = known.section("actions")
    wanted = declared.items() if of is None else [item for item in declared.items() if _applies(item[1], *of)]
    found = [_choice(name, one, known.environment, having, runs, at) for name, one in wanted]
    return tuple(sorted(found, key=lambda choice: (_ORDER.index(Danger(choice.danger)), choice.title)))


def _applies(one: Mapping[str, Any], target: str, kind: str) -> bool:
    """Whether an action is offered on a target: its kind or its name is listed, or nothing is, or it acts on it."""
    kinds = one.get("kinds") or ()
    return not kinds or kind in kinds or target in kinds or target == str(one.get("target", ""))


def confirmation(danger: str, target: str, second_person: bool, emergency: bool) -> str:
    """How an action is confirmed, in words."""
    words = {
        Danger.SAFE: "Enter runs it",
        Danger.GUARDED: "type yes to run it",
        Danger.DANGEROUS: f"type {target} to run it",
    }[Danger(danger)]
    if emergency:
        return f"type {target} and a reason to run it; it waits for nobody"
    return f"{words}, then a second person approves" if second_person else words


def _choice(
    name: str, one: Mapping[str, Any], environment: str, having: Hands, runs: Sequence[Run], at: Time
) -> ActionChoice:
    danger, target = str(one.get("danger", Danger.GUARDED)), str(one.get("target", ""))
    place = str(one.get("environment") or environment)
    second, emergency = bool(one.get("second_person")), bool(one.get("emergency"))
    role = str(one.get("role", "operator"))
    why_not = _why_not(having, Role[role.upper()], place, emergency)
    return ActionChoice(
        name=name,
        title=_title(str(one.get("title", name)), one.get("parameters") or {}),
        help=str(one.get("help", "")),
        target=target,
        environment=place,
        danger=danger,
        danger_status=DANGER_STATUS[danger],
        confirm=confirmation(danger, target, second, emergency),
        can=not why_not,
        why_not=why_not,
        role=role,
        second_person=second,
        emergency=emergency,
        parameters=tuple(_parameter(key, value) for key, value in (one.get("parameters") or {}).items()),
        steps=tuple(f"{step.get('name', '')}: {step.get('type', '')}" for step in one.get("steps") or ()),
        kinds=tuple(one.get("kinds") or ()),
        runbook=str(one.get("runbook") or ""),
        last=_last(name, runs, at),
    )


def _title(title: str, parameters: Mapping[str, Mapping[str, Any]]) -> str:
    """The title with its parameters' defaults in it; what must be said is left open."""
    for name, one in parameters.items():
        title = title.replace(f"{{{name}}}", str(one.get("default") or "…"))
    return title


def _parameter(name: str, one: Mapping[str, Any]) -> ParameterLine:
    return ParameterLine(name, str(one.get("help", "")), one.get("default"), str(one.get("pattern", "")))


def _why_not(having: Hands, least: Role, environment: str, emergency: bool) -> str:
    """Why an action cannot be run by this viewer now; "" when it can. The agent decides again, by itself."""
    if having.blind:
        return f"no agent to run it: {having.blind}"
    if why := may_act(having.viewer, having.now, having.live):
        return why
    if having.viewer.role is not None and having.viewer.role < least:
        return f"needs the role {least.name.lower()}, this account has {having.viewer.role.name.lower()}"
    lock = (having.locks or {}).get(environment)
    if lock is not None and not emergency:
        return f"{environment} is held by run {lock.run} ({lock.holder}) since {say.clock(lock.since)}"
    return ""


def _last(name: str, runs: Sequence[Run], at: Time) -> str:
    run = next((run for run in runs if run.action == name), None)
    if run is None:
        return "never run"
    if run.status in (RunStatus.RUNNING, RunStatus.WAITING, RunStatus.INTERRUPTED):
        return f"{run.status} now"
    return f"{run.status} {say.span(at - (run.finished or run.created))} ago"
