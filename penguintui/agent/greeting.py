"""What a caller asks first at the door: who it is here, and to be armed, since a viewer is read-only until then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from penguintui.actions.record import Record
from penguintui.agent.door import Method, Visit
from penguintui.agent.protocol import Refused
from penguintui.config.values import parse_duration
from penguintui.model.clock import Clock, Time
from penguintui.model.role import Role

_LONGEST_ARM = 3600.0


class Greeting:
    """about: what the agent says of itself, besides."""

    def __init__(self, record: Record, clock: Clock, about: Callable[[], Mapping[str, Any]]) -> None:
        self._record, self._clock, self._about = record, clock, about

    def methods(self) -> dict[str, Method]:
        return {
            "hello": Method(Role.VIEWER, self.hello),
            "arm": Method(Role.OPERATOR, self.arm),
            "disarm": Method(Role.VIEWER, self.disarm),
        }

    async def hello(self, visit: Visit, said: Mapping[str, Any]) -> Mapping[str, Any]:
        """A caller says whether it is a viewer, which is read-only until it is armed, and learns who it is here."""
        visit.viewer = said.get("viewer") is True
        caller = {"user": visit.caller.user, "person": visit.caller.person, "role": visit.role.name.lower()}
        return {**caller, **self._about()}

    async def arm(self, visit: Visit, said: Mapping[str, Any]) -> Mapping[str, Any]:
        """Make a viewer able to act for a while; the reason goes into the record."""
        reason = str(said.get("reason") or "").strip()
        try:
            seconds = parse_duration(said.get("for") or "10m")
        except ValueError as error:
            raise Refused(str(error)) from None
        if not reason:
            raise Refused("say why: :arm 10m reason")
        if not 0 < seconds <= _LONGEST_ARM:
            raise Refused(f"a viewer can be armed for at most {_LONGEST_ARM / 60:.0f} minutes")
        until: Time = self._clock.now() + seconds
        await self._record.write(visit.caller, "arm", {"for": f"{seconds:g} s"}, reason, "armed")
        visit.armed_until, visit.armed_for = until, reason
        return {"until": until}

    async def disarm(self, visit: Visit, _said: Mapping[str, Any]) -> Mapping[str, Any]:
        visit.armed_until = 0.0
        return {}
