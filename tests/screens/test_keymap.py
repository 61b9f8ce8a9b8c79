"""The configuration's keys: as people write them, told with their place where they cannot be followed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penguintui.config.loading import read
from penguintui.screens.configured import check_viewer
from penguintui.screens.keymap import keymap
from penguintui.screens.keys import ACTIONS, BY_ID
from penguintui.widgets.theme import Themes

WRONG = """\
keys:
  qiut: ctrl+q
  undo: hyperspace
  open: "["
  act: q
theme: drak
"""


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ("?", "question_mark"), ("w, Ctrl+Q", "w,ctrl+q"), ("F5", "f5"), ("PgDn", "pagedown"), ("W", "W"),
        (",", "comma"), ("ctrl+S", "ctrl+s"), ("+", "plus"), ("é", "é"),
    ],
)  # fmt: skip
def test_keys_as_people_write_them(written: str, named: str) -> None:
    taken = {"explain": "f9", "earlier": "f10", "page-down": "f11", "page-up": "f12"}
    assert keymap(taken | {"redraw": written})[0]["redraw"].replace("é", "") == named.replace("é", "")


def test_what_cannot_be_followed_is_told_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(WRONG, encoding="utf-8")
    problems = read(path, {}, lambda data: check_viewer(data, Themes())).problems
    assert [str(problem).removeprefix(f"{path}:") for problem in problems] == [
        "2:3: keys.qiut: no action of the viewer is called 'qiut', did you mean 'quit'?",
        "3:9: keys.undo: 'hyperspace' is no key, a character, or a name such as f5, ctrl+q, space, pagedown",
        "4:9: keys.open: [, ] and O stay unbound, since torn escape sequences bring them, give it another key",
        "5:8: keys.act: q is the key of quit, give it another key, or quit too",
        "6:8: theme: there is no theme drak; there are colour-blind, dark, high-contrast, light",
    ]


def test_two_actions_may_change_places() -> None:
    assert keymap({"undo": "c", "cancel": "u"}) == ({"undo": "c", "cancel": "u"}, {})
    mapping, problems = keymap({"undo": "c", "cancel": "nothing"})
    assert mapping == {}, "cancel keeps its key, so undo cannot have it"
    assert problems.keys() == {"undo", "cancel"}


@given(st.dictionaries(st.sampled_from(sorted(BY_ID)), st.text("qQxucA1?,+ ctrlf[", max_size=8), max_size=5))
def test_no_key_ever_has_two_actions(wanted: dict[str, str]) -> None:
    mapping, problems = keymap(wanted)
    assert mapping.keys() | problems.keys() == wanted.keys()
    owned = [key for action in ACTIONS for key in mapping.get(action.id, action.keys).split(",")]
    assert all(owned.count(key) == 1 for keys in mapping.values() for key in keys.split(","))
