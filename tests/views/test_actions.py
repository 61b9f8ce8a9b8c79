"""The actions screen and the plan in words."""

from __future__ import annotations

import dataclasses

import pytest

from penguintui.model.action import Condition, Danger, Plan, PlannedStep
from penguintui.model.moment import Moment
from penguintui.model.role import Role
from penguintui.model.status import Status
from penguintui.views import actions, plan
from penguintui.views.models.actions import Actions
from penguintui.views.models.frame import Viewer
from tests.views.making import NOW, World, at
from tests.views.world import ARMED

ADMIN = Viewer(Role.ADMIN, NOW + 60)


def why_not(view: Actions) -> dict[str, str]:
    return {choice.name: choice.why_not for choice in view.catalogue}


def test_the_catalogue_by_danger(calm: World) -> None:
    view = actions.build(calm.reader(), viewer=ADMIN)
    assert [(c.name, c.danger) for c in view.catalogue] == [
        ("free-disk", "safe"),
        ("deploy", "guarded"),
        ("rollback", "dangerous"),
        ("rotate-keys", "dangerous"),
    ]
    assert all(choice.can for choice in view.catalogue)
    assert view.catalogue[1].title == "Deploy release 2026.11.3"
    assert [c.confirm for c in view.catalogue] == [
        "Enter runs it",
        "type yes to run it",
        "type api and a reason to run it; it waits for nobody",
        "type vault to run it, then a second person approves",
    ]


@pytest.mark.parametrize(
    ("viewer", "reason"),
    [
        (Viewer(), "read-only: arm with :arm 10m reason"),
        (Viewer(Role.VIEWER, NOW + 60), "this account may only look: an admin can give it the role operator"),
        (ARMED, "needs the role admin, this account has operator"),
        (ADMIN, ""),
    ],
)
def test_why_an_action_cannot_be_run(calm: World, viewer: Viewer, reason: str) -> None:
    assert why_not(actions.build(calm.reader(), viewer=viewer))["rotate-keys"] == reason


def test_a_held_environment_stops_all_but_an_emergency(trouble: World) -> None:
    reasons = why_not(actions.build(trouble.reader(), viewer=ADMIN))
    assert reasons["deploy"] == "production is held by run 2 (ana@ops1) since 14:12:40Z"
    assert reasons["rollback"] == ""


def test_without_an_agent_nothing_can_be_run(calm: World) -> None:
    reasons = why_not(actions.build(calm.reader(), viewer=ADMIN, now=NOW + 30))
    assert set(reasons.values()) == {"no agent to run it: BLIND since 14:15:07Z"}


def test_nothing_acts_while_the_moment_is_past(calm: World) -> None:
    view = actions.build(calm.reader(Moment(NOW - 60)), viewer=ADMIN, now=NOW)
    assert set(why_not(view).values()) == {"the moment shown is past: t t returns to live"}


def test_a_run_in_progress(trouble: World) -> None:
    (run,) = actions.build(trouble.reader()).running
    assert (run.by, run.lock, run.note) == (
        "by ana@ops1 at 14:12:40Z",
        "lock production #1",
        "goes on if this viewer leaves",
    )
    assert [(s.name, s.status, s.verdict, s.took) for s in run.steps] == [
        ("start", "succeeded", Status.OK, "4.0s"),
        ("switch", "running", None, "2m24s"),
        ("watch", "waiting", None, ""),
    ]
    assert run.progress == pytest.approx(1 / 3)
    assert [line.text for line in run.output] == ["green: 4 of 4 processes healthy", "edge1: answered by green"]
    assert run.way_back == "undo takes back start"


def test_history_locks_and_record(trouble: World) -> None:
    view = actions.build(trouble.reader(), run=1)
    (ended,) = view.history
    assert (ended.title, ended.took, ended.verdict) == ("Back up the database", "1m", Status.OK)
    assert view.selected is not None
    assert (view.selected.id, view.selected.result) == (1, "1,249 rows counted")
    assert [lock.text for lock in view.locks] == ["production is held by run 2 (ana@ops1) since 14:12:40Z, 2m29s"]
    assert [(e.seq, e.who, e.what) for e in view.record] == [
        (2, "ana", "run deploy (run 2)"),
        (1, "ana", "run backup (run 1)"),
    ]


def test_a_past_record_has_no_later_entries(trouble: World) -> None:
    view = actions.build(trouble.reader(Moment(at("06:00"))))
    assert [entry.seq for entry in view.record] == [1]


def test_without_actions_it_says_what_it_needs(nothing: World) -> None:
    assert actions.build(nothing.reader()).needs[0].title == "Catalogue"


class TestPlan:
    PLAN = Plan(
        "deploy", "Deploy 3", "production", "api", Danger.DANGEROUS, {"release": "3"},
        (PlannedStep("switch", "switch", "map blue to green", "map green to blue", True, 90),),
        (Condition("active colour", "blue"), Condition("idle colour", "green", False, "it is not healthy")),
        "switch back, about 2 s", "a" * 64, NOW, NOW + 600, "c" * 64,
    )  # fmt: skip

    def test_the_target_must_be_typed_for_what_is_dangerous(self) -> None:
        view = plan.build(self.PLAN, NOW)
        assert (view.type_to_confirm, view.confirm, view.lapses) == ("api", "type api to run it", "lapses at 14:25:09Z")
        assert [(s.number, s.does, s.undo, s.timeout) for s in view.steps] == [
            (1, "map blue to green", "map green to blue", "1m30s")
        ]
        assert [c.status for c in view.conditions] == [Status.OK, Status.CRITICAL]

    def test_a_guarded_one_wants_a_yes(self) -> None:
        view = plan.build(dataclasses.replace(self.PLAN, danger=Danger.GUARDED), NOW)
        assert (view.type_to_confirm, view.confirm) == ("", "type yes to run it")

    def test_after_ten_minutes_it_has_lapsed(self) -> None:
        view = plan.build(self.PLAN, NOW + 600)
        assert (view.lapsed, view.lapses) == (True, "lapsed: plan it again")
