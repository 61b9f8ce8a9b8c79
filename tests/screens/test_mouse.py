"""The mouse on tabs, rows and hints; and the word against what waits for a second person."""

from __future__ import annotations

from penguintui.model.action import RunStatus
from penguintui.widgets.table import Table
from tests.screens.desk import FakeDesk
from tests.screens.driving import command, opened, press, settled, text_of
from tests.screens.operating import run_view


async def test_what_waits_for_a_second_person_can_be_refused() -> None:
    desk = FakeDesk()
    desk.running = run_view(RunStatus.WAITING)
    async with opened(desk) as (app, pilot, _):
        await press(app, pilot, "7", "n")
        assert not any(method == "refuse" for method, _ in desk.asked)
        await command(app, pilot, "arm 10m not tonight")
        await press(app, pilot, "n")
        assert ("refuse", {"run": 318}) in desk.asked


async def test_the_mouse_selects_and_switches() -> None:
    async with opened() as (app, pilot, _):
        tabs = text_of(app).splitlines()[0]
        await pilot.click("#header", offset=(tabs.index("2 Technical"), 0))
        await settled(app, pilot)
        assert app.page_name == "technical"
        table = app.query_one("#targets", Table)
        await pilot.click("#targets", offset=(5, 3))
        await settled(app, pilot)
        assert table.selected == table.shown_keys[2]
        await pilot.click("#targets", offset=(5, 3))
        await settled(app, pilot)
        assert app.page_name == "target"


async def test_a_hint_says_more_under_the_mouse() -> None:
    async with opened() as (app, pilot, _):
        await press(app, pilot, "2")
        footer = app.query_one("#keys")
        written = text_of(app).splitlines()[-1]
        await pilot.hover("#keys", offset=(written.index("f faults"), 0))
        assert footer.tooltip == "Hides what is fine, or shows it again."
        await pilot.hover("#keys", offset=(118, 0))
        assert footer.tooltip is None
