"""From an action and what is seen to a plan: exact steps, the way back, and a hash that a confirmation binds to."""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from penguintui.actions import zones
from penguintui.actions.backups import stamp_of
from penguintui.actions.conditions import Seen, conditions, proxies_of
from penguintui.actions.filling import fill, parameters_of
from penguintui.adapters import proxy
from penguintui.config.actions import (
    ActionSettings,
    BackupStep,
    CommandStep,
    DnsStep,
    GateStep,
    HttpCall,
    HttpStep,
    StepSettings,
    SwitchStep,
    WaitStep,
)
from penguintui.config.settings import Configuration
from penguintui.mail.changes import Change
from penguintui.model.action import Danger, Plan, PlannedStep
from penguintui.model.clock import Time

_Others = CommandStep | HttpStep | SwitchStep | WaitStep | GateStep | BackupStep
LAPSES = 600.0
"""Seconds after which a plan must be made again."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan, and its steps ready to be executed: placeholders filled, secrets still hidden.

    changes: for each step `dns`, by its index, the records that it publishes, and those that wait.
    """

    plan: Plan
    steps: tuple[StepSettings, ...]
    changes: Mapping[int, tuple[Change, ...]] = field(default_factory=dict)


def prepare(
    name: str,
    configuration: Configuration,
    given: Mapping[str, str],
    seen: Seen,
    now: Time,
    *,
    backups: Path,
) -> Prepared:
    """Plan an action of the configuration.

    given: its parameters. backups: the folder that `{backups}` stands for; `{run}` stands for the time of planning.
    Raises ParameterError when a parameter is wrong; all else that is in the way is in `refused`.
    """
    action = configuration.actions[name]
    parameters = parameters_of(action, given)
    words = {"backups": str(backups), "run": stamp_of(now), **colour_words(action, configuration, seen), **parameters}
    steps = tuple(_filled(step, words) for step in action.steps)
    changes = {
        index: zones.changes_of(step, configuration, seen.zones.get(step.domain))
        for index, step in enumerate(steps)
        if isinstance(step, DnsStep)
    }
    planned = tuple(_planned(step, configuration, seen, changes.get(index, ())) for index, step in enumerate(steps))
    held = conditions(seen)
    catalogue = catalogue_digest(name, configuration)
    bound = {
        "action": name,
        "catalogue": catalogue,
        "parameters": parameters,
        "steps": [step.does for step in planned],
        "conditions": [[c.name, c.seen, c.holds] for c in held],
        "changes": [[asdict(change) for change in found] for found in changes.values()],
    }
    plan = Plan(
        action=name,
        title=fill(action.title, words),
        environment=action.environment or configuration.environment,
        target=fill(action.target, words),
        danger=action.danger,
        parameters=parameters,
        steps=planned,
        conditions=held,
        way_back=_way_back(planned),
        hash=hashlib.sha256(json.dumps(bound, sort_keys=True).encode()).hexdigest(),
        created=now,
        expires=now + LAPSES,
        configuration=catalogue,
        refused=_refused(action, seen),
        second_person=action.second_person,
        emergency=action.emergency,
    )
    return Prepared(plan, steps, changes)


def catalogue_digest(name: str, configuration: Configuration) -> str:
    """What an action says, and the proxies and zones it uses: when it changes, plans made before are void."""
    action = configuration.actions[name]
    used = [(key, configuration.proxies[key]) for key in proxies_of(action, configuration)]
    published = zones.zones_of(action, configuration)
    return hashlib.sha256(repr((action, used, *published)).encode()).hexdigest()


def colour_words(action: ActionSettings, configuration: Configuration, seen: Seen) -> dict[str, str]:
    """`{active}`, `{idle}` and their addresses, of the proxy that the action touches."""
    words: dict[str, str] = {}
    for name in reversed(proxies_of(action, configuration)):
        state, settings = seen.proxies.get(name), configuration.proxies[name]
        if state is None or state.active not in settings.colours or len(settings.colours) != 2:
            continue
        idle = proxy.idle_colour(settings, state)
        words.update(active=state.active, idle=idle)
        words.update(active_url=settings.colours[state.active], idle_url=settings.colours[idle])
    return words


def colour_to(step: SwitchStep, settings: proxy.ProxySettings, state: proxy.ProxyState) -> str | None:
    """The colour that a switch step means in a state; None when there is no such."""
    if step.to == "previous":
        return state.previous
    return proxy.idle_colour(settings, state) if step.to == "idle" else step.to


