"""A wall holds the worst, hides nothing, turns what is calm, and is seen to be blind."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penguintui.model.moment import LIVE
from penguintui.model.status import Status
from penguintui.screens.wall import WallApp
from penguintui.screens.watchdog import Bounds, Vitals, ailment
from penguintui.views.models.wall import Room, Wall
from penguintui.views.wall import blind_since, page
from penguintui.widgets.line import text_of
from penguintui.widgets.look import ASCII, COLOURS, UNICODE, use
from penguintui.widgets.wall import SHIFTS, face, room, shift
from tests.screens.desk import FakeDesk, FrozenClock
from tests.screens.driving import TERMINAL, seen
from tests.screens.made import NOW
from tests.screens.walls import WallDesk, item, wall

OK, UNKNOWN, WARNING, CRITICAL = Status.OK, Status.UNKNOWN, Status.WARNING, Status.CRITICAL
SIZES = [(80, 24), (120, 40), (240, 67)]
ROOM = Room(lines=4, beside=3, promises=4, figures=4)

statuses = st.lists(st.sampled_from([UNKNOWN, WARNING, CRITICAL]), max_size=30)
times = st.floats(0, 4e9)
rooms = st.builds(Room, *(st.integers(1, 12) for _ in range(4)))


@pytest.fixture(autouse=True)
def _unicode() -> None:
    use(UNICODE)


def made(found: list[Status], heard: float | None) -> Wall:
    return wall(*(item(f"t{number}", status) for number, status in enumerate(found)), heard=heard)


def drawn(shown: Wall, now: float = NOW, size: tuple[int, int] = (80, 24), said: str = "") -> str:
    frame = FakeDesk(trouble=bool(shown.items))._frame(LIVE)
    up = page(shown, now, room=room(shown, *size))
    return "\n".join(text_of(one) for one in face(shown, frame, up, now, *size, said))


# which page is up


@given(statuses, times, st.floats(1, 600), rooms)
def test_the_worst_is_held_whatever_the_time(found, now, turn, space):
    shown = made(found, now)
    up = page(shown, now, turn=turn, room=space)
    if CRITICAL in found:
        assert up.kind == "held"
        assert up.held is shown.items[0]
        assert up.held.status is CRITICAL
    else:
        assert up.kind in ("items", "promises", "figures", "calm")


@given(st.integers(1, 20), st.lists(st.sampled_from([UNKNOWN, WARNING])), st.integers(0, 10**6), st.integers(1, 4))
def test_no_critical_stays_hidden(criticals, others, step, beside):
    """Each stands beside the first, or takes its turn; after one round all of them were up."""
    found = [CRITICAL] * criticals + others
    shown, space = made(found, 1e12), replace(ROOM, beside=beside)
    seen = set()
    for turn in range(len(found) + 1):
        up = page(shown, (step + turn) * 20.0, turn=20.0, room=space)
        seen |= {one.key for one in up.items if one.status is CRITICAL}
        seen |= {up.held.key} if up.held else set()
    assert seen == {one.key for one in shown.criticals}


def test_a_second_critical_stands_beside_the_first():
    shown = wall(item("mx1"), item("mx2"), item("db", WARNING))
    text = drawn(shown)
    assert "mx2" in text
    assert "2 critical" in text
    assert "db" in text


@given(st.lists(st.sampled_from([UNKNOWN, WARNING]), max_size=30), st.integers(0, 10**6), rooms)
def test_what_is_calm_takes_turns_and_all_of_it_is_seen(found, step, space):
    shown = made(found, 1e12)
    pages = [page(shown, (step + turn) * 20.0, turn=20.0, room=space) for turn in range(400)]
    assert all(up.number <= up.of for up in pages)
    assert {card.name for up in pages for card in up.promises} == {card.name for card in shown.promises}
    assert {one.name for up in pages for one in up.figures} == {one.name for one in shown.figures}
    assert {one.key for up in pages for one in up.items} == {one.key for one in shown.items}


@given(statuses, times, st.one_of(st.none(), st.floats(0, 1e6)))
def test_old_data_is_blindness_and_only_that(found, now, silence):
    shown = made(found, None if silence is None else now - silence)
    blind = page(shown, now, room=ROOM).kind == "blind"
    assert blind == (blind_since(shown, now) is not None)
    if silence is None or silence <= 3.0 - 1e-6:
        assert not blind
    elif silence > 3.1 and now > 1e-3:
        assert blind == (now - shown.heard > 3.0)


@given(statuses, times, rooms)
def test_the_same_wall_at_the_same_time_is_the_same_page(found, now, space):
    assert page(made(found, now), now, room=space) == page(made(found, now), now, room=space)


def test_a_broken_promise_comes_before_a_target_that_is_as_bad():
    shown = wall(item("mx2"), item("Delivery p95", big="3m12s"))
    assert page(shown, NOW, room=ROOM).held.name == "Delivery p95"


# how it is drawn


@pytest.mark.parametrize("size", [*SIZES, (40, 12), (20, 5), (1, 1)])
@pytest.mark.parametrize("ascii_only", [False, True])
@pytest.mark.parametrize(
    "shown", [wall(), wall(item("mx2")), wall(item("a", WARNING)), wall(item("b"), heard=NOW - 99)]
)
def test_every_size_is_filled_and_never_overfilled(size, ascii_only, shown):
    use(ASCII if ascii_only else UNICODE)
    up = page(shown, NOW, room=room(shown, *size))
    frame = FakeDesk(trouble=bool(shown.items))._frame(LIVE)
    for hour in range(len(SHIFTS)):
        lines = face(shown, frame, up, NOW + hour * 3600, *size)
        assert len(lines) == size[1]
        if size[0] >= 40:
            assert all(len(text_of(one)) <= size[0] for one in lines)
        if ascii_only:
            assert text_of(sum(lines, ())).isascii()


@pytest.mark.parametrize("size", SIZES)
def test_no_badge_is_red_while_nothing_is_wrong(size):
    shown = wall()
    frame = FakeDesk(trouble=False)._frame(LIVE)
    for turn in range(4):
        now = NOW + turn * 20
        shown = replace(shown, heard=now)
        up = page(shown, now, room=room(shown, *size))
        colours = {style.color.name for one in face(shown, frame, up, now, *size) for _, style in one if style.color}
        assert not colours & {COLOURS[CRITICAL], COLOURS[WARNING], COLOURS[UNKNOWN]}


def test_the_clock_shows_seconds_and_the_age_of_the_data():
    assert "14:15:09Z" in drawn(wall())
    assert "data 2s old" in drawn(wall())
    assert "14:15:10Z" in drawn(wall(), NOW + 1)


def test_blindness_is_seen_and_what_was_known_is_dimmed():
    shown = wall(item("mx2"), heard=NOW - 180)
    up = page(shown, NOW, room=room(shown, 80, 24))
    lines = face(shown, FakeDesk()._frame(LIVE), up, NOW, 80, 24)
    assert "since 14:12:09Z, 3m" in "\n".join(text_of(one) for one in lines)
    row = next(one for one in lines if "why mx2" in text_of(one))
    assert all(style.dim for text, style in row if text.strip())


def test_an_old_number_is_no_fine_number():
    fine = wall()
    stale = replace(fine.promises[0], now=replace(fine.promises[0].now, stale=True, age="9m"))
    text = drawn(replace(fine, promises=(stale,), figures=()))
    assert "stale 9m" in text


def test_the_picture_moves_by_one_cell_an_hour_and_comes_back():
    places = [shift(hour * 3600.0) for hour in range(2 * len(SHIFTS))]
    for (x, y), (next_x, next_y) in pairwise(places):
        assert abs(x - next_x) + abs(y - next_y) == 1
    assert places[0] == places[len(SHIFTS)]
    assert shift(3599.0) == shift(0.0)


# the app


async def test_keys_are_locked_but_quit() -> None:
    app = WallApp(WallDesk(wall(item("mx2"))), FrozenClock(), environ=TERMINAL)
    async with app.run_test(size=(80, 24)) as pilot:
        await seen(app, pilot, "why mx2")
        await pilot.press("x", "colon", "slash", "1", "ctrl+p", "escape", "tab", "enter")
        assert app.is_running
        assert len(app.screen_stack) == 1
        await pilot.press("q")
        await pilot.pause()
        assert app._exit


async def test_the_wall_goes_blind_while_the_store_cannot_be_read() -> None:
    desk, clock = WallDesk(wall(item("mx2", WARNING))), FrozenClock()
    app = WallApp(desk, clock, speed=50.0, environ=TERMINAL)
    async with app.run_test(size=(80, 24)) as pilot:
        await seen(app, pilot, "page")
        desk.fails = "the disk is gone"
        clock.at += 30
        shown = await seen(app, pilot, "held: blind")
        assert "data 32s old" in shown
        await seen(app, pilot, "the disk is gone")
        desk.fails, desk.shown = "", wall(item("mx2", WARNING), heard=clock.at)
        desk.number += 1
        assert "blind" not in await seen(app, pilot, "data 0s old")


async def test_a_new_critical_is_jumped_to() -> None:
    desk = WallDesk(wall())
    app = WallApp(desk, FrozenClock(), speed=50.0, environ=TERMINAL)
    async with app.run_test(size=(120, 40)) as pilot:
        await seen(app, pilot, "page")
        desk.shown = wall(item("mx2"))
        desk.number += 1
        assert "why mx2" in await seen(app, pilot, "held by the worst")


# health

WELL = Vitals(memory=90_000_000, up=3600.0, loop=0.5)
BOUNDS = Bounds()


def test_a_wall_that_is_well_goes_on():
    assert ailment(WELL, BOUNDS) == ""


@pytest.mark.parametrize(
    ("ill", "words"),
    [
        (replace(WELL, memory=201_000_000), "its memory grew to 201 MB"),
        (replace(WELL, loop=31.0), "it did not move for 31s"),
        (replace(WELL, reading=121.0), "a reading of the store took 121s"),
    ],
)
def test_what_makes_it_start_again(ill, words):
    assert ailment(ill, BOUNDS) == words
    assert ailment(replace(ill, up=59.0), BOUNDS) == "", "it would start again and again"


def test_waiting_for_a_terminal_is_no_illness():
    assert ailment(replace(WELL, loop=600.0, link_stalled=True), BOUNDS) == ""
