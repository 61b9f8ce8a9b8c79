"""From the program's start to its first frame, and to all data, beside a bare Textual app in the same run.

Promised: the frame within 1.2 times, all data within 2 times what the bare app (Header, Static, Footer) needs. The
viewer opens on an existing store whose agent lives: the demo's.
"""

from __future__ import annotations

import compileall
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measuring import Row
from benchmarks.terminals import VIEWER, Watched, platform, side_by_side

_RUNS = 9
_DOTS = "[\u2801-\u28ff]"
"""Of the chart of the target that stands first, which is drawn last."""
_BARE = """
from textual.app import App
from textual.widgets import Footer, Header, Static

class Bare(App):
    def compose(self):
        yield Header()
        yield Static("a bare application")
        yield Footer()

Bare().run()
"""


def _bare() -> Sequence[float]:
    terminal = Watched((sys.executable, "-c", _BARE), os.environ)
    frame = terminal.seen("a bare application")
    used = terminal.used()
    terminal.close()
    return frame, used


def _viewer() -> Sequence[float]:
    terminal = Watched((*VIEWER, "--screen", "technical"), os.environ)
    frame = terminal.seen("Executive")
    used_frame = terminal.used()
    data = terminal.seen(r"mx1-queue .*waiting")
    used = terminal.used()
    chart = terminal.seen(_DOTS)
    terminal.close()
    return frame, used_frame, data, used, chart


def measure() -> list[Row]:
    compileall.compile_dir(str(Path(__file__).parent.parent / "penguintui"), quiet=1)
    with platform():
        time.sleep(10)
        (bare, bare_used), (frame, frame_used, data, data_used, chart) = side_by_side(_RUNS, _bare, _viewer)
    return [
        Row("bare Textual app, first frame", bare * 1000, "ms"),
        Row("viewer, first frame", frame * 1000, "ms"),
        Row("viewer, all data", data * 1000, "ms"),
        Row("first frame / bare app", frame / bare, "", most=1.2),
        Row("all data / bare app", data / bare, "", most=2.0),
        Row("first frame / bare app, processor time", frame_used / bare_used, ""),
        Row("all data and a chart / bare app", chart / bare, ""),
        Row("all data / bare app, processor time", data_used / bare_used, ""),
    ]
