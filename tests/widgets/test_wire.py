"""What is sent as a difference shows the same as what would have been sent as a whole."""

from __future__ import annotations

import io

import pyte
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from penguintui.widgets.cells import ground, switch
from penguintui.widgets.wire import Wire, WireUpdate

WIDTH, HEIGHT = 24, 4
GREEN = Style(color="#35b9a0", bgcolor="#0d1117")
STYLES = [
    Style(),
    Style(bold=True),
    Style(bold=True, reverse=True, color="red"),
    Style(color="#ff5c57"),
    GREEN,
    Style(color="#35b9a0", bgcolor="#ff5c57", dim=True),
    Style(color="color(200)", bgcolor="bright_blue"),
]
CONSOLE = Console(file=io.StringIO(), force_terminal=True, color_system="truecolor")
segments = st.builds(Segment, st.text(alphabet="ab 日●█", max_size=8), st.sampled_from(STYLES), st.none())
strips = st.lists(segments, max_size=6).map(lambda parts: Strip(parts).adjust_cell_length(WIDTH))
frames = st.lists(strips, min_size=HEIGHT, max_size=HEIGHT)


def terminal() -> tuple[pyte.Screen, pyte.Stream]:
    screen = pyte.Screen(WIDTH, HEIGHT)
    return screen, pyte.Stream(screen)


def shown(screen: pyte.Screen) -> list[list[tuple[object, ...]]]:
    rows = []
    for y in range(HEIGHT):
        line = [screen.buffer[y][x] for x in range(WIDTH)]
        # Of a blank nobody sees the letters' colour, nor whether it is bold.
        rows.append(
            [(cell.data, *((cell.fg, cell.bold) if cell.data != " " else ()), cell.bg, cell.reverse) for cell in line]
        )
    return rows


@settings(max_examples=60, deadline=None)
@given(st.lists(frames, min_size=1, max_size=5))
def test_differences_add_up_to_the_whole(given_frames: list[list[Strip]]) -> None:
    """To what Textual writes, which sends all of it with whole styles."""
    wire = Wire()
    screen, stream = terminal()
    for frame in given_frames:
        update = LayoutUpdate([[strip] for strip in frame], Region(0, 0, WIDTH, HEIGHT))
        stream.feed(wire.difference(update, CONSOLE))
        whole, fresh = terminal()
        for y, strip in enumerate(frame):
            fresh.feed(f"\x1b[{y + 1};1H{strip.render(CONSOLE)}")
        assert shown(screen) == shown(whole)


def test_only_what_differs_of_a_style_is_sent() -> None:
    red, blue = "38;2;255;0;0;48;2;1;2;3", "38;2;0;0;255;48;2;1;2;3"
    assert switch("", red) == f"\x1b[{red}m"
    assert switch(red, blue) == "\x1b[38;2;0;0;255m"
    assert switch(red, f"1;{blue}") == "\x1b[1;38;2;0;0;255m"
    assert switch(f"1;{red}", red) == f"\x1b[0;{red}m"
    assert switch(red, "48;2;1;2;3") == "\x1b[39m"
    assert switch("31;44", "38;5;9;44") == "\x1b[38;5;9m"
    assert switch(red, "") == "\x1b[0m"
    assert ground(f"1;{red}") == "48;2;1;2;3"
    assert ground(f"4;{red}") == f"4;{red}"


def test_one_changed_cell_costs_a_few_bytes_and_none_costs_nothing() -> None:
    wire = Wire()
    region = Region(0, 0, WIDTH, 1)

    def frame(text: str) -> LayoutUpdate:
        return LayoutUpdate([[Strip([Segment(text, GREEN)]).adjust_cell_length(WIDTH)]], region)

    wire.difference(frame("cpu 31 %"), CONSOLE)
    assert wire.difference(frame("cpu 31 %"), CONSOLE) == ""
    assert wire.difference(frame("cpu 32 %"), CONSOLE) == "\x1b[1;6H\x1b[38;2;53;185;160;48;2;13;17;23m2\x1b[0m"
    wire.forget()
    assert "cpu 32 %" in wire.difference(frame("cpu 32 %"), CONSOLE)


def test_an_update_knows_that_it_changes_nothing() -> None:
    wire = Wire()
    frame = LayoutUpdate([[Strip([Segment("cpu 31 %", GREEN)])]], Region(0, 0, 8, 1))
    assert WireUpdate(wire, frame, CONSOLE).text
    assert WireUpdate(wire, frame, CONSOLE).text == ""
