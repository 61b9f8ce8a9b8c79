"""A plan as the action pane shows it: what would happen, exactly, and what must be typed for it to happen."""

from __future__ import annotations

from penguintui.model.action import Danger, Plan
from penguintui.model.clock import Time
from penguintui.model.status import Status
from penguintui.views import format as say
from penguintui.views.catalogue import DANGER_STATUS, confirmation
from penguintui.views.models.actions import ConditionLine, PlanStep, PlanView


def build(plan: Plan, now: Time) -> PlanView:
    """The plan as of now: it lapses."""
    typed = plan.danger is Danger.DANGEROUS or plan.emergency
    lapsed = now >= plan.expires
    return PlanView(
        action=plan.action,
        title=plan.title,
        environment=plan.environment,
        target=plan.target,
        danger=plan.danger.value,
        danger_status=DANGER_STATUS[plan.danger],
        confirm=confirmation(plan.danger, plan.target, plan.second_person, plan.emergency),
        type_to_confirm=plan.target if typed else "",
        parameters=tuple(sorted(plan.parameters.items())),
        steps=tuple(
            PlanStep(i, step.name, step.type, step.does, step.undo, step.changes, say.span(step.timeout))
            for i, step in enumerate(plan.steps, 1)
        ),
        conditions=tuple(
            ConditionLine(c.name, c.seen, Status.OK if c.holds else Status.CRITICAL, c.reason) for c in plan.conditions
        ),
        way_back=plan.way_back,
        changed_since=plan.changed_since,
        refused=plan.refused,
        lapsed=lapsed,
        lapses="lapsed: plan it again" if lapsed else f"lapses at {say.clock(plan.expires)}",
        hash=plan.hash,
        second_person=plan.second_person,
        emergency=plan.emergency,
    )
