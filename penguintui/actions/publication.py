"""Doing and undoing a step `dns`, in the run's process, and what that process is told for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from penguintui.actions.failing import StepFailed
from penguintui.actions.filling import reveal
from penguintui.actions.zones import now
from penguintui.adapters.dns import publishing
from penguintui.adapters.dns.publisher import ConflictError, Publisher, PublishError
from penguintui.config.actions import DnsStep
from penguintui.config.settings import Configuration
from penguintui.config.zones import ZoneSettings
from penguintui.mail.changes import Change
from penguintui.mail.desired import Key
from penguintui.model.secret import Secret

_SHARE = 0.9
"""Of a step's time, for the name servers: the rest is for saying which of them are late."""


@dataclass(frozen=True, slots=True)
class Publishable:
    """What the process needs for one step: the zone, without what is wanted there, and the planned changes."""

    name: str
    zone: ZoneSettings
    changes: tuple[Change, ...]


def publishable(step: DnsStep, configuration: Configuration, found: Sequence[Change]) -> Publishable | None:
    """For a step of a plan; None when no zone declares the domain any more, which voids the plan."""
    declared = configuration.dns.zone_of(step.domain)
    if declared is None:
        return None
    name, zone = declared
    return Publishable(name, ZoneSettings(servers=zone.servers, update=zone.update), now(found))


def written(one: Publishable) -> dict[str, Any]:
    """The same as JSON, with its secret in clear."""
    zone = reveal(one.zone.model_dump(by_alias=True, exclude_unset=True))
    return {"name": one.name, "zone": zone, "changes": [asdict(change) for change in one.changes]}


def parse(text: Mapping[str, Any]) -> Publishable:
    """The same out of JSON."""
    update = text["zone"].get("update")
    secret = next((key for key in ("key", "token") if update and key in update), None)
    if secret is not None:
        update = {**update, secret: Secret(update[secret])}
    zone = ZoneSettings.model_validate({**text["zone"], "update": update})
    return Publishable(text["name"], zone, tuple(_change(change) for change in text["changes"]))


def _change(text: Mapping[str, Any]) -> Change:
    return Change(**{**text, "old": tuple(text["old"]), "new": tuple(text["new"])})


async def publish(step: DnsStep, publishable: Publishable, say: Callable[[str, str], None], done: list[Change]) -> str:
    """Publish in order, then wait for every name server. Raises StepFailed. done: gets each change that may be made."""
    name, zone, found = publishable.name, publishable.zone, publishable.changes
    writer = _writer(name, zone)
    loop = asyncio.get_running_loop()
    until = loop.time() + step.timeout * _SHARE
    for change in found:
        say("note", change.words)
        done.append(change)
        try:
            said = await writer.publish(change, max(0.1, until - loop.time()))
        except ConflictError as error:
            done.remove(change)
            raise StepFailed(str(error)) from error
        except PublishError as error:
            raise StepFailed(str(error)) from error
        _say_more(said, change, say)
    wanted, left = _after(found), until - loop.time()
    late = await publishing.watch(zone.servers, wanted, left, lambda words: say("out", words))
    if late:
        words = "; ".join(f"{server}: {one.why}" for server, one in late.items())
        raise StepFailed(f"published, but not everywhere within {step.timeout * _SHARE:.3g} s: {words}")
    return f"{len(found)} published, and at {len(zone.servers)} of {len(zone.servers)} name servers"


async def take_back(
    step: DnsStep, publishable: Publishable, say: Callable[[str, str], None], done: Sequence[Change]
) -> str:
    """Put the old values back, each only where the new ones stand still. Raises StepFailed when some stay.

    A name server that does not answer is said, and is no failure of going back: nobody can be waited for who is away.
    """
    zone, writer = publishable.zone, _writer(publishable.name, publishable.zone)
    loop = asyncio.get_running_loop()
    until = loop.time() + step.timeout * _SHARE
    kept: list[str] = []
    back = [change.reversed() for change in reversed(done)]
    for change in back:
        say("note", change.words)
        try:
            said = await writer.publish(change, max(0.1, until - loop.time()))
        except ConflictError as error:
            kept.append(str(error))
        except PublishError as error:
            kept.append(f"{change.type} {change.name} could not be put back: {error}")
        else:
            _say_more(said, change, say)
    if kept:
        raise StepFailed("; ".join(kept))
    away = await publishing.silent(zone.servers, _after(back))
    asked, left = [server for server in zone.servers if server not in away], until - loop.time()
    late = await publishing.watch(asked, _after(back), left, lambda words: say("out", words))
    if late:
        raise StepFailed("put back, but not everywhere: " + "; ".join(f"{s}: {one.why}" for s, one in late.items()))
    return f"{len(back)} put back" + "".join(f"; {server} cannot be asked" for server in away)


def _say_more(said: str, change: Change, say: Callable[[str, str], None]) -> None:
    """What publishing told, unless it is what was announced."""
    if said != change.words:
        say("out", said)


def _writer(name: str, zone: ZoneSettings) -> Publisher:
    try:
        return publishing.publisher(name, zone)
    except PublishError as error:
        raise StepFailed(str(error)) from error


def _after(found: Iterable[Change]) -> dict[Key, Sequence[str]]:
    """What each set of records is after all changes."""
    return {change.key: change.new for change in found}
