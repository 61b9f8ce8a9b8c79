"""Looking back with keys and commands: the moment, the frame that says so, two moments compared, the link."""

from __future__ import annotations

import pytest

from penguintui.widgets.header import rule_line, state_line
from penguintui.widgets.line import text_of as plain
from tests.screens.desk import FakeDesk
from tests.screens.driving import command, opened, press, text_of
from tests.screens.made import NOW

DAY = NOW - NOW % 86400


async def test_the_moment_is_typed_and_t_t_returns() -> None:
    async with opened() as (app, pilot, desk):
        await press(app, pilot, "t")
        assert app.moment.at == NOW, "it is held at once"
        await press(app, pilot, *"13:00", "enter")
        assert app.moment.at == DAY + 13 * 3600
        await press(app, pilot, "t", "comma")
        assert app.moment.at == DAY + 13 * 3600 - 60
        await press(app, pilot, "comma", "full_stop", "greater_than_sign")
        assert app.moment.at == DAY + 14 * 3600 - 60
        await press(app, pilot, "greater_than_sign")
        assert app.moment.live, "a step beyond now is live"
        assert app.said == "this is live again"
        await press(app, pilot, "full_stop")
        assert app.said == "this is live: there is no later yet"
        await press(app, pilot, "less_than_sign", "t", "t")
        assert app.moment.live
        assert desk.questions[-1].moment.live
        await press(app, pilot, "t", "escape")
        assert app.moment.at == NOW


async def test_what_is_no_moment_is_said_and_nothing_moves() -> None:
    async with opened() as (app, pilot, _):
        await command(app, pilot, "at teatime")
        assert "teatime is no time: 14:05, yesterday 14:05" in text_of(app)
        await command(app, pilot, "at 2026-12-24 18:00")
        assert "2026-12-24 18:00:00Z has not come yet" in text_of(app)
        assert app.moment.live
        await command(app, pilot, "at yesterday 14:05")
        assert app.moment.at == DAY - 86400 + 14 * 3600 + 300
        await command(app, pilot, "at now")
        assert app.moment.live


async def test_the_frame_says_that_the_moment_is_past() -> None:
    async with opened(size=(80, 24)) as (app, pilot, _):
        assert "PAST" not in text_of(app)
        await command(app, pilot, "at 13:00")
        for key in "1234567":
            await press(app, pilot, key)
            assert "PAST: as of 2026-11-23 13:00:00Z" in text_of(app), key


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
async def test_the_past_is_said_at_every_width(width: int) -> None:
    async with opened() as (app, pilot, _):
        await command(app, pilot, "at 13:00")
        assert app.frame is not None
        assert "as of 2026-11-23 13:00:00Z" in plain(rule_line(app.frame, width))
        if width >= 80:
            assert "as of 2026-11-23 13:00:00Z" in plain(state_line(app.frame, width))


async def test_tab_offers_moments_at_which_something_happened() -> None:
    async with opened() as (app, pilot, _):
        await press(app, pilot, "t", *"14:1", "tab")
        assert "14:15  something happened, 0" in text_of(app)
        await press(app, pilot, *"2", "tab", "enter")
        assert app.moment.at == DAY + 14 * 3600 + 12 * 60


async def test_nothing_is_broken_or_released_in_the_past() -> None:
    async with opened() as (app, pilot, desk):
        await command(app, pilot, "at 13:00")
        await command(app, pilot, "break api-slow")
        assert "nothing acts on the past" in text_of(app)
        await command(app, pilot, "run backup")
        assert "nothing acts on the past" in " ".join(text_of(app).split())
        assert not desk.broken
        assert not any(method == "plan" for method, _ in desk.asked)


async def test_a_run_that_is_followed_is_not_shown_before_it_began() -> None:
    async with opened() as (app, pilot, desk):
        await command(app, pilot, "arm 10m release day")
        await command(app, pilot, "run backup")
        await press(app, pilot, "enter")
        assert "answered by green, probe 39" in text_of(app)
        desk.running = None
        await press(app, pilot, "less_than_sign")
        shown = " ".join(text_of(app).split())
        assert "run 318 had not begun at the moment shown" in shown
        assert "answered by green" not in shown


async def test_two_moments_are_compared() -> None:
    async with opened() as (app, pilot, desk):
        await press(app, pilot, "2")
        await command(app, pilot, "since deploy")
        assert (desk.questions[-1].since, desk.questions[-1].moment.live) == ("deploy", True)
        assert "Technical › 2026-11-23 13:15:09Z, release 2026.11.24-2" in text_of(app)
        assert "mx2.eu-1: Disk /var is CRITICAL" in text_of(app)
        await press(app, pilot, "down", "enter")
        assert app.entered == "mx2.eu-1"
        await command(app, pilot, "diff 13:00 13:10")
        assert (desk.questions[-1].since, desk.questions[-1].moment.at) == (DAY + 46800, DAY + 47400)
        assert "PAST: as of" in text_of(app)
        await command(app, pilot, "diff 13:00 13:00")
        assert "nothing lies between them" in text_of(app)
        await command(app, pilot, "diff teatime")
        assert "Nothing is called teatime" in text_of(app)
        await press(app, pilot, "escape")
        assert app.page_name == "technical"


async def test_the_link_opens_the_same_thing_at_the_same_moment() -> None:
    async with opened(FakeDesk()) as (app, pilot, _):
        assert app.way_here() == "penguintui --screen executive"
        await command(app, pilot, "at 13:00")
        await command(app, pilot, "goto mx2.eu-1")
        await press(app, pilot, "Y")
        assert app.way_here() == "penguintui --goto mx2.eu-1 --at 2026-11-23T13:00:00Z"
        assert "copied: penguintui --goto mx2.eu-1" in text_of(app)
        await command(app, pilot, "goto two words")
        assert "--goto 'two words'" in app.way_here()
        await command(app, pilot, "diff 12:00")
        assert app.way_here() == "penguintui diff 2026-11-23T13:15:09Z 2026-11-23T13:00:00Z"
