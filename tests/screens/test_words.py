"""What is typed, copied and swallowed: commands, times, the clipboard, torn escape sequences, the keys."""

from __future__ import annotations

import subprocess
import sys
from base64 import b64decode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penguintui.screens.clipboard import osc52
from penguintui.screens.commands import Known, complete, nearest, parameters, split
from penguintui.screens.fragments import Fragments, typed_apart
from penguintui.screens.keys import ACTIONS, UNBOUND, markdown
from penguintui.screens.looking import two_moments
from penguintui.terminal import prepare_terminal

NOW = 1_795_443_309.0  # 2026-11-23T14:15:09Z
DAY = NOW - NOW % 86400


@given(st.text(max_size=30))
def test_no_text_breaks_the_command_line(text: str) -> None:
    split(text)
    two_moments(text, NOW)
    complete(text, Known(("mx2",), ("deploy",)))
    assert nearest(text).startswith("there is no :")
    parameters(text.split())


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("14:00 14:10", (DAY + 14 * 3600, DAY + 14 * 3600 + 600)),
        ("14:10 14:00", (DAY + 14 * 3600, DAY + 14 * 3600 + 600)),
        ("14:00", (DAY + 14 * 3600, None)),
        ("yesterday 14:00", (DAY - 10 * 3600, None)),
        ("yesterday 14:00 14:00", (DAY - 10 * 3600, DAY + 14 * 3600)),
        ("yesterday 14:00 yesterday 14:10", (DAY - 10 * 3600, DAY - 10 * 3600 + 600)),
        ("2026-11-22 14:00 -2h", (DAY - 10 * 3600, NOW - 7200)),
        ("-2h now", (NOW - 7200, NOW)),
        ("deploy", ("deploy", None)),
        ("run 12 14:10", ("run 12", DAY + 14 * 3600 + 600)),
        ("run 12", ("run 12", None)),
        ("14:00 14:00", "both moments are 2026-11-23 14:00:00Z: nothing lies between them"),
        ("14:00 2026-12-24 14:00", "2026-12-24 14:00:00Z has not come yet"),
        ("", "which moments? :diff 14:00 14:10, or :since deploy"),
    ],
)
def test_two_moments_that_a_person_types(text: str, wanted: object) -> None:
    assert two_moments(text, NOW) == wanted


def test_completion() -> None:
    known = Known(("mx1", "mx2"), ("deploy", "rollback"))
    assert complete("te", known) == ["technical"]
    assert complete("goto m", known) == ["goto mx1", "goto mx2"]
    assert complete("run r", known) == ["run rollback"]
    assert "arm" in complete("", known)


def test_parameters() -> None:
    assert parameters(["a=1", "b="]) == ({"a": "1", "b": ""}, "")
    assert "NAME=VALUE" in parameters(["a"])[1]


def test_the_clipboard_sequence_reaches_through_tmux_and_screen() -> None:
    plain = osc52("mx2 ✓", {})
    assert plain.startswith("\x1b]52;c;")
    assert b64decode(plain[7:-1]).decode() == "mx2 ✓"
    own = osc52("a", {})
    assert osc52("a", {"TMUX": "x"}) == own + "\x1bPtmux;\x1b\x1b]52;c;YQ==\x07\x1b\\"
    wrapped = osc52("a" * 300, {"STY": "1"})
    assert wrapped.replace("\x1bP", "").replace("\x1b\\", "") == osc52("a" * 300, {})


SEQUENCES = ["[A", "[B", "OP", "[1;5C", "[3~", "[15~", "[<0;10;5M"]


@given(st.sampled_from(SEQUENCES), st.floats(0.0, 0.9))
def test_a_torn_sequence_is_swallowed_whole(sequence: str, apart: float) -> None:
    torn, now = Fragments(), 100.0
    assert not torn.swallow("escape", "\x1b", now)
    for character in sequence:
        now += apart
        assert torn.swallow(character, character, now), sequence
    assert not torn.swallow("q", "q", now)


def test_a_sequence_that_broke_off_after_two_characters_is_swallowed_too() -> None:
    torn = Fragments()
    assert torn.swallow("alt+left_square_bracket", None, 1.0)
    assert torn.swallow("A", "A", 1.5)
    assert not torn.swallow("A", "A", 1.6)
    assert typed_apart("alt+left_square_bracket") is None
    assert typed_apart("alt+2") == "2"
    assert typed_apart("x") is None


def test_what_a_person_types_is_not_swallowed() -> None:
    keys = Fragments()
    assert not keys.swallow("left_square_bracket", "[", 1.0)
    assert not keys.swallow("escape", "\x1b", 2.0)
    assert not keys.swallow("q", "q", 2.1)
    assert not keys.swallow("left_square_bracket", "[", 2.2)
    assert not keys.swallow("escape", "\x1b", 3.0)
    assert not keys.swallow("left_square_bracket", "[", 5.0)
    assert not keys.swallow("x", "x", 5.1)


def test_keys_are_unique_and_leave_the_brackets_alone() -> None:
    keys = [key for action in ACTIONS for key in action.keys.split(",")]
    assert len(keys) == len(set(keys))
    assert not set(keys) & {*UNBOUND, "[", "]"}
    assert len({action.id for action in ACTIONS}) == len(ACTIONS)


def test_the_table_of_keys_names_every_action() -> None:
    table = markdown({"act": "w"})
    assert all(action.tooltip in table for action in ACTIONS)
    assert "| `w` | Shows what can be done to the selected thing. |" in table


def test_the_terminal_is_prepared_without_overriding_what_the_user_set() -> None:
    environ = {"TEXTUAL_FPS": "12", "TERM": "vt220"}
    prepare_terminal(environ)
    assert environ["TEXTUAL_ANIMATIONS"] == "none"
    assert environ["TEXTUAL_FPS"] == "12"
    assert environ["TEXTUAL_COLOR_SYSTEM"] == "standard"
    assert environ["ESCDELAY"] == "400"


def test_nothing_heavy_is_imported_before_the_first_frame() -> None:
    heavy = "{'sqlalchemy', 'numpy', 'plotext', 'httpx', 'cryptography', 'pydantic', 'alembic'}"
    script = f"import sys, penguintui.app; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("options", [{"process_group": 0}, {"start_new_session": True}])
def test_a_shell_is_behind_what_it_gave_a_group_of_its_own(options: dict[str, Any]) -> None:
    asked = [sys.executable, "-c", "from penguintui.terminal import shell_behind; print(shell_behind())"]
    told = subprocess.run(asked, capture_output=True, text=True, check=True, **options).stdout
    assert told.strip() == str("process_group" in options)
