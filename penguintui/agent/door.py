"""The control socket: what callers may ask of the agent, and the check that they may."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from penguintui.agent.callers import caller_of, role_of
from penguintui.agent.protocol import MAX_LINE, READ_ONLY, Refused, answer, parse, refusal
from penguintui.config.settings import RoleSettings
from penguintui.model.clock import Clock, Time
from penguintui.model.role import Caller, Role

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Visit:
    """One connection: who it is, what it may, and until when it is armed."""

    caller: Caller
    role: Role
    viewer: bool = False
    armed_until: Time = 0.0
    armed_for: str = ""


Handler = Callable[[Visit, Mapping[str, Any]], Awaitable[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Method:
    """One thing that can be asked: the least role for it, and whether a viewer must be armed."""

    least: Role
    handler: Handler
    acts: bool = False


class Door:
    """Listens on a Unix socket. Who comes is known from peer credentials, never from what a message claims."""

    def __init__(
        self,
        path: Path,
        group: str | None,
        roles: Callable[[], RoleSettings],
        methods: Mapping[str, Method],
        clock: Clock,
    ) -> None:
        self._path = path
        self._group = group
        self._roles = roles
        self._methods = methods
        self._clock = clock
        self._server: asyncio.Server | None = None
        self.visits: dict[int, Visit] = {}
        self._writers: set[asyncio.StreamWriter] = set()

    async def open(self) -> None:
        """Begin to listen: the socket is the owner's alone, or its group's too when one is configured."""
        self._path.unlink(missing_ok=True)
        previous = os.umask(0o177)
        try:
            self._server = await asyncio.start_unix_server(self._visit, self._path, limit=MAX_LINE)
        finally:
            os.umask(previous)
        if self._group:
            shutil.chown(self._path, group=self._group)
            self._path.chmod(0o660)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for writer in list(self._writers):
            writer.close()
        self._path.unlink(missing_ok=True)

    async def _visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            caller = caller_of(writer.get_extra_info("socket"))
            role = role_of(caller, self._roles())
            if role is None:
                log.warning("%s has no role here and was turned away", caller)
                writer.write(refusal(None, f"{caller.user} has no role here; roles in the configuration give one"))
                await writer.drain()
                return
            visit = self.visits[id(writer)] = Visit(caller, role)
            await self._serve(reader, writer, visit)
        except (ConnectionError, asyncio.IncompleteReadError):
            log.debug("a caller left in the middle of a word")
        finally:
            self.visits.pop(id(writer), None)
            self._writers.discard(writer)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, visit: Visit) -> None:
        while True:
            try:
                line = await reader.readline()
            except ValueError:
                writer.write(refusal(None, f"a line of more than {MAX_LINE:,} bytes is not read"))
                await writer.drain()
                return
            if not line:
                return
            writer.write(await self._answer(line, visit))
            await writer.drain()

    async def _answer(self, line: bytes, visit: Visit) -> bytes:
        number: Any = None
        try:
            message = parse(line)
            number = message.get("id")
            return answer(number, await self.do(visit, message))
        except Refused as reason:
            return refusal(number, str(reason))
        except Exception as error:
            log.exception("a request failed")
            return refusal(number, f"the agent failed on this: {type(error).__name__}: {error}; its log has more")

    def acts(self, name: str) -> bool:
        """Whether a request changes something."""
        method = self._methods.get(name)
        return method is not None and method.acts

    async def do(self, visit: Visit, message: Mapping[str, Any]) -> Mapping[str, Any]:
        """Do what a visitor asks, if they may. Raises Refused."""
        name, parameters = message.get("do"), message.get("with") or {}
        method = self._methods.get(str(name))
        if method is None:
            raise Refused(f"the agent knows no {name!r}; it knows {', '.join(sorted(self._methods))}")
        if not isinstance(parameters, dict):
            raise Refused("`with` must be an object")
        role = role_of(visit.caller, self._roles())
        if role is None or role < method.least:
            raise Refused(
                f"{visit.caller.user} is {'nobody' if role is None else role.name.lower()} here; "
                f"{name} needs {method.least.name.lower()}"
            )
        visit.role = role
        if method.acts and visit.viewer and visit.armed_until <= self._clock.now():
            raise Refused(READ_ONLY)
        return await method.handler(visit, parameters)
