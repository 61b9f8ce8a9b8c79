"""The configuration's `keys`: as Textual names them, and what is wrong with those that cannot be followed."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

from textual.binding import Binding

from penguintui.config.problems import did_you_mean, shown
from penguintui.screens.keys import ACTIONS, BY_ID, UNBOUND

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MODIFIERS = ("ctrl", "shift", "alt", "super", "meta", "hyper")
_ALSO = {"esc": "escape", "return": "enter", "pgup": "pageup", "pgdn": "pagedown", "del": "delete", "ins": "insert"}
"""How people, and our own table of keys, write some of them."""


def _of_character(character: str) -> str:
    """A character's key: "?" is question_mark."""
    return "comma" if character == "," else next(iter(Binding.make_bindings([(character, "", "")]))).key


_NAMED = {
    *("escape", "enter", "tab", "space", "backspace", "delete", "insert"),
    *("home", "end", "pageup", "pagedown", "up", "down", "left", "right"),
    *(f"f{number}" for number in range(1, 25)),
    *map(_of_character, string.punctuation),
}


def keymap(wanted: Mapping[str, str]) -> tuple[dict[str, str], dict[str, tuple[str, str]]]:
    """The entries that can be followed, and for each other what is wrong with it, and what would be right.

    Of two actions on one key neither would be sure, so an entry that takes another action's key is not followed.
    """
    mapping: dict[str, str] = {}
    problems: dict[str, tuple[str, str]] = {}
    for name, text in wanted.items():
        keys = [_named(key.strip()) for key in (text.split(",") if text != "," else [text])]
        if name not in BY_ID:
            problems[name] = (f"no action of the viewer is called {shown(name)}", did_you_mean(name, BY_ID))
        elif None in keys:
            problems[name] = (f"{shown(text)} is no key", "a character, or a name such as f5, ctrl+q, space, pagedown")
        elif any(key in UNBOUND for key in keys):
            problems[name] = ("[, ] and O stay unbound, since torn escape sequences bring them", "give it another key")
        else:
            mapping[name] = ",".join(key for key in keys if key is not None)
    while clash := next(_clashes(mapping), None):
        name, other, key = clash
        del mapping[name]
        problems[name] = (f"{key} is the key of {other}", f"give it another key, or {other} too")
    return mapping, problems


def _named(key: str) -> str | None:
    """A key as Textual names it; None for what no terminal sends."""
    *modifiers, base = [key] if len(key) == 1 else [part.strip() for part in key.split("+")]
    modifiers = [modifier.lower() for modifier in modifiers]
    if not set(modifiers) <= {*_MODIFIERS}:
        return None
    if len(base) == 1 and base.isprintable():
        named = _of_character(base)
        return "+".join([*modifiers, named.lower() if modifiers else named])
    named = _ALSO.get(base.lower(), base.lower())
    return "+".join([*modifiers, named]) if named in _NAMED else None


def _clashes(mapping: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Entries that take a key which another action has, by the default or an entry of its own."""
    owners = {key: action.id for action in ACTIONS for key in mapping.get(action.id, action.keys).split(",")}
    owners |= {key: action.id for action in ACTIONS if action.id not in mapping for key in action.keys.split(",")}
    for name, keys in mapping.items():
        yield from ((name, owners[key], key) for key in keys.split(",") if owners[key] != name)
