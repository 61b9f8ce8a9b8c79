"""What was seen when planning, and whether it still holds: looked at again before every step that changes something."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from penguintui.adapters import proxy
from penguintui.adapters.proxy import ProxyError, ProxyState
from penguintui.config.actions import ActionSettings, SwitchStep
from penguintui.config.settings import Configuration
from penguintui.model.action import Condition


@dataclass(frozen=True, slots=True)
class Seen:
    """The proxies that an action touches, as they are: a state, or why there is none."""

    proxies: Mapping[str, ProxyState] = field(default_factory=dict)
    troubles: Mapping[str, str] = field(default_factory=dict)


def proxies_of(action: ActionSettings, configuration: Configuration) -> list[str]:
    """The names of the proxies that an action switches; of a configuration's only proxy when it switches none."""
    named = [step.proxy for step in action.steps if isinstance(step, SwitchStep)]
    if not named and len(configuration.proxies) == 1:
        named = list(configuration.proxies)
    return list(dict.fromkeys(name for name in named if name in configuration.proxies))


async def look(action: ActionSettings, configuration: Configuration) -> Seen:
    """Read the state of everything that the action depends on."""
    states: dict[str, ProxyState] = {}
    troubles: dict[str, str] = {}
    for name in proxies_of(action, configuration):
        try:
            states[name] = await proxy.read(configuration.proxies[name])
        except ProxyError as error:
            troubles[name] = str(error)
    return Seen(states, troubles)


def conditions(seen: Seen) -> tuple[Condition, ...]:
    """What was seen, as conditions of a plan."""
    held = [Condition(f"active colour of {name}", state.active) for name, state in seen.proxies.items()]
    failed = [Condition(f"active colour of {name}", "", False, why) for name, why in seen.troubles.items()]
    return (*held, *failed)


def broken(planned: tuple[Condition, ...], switched: Mapping[str, str], now: Seen) -> str:
    """Why the conditions do not hold any more; empty when they do.

    switched: for each proxy that this run has switched itself, the colour it switched to.
    """
    for condition in planned:
        name = condition.name.removeprefix("active colour of ")
        expected = switched.get(name, condition.seen)
        if name in now.troubles:
            return f"the condition cannot be checked: {now.troubles[name]}"
        state = now.proxies.get(name)
        if state is not None and state.active != expected:
            return f"{condition.name} was {expected} and is {state.active} now: somebody else switched it"
    return ""