def _filled(step: StepSettings, words: Mapping[str, str]) -> StepSettings:
    """The step with its placeholders filled, checked again as it was when it was read."""
    written: dict[str, Any] = step.model_dump(by_alias=True, exclude_unset=True)
    filled = {key: value if key in ("name", "type") else fill(value, words) for key, value in written.items()}
    return type(step).model_validate({"type": step.type, **filled})


def _planned(step: StepSettings, configuration: Configuration, seen: Seen, found: tuple[Change, ...]) -> PlannedStep:
    if isinstance(step, DnsStep):
        does, undo = zones.told(step, found if step.domain in seen.zones else None)
        return PlannedStep(step.name, step.type, does, undo, True, step.timeout)
    does, undo, changes = _told(step, configuration, seen)
    return PlannedStep(step.name, step.type, does, undo, changes, step.timeout)


def _told(step: _Others, configuration: Configuration, seen: Seen) -> tuple[str, str, bool]:
    """What a step does, its undo, and whether it changes something."""
    match step:
        case CommandStep():
            return _command(step.command), _command(step.undo.command) if step.undo else "", step.changes
        case HttpStep():
            return _call(step.call), _call(step.undo) if step.undo else "", step.changes
        case SwitchStep():
            return (*_switch(step, configuration, seen), True)
        case WaitStep():
            return f"wait {step.seconds:g} s", "", False
        case BackupStep():
            return f"copy {step.database} into {step.into} while it is in use, open the copy, count its rows", "", True
        case GateStep():
            return describe_gate(step), "", False


def _command(command: list[str]) -> str:
    return shlex.join(command)


def _call(call: HttpCall) -> str:
    body = "" if call.json_body is None else " " + json.dumps(call.json_body, ensure_ascii=False)
    return f"{call.method} {call.url}{body}"


def _switch(step: SwitchStep, configuration: Configuration, seen: Seen) -> tuple[str, str]:
    state, settings = seen.proxies.get(step.proxy), configuration.proxies[step.proxy]
    if state is None:
        return f"switch {step.proxy} to {step.to}", ""
    to = colour_to(step, settings, state)
    if to is None:
        return f"switch {step.proxy} to what was active before: nothing was", ""
    return proxy.describe(settings, state.active, to), proxy.describe(settings, to, state.active)


def describe_gate(step: GateStep) -> str:
    """What a gate demands, in words."""
    demands = []
    if step.http is not None:
        demands.append(_http_demand(step))
    if step.finding is not None:
        check = step.finding.check or "all checks"
        demands.append(f"{check} of {step.finding.target} at most {step.finding.at_most}")
    if step.metric is not None:
        demands.append(f"{step.metric.title or step.metric.query} {step.metric.holds.strip()}")
    lasting = f", for {step.for_:g} s" if step.for_ else ""
    return "; ".join(demands) + lasting + "; no data never passes"


def _http_demand(step: GateStep) -> str:
    gate = step.http
    if gate is None:
        return ""
    words = f"{gate.requests} requests to {gate.url}, errors at most {gate.max_error_share * 100:g} %"
    if gate.against:
        words += f", p95 at most {gate.max_ratio:g} times that of {gate.against}"
    if gate.max_seconds is not None:
        words += f", p95 at most {gate.max_seconds:g} s"
    return words


def _way_back(planned: tuple[PlannedStep, ...]) -> str:
    undos = [step.undo for step in reversed(planned) if step.undo]
    if undos:
        return "; then ".join(undos)
    if any(step.changes for step in planned):
        return "none: what this changes stays"
    return "nothing is changed"


def _refused(action: ActionSettings, seen: Seen) -> str:
    """Why the action cannot be run now; empty when it can."""
    for name, trouble in seen.troubles.items():
        return f"the state of {name} cannot be seen: {trouble}"
    if "previous-release" in action.requires:
        for name, state in seen.proxies.items():
            if state.previous is None or state.previous == state.active:
                return f"there is nothing to go back to: {name} has only ever sent traffic to {state.active}"
    return ""


def needs_typing(plan: Plan) -> bool:
    """Whether the confirmation is the target's name, typed."""
    return plan.danger is Danger.DANGEROUS or plan.emergency
