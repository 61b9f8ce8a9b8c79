"""Keys and commands that change the world: the pane, arming, running, cancelling, undoing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from penguintui.model.role import Role
from penguintui.model.status import Status
from penguintui.screens.desk import DeskError
from penguintui.screens.moving import Moving

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping, Sequence

    from penguintui.screens.pane import ActionPane
    from penguintui.views.models.actions import ActionChoice, RunView


PAST = "the moment shown is past, and nothing acts on the past: t t returns to live"


class Acting(Moving):
    """Asks the agent, which decides. A viewer is read-only until it is armed, and acts on nothing that is past."""

    def cannot(self) -> str:
        """Why this viewer may not act now; "" when it may. The agent checks all of it again."""
        if not self.moment.live:
            return PAST
        if self.viewer.role is not None and self.viewer.role < Role.OPERATOR:
            return f"you are {self.viewer.role.name.lower()} here; acting needs operator"
        if self.viewer.armed_until is None or self.clock.now() >= self.viewer.armed_until:
            return "read-only: type :arm 10m and a reason to act"
        return ""

    def _later(self, work: Coroutine[Any, Any, None], name: str) -> None:
        self.run_worker(work, exit_on_error=False, group="desk", description=name)

    # the pane

    async def action_act(self) -> None:
        pane, actions = await self.wanted_pane(), self.actions_page
        about, choices = self._choices()
        choice = next((one for one in choices if actions is not None and one.name == actions.action()), None)
        if choice is None:
            pane.open(about, choices)
        else:  # the screen's own list stays in sight: Esc leads back to it, not to a second one
            pane.open(about, ())
            pane.choose(choice)
        self.pane_changed()

    def _choices(self) -> tuple[str, Sequence[ActionChoice]]:
        """What is selected, and what can be done to it; all that can be done where nothing is."""
        from penguintui.views.models.actions import Actions
        from penguintui.views.models.technical import Technical

        model = self.page.model if self.page is not None else None
        if isinstance(model, Technical) and model.selected is not None and model.selected.actions:
            return model.selected.name, model.selected.actions
        return "", model.catalogue if isinstance(model, Actions) else ()

    async def plan_action(self, name: str, given: Mapping[str, str]) -> None:
        """Shows the plan of an action, by name."""
        pane = await self.wanted_pane()
        pane.open("", ())
        self.pane_changed()
        self._later(self._plan(name, "", given), f"plans {name}")

    def on_action_pane_wanted(self, message: ActionPane.Wanted) -> None:
        self._later(self._plan(message.action, message.target, message.parameters), f"plans {message.action}")

    async def _plan(self, action: str, target: str, parameters: Mapping[str, str]) -> None:
        pane = await self.wanted_pane()
        if not self.moment.live:  # a plan is of now, and what is shown is not
            pane.take_trouble(PAST)
            return
        try:
            plan = await self.desk.plan(action, target, parameters)
        except DeskError as error:
            pane.take_trouble(str(error))
            return
        if pane.opened:
            pane.take_plan(plan, self.cannot())

    def on_action_pane_confirmed(self, message: ActionPane.Confirmed) -> None:
        intent = message.intent
        reason = self.cannot()
        if reason:
            self.say(reason, Status.WARNING)
            return
        self._later(self._run(intent.plan, intent.confirm, intent.reason, intent.key), "runs a plan")

    async def _run(self, plan: str, confirm: str, reason: str, key: str) -> None:
        pane = await self.wanted_pane()
        try:
            answer = await self.desk.ask("run", plan=plan, confirm=confirm, reason=reason, intent=key)
        except DeskError as error:
            self.heed(error)
            pane.take_trouble(str(error))
            return
        run = answer.get("run")
        if isinstance(run, int):
            await self._follow(run)
            self.say(str(answer.get("waiting") or f"run {run} has begun; it goes on if this viewer leaves"))

    async def _follow(self, run: int) -> None:
        """On the actions screen the run has a place of its own; elsewhere the pane follows it."""
        pane = await self.wanted_pane()
        if self.actions_page is not None:
            self.look_at_run(run)
            pane.close()
        else:
            pane.follow(run)
        self.pane_changed()

    # runs

    def shown_run(self) -> RunView | None:
        """The run that is looked at: on the actions screen, or in the pane."""
        actions = self.actions_page
        return actions.shown_run if actions is not None else None

    def _run_number(self) -> int | None:
        pane = self.opened_pane
        if pane is not None and pane.run is not None:
            return pane.run
        run = self.shown_run()
        return run.id if run is not None else None

    def _order(self, method: str, said: str) -> None:
        """Cancel, resume or approve the run that is shown."""
        run, reason = self._run_number(), self.cannot()
        if run is None:
            self.say("no run is shown: 7 shows them")
        elif reason:
            self.say(reason, Status.WARNING)
        else:
            self._later(self._ask_for_run(method, run, said), f"{method}s run {run}")

    async def _ask_for_run(self, method: str, run: int, said: str, **params: Any) -> None:
        if await self.ask_desk(method, run=run, **params) is not None:
            self.say(f"run {run}: {said}")
            self.want()

    def action_cancel(self) -> None:
        self._order("cancel", "cancelling; what it did is undone")

    def action_resume(self) -> None:
        self._order("resume", "goes on")

    def action_approve(self) -> None:
        self._order("approve", "approved")

    def action_refuse(self) -> None:
        self._order("refuse", "refused; it does not run")

    async def action_undo(self) -> None:
        """An interrupted run is undone as it stands; one that is over asks for the target's name first."""
        from penguintui.model.action import RunStatus

        pane, reason = self.opened_pane, self.cannot()
        run = pane.shown if pane is not None and pane.run is not None else self.shown_run()
        if run is None:
            self.say("no run is shown: 7 shows them, Enter opens one")
        elif reason:
            self.say(reason, Status.WARNING)
        elif run.status is RunStatus.INTERRUPTED:
            self._later(self._ask_for_run("undo", run.id, "is being undone"), f"undoes run {run.id}")
        elif not run.status.finished:
            self.say(f"run {run.id} is under way: c cancels it and undoes what it did")
        elif not run.way_back:
            self.say(f"run {run.id} has no way back")
        else:
            (await self.wanted_pane()).ask_undo(run)
            self.pane_changed()

    def on_action_pane_undo_confirmed(self, message: ActionPane.UndoConfirmed) -> None:
        if reason := self.cannot():
            self.say(reason, Status.WARNING)
            return
        self._later(self._undo(message.run, message.confirm, message.key), f"undoes run {message.run}")

    async def _undo(self, run: int, confirm: str, key: str) -> None:
        answer = await self.ask_desk("undo", run=run, confirm=confirm, intent=key)
        new = answer.get("run") if answer is not None else None
        if isinstance(new, int):
            await self._follow(new)
            self.say(f"run {new} undoes run {run}")

    def release(self, reason: str) -> None:
        run = self._run_number()
        if run is None or not reason:
            self.say("no run is shown" if run is None else "say why: :release REASON")
        elif not self.moment.live:
            self.say(PAST, Status.WARNING)
        else:
            self._later(self._ask_for_run("release", run, "released", reason=reason), f"releases run {run}")

    # arming

    def arm(self, text: str) -> None:
        span, _, reason = text.partition(" ")
        if not span or not reason.strip():
            self.say("say how long and why: :arm 10m moving the queue", Status.WARNING)
        else:
            self._later(self._arm(span, reason.strip()), "arms this viewer")

    async def _arm(self, span: str, reason: str) -> None:
        answer = await self.ask_desk("arm", **{"for": span, "reason": reason})
        until = answer.get("until") if answer is not None else None
        if isinstance(until, (int, float)):
            self.viewer = replace(self.viewer, armed_until=float(until))
            self.say(f"armed for {span}; :disarm ends it")
            self._renew_plan()
            self.want()

    def disarm(self) -> None:
        self._later(self._disarm(), "disarms this viewer")

    async def _disarm(self) -> None:
        await self.ask_desk("disarm")
        self.viewer = replace(self.viewer, armed_until=None)
        self.say("read-only")
        self._renew_plan()
        self.want()

    def _renew_plan(self) -> None:
        """A plan that is open shows again whether it can be run."""
        pane = self.opened_pane
        if pane is not None and pane.plan is not None and pane.stage == "plan":
            pane.take_plan(pane.plan, self.cannot())
