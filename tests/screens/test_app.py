"""The application as a person meets it, in a terminal of text: keys in, words out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from textual.command import CommandList
from textual.events import Key

from penguintui.app import Palette, PenguinApp
from penguintui.model.action import RunStatus
from penguintui.model.status import Status
from penguintui.screens.desk import DeskError
from penguintui.screens.keys import ACTIONS, TITLES
from penguintui.widgets.table import Table
from tests.screens.desk import FakeDesk, FrozenClock
from tests.screens.driving import TERMINAL, command, opened, press, seen, settled, text_of
from tests.screens.made import NOW
from tests.screens.operating import run_view

SIZES = [(120, 40), (80, 24)]


@pytest.mark.parametrize("size", SIZES)
async def test_every_screen_answers_its_question(size: tuple[int, int]) -> None:
    wanted = {
        "1": ("Production is degraded since 13:42.", "Delivery p95", "3m12s"),
        "2": ("mx2.eu-1", "/var full in 3h, now 97 %"),
        "3": ("203.0.113.12", "listed by Spamhaus", "DMARC"),
        "4": ("One login succeeded after 14 failures", "198.51.100.7"),
        "5": ("$18,204", "312"),
        "6": ("INC-17", "Outlook defers our mail"),
        "7": ("Deploy a release", "guarded", "dangerous"),
    }
    async with opened(size=size) as (app, pilot, _):
        for key, words in wanted.items():
            await press(app, pilot, key)
            shown = text_of(app)
            for word in (*words, "PRODUCTION", "agent 2s", "live 14:15:09Z"):
                assert word in shown, (key, word, shown)


async def test_the_first_frame_does_not_wait_for_the_store() -> None:
    app = PenguinApp(FakeDesk(), FrozenClock(), environ=TERMINAL)
    async with app.run_test(size=(80, 24)):
        assert app.frame is None or "PRODUCTION" in text_of(app)


@pytest.mark.parametrize("size", [(20, 5), (39, 12), (40, 11), (1, 1)])
async def test_a_terminal_that_is_too_small_gets_the_state_and_one_sentence(size: tuple[int, int]) -> None:
    async with opened(size=size) as (app, pilot, _):
        await press(app, pilot, "2", "down", "x", "escape")
        if size[0] > 5:
            assert "too small" in " ".join(text_of(app).split())
            assert "◆ 2" in text_of(app).splitlines()[0]
        await pilot.resize_terminal(80, 24)
        await settled(app, pilot)
        assert "mx2.eu-1" in text_of(app)


async def test_a_tiny_terminal_shows_the_worst() -> None:
    async with opened(size=(40, 12)) as (app, pilot, _):
        assert "degraded since 13:42" in text_of(app)
        await press(app, pilot, "2")
        assert "mx2.eu-1" in text_of(app)
        assert "◆ 2" in text_of(app)


async def test_ascii_mode_uses_nothing_else() -> None:
    async with opened(environ={"TERM": "linux", "LANG": "C"}) as (app, pilot, _):
        for key in "1234567":
            await press(app, pilot, key)
            strange = {character for character in text_of(app) if ord(character) > 126} - {"⠀"}
            assert not strange, (key, strange)
            assert "[X] 2" in text_of(app)


async def test_a_selection_stays_with_its_row_and_vanishes_with_it() -> None:
    async with opened() as (app, pilot, desk):
        await press(app, pilot, "2", "down", "down")
        table = app.query_one("#targets", Table)
        assert table.selected == "queue/email-sending"
        desk.trouble = False
        desk.number += 1
        app.want()
        await settled(app, pilot)
        assert table.selected == "queue/email-sending"
        await command(app, pilot, "filter mx")
        assert table.selected is None
        assert "queue/email" not in text_of(app)


async def test_entering_a_target_and_coming_back() -> None:
    async with opened() as (app, pilot, desk):
        await press(app, pilot, "2", "enter")
        shown = text_of(app)
        assert "Technical › mx2.eu-1" in shown
        assert "move the spool to /data" in shown
        assert desk.questions[-1].selected == "mx2.eu-1"
        await press(app, pilot, "escape")
        assert "Targets, worst first" in text_of(app)


async def test_filter_and_faults() -> None:
    async with opened() as (app, pilot, desk):
        await press(app, pilot, "2", "f")
        assert desk.questions[-1].faults_only
        assert "api.penguinmails" not in text_of(app)
        await press(app, pilot, "f", "slash", "r", "e", "d", "enter")
        assert desk.questions[-1].filter == "red"
        assert "1 of 23" in text_of(app)
        await press(app, pilot, "escape")
        assert desk.questions[-1].filter == ""


async def test_moments() -> None:
    async with opened() as (app, pilot, desk):
        await press(app, pilot, "t")
        assert desk.questions[-1].moment.at == NOW
        await press(app, pilot, "comma")
        assert desk.questions[-1].moment.at == NOW - 60
        assert "as of 2026-11-23" in text_of(app)
        await press(app, pilot, "t", "t")
        assert desk.questions[-1].moment.live
        await command(app, pilot, "at 13:00")
        assert desk.questions[-1].moment.at == NOW - NOW % 86400 + 13 * 3600
        await command(app, pilot, "live")
        assert desk.questions[-1].moment.live
        await command(app, pilot, "at teatime")
        assert "teatime is no time" in text_of(app)


async def test_an_unknown_command_names_the_nearest() -> None:
    async with opened() as (app, pilot, _):
        await command(app, pilot, "tecnical")
        assert "there is no :tecnical; did you mean :technical?" in text_of(app)
        await command(app, pilot, "technical")
        assert app.shown == "technical"


async def test_commands_of_the_demo_run_and_complete() -> None:
    async with opened(FakeDesk(trouble=False, demo=True)) as (app, pilot, desk):
        assert "type :break blocklisted" in text_of(app)
        await press(app, pilot, "colon", *"break b", "tab", "enter")
        await seen(app, pilot, "blocklisted has begun")
        assert desk.broken == ["blocklisted"]
        await command(app, pilot, "break teapot")
        assert "there is no such fault" in text_of(app)


async def test_blindness_is_said_and_dims_every_value() -> None:
    desk = FakeDesk()
    desk.blind = True
    async with opened(desk) as (app, pilot, _):
        assert "BLIND since 14:12:11Z" in text_of(app)
        verdict = app.query_one("#verdict")
        assert verdict.render_line(0)._segments[1].style.dim  # type: ignore[union-attr]
        desk.blind = False
        app.want()
        await settled(app, pilot)
        assert "BLIND" not in text_of(app)
        assert not verdict.render_line(0)._segments[1].style.dim  # type: ignore[union-attr]


async def test_help_lists_every_key_and_where_numbers_come_from() -> None:
    async with opened() as (app, pilot, _):
        await press(app, pilot, "question_mark")
        text = "\n".join("".join(part for part, _ in one) for one in app.screen.query_one("#help")._lines)  # type: ignore[attr-defined]
        assert all(action.tooltip.split(".")[0][:20] in text for action in ACTIONS)
        assert "Uptime, 30 days" in text
        assert "a query" in text
        await press(app, pilot, "escape")
        assert app.screen is app.screen_stack[0]


async def test_a_store_that_cannot_be_read_is_a_sentence() -> None:
    class Broken(FakeDesk):
        def version(self) -> int:
            raise OSError("disk I/O error")

        async def ask(self, method: str, **params: Any) -> dict[str, Any]:
            raise DeskError("no agent answers")

    app = PenguinApp(Broken(), FrozenClock(), environ=TERMINAL)
    async with app.run_test(size=(80, 24)) as pilot:
        await seen(app, pilot, "the store could not be read: disk I/O error")
        await pilot.press("2", "7", "x", "escape", "q")


async def test_while_the_store_is_away_what_is_shown_is_marked_and_then_no_more() -> None:
    class Away(FakeDesk):
        away = False

        def version(self) -> int:
            if self.away:
                raise OSError("no answer within 10 s")
            return super().version()

    desk, clock = Away(), FrozenClock()
    app = PenguinApp(desk, clock, environ=TERMINAL)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)

        async def shown(holds: Callable[[str], bool]) -> None:
            async with asyncio.timeout(20):
                while not holds(text_of(app)):
                    app.want()
                    await pilot.pause(0.02)

        assert "BLIND" not in text_of(app)
        desk.away, clock.at = True, NOW + 20
        await shown(lambda text: "no answer within 10 s" in text and "BLIND since 14:15:09Z" in text)
        assert "is out of sight since 14:15: the store cannot be read" in text_of(app)
        desk.away = False
        await shown(lambda text: "no answer within 10 s" not in text and "BLIND" not in text)
        assert "out of sight" not in text_of(app)


async def test_torn_escape_sequences_do_nothing() -> None:
    async with opened() as (app, pilot, desk):
        await command(app, pilot, "arm 10m release day")
        await press(app, pilot, "7", "escape", "left_square_bracket", "A")
        assert not any(method == "approve" for method, _ in desk.asked)
        await press(app, pilot, "escape", "O", "q")
        assert app.is_running


async def test_escape_and_a_key_typed_quickly_are_both_heard() -> None:
    async with opened() as (app, pilot, _):
        await press(app, pilot, "2", "enter")
        assert app.page_name == "target"
        await press(app, pilot, "alt+4")
        assert app.page_name == "security"


async def test_copying_uses_osc_52() -> None:
    async with opened() as (app, pilot, _):
        await press(app, pilot, "2", "y")
        assert app.clipboard == "mx2.eu-1: CRITICAL: /var full in 3h, now 97 %"
        await press(app, pilot, "enter", "Y")
        assert app.clipboard == "penguintui --goto mx2.eu-1"


def test_every_action_has_a_tooltip_and_a_handler() -> None:
    for action in ACTIONS:
        assert action.tooltip.endswith("."), action.id
        name = action.method.partition("(")[0]
        assert hasattr(PenguinApp, f"action_{name}"), action.id


async def test_keys_can_be_given_to_other_actions() -> None:
    async with opened(keys={"faults": "w", "teapot": "z", "act": "["}) as (app, pilot, desk):
        assert "no action of the viewer is called 'teapot'" in app.said
        await press(app, pilot, "2", "w")
        assert desk.questions[-1].faults_only


KEYS = st.sampled_from(
    [key for action in ACTIONS if action.id != "quit" for key in action.keys.split(",")]
    + ["a", "b", "left_square_bracket", "right_square_bracket", "O", "ctrl+a", "f5", "1", "9", "y", "e", "s"]
)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(KEYS, min_size=5, max_size=25), st.sampled_from([(120, 40), (80, 24), (40, 12), (20, 5)]))
async def test_no_sequence_of_keys_ends_the_app(keys: list[str], size: tuple[int, int]) -> None:
    desk = FakeDesk()
    desk.running = run_view(RunStatus.RUNNING)
    app = PenguinApp(desk, FrozenClock(), environ=TERMINAL)
    async with app.run_test(size=size) as pilot:
        for key in keys:
            await pilot.press(key)
        await pilot.pause()
        assert app._exception is None
        assert app.is_running


def test_titles_and_statuses_are_complete() -> None:
    assert len(TITLES) == 7
    assert {status.word for status in Status} == {"OK", "UNKNOWN", "WARNING", "CRITICAL"}


class Hasty(PenguinApp):
    """Somebody types before the first frame is there."""

    acted_on: object = "not furnished"

    def on_mount(self) -> None:
        for key in "27":
            self.post_message(Key(key, key))

    async def furnish(self) -> None:
        self.acted_on = self.page
        await super().furnish()


async def test_a_palette_that_is_being_taken_down_ends_nothing() -> None:
    async with opened() as (app, pilot, _):
        await pilot.press("ctrl+p")
        palette = app.screen
        assert isinstance(palette, Palette)
        found = palette.query_one(CommandList)
        await found.remove()
        palette._refresh_command_list(found, [], True)
        await pilot.press("escape")
        assert app.is_running


async def test_what_is_typed_before_the_first_page_is_kept_for_it() -> None:
    app = Hasty(FakeDesk(), FrozenClock(), environ=TERMINAL)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        assert app.acted_on is None
        assert app.page_name == "actions"
        assert list(app.query("#technical")), "the keys came in order"


async def test_a_command_can_be_typed_first_while_help_is_open() -> None:
    async with opened() as (app, pilot, _):
        await press(app, pilot, "question_mark")
        await press(app, pilot, "colon")
        await press(app, pilot, "escape", "escape")
        await command(app, pilot, "technical")
        assert app.page_name == "technical"


async def test_pages_are_made_ahead_only_where_somebody_is() -> None:
    async def calm() -> set[str | None]:
        for _ in range(12):
            app._tick()
            await settled(app, pilot)
        return {page.id for page in app.query_one("#pages").children}

    async with opened() as (app, pilot, _):
        assert await calm() == {"executive"}
        await press(app, pilot, "down")
        assert await calm() == set(TITLES)


async def test_a_reading_puts_the_next_tick_off() -> None:
    async with opened() as (app, pilot, _):
        before = app._next_tick
        await press(app, pilot, "2")
        after = app._next_tick
        assert before is not None
        assert after is not None
        assert before.cancelled()
        assert after.when() > before.when()


@pytest.mark.parametrize("shell", [True, False])
async def test_ctrl_z_stops_only_where_a_shell_can_wake_it(shell: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped: list[bool] = []
    monkeypatch.setattr("penguintui.screens.moving.shell_behind", lambda: shell)
    monkeypatch.setattr(PenguinApp, "action_suspend_process", lambda _: stopped.append(True))
    async with opened(size=(80, 24)) as (app, pilot, _):
        await press(app, pilot, "ctrl+z")
        assert stopped == ([True] if shell else [])
        assert ("there is no shell behind" in text_of(app)) is not shell
