"""What callers may ask about actions and runs: plan, run, approve, cancel, and what to do when one was interrupted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

from penguintui.actions import zones
from penguintui.actions.conditions import Seen, broken, look
from penguintui.actions.planning import Prepared, needs_typing
from penguintui.actions.record import Record
from penguintui.agent.door import Visit
from penguintui.agent.execution import Execution
from penguintui.agent.executions import Executions, about_plan
from penguintui.agent.keptplans import caller_of_text, caller_text, written
from penguintui.agent.plans import Plans
from penguintui.agent.protocol import Refused
from penguintui.config.places import Places
from penguintui.config.settings import Configuration
from penguintui.model.action import AuditEntry, Lock, Plan, RunStatus, StepStatus
from penguintui.model.clock import Clock
from penguintui.model.role import Caller
from penguintui.model.words import day_time
from penguintui.store import plans
from penguintui.store import runs as stored
from penguintui.store.writer import Writer

Answer = Mapping[str, Any]
LAPSED = "the plan lapsed before it was approved"


class Runs:
    """Everything that acts goes through here, whoever asked for it. What is refused is in the record too."""

    def __init__(
        self,
        places: Places,
        writer: Writer,
        record: Record,
        store_url: str,
        clock: Clock,
        configuration: Callable[[], Configuration],
        token: int | None = None,
    ) -> None:
        """token: of the lease under which this agent works; None over a store of its own."""
        self._folder = places.runs
        self._writer = writer
        self._record = record
        self._clock = clock
        self._configuration = configuration
        self._plans = Plans(configuration, clock, places.state / "backups", writer)
        self.executions = Executions(places.runs, store_url, writer, record, self._plans, configuration, clock, token)
        self._waiting: dict[int, tuple[Prepared, Seen, Caller]] = {}

    @property
    def busy(self) -> bool:
        """Whether something is under way or waits for somebody."""
        return self.executions.busy or bool(self._waiting)

    async def adopt(self) -> None:
        """Take over what an agent that is gone has left: runs that wait for approval, and runs under way."""
        for one in await self._writer.run(plans.waiting):
            try:
                self._waiting[one.run] = (*self._plans.again(one.document), caller_of_text(one.asker))
            except Refused as why:
                await self._end_waiting(one.run, str(why))
        for run, (prepared, _, _) in list(self._waiting.items()):
            if self._clock.now() > prepared.plan.expires:
                await self._call_off(run, LAPSED)
        await self.executions.adopt(self._waiting)

    async def catalogue(self, visit: Visit, _said: Mapping[str, Any]) -> Answer:
        """The actions, each with whether the caller may run it and why not."""
        actions = [
            {
                "name": name,
                "title": action.title,
                "help": action.help,
                "target": action.target,
                "danger": str(action.danger),
                "emergency": action.emergency,
                "kinds": action.kinds,
                "parameters": {k: {"help": p.help, "default": p.default} for k, p in action.parameters.items()},
                "refused": "" if visit.role >= action.least_role else f"needs {action.role}",
            }
            for name, action in self._configuration().actions.items()
        ]
        return {"actions": actions}

    async def plan(self, visit: Visit, said: Mapping[str, Any]) -> Answer:
        """Plan an action: what would happen, without doing any of it."""
        prepared, _ = await self._plans.make(str(said.get("action")), _texts(said.get("parameters")), visit.caller)
        plan = prepared.plan
        lock = await self._writer.run(lambda c: stored.lock_of(c, plan.environment))
        changed = await self._writer.run(lambda c: stored.changes_since_last(c, plan.action))
        return {
            **asdict(plan),
            "changed_since": [f"{day_time(time)} {words}" for time, words in changed],
            "typing": needs_typing(plan),
            "holder": "" if lock is None else _held(lock),
        }

    async def run(self, visit: Visit, said: Mapping[str, Any]) -> Answer:
        """Run a plan that was confirmed: `plan` is its hash, `intent` a key, so that a repetition acts once."""
        reason, intent = _reason(said), str(said.get("intent") or "")
        if not intent:
            raise Refused("an intent needs a key of its own, so that a repeated one acts once")
        known = await self._writer.run(lambda c: stored.known_intent(c, intent))
        if known is not None:
            return {"run": known, "repeated": True}
        prepared, seen = await self._plans.held(str(said.get("plan")))
        plan = prepared.plan
        try:
            self._plans.check_confirmation(visit, plan, str(said.get("confirm") or ""), reason)
            await self._plans.check_conditions(prepared)
            if plan.second_person:
                return await self._wait_for_approval(visit, prepared, seen, intent, reason)
            if plan.emergency:
                await self._fence_holder(visit, plan, reason)
            what = f"run {plan.action}"
            run = await self._make(
                plan, visit.caller, intent, reason, what, lambda run: {**about_plan(plan), "run": run}
            )
        except Refused as refusal:
            await self._record.write(
                visit.caller, f"run {plan.action}", about_plan(plan), reason, f"refused: {refusal}"
            )
            raise
        await self.executions.start(run, prepared, seen, str(visit.caller))
        return {"run": run}

    async def approve(self, visit: Visit, said: Mapping[str, Any]) -> Answer:
        """Approve what somebody else asked for. Never root or a nameless account, never the same person."""
        run = _number(said)
        prepared, seen, asker = self._waiting_for(run)
        approver = visit.caller
        if approver.uid == 0 or approver.login_uid in (0, None):
            raise Refused("root and accounts that nobody logged in to cannot approve; log in with your own name")
        if approver.person == asker.person:
            raise Refused(f"{asker.person} asked for it; another person must approve")
        if self._clock.now() > prepared.plan.expires:
            await self._call_off(run, LAPSED)
            raise Refused("the plan has lapsed; it must be planned again")
        await self._plans.check_conditions(prepared)

        about = {**about_plan(prepared.plan), "run": run}

        def begin(connection: Any) -> AuditEntry:
            self._lock(connection, prepared.plan.environment, run, str(asker))
            plans.forget(connection, run)
            return self._record.append(connection, approver, "approve", about, reason=_reason(said), result="started")

        self._record.keep_head(await self._writer.run(begin))
        self._waiting.pop(run)
        await self.executions.start(run, prepared, seen, str(asker))
        return {"run": run}

    async def refuse(self, visit: Visit, said: Mapping[str, Any]) -> Answer:
        """Say no to what waits for approval."""
        run = _number(said)
        self._waiting_for(run)
        await self._record.write(visit.caller, "refuse", {"run": run}, _reason(said), "refused")
        await self._call_off(run, f"refused by {visit.caller}")
        return {"run": run}

    async def cancel(self, visit: Visit, said: Mapping[str, Any]) -> Answer:
        """Stop a run; what it did is undone."""
        run = _number(said)
        execution = self.executions.running(run)
        await self._record.write(visit.caller, "cancel", {"run": run}, _reason(said), "ordered")
        execution.order("cancel", f"cancelled by {visit.caller}")
        return {"run": run}

    async def inspect(self, _visit: Visit, said: Mapping[str, Any]) -> Answer:
        """The real state of everything that an interrupted run touched, and what can be done about it."""
        execution = self.executions.interrupted(_number(said))
        action = self._configuration().actions.get(execution.prepared.plan.action)
        parameters = execution.prepared.plan.parameters
        now = await look(action, self._configuration(), parameters) if action is not None else Seen()
        return {
            "run": execution.run,
            "done": [execution.steps[i].name for i in execution.done],
            "in_doubt": [s.name for s in execution.steps if s.status in (StepStatus.RUNNING, StepStatus.UNDOING)],
            "state": {name: proxy.active for name, proxy in now.proxies.items()}
            | zones.states(execution.prepared.changes, now.zones)
            | dict(now.troubles),
            "in_the_way": broken(execution.prepared.plan.conditions, execution.switched, now),
            "options": ["resume", "undo", "release"],
        }

    async def resume(self, visit: Visit, said: Mapping[str, Any]) -> Answer:
        """Go on with an interrupted run from the step that it was in."""
        execution = self.executions.interrupted(_number(said))
        await self._plans.check_conditions(execution.prepared, execution.switched)
        await self._record.write(visit.caller, "resume", {"run": execution.run}, _reason(said), "started")
        await self.executions.go_on(execution, undo=False)
        return {"run": execution.run}

    async def undo(self, visit: Visit, said: Mapping[str, Any]) -> Answer:
        """Undo a run: an interrupted one as it stands; one that succeeded by a run of its own, named by `intent`."""
        run = _number(said)
        if not self.executions.is_interrupted(run):
            return await self._undo_finished(visit, run, said)
        execution = self.executions.interrupted(run)
        await self._record.write(visit.caller, "undo", {"run": run}, _reason(said), "started")
        await self.executions.go_on(execution, undo=True)
        return {"run": run}

    async def release(self, visit: Visit, said: Mapping[str, Any]) -> Answer:
        """Give up on an interrupted run: its lock is released, and nothing is touched."""
        run, reason = _number(said), _reason(said)
        if not reason:
            raise Refused("say why it is released: what it left behind stays as it is")
        result = f"released by {visit.caller}: {reason}"
        if self.executions.is_lost(run):
            await self._record.write(visit.caller, "release", {"run": run}, reason, "released")
            await self.executions.release_lost(run, RunStatus.RELEASED, result)
            return {"run": run}
        execution = self.executions.interrupted(run)
        await self._record.write(visit.caller, "release", {"run": execution.run}, reason, "released")
        await self.executions.end(execution, RunStatus.RELEASED, result)
        return {"run": execution.run}

    # Locks.

    def _lock(self, connection: Any, environment: str, run: int, holder: str) -> Lock:
        lock = stored.take_lock(connection, environment, run, holder, self._clock.now())
        if lock is None:
            held = stored.lock_of(connection, environment)
            raise Refused(_held(held) if held else f"{environment} is locked")
        return lock

    async def _make(
        self, plan: Plan, caller: Caller, intent: str, reason: str, what: str, about: Callable[[int], dict[str, object]]
    ) -> int:
        """Make the run, take its lock, and put it on the record: all of it or nothing."""
        now = self._clock.now()

        def make(connection: Any) -> tuple[int, AuditEntry]:
            made = stored.make_run(connection, plan, intent=intent, requested_by=str(caller), reason=reason, now=now)
            self._lock(connection, plan.environment, made.id, str(caller))
            entry = self._record.append(connection, caller, what, about(made.id), reason=reason, result="started")
            return made.id, entry

        run, entry = await self._writer.run(make)
        self._record.keep_head(entry)
        return run

    async def _fence_holder(self, visit: Visit, plan: Plan, reason: str) -> None:
        """An emergency does not wait: the run that holds the lock is stopped where it is, and loses it."""
        lock = await self._writer.run(lambda c: stored.lock_of(c, plan.environment))
        if lock is not None:
            about = {"run": lock.run, "environment": plan.environment}
            await self._record.write(visit.caller, "fence", about, reason, "ordered")
            await self.executions.fence(lock.run, f"fenced by {visit.caller} for {plan.action}: {reason}")

    # Approval.

    async def _wait_for_approval(
        self, visit: Visit, prepared: Prepared, seen: Seen, intent: str, reason: str
    ) -> Answer:
        plan, now, asker = prepared.plan, self._clock.now(), visit.caller
        document, who = written(prepared, seen), caller_text(asker)
        what, result = f"run {plan.action}", "waits for approval"

        def make(connection: Any) -> tuple[int, AuditEntry]:
            made = stored.make_run(connection, plan, intent=intent, requested_by=str(asker), reason=reason, now=now)
            if made.new:
                plans.keep_waiting(connection, made.id, plan, document, who)
            about = {**about_plan(plan), "run": made.id}
            return made.id, self._record.append(connection, asker, what, about, reason=reason, result=result)

        run, entry = await self._writer.run(make)
        self._record.keep_head(entry)
        self._waiting[run] = (prepared, seen, asker)
        return {"run": run, "waiting": "a second person must approve it"}

    def _waiting_for(self, run: int) -> tuple[Prepared, Seen, Caller]:
        if run not in self._waiting:
            raise Refused(f"run {run} waits for nobody")
        return self._waiting[run]

    async def _call_off(self, run: int, why: str) -> None:
        prepared, _, asker = self._waiting.pop(run)
        folder = self._folder / str(run)
        await self.executions.end(Execution(run, prepared, folder, str(asker)), RunStatus.CANCELLED, why)
        await self._writer.run(lambda c: plans.forget(c, run))

    async def _end_waiting(self, run: int, why: str) -> None:
        """A run that waited for approval cannot go on with what was kept of its plan."""
        now, result = self._clock.now(), f"{why}. Nothing of it was done"

        def end(connection: Any) -> AuditEntry:
            stored.set_run_status(connection, run, RunStatus.CANCELLED, result=result, now=now)
            plans.forget(connection, run)
            return self._record.append(connection, None, "call off", {"run": run}, reason="", result=result)

        self._record.keep_head(await self._writer.run(end))

    # Undoing what succeeded.

    async def _undo_finished(self, visit: Visit, run: int, said: Mapping[str, Any]) -> Answer:
        intent = str(said.get("intent") or await self._writer.run(lambda c: stored.undo_intent(c, run)))
        known = await self._writer.run(lambda c: stored.known_intent(c, intent))
        if known is not None:
            return {"run": known, "repeated": True}
        process = await self._writer.run(lambda c: stored.process_of(c, run))
        if process is None:
            raise Refused(f"there is no run {run}")
        finished = self.executions.finished(process, str(visit.caller))
        plan = finished.prepared.plan
        if finished.undoes is not None or len(finished.done) != len(finished.steps):
            raise Refused(f"run {run} did not succeed, or was an undo itself: there is nothing of it to undo")
        if str(said.get("confirm") or "") != plan.target:
            raise Refused(f"type the target's name to confirm: {plan.target}")
        await self._plans.check_conditions(finished.prepared, finished.switched)
        steps = tuple(replace(step, does=step.undo or "nothing to undo") for step in plan.steps)
        way_back = replace(plan, title=f"Undo of run {run}: {plan.title}", steps=steps)
        new = await self._make(
            way_back, visit.caller, intent, _reason(said), "undo", lambda new: {"run": run, "as": new}
        )
        await self.executions.start_undo(new, finished, finished.seen, str(visit.caller))
        return {"run": new}


def _held(lock: Lock) -> str:
    return f"{lock.environment} is held by run {lock.run} of {lock.holder} since {day_time(lock.since)}"


def _number(said: Mapping[str, Any]) -> int:
    try:
        return int(said["run"])
    except (KeyError, TypeError, ValueError):
        raise Refused("say which run, by its number") from None


def _reason(said: Mapping[str, Any]) -> str:
    return str(said.get("reason") or "").strip()


def _texts(value: Any) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Refused("`parameters` must be an object of texts")
    return {str(key): str(entry) for key, entry in value.items()}
