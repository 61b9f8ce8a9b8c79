"""Acting from the viewer: plans, confirmation, refusals, the way back."""

from __future__ import annotations

from penguintui.agent.protocol import READ_ONLY
from penguintui.model.action import RunStatus
from penguintui.screens.pane import ActionPane
from tests.screens.desk import FakeDesk
from tests.screens.driving import command, opened, press, text_of
from tests.screens.operating import run_view


async def test_a_read_only_viewer_sees_the_plan_and_is_told_how_to_arm() -> None:
    async with opened() as (app, pilot, desk):
        await press(app, pilot, "7", "x", "enter")
        shown = text_of(app)
        assert "proxy main: blue → green" in shown
        assert "The way back" in shown
        assert ":arm 10m" in shown
        assert not any(method == "run" for method, _ in desk.asked)


async def test_esc_leads_from_a_plan_back_to_the_list_that_it_was_chosen_from() -> None:
    async with opened() as (app, pilot, _):
        await press(app, pilot, "7", "down", "x")
        pane = app.query_one("#pane", ActionPane)
        assert pane.stage == "plan"
        await press(app, pilot, "escape")
        assert not pane.opened
        await press(app, pilot, "down", "x")
        assert pane.stage == "parameters", "down moved in the screen's own list, to the action that wants a release"


async def test_what_is_out_of_sight_is_not_planned() -> None:
    desk = FakeDesk()
    desk.running = run_view(RunStatus.SUCCEEDED)
    async with opened(desk) as (app, pilot, _):
        await press(app, pilot, "7", "down")
        await command(app, pilot, "runs 318")
        assert "Esc back to what can be done" in " ".join(text_of(app).split())
        await press(app, pilot, "x")
        assert app.query_one("#pane", ActionPane).stage == "choices"
        assert not any(method == "plan" for method, _ in desk.asked)


async def test_arming_and_running_a_dangerous_action_by_its_name() -> None:
    async with opened() as (app, pilot, desk):
        await command(app, pilot, "arm 10m release day")
        assert ("arm", {"for": "10m", "reason": "release day"}) in desk.asked
        await command(app, pilot, "run rollback")
        await press(app, pilot, *"yes", "enter")
        assert not any(method == "run" for method, _ in desk.asked)
        await press(app, pilot, *"production", "enter")
        asked = [said for method, said in desk.asked if method == "run"]
        assert [(said["plan"], said["confirm"]) for said in asked] == [("6d1f0c7a9b3e55", "production")]
        assert app.query_one("#pane", ActionPane).run == 318
        shown = text_of(app)
        assert "answered by green" in shown
        assert "▶ 4 switch" in shown


async def test_a_guarded_action_wants_yes_and_its_parameters() -> None:
    async with opened() as (app, pilot, desk):
        await command(app, pilot, "arm 10m release day")
        await press(app, pilot, "7", "x", "down", "enter")
        assert "which release" in text_of(app)
        await press(app, pilot, *"2026.11.24-3", "enter")
        assert ("plan", {"action": "deploy", "version": "2026.11.24-3"}) in desk.asked
        await press(app, pilot, "enter")
        assert not any(method == "run" for method, _ in desk.asked)
        await press(app, pilot, *"yes", "enter")
        assert [said["confirm"] for method, said in desk.asked if method == "run"] == ["yes"]


async def test_a_viewer_that_the_agent_does_not_know_as_armed_says_so() -> None:
    async with opened() as (app, pilot, desk):
        await command(app, pilot, "arm 10m release day")
        assert app.viewer.armed_until is not None
        await command(app, pilot, "run backup")
        desk.refuse = READ_ONLY
        await press(app, pilot, "enter")
        assert app.viewer.armed_until is None
        assert READ_ONLY in " ".join(text_of(app).split())


async def test_a_refusal_is_a_sentence() -> None:
    async with opened() as (app, pilot, desk):
        await command(app, pilot, "arm 10m release day")
        await command(app, pilot, "run backup")
        desk.refuse = "production is held by run 7 (ben@ops2) since 14:00:00Z"
        await press(app, pilot, "enter")
        assert desk.refuse in " ".join(text_of(app).split())
        await command(app, pilot, "run teapot")
        assert "there is no action teapot" in text_of(app)


async def test_nothing_acts_on_the_past() -> None:
    async with opened() as (app, pilot, desk):
        await command(app, pilot, "arm 10m release day")
        await press(app, pilot, "t", "enter", "7", "x", "enter", "enter")
        assert "the moment shown is past" in " ".join(text_of(app).split())
        assert not any(method == "run" for method, _ in desk.asked)


async def test_undo_of_a_finished_run_wants_the_name() -> None:
    desk = FakeDesk()
    desk.running = run_view(RunStatus.SUCCEEDED)
    async with opened(desk) as (app, pilot, _):
        await command(app, pilot, "arm 10m release day")
        await command(app, pilot, "runs 318")
        assert "Deploy 2026.11.24-3 to production" in text_of(app)
        await press(app, pilot, "u", *"production", "enter")
        assert [(s["run"], s["confirm"]) for m, s in desk.asked if m == "undo"] == [(318, "production")]


async def test_cancelling_a_run() -> None:
    desk = FakeDesk()
    desk.running = run_view(RunStatus.RUNNING)
    async with opened(desk) as (app, pilot, _):
        await press(app, pilot, "7", "c")
        assert not any(method == "cancel" for method, _ in desk.asked)
        await command(app, pilot, "arm 10m stop it")
        await press(app, pilot, "c")
        assert ("cancel", {"run": 318}) in desk.asked
