"""The store and the agent, as the screens know them. What is heavy is imported in the reading thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from penguintui.clock import SystemClock
from penguintui.screens.desk import DeskError, DisarmedError, ExtraCommand, Question

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from penguintui.agent.client import Asker
    from penguintui.config.places import Places
    from penguintui.model.action import Plan
    from penguintui.views.models.actions import PlanView
    from penguintui.views.models.frame import FrameView
    from penguintui.views.reading import Reading


class AgentDesk:
    """A `Desk` over a store's address and an agent's socket, or the store alone when hosts share it.

    extra_commands: `:` commands that only this start of the program has. prepare: called once in the reading
    thread before the first reading, to start what must be there (an agent, a demo); what it raises is shown.
    """

    def __init__(
        self,
        places: Places,
        store_url: str,
        extra_commands: Mapping[str, ExtraCommand] | None = None,
        prepare: Callable[[], None] | None = None,
    ) -> None:
        self._store_url = store_url
        self._config = places.config
        self._clock = SystemClock()
        self._socket = places.socket
        self._client: Asker | None = None
        self._extra = dict(extra_commands or {})
        self._prepare = prepare
        self._reading: Reading | None = None
        self._greeted = False

    @property
    def extra_commands(self) -> Mapping[str, ExtraCommand]:
        return self._extra

    def version(self) -> int:
        """See `Desk`. Raises StoreError while there is no store."""
        return self._open().version()

    def read(self, question: Question) -> tuple[FrameView, object]:
        """See `Desk`. Raises StoreError while there is no store."""
        return self._open().read(question, self._clock.now())

    async def plan(self, action: str, target: str, parameters: Mapping[str, str]) -> PlanView:
        """See `Desk`."""
        from penguintui.views.plan import build

        said = await self.ask("plan", action=action, parameters=dict(parameters))
        return build(_plan(said), self._clock.now())

    async def ask(self, method: str, **params: Any) -> Mapping[str, Any]:
        """See `Desk`. The agent is greeted first, so that it knows that this is a viewer."""
        from penguintui.agent.client import asker
        from penguintui.agent.protocol import READ_ONLY, NoAgentError, Refused
        from penguintui.store.errors import StoreError

        try:
            client = self._client = self._client or asker(self._socket, self._store_url)
            if not self._greeted:
                self._hello = await client.ask("hello", viewer=True)
                self._greeted = True
            return self._hello if method == "hello" else await client.ask(method, **params)
        except NoAgentError as error:
            self._greeted = False
            raise DeskError(f"{error}; it is looked for again at the next try") from error
        except (Refused, StoreError) as reason:
            raise (DisarmedError if str(reason) == READ_ONLY else DeskError)(str(reason)) from reason

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()

    def _open(self) -> Reading:
        if self._prepare is not None:
            prepare, self._prepare = self._prepare, None
            prepare()
        if self._reading is None:
            from penguintui.store.reader import Store
            from penguintui.views.reading import Reading

            self._reading = Reading(Store(self._store_url, self._clock), self._config)
        return self._reading


def _plan(said: Mapping[str, Any]) -> Plan:
    """A plan from the agent's answer."""
    from penguintui.model.action import Condition, Danger, Plan, PlannedStep

    known = {name: said[name] for name in Plan.__dataclass_fields__}
    known["danger"] = Danger(said["danger"])
    known["steps"] = tuple(PlannedStep(**step) for step in said["steps"])
    known["conditions"] = tuple(Condition(**condition) for condition in said["conditions"])
    known["changed_since"] = tuple(said["changed_since"])
    return Plan(**known)
