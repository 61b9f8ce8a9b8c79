"""The macros of SPF (RFC 7208, section 7): `%{ir}.%{v}._spf.%{d2}`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

_MACRO = re.compile(r"%\{([a-zA-Z])([0-9]*)([rR]?)([-.+,/_=]*)\}")
_ESCAPES = {"%%": "%", "%_": " ", "%-": "%20"}
_LETTERS = frozenset("slodiphv")
_TEXT_ONLY = frozenset("crt")
_LONGEST_NAME = 253


class MacroError(ValueError):
    """A string that is no macro-string; the message says where it breaks."""


@dataclass(frozen=True, slots=True)
class Macro:
    """One `%{…}`: its letter (lower case) and what is done to its value."""

    letter: str
    labels: int = 0
    reverse: bool = False
    delimiters: str = ""
    escape: bool = False

    def expand(self, value: str) -> str:
        """`value` split, reversed, cut to its rightmost labels, and URL-escaped, as asked."""
        if self.labels or self.reverse or self.delimiters:
            parts = re.split(f"[{re.escape(self.delimiters or '.')}]", value)
            if self.reverse:
                parts.reverse()
            value = ".".join(parts[-self.labels :])
        return quote(value, safe="-._~") if self.escape else value


Template = tuple[str | Macro, ...]
"""A macro-string taken apart."""


def parse_macros(text: str, *, explanation: bool = False) -> Template:
    """Takes a macro-string apart. The letters c, r and t, and spaces, are for explanations only.

    Raises MacroError.
    """
    parts: list[str | Macro] = []
    position = 0
    while position < len(text):
        if text[position] != "%":
            end = text.find("%", position)
            literal = text[position:] if end < 0 else text[position:end]
            _check_literal(literal, spaces=explanation)
            parts.append(literal)
            position += len(literal)
        elif (escape := text[position : position + 2]) in _ESCAPES:
            parts.append(_ESCAPES[escape])
            position += 2
        else:
            match = _MACRO.match(text, position)
            if match is None:
                raise MacroError(f"{text[position : position + 8]!r} is no macro: %{{letter…}}, %%, %_ or %- is meant")
            parts.append(_macro(match, explanation=explanation))
            position = match.end()
    return tuple(parts)


def _check_literal(text: str, *, spaces: bool) -> None:
    for character in text:
        if not ("!" <= character <= "~" or (spaces and character == " ")):
            raise MacroError(f"the character {character!r} is not allowed: only visible ASCII is")


def _macro(match: re.Match[str], *, explanation: bool) -> Macro:
    letter, digits, reverse, delimiters = match.groups()
    lower = letter.lower()
    if lower not in _LETTERS and not (explanation and lower in _TEXT_ONLY):
        where = "is for explanations only" if lower in _TEXT_ONLY else "does not exist"
        raise MacroError(f"the macro letter {letter!r} {where}")
    if digits and not int(digits):
        raise MacroError(f"{match.group()}: the number of labels must not be 0")
    return Macro(lower, min(int(digits or 0), 128), bool(reverse), delimiters, letter.isupper())


def letters(template: Template) -> set[str]:
    """The macro letters that a template needs."""
    return {part.letter for part in template if isinstance(part, Macro)}


def expand(template: Template, values: Mapping[str, str]) -> str:
    """The template with its macros replaced; `values` has one string for each of `letters(template)`."""
    return "".join(part if isinstance(part, str) else part.expand(values[part.letter]) for part in template)


def expand_name(template: Template, values: Mapping[str, str]) -> str:
    """As `expand`, for a name to ask: no last dot, and labels dropped on the left until it fits (7.3)."""
    name = expand(template, values).removesuffix(".")
    while len(name) > _LONGEST_NAME and "." in name:
        name = name.partition(".")[2]
    return name


def is_name(name: str) -> bool:
    """Whether DNS can be asked for it: labels of 1 to 63 bytes, 253 in all, at least two (4.3)."""
    labels: Sequence[str] = name.removesuffix(".").split(".")
    return len(labels) > 1 and len(name) <= _LONGEST_NAME + 1 and all(0 < len(label) < 64 for label in labels)
