"""The cells of a terminal: what a strip of text is made of, and the codes that change from one style to another."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.strip import Strip

if TYPE_CHECKING:
    from rich.color import ColorSystem

Cell = tuple[str, str]
"""A character and the codes of its style. The second cell of a wide character has none.

A blank has the codes of its ground alone, unless its style draws something where nothing stands.
"""

_FOREGROUNDS = frozenset(map(str, (*range(30, 38), *range(90, 98))))
_BACKGROUNDS = frozenset(map(str, (*range(40, 48), *range(100, 108))))
_SEEN_ON_BLANKS = frozenset(("4", "7", "9", "21", "51", "52", "53"))
"""Codes of attributes that a blank shows too: lines through, over, under and around it, and reversed colours."""


@lru_cache(4096)
def _parts(codes: str) -> tuple[tuple[str, ...], str, str]:
    """Codes as attributes, foreground and background."""
    attributes, foreground, background = [], "", ""
    rest = codes.split(";") if codes else []
    while rest:
        length = {"2": 5, "5": 3}[rest[1]] if rest[0] in ("38", "48") else 1
        code, rest = ";".join(rest[:length]), rest[length:]
        if code in _FOREGROUNDS or code.startswith("38;"):
            foreground = code
        elif code in _BACKGROUNDS or code.startswith("48;"):
            background = code
        elif code not in ("39", "49"):  # the terminal's own colours, which are there without a code
            attributes.append(code)
    return tuple(attributes), foreground, background


@lru_cache(4096)
def ground(codes: str) -> str:
    """The codes of a blank in a style."""
    attributes, _, background = _parts(codes)
    return background if _SEEN_ON_BLANKS.isdisjoint(attributes) else codes


@lru_cache(4096)
def switch(before: str, codes: str) -> str:
    """What changes one style into another: what differs, or everything anew where that is less."""
    (had, foreground, background), (has, letters, behind) = _parts(before), _parts(codes)
    anew = f"\x1b[0;{codes}m" if codes else "\x1b[0m"
    if not set(had) <= set(has):  # an attribute has no code of its own that every terminal takes it back with
        return anew
    changes = [attribute for attribute in has if attribute not in had]
    if letters != foreground:
        changes.append(letters or "39")
    if behind != background:
        changes.append(behind or "49")
    return min((f"\x1b[{';'.join(changes)}m", anew), key=len)


class _Letters(dict[str, "Cell | None"]):
    """The cells of characters in one style; None for a character that does not take one cell."""

    def __init__(self, codes: str) -> None:
        self._codes = codes

    def __missing__(self, character: str) -> Cell | None:
        codes = ground(self._codes) if character == " " else self._codes
        self[character] = made = (character, codes) if cell_len(character) == 1 else None
        return made


@lru_cache(1024)
def _letters(codes: str) -> _Letters:
    return _Letters(codes)


def cells_of(strip: Strip, colours: ColorSystem) -> list[Cell]:
    """A strip, cell by cell."""
    cells: list[Cell] = []
    for segment in strip:
        if segment.control:
            continue
        codes = Strip.render_ansi(segment.style, colours) if segment.style is not None else ""
        drawn = list(map(_letters(codes).__getitem__, segment.text))
        if None not in drawn:
            cells.extend(drawn)  # type: ignore[arg-type]  # there is none, as was just looked
            continue
        for character in segment.text:
            width = cell_len(character)
            if width:
                cells.append((character, ground(codes) if character == " " else codes))
                cells.extend(("", codes) for _ in range(width - 1))
            elif cells:  # a combining character belongs to the cell before it
                cells[-1] = (cells[-1][0] + character, cells[-1][1])
    return cells
