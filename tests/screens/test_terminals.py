"""In a real pseudo-terminal: a wall that starts itself again, a reader that stops, and every kind of colour."""

from __future__ import annotations

import os
import re
import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.whole.terminal import Terminal

PROGRAM = [sys.executable, "-m", "tests.screens.programs"]
BASE = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLORTERM", "COLORFGBG", "TERM")}


@contextmanager
def running(*words: str, columns: int = 120, rows: int = 40, **environment: str) -> Iterator[Terminal]:
    terminal = Terminal([*PROGRAM, *words], {**BASE, "LANG": "C.UTF-8", **environment}, columns, rows)
    try:
        yield terminal
    finally:
        terminal.close()


def colours(terminal: Terminal) -> set[str]:
    """All colours of the screen's letters and grounds, but the terminal's own."""
    cells = [cell for row in terminal.screen.buffer.values() for cell in row.values()]
    return {colour for cell in cells for colour in (cell.fg, cell.bg)} - {"default"}


def test_a_wall_that_grew_starts_itself_again_in_the_same_process() -> None:
    with running("wall", "growing", columns=100, rows=30) as terminal:
        terminal.until(r"started itself again: its memory grew to \d+ MB")
        terminal.until("why mx2")
        os.kill(terminal.pid, 0)
        terminal.type("q")
        assert terminal.ended() == 0


@pytest.mark.parametrize(
    ("environment", "most"),
    [({"COLORTERM": "truecolor"}, None), ({"TERM": "xterm"}, 16), ({"TERM": "linux"}, 16), ({"NO_COLOR": "1"}, 0)],
)
@pytest.mark.parametrize("theme", ["dark", "light", "high-contrast", "colour-blind"])
def test_no_state_is_told_by_colour_alone(environment: dict[str, str], most: int | None, theme: str) -> None:
    """With all colours taken away each state still has its mark or its word, in every theme."""
    with running("viewer", theme, **environment) as terminal:
        terminal.until(r"degraded since 13:42")
        terminal.type("2")
        ascii_only = environment.get("TERM") == "linux"
        marks = (r"\[X\]", r"\[!\]", r"\[\?\]", r"\[ok\]") if ascii_only else ("◆", "▲", r"\?", "●")
        for mark, target in zip(marks, ("mx2.eu-1", "postgres/oltp", "redis/cache", "api.penguinmails"), strict=True):
            terminal.until(rf"{mark} +{re.escape(target)}")
        assert not ascii_only or terminal.text.isascii()
        found = colours(terminal)
        if most is not None:
            assert len(found) <= most, found
            assert not any(re.fullmatch("[0-9a-f]{6}", colour) for colour in found), found
        else:
            assert len(found) > 6
        terminal.type("q")
        assert terminal.ended() == 0


def test_an_unknown_theme_is_said_and_the_default_is_used() -> None:
    with running("viewer", "pink") as terminal:
        terminal.until(r"there is no theme pink; there are colour-blind, dark, high-contrast, light")


def test_a_theme_is_changed_while_it_runs() -> None:
    with running("viewer", "dark", COLORTERM="truecolor") as terminal:
        terminal.until(r"degraded since 13:42")
        assert "0d1117" in colours(terminal)
        terminal.type(":theme light\r")
        terminal.until("theme light: Light")
        for _ in range(40):
            if "0d1117" not in colours(terminal):
                break
            terminal._pump(0.05)
        assert "0d1117" not in colours(terminal)
        assert "fbfcfd" in colours(terminal)


def test_low_bandwidth_begins_low_and_says_so() -> None:
    with running("viewer", COLORTERM="truecolor", LOW="1", columns=160) as terminal:
        terminal.until("low bandwidth")
        assert not any(re.fullmatch("[0-9a-f]{6}", colour) for colour in colours(terminal))
        terminal.type("1")
        terminal.until(r"Mails per hour, today and a week ago.*[▁▂▃▄▅▆▇█]{20,} /var")


def test_a_reader_that_stops_finds_a_fresh_screen_and_the_viewer_never_waited(tmp_path: Path) -> None:
    beats = tmp_path / "beats"
    beats.touch()
    with running("viewer", "dark", "restless", COLORTERM="truecolor", BEATS=str(beats), columns=160) as terminal:
        terminal.until(r"live \d\d")
        before, deadline = beats.stat().st_size, time.monotonic() + 60
        # Nobody reads; keys still come in, and each brings another screen: more frames than the writer can queue.
        while beats.stat().st_size < before + 70 and time.monotonic() < deadline:
            terminal.type("1234567")
            time.sleep(0.4)
        assert beats.stat().st_size >= before + 70, "the event loop waited for the terminal"
        terminal.type("3")
        taken = terminal.taken
        terminal.until("link slow")
        terminal.until(r"DMARC.*Providers")
        assert terminal.taken - taken < 250_000, "what was missed is not sent"
        terminal.type("q")
        assert terminal.ended() == 0


def test_a_reader_that_is_slow_gets_less_and_less(tmp_path: Path) -> None:
    beats = tmp_path / "beats"
    beats.touch()
    with running("viewer", "dark", "restless", COLORTERM="truecolor", BEATS=str(beats), columns=200) as terminal:
        terminal.until(r"live \d\d")
        said = re.compile(r"link slow, [\d.]+ k?B/s: (fewer colours|no charts)")
        # It is looked for while the reader is slow, and a moment after: then the link is found to be well again.
        terminal.slowly, deadline = 300, time.monotonic() + 60
        slow_until = time.monotonic() + 15
        while not said.search(terminal.text) and time.monotonic() < deadline:
            if time.monotonic() > slow_until:
                terminal.slowly = 0
            for key in "13527":  # each of these pages is drawn, where those of keys that come together are not
                if terminal.slowly:
                    terminal.type(key)
                terminal._pump(0.0)
        assert said.search(terminal.text), terminal.text


class Hearing(Terminal):
    """Keeps what it was sent."""

    heard = b""

    def _take(self, data: bytes) -> None:
        self.heard += data
        super()._take(data)


@pytest.mark.needs("tmux", "tmux")
@pytest.mark.parametrize("option", ["set-clipboard on", "allow-passthrough on"])
def test_what_is_copied_inside_tmux_reaches_the_terminal_outside(tmp_path: Path, option: str) -> None:
    (tmp_path / "tmux.conf").write_text(f"set -g set-clipboard off\nset -g allow-passthrough off\nset -g {option}\n")
    environment = {**BASE, "LANG": "C.UTF-8", "TMUX_TMPDIR": str(tmp_path)}
    environment.pop("TMUX", None)
    program = shlex.join([*PROGRAM, "viewer"])
    terminal = Hearing(["tmux", "-f", str(tmp_path / "tmux.conf"), "new-session", program], environment, 120, 40)
    try:
        terminal.until("degraded since 13:42")
        terminal.type("2")
        terminal.until("mx2.eu-1")
        terminal.type("y")
        terminal.until("copied: mx2.eu-1")
        deadline = time.monotonic() + 10
        while b";bXgyLmV1LTE" not in terminal.heard and time.monotonic() < deadline:
            terminal._pump(0.05)
        assert re.search(rb"\]52;c?;bXgyLmV1LTE", terminal.heard)
        terminal.type("q")
        assert terminal.ended() == 0
    finally:
        terminal.close()
