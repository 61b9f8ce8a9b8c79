"""Plans as the agent keeps them: made, held until they lapse, and checked before anything is done.

They are kept in the store too, so that the agent that takes over can go on with them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from penguintui.actions.conditions import Seen, broken, look
from penguintui.actions.filling import ParameterError, parameters_of
from penguintui.actions.planning import Prepared, catalogue_digest, needs_typing, prepare
from penguintui.agent.door import Visit
from penguintui.agent.keptplans import caller_text, prepared_again, written
from penguintui.agent.protocol import Refused
from penguintui.config.settings import Configuration
from penguintui.model.action import Danger, Plan
from penguintui.model.clock import Clock
from penguintui.model.role import Caller
from penguintui.store import plans as stored
from penguintui.store.writer import Writer


class Plans:
    """Makes plans and holds them by their hash. Everything here raises Refused with a sentence."""

    def __init__(self, configuration: Callable[[], Configuration], clock: Clock, backups: Path, writer: Writer) -> None:
        self._configuration = configuration
        self._writer = writer
        self.backups = backups
        self._clock = clock
        self._held: dict[str, tuple[Prepared, Seen]] = {}

    async def make(self, name: str, parameters: Mapping[str, str], asker: Caller) -> tuple[Prepared, Seen]:
        """Plan an action by what is seen now, and hold the plan for ten minutes."""
        configuration = self._configuration()
        action = configuration.actions.get(name)
        if action is None:
            raise Refused(f"there is no action {name}; there are {', '.join(configuration.actions) or 'none'}")
        try:
            seen = await look(action, configuration, parameters_of(action, parameters))
            prepared = prepare(name, configuration, parameters, seen, self._clock.now(), backups=self.backups)
        except ParameterError as error:
            raise Refused(str(error)) from None
        self._forget_lapsed()
        document = written(prepared, seen)
        await self._writer.run(lambda c: stored.keep(c, prepared.plan, document, caller_text(asker)))
        self._held[prepared.plan.hash] = (prepared, seen)
        return prepared, seen

    async def held(self, plan_hash: str) -> tuple[Prepared, Seen]:
        """A plan that was made, here or by an agent that is gone, and has not lapsed."""
        now = self._clock.now()
        found = self._held.get(plan_hash)
        if found is not None and now <= found[0].plan.expires:
            return found
        document = await self._writer.run(lambda c: stored.find(c, plan_hash, now))
        if document is None:
            raise Refused("the plan has lapsed or was never made here; plan again")
        return self.again(document)

    def again(self, document: str) -> tuple[Prepared, Seen]:
        """A plan of an agent that is gone, as it was kept. Raises Refused where it would do something else now."""
        prepared, kept = prepared_again(document, self._configuration(), self.backups)
        if prepared.plan.hash != kept.plan["hash"]:
            raise Refused("the agent that planned this is gone, and this one would do something else; plan again")
        return prepared, kept.seen

    def check_confirmation(self, visit: Visit, plan: Plan, confirm: str, reason: str) -> None:
        """Whether this caller may, and has confirmed as this plan's danger demands."""
        action = self._configuration().actions.get(plan.action)
        if action is not None and visit.role < action.least_role:
            raise Refused(f"{visit.caller.user} is {visit.role.name.lower()} here; this needs {action.role}")
        if plan.refused:
            raise Refused(plan.refused)
        if needs_typing(plan) and confirm != plan.target:
            raise Refused(f"type the target's name to confirm: {plan.target}")
        if plan.danger is Danger.GUARDED and confirm not in ("yes", plan.target):
            raise Refused("confirm with yes")
        if plan.emergency and not reason:
            raise Refused("an emergency needs a reason; it is reviewed afterwards")

    async def check_conditions(self, prepared: Prepared, switched: Mapping[str, tuple[str, ...]] | None = None) -> None:
        """Whether all that was seen when planning still holds, the catalogue included."""
        plan, configuration = prepared.plan, self._configuration()
        action = configuration.actions.get(plan.action)
        if action is None or catalogue_digest(plan.action, configuration) != plan.configuration:
            raise Refused("the configuration changed since this was planned; plan again")
        reason = broken(plan.conditions, switched or {}, await look(action, configuration, plan.parameters))
        if reason:
            raise Refused(reason)

    def _forget_lapsed(self) -> None:
        now = self._clock.now()
        self._held = {key: found for key, found in self._held.items() if found[0].plan.expires > now}
