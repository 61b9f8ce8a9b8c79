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

from penguintui.widgets.wire import Wire, WireUpdate

WIDTH, HEIGHT = 24, 4
STYLES = [Style(), Style(bold=True), Style(color="#ff5c57"), Style(color="#35b9a0", bgcolor="#0d1117")]
CONSOLE = Console(file=io.StringIO(), force_terminal=True, color_system="truecolor")
segments = st.builds(Segment, st.text(alphabet="ab 日●█", max_size=8), st.sampled_from(STYLES))
strips = st.lists(segments, max_size=6).map(lambda parts: Strip(parts).adjust_cell_length(WIDTH))
frames = st.lists(strips, min_size=HEIGHT, max_size=HEIGHT)


def terminal() -> tuple[pyte.Screen, pyte.Stream]:
    screen = pyte.Screen(WIDTH, HEIGHT)
    return screen, pyte.Stream(screen)


def shown(screen: pyte.Screen) -> list[list[tuple[str, str, str, bool]]]:
    rows = []
    for y in range(HEIGHT):
        line = [screen.buffer[y][x] for x in range(WIDTH)]
        rows.append([(cell.data, cell.fg if cell.data.strip() else "", cell.bg, cell.bold) for cell in line])
    return rows


@settings(max_examples=60, deadline=None)
@given(st.lists(frames, min_size=1, max_size=5))
def test_differences_add_up_to_the_whole(given_frames: list[list[Strip]]) -> None:
    wire = Wire()
    screen, stream = terminal()
    for frame in given_frames:
        stream.feed(wire.difference(LayoutUpdate([[strip] for strip in frame], Region(0, 0, WIDTH, HEIGHT)), CONSOLE))
        whole, fresh = terminal()
        fresh.feed(Wire().difference(LayoutUpdate([[strip] for strip in frame], Region(0, 0, WIDTH, HEIGHT)), CONSOLE))
        assert shown(screen) == shown(whole)


def test_one_changed_cell_costs_a_few_bytes_and_none_costs_nothing() -> None:
    wire = Wire()
    region = Region(0, 0, WIDTH, 1)

    def frame(text: str) -> LayoutUpdate:
        return LayoutUpdate([[Strip([Segment(text, STYLES[3])]).adjust_cell_length(WIDTH)]], region)

    wire.difference(frame("cpu 31 %"), CONSOLE)
    assert wire.difference(frame("cpu 31 %"), CONSOLE) == ""
    assert wire.difference(frame("cpu 32 %"), CONSOLE) == "\x1b[1;6H\x1b[0;38;2;53;185;160;48;2;13;17;23m2\x1b[0m"
    wire.forget()
    assert "cpu 32 %" in wire.difference(frame("cpu 32 %"), CONSOLE)


def test_an_update_knows_that_it_changes_nothing() -> None:
    wire = Wire()
    frame = LayoutUpdate([[Strip([Segment("cpu 31 %", STYLES[3])])]], Region(0, 0, 8, 1))
    assert WireUpdate(wire, frame, CONSOLE).text
    assert WireUpdate(wire, frame, CONSOLE).text == ""
