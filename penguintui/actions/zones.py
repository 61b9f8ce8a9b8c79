"""What a step `dns` would change by what is seen, and what must still hold before it does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from penguintui.actions.filling import fill
from penguintui.adapters.dns import publishing
from penguintui.adapters.dns.publisher import PublishError
from penguintui.adapters.dns.publishing import ZoneSeen
from penguintui.adapters.dns.wanting import with_mailu
from penguintui.adapters.failure import NotAnswered
from penguintui.config.actions import ActionSettings, DnsStep
from penguintui.config.desired import wanted
from penguintui.config.settings import Configuration
from penguintui.config.zones import ZoneSettings
from penguintui.mail.changes import Change, changes
from penguintui.mail.desired import Held, Key, Wanted
from penguintui.model.action import Condition


def domains_of(action: ActionSettings, parameters: Mapping[str, str]) -> list[str]:
    """The domains whose records an action publishes."""
    named = [fill(step.domain, parameters) for step in action.steps if isinstance(step, DnsStep)]
    return list(dict.fromkeys(named))


def zones_of(action: ActionSettings, configuration: Configuration) -> list[tuple[str, ZoneSettings]]:
    """The zones that an action may publish to: all, when a parameter says which domain."""
    domains = domains_of(action, {})
    if any(configuration.dns.zone_of(domain) is None for domain in domains):
        return list(configuration.dns.zones.items())
    found = [configuration.dns.zone_of(domain) for domain in domains]
    return [one for one in found if one is not None]


async def look(domain: str, configuration: Configuration) -> ZoneSeen:
    """What is there of all that is wanted of a domain. Raises PublishError when that cannot be known."""
    name, zone, sets = _declared(domain, configuration)
    try:
        sets = await with_mailu(name, zone, domain, sets)
    except NotAnswered as error:
        raise PublishError(f"what Mailu wants of {domain} is not known: {error.failure.text}") from error
    return replace(await publishing.look(name, zone, [one.key for one in sets]), wanted=sets)


def _declared(domain: str, configuration: Configuration) -> tuple[str, ZoneSettings, tuple[Wanted, ...]]:
    found = configuration.dns.zone_of(domain)
    if found is None:
        raise PublishError(f"no zone of the block `dns` declares {domain}")
    try:
        return *found, wanted(*found, domain)
    except ValueError as error:
        raise PublishError(f"what is wanted of {domain} cannot be written: {error}") from error


def changes_of(step: DnsStep, configuration: Configuration, seen: ZoneSeen | None) -> tuple[Change, ...]:
    """What the step would change, in order; what must wait for something is among it, and says so.

    None when nothing was seen, or the domain is not declared any more: such a plan is refused for that.
    """
    try:
        _, zone, sets = _declared(step.domain, configuration)
    except PublishError:
        return ()
    if seen is None:
        return ()
    meant = changes(seen.wanted or sets, seen.source, seen.servers, zone.ttl)
    return tuple(one for one in meant if step.record in ("", one.purpose, one.name))


def now(found: Iterable[Change]) -> tuple[Change, ...]:
    """Those changes that wait for nothing."""
    return tuple(change for change in found if not change.waits)


def told(step: DnsStep, found: Sequence[Change] | None) -> tuple[str, str]:
    """What the step does and how it is undone, in words. found: None when nothing could be seen."""
    what = f"{step.record} of {step.domain}" if step.record else step.domain
    if found is None:
        return f"publish what differs of {what}", ""
    done = [change.words for change in now(found)]
    waits = [f"NOT YET {change.words}: {change.waits}" for change in found if change.waits]
    does = [
        f"publish {len(done)} of {what}: {'; '.join(done)}" if done else f"publish nothing of {what}: all is as wanted"
    ]
    if waits and not done:
        does = [f"publish nothing of {what} yet"]
    back = [change.reversed().words for change in reversed(now(found))]
    return "; ".join([*does, *waits, "then wait until every name server has it"]), "; ".join(back)


# Conditions.


def conditions(domain: str, seen: ZoneSeen) -> list[Condition]:
    """What was seen, where it is written and at each name server."""
    held = [_condition(key, seen.place, one) for key, one in seen.source.items()]
    for key, by_server in seen.servers.items():
        held += [_condition(key, server, one) for server, one in by_server.items() if server != seen.place]
    return held or [Condition(f"records of {domain}", "nothing is wanted of it")]


def _condition(key: Key, server: str, held: Held) -> Condition:
    if held.trouble:
        return Condition(_named(key, server), "", False, held.trouble)
    return Condition(_named(key, server), _said(held))


def broken(planned: Mapping[str, str], published: Mapping[str, Sequence[str]], seen: ZoneSeen) -> str:
    """Why what was seen does not hold any more; empty when it does.

    A name server may also have what was written meanwhile, or may not answer: the step itself waits for it.
    planned: what each condition said. published: by type and name, what this run itself may have made of it.
    """
    for key, held in seen.source.items():
        name = _named(key, seen.place)
        if name not in planned:
            continue
        if held.trouble:
            return f"the condition cannot be checked: {held.trouble}"
        if _said(held) not in published.get(f"{key[1]} {key[0]}", (planned[name],)):
            return f"{name} was {planned[name]} and is {_said(held)} now: somebody else changed it"
        for server, copy in seen.servers.get(key, {}).items():
            before = planned.get(_named(key, server), "")
            if not copy.trouble and _said(copy) not in (before, planned[name], _said(held)):
                return f"{_named(key, server)} was {before} and is {_said(copy)} now: somebody else changed it"
    return ""


def made(found: Iterable[Change], *, in_doubt: bool) -> dict[str, tuple[str, ...]]:
    """By type and name, what publishing makes of each set of records; in doubt also what it was before."""
    result: dict[str, tuple[str, ...]] = {}
    for change in now(found):
        name = f"{change.type} {change.name}"
        before = result.get(name, (_values(change.old),))
        result[name] = (*(before if in_doubt else ()), _values(change.new))
    return result


def states(changes: Mapping[int, Sequence[Change]], seen: Mapping[str, ZoneSeen]) -> dict[str, str]:
    """By type and name, how each set of records that a run publishes stands now."""
    told: dict[str, str] = {}
    for change in now(one for found in changes.values() for one in found):
        held = next((zone.source[change.key] for zone in seen.values() if change.key in zone.source), None)
        told[f"{change.type} {change.name}"] = "unknown" if held is None or held.trouble else _state(change, held)
    return told


def _state(change: Change, held: Held) -> str:
    if set(held.values) == set(change.new):
        return "published"
    return "as before" if set(held.values) == set(change.old) else "changed by somebody else"


def _named(key: Key, place: str) -> str:
    return f"{key[1]} {key[0]} at {place}"


def _said(held: Held) -> str:
    return f"an alias of {held.alias}" if held.alias else _values(held.values)


def _values(values: Iterable[str]) -> str:
    return " and ".join(f'"{value}"' for value in sorted(values)) or "nothing"


# Kept beside the run.


def kept(seen: ZoneSeen) -> dict[str, Any]:
    """What was seen, as JSON."""
    source = [[*key, asdict(held)] for key, held in seen.source.items()]
    servers = [[*key, server, asdict(held)] for key, by in seen.servers.items() for server, held in by.items()]
    return {"place": seen.place, "source": source, "servers": servers}


def remembered(text: Mapping[str, Any]) -> ZoneSeen:
    """The same out of JSON."""
    servers: dict[Key, dict[str, Held]] = {}
    for name, type_, server, held in text["servers"]:
        servers.setdefault((name, type_), {})[server] = _held(held)
    return ZoneSeen(text["place"], {(name, type_): _held(held) for name, type_, held in text["source"]}, servers)


def _held(text: Mapping[str, Any]) -> Held:
    return Held(**{**text, "values": tuple(text["values"])})
