"""Intents that come through a shared store: taken up once, done as at the control socket, and answered."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Callable, Mapping
from typing import Any

from penguintui.agent.callers import role_of
from penguintui.agent.door import Door, Visit
from penguintui.agent.protocol import Refused
from penguintui.config.settings import RoleSettings
from penguintui.model.clock import Clock
from penguintui.model.role import Caller
from penguintui.store import intents
from penguintui.store.errors import StoreError
from penguintui.store.intents import Intent
from penguintui.store.opening import open_for_reading
from penguintui.store.runs import known_intent
from penguintui.store.writer import Writer

log = logging.getLogger(__name__)

_LOOK = 0.2
_REPEATABLE = ("run",)
"""What acts, and may be asked again all the same: a key of its own says which run it made, or that there is none."""
_NO_HOST = -1
"""The uid of a caller whom this host does not know."""


class Intents:
    """Looks for intents while a term lasts. Each (person, start of a viewer) is one visit, armed by itself."""

    def __init__(
        self, url: str, writer: Writer, token: int, door: Door, roles: Callable[[], RoleSettings], clock: Clock
    ) -> None:
        self._reading = open_for_reading(url)
        self._writer = writer
        self._token = token
        self._door = door
        self._roles = roles
        self._clock = clock
        self._visits: dict[tuple[str, str], Visit] = {}
        self._under_way: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Take up what is asked, until cancelled."""
        trouble = ""
        try:
            while True:
                try:
                    for intent in await asyncio.to_thread(intents.pending, self._reading):
                        self._take_up(intent)
                    trouble = ""
                except StoreError as error:
                    if str(error) != trouble:
                        log.warning("intents cannot be read: %s", error)
                    trouble = str(error)
                await asyncio.sleep(_LOOK)
        finally:
            for task in self._under_way.values():
                task.cancel()
            self._reading.close()

    def _take_up(self, intent: Intent) -> None:
        if intent.key not in self._under_way:
            task = asyncio.create_task(self._handle(intent), name=f"intent {intent.method}")
            self._under_way[intent.key] = task
            task.add_done_callback(lambda _: self._under_way.pop(intent.key, None))

    async def _handle(self, intent: Intent) -> None:
        try:
            if not await self._writer.run(lambda connection: intents.take(connection, intent.key, self._token)):
                return
            said, refused = await self._answer(intent)
            now = self._clock.now()
            await self._writer.run(lambda connection: intents.answer(connection, intent.key, now, said, refused))
        except (StoreError, OSError) as error:
            log.warning("the intent %s of %s is not answered: %s", intent.method, intent.who, error)

    async def _answer(self, intent: Intent) -> tuple[Mapping[str, Any] | None, str]:
        try:
            return await self._do(intent), ""
        except Refused as reason:
            return None, str(reason)
        except StoreError:
            raise
        except Exception as error:
            log.exception("an intent failed")
            return None, f"the agent failed on this: {type(error).__name__}: {error}; its log has more"

    async def _do(self, intent: Intent) -> Mapping[str, Any]:
        """Do what is asked. Raises Refused."""
        if intent.age > intent.patience:
            raise Refused(f"this was asked {intent.age:.0f} s ago, and nobody waits for it any more; ask again")
        said = _parameters(intent)
        if intent.taken not in (None, self._token) and self._door.acts(intent.method):
            if intent.method not in _REPEATABLE:
                raise Refused("the agent that took this up is gone; see what became of it before you ask again")
            run = await self._writer.run(lambda connection: known_intent(connection, str(said.get("intent"))))
            if run is not None:
                return {"run": run, "repeated": True}
        return await self._door.do(await self._visit(intent), {"do": intent.method, "with": said})

    async def _visit(self, intent: Intent) -> Visit:
        caller = caller_of(intent)
        role = role_of(caller, self._roles())
        if role is None:
            raise Refused(f"{caller.user} has no role here; roles in the configuration give one")
        key = (intent.who, intent.visit)
        if key not in self._visits:
            until = await self._writer.run(lambda connection: intents.armed_until(connection, *key))
            self._visits.setdefault(key, Visit(caller, role, armed_until=until))
        visit = self._visits[key]
        visit.caller, visit.viewer = caller, bool(intent.viewer)
        return visit


def caller_of(intent: Intent) -> Caller:
    """Who asks, as the store's server knows it.

    The agent's own role and superusers are accounts rather than persons: they cannot approve, as root cannot.
    """
    return Caller(
        user=intent.who,
        uid=os.geteuid() if intent.own else _NO_HOST,
        login=intent.who,
        login_uid=None if intent.own or intent.superuser else _NO_HOST,
        host=intent.address,
        groups=tuple(intent.groups),
    )


def _parameters(intent: Intent) -> Mapping[str, Any]:
    try:
        said = json.loads(intent.parameters)
    except ValueError:
        raise Refused("the parameters are no JSON") from None
    if not isinstance(said, dict):
        raise Refused("the parameters must be an object")
    return said
