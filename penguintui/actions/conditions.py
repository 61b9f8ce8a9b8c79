"""What was seen when planning, and whether it still holds: looked at again before every step that changes something."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from penguintui.actions import zones
from penguintui.adapters import proxy
from penguintui.adapters.dns.publisher import PublishError
from penguintui.adapters.dns.publishing import ZoneSeen
from penguintui.adapters.proxy import ProxyError, ProxyState
from penguintui.config.actions import ActionSettings, DnsStep, SwitchStep, WaitStep
from penguintui.config.settings import Configuration
from penguintui.model.action import Condition


@dataclass(frozen=True, slots=True)
class Seen:
    """The proxies and the domains that an action touches, as they are: a state, or why there is none."""

    proxies: Mapping[str, ProxyState] = field(default_factory=dict)
    troubles: Mapping[str, str] = field(default_factory=dict)
    zones: Mapping[str, ZoneSeen] = field(default_factory=dict)


def proxies_of(action: ActionSettings, configuration: Configuration) -> list[str]:
    """The names of the proxies that an action switches; of a configuration's only proxy when it switches none.

    An action that only publishes records has nothing to do with it.
    """
    named = [step.proxy for step in action.steps if isinstance(step, SwitchStep)]
    elsewhere = all(isinstance(step, DnsStep | WaitStep) for step in action.steps)
    if not named and not elsewhere and len(configuration.proxies) == 1:
        named = list(configuration.proxies)
    return list(dict.fromkeys(name for name in named if name in configuration.proxies))


async def look(action: ActionSettings, configuration: Configuration, parameters: Mapping[str, str]) -> Seen:
    """Read the state of everything that the action depends on. parameters: may say which domain."""
    states: dict[str, ProxyState] = {}
    troubles: dict[str, str] = {}
    for name in proxies_of(action, configuration):
        try:
            states[name] = await proxy.read(configuration.proxies[name])
        except ProxyError as error:
            troubles[name] = str(error)
    seen: dict[str, ZoneSeen] = {}
    for domain in zones.domains_of(action, parameters):
        try:
            seen[domain] = await zones.look(domain, configuration)
        except PublishError as error:
            troubles[domain] = str(error)
        else:
            troubles |= {domain: seen[domain].trouble} if seen[domain].trouble else {}
    return Seen(states, troubles, seen)


def conditions(seen: Seen) -> tuple[Condition, ...]:
    """What was seen, as conditions of a plan."""
    held = [Condition(f"active colour of {name}", state.active) for name, state in seen.proxies.items()]
    records = [one for domain, found in seen.zones.items() for one in zones.conditions(domain, found)]
    failed = [
        Condition(f"active colour of {name}", "", False, why)
        for name, why in seen.troubles.items()
        if name not in seen.zones
    ]
    return (*held, *records, *failed)


def broken(planned: tuple[Condition, ...], switched: Mapping[str, tuple[str, ...]], now: Seen) -> str:
    """Why the conditions do not hold any more; empty when they do.

    switched: what this run itself may have made of it: for a proxy's name its colour, for `TXT _dmarc.example.com`
        the records that it published.
    """
    for why in now.troubles.values():
        return f"the condition cannot be checked: {why}"
    for condition in planned:
        name = condition.name.removeprefix("active colour of ")
        expected = switched.get(name, (condition.seen,))
        state = now.proxies.get(name)
        if state is not None and state.active not in expected:
            return f"{condition.name} was {expected[-1]} and is {state.active} now: somebody else switched it"
    said = {condition.name: condition.seen for condition in planned}
    return next((why for seen in now.zones.values() if (why := zones.broken(said, switched, seen))), "")
