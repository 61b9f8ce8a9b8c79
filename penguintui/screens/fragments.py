"""Swallows what is left of an escape sequence that a slow link tore apart.

An arrow key is sent as ESC, `[`, `A`. When the link delivers these more slowly than the terminal's parser waits,
they arrive as three keys, and the last could be a command. So after an ESC, a `[` or `O` within a second begins a
fragment; it and everything up to the sequence's last character is taken away.
"""

from __future__ import annotations

_SPAN = 1.0
_BEGINS = frozenset("[O")
_TOGETHER = {"alt+left_square_bracket": "[", "alt+O": "O", "alt+shift+o": "O"}
"""How the parser tells of a sequence that broke off after its second character."""


def typed_apart(key: str) -> str | None:
    """The key behind `alt+key` when somebody typed Esc and that key quickly one after the other; None for others."""
    rest = key.removeprefix("alt+")
    return rest if rest != key and key not in _TOGETHER else None


class Fragments:
    """Told of every key in order; says which of them are not meant."""

    def __init__(self) -> None:
        self._escaped_at: float | None = None
        self._inside: str = ""

    def swallow(self, key: str, character: str | None, now: float) -> bool:
        """Whether this key is part of a torn sequence. now: seconds from any start, never backwards."""
        if key in _TOGETHER:
            self._escaped_at, self._inside = now, _TOGETHER[key]
            return True
        fresh = self._escaped_at is not None and now - self._escaped_at <= _SPAN
        if key == "escape":
            self._escaped_at, self._inside = now, ""
            return False
        if not fresh:
            self._escaped_at, self._inside = None, ""
            return False
        if not self._inside:
            if character in _BEGINS:
                self._inside = character or ""
                self._escaped_at = now
                return True
            self._escaped_at = None
            return False
        return self._within(character, now)

    def _within(self, character: str | None, now: float) -> bool:
        """Parameters go on; a letter or `~` is the last character. Anything else was typed by a person."""
        if character is None or not character.isascii() or len(character) != 1:
            self._escaped_at, self._inside = None, ""
            return False
        if character.isdigit() or character in ";:<=>?":
            self._inside += character
            self._escaped_at = now
            return True
        self._escaped_at, self._inside = None, ""
        return character.isalpha() or character == "~"
