"""Big digits and letters, to be read from five metres: dots of a small font, each as large as there is room for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.style import Style

from penguintui.model.record import record
from penguintui.widgets.look import look

if TYPE_CHECKING:
    from collections.abc import Sequence

    from penguintui.widgets.line import Line

_ROWS = 5
_FONT = {
    "0": "### #.# #.# #.# ###",
    "1": ".#. ##. .#. .#. ###",
    "2": "### ..# ### #.. ###",
    "3": "### ..# ### ..# ###",
    "4": "#.# #.# ### ..# ..#",
    "5": "### #.. ### ..# ###",
    "6": "### #.. ### #.# ###",
    "7": "### ..# ..# ..# ..#",
    "8": "### #.# ### #.# ###",
    "9": "### #.# ### ..# ###",
    "A": "### #.# ### #.# #.#",
    "B": "##. #.# ##. #.# ##.",
    "C": "### #.. #.. #.. ###",
    "D": "##. #.# #.# #.# ##.",
    "E": "### #.. ##. #.. ###",
    "F": "### #.. ##. #.. #..",
    "G": "#### #... #.## #..# ####",
    "H": "#.# #.# ### #.# #.#",
    "I": "### .#. .#. .#. ###",
    "J": "..# ..# ..# #.# ###",
    "K": "#.# #.# ##. #.# #.#",
    "L": "#.. #.. #.. #.. ###",
    "M": "#...# ##.## #.#.# #...# #...#",
    "N": "#..# ##.# #.## #..# #..#",
    "O": "#### #..# #..# #..# ####",
    "P": "### #.# ### #.. #..",
    "Q": "####. #..#. #..#. #..#. #####",
    "R": "##. #.# ##. #.# #.#",
    "S": "### #.. ### ..# ###",
    "T": "### .#. .#. .#. .#.",
    "U": "#.# #.# #.# #.# ###",
    "V": "#.# #.# #.# #.# .#.",
    "W": "#...# #...# #.#.# ##.## #...#",
    "X": "#.# #.# .#. #.# #.#",
    "Y": "#.# #.# .#. .#. .#.",
    "Z": "### ..# .#. #.. ###",
    "d": "..# ..# ### #.# ###",
    "h": "#.. #.. ### #.# #.#",
    "k": "#.. #.# ##. #.# #.#",
    "m": "..... ..... ##### #.#.# #.#.#",
    "s": "... ### ##. .## ###",
    ".": ". . . . #",
    ",": ".. .. .. .# #.",
    ":": ". # . # .",
    "-": "... ... ### ... ...",
    "+": "... .#. ### .#. ...",
    "/": "..# ..# .#. #.. #..",
    "%": "#..# ...# ..#. .#.. #..#",
    "$": ".#. ### #.. ### .#.",
    "?": "### ..# .## ... .#.",
    "_": "... ... ... ... ###",
    " ": ".. .. .. .. ..",
}


@record
class Dot:
    """How large a dot of the font is: cells across, and half rows down. A cell is about twice as high as wide."""

    across: int
    halves: int


SMALL = Dot(1, 1)
_SIZES = (*(Dot(side, side) for side in (8, 6, 4, 3, 2)), Dot(1, 2), SMALL)


def can(text: str) -> bool:
    """Whether the font has every character of a text."""
    return bool(text) and all(character in _FONT for character in text)


def width_of_big(text: str, dot: Dot) -> int:
    """Cells that a text takes."""
    return max(0, sum(len(_FONT[c].split(" ")[0]) + 1 for c in text) - 1) * dot.across


def height_of_big(dot: Dot) -> int:
    """Rows that a text takes."""
    return (_ROWS * dot.halves + 1) // 2


def sizes() -> Sequence[Dot]:
    """The sizes that this terminal can show, the largest first: half rows need block characters."""
    return [dot for dot in _SIZES if not (look().ascii and dot.halves % 2)]


def fitting(texts: Sequence[str], width: int, height: int) -> Dot | None:
    """The largest size in which each of the texts fits into so many cells and rows; None when none does."""
    shown = [text for text in texts if can(text)]
    for dot in sizes():
        if height_of_big(dot) <= height and all(width_of_big(text, dot) <= width for text in shown):
            return dot
    return None


def big(text: str, dot: Dot) -> list[str]:
    """The rows of a text that the font `can` write, all of the same length."""
    halves: list[str] = []
    for row in range(_ROWS):
        dots = ".".join(_FONT[character].split(" ")[row] for character in text)
        halves.extend(["".join(one * dot.across for one in dots)] * dot.halves)
    if len(halves) % 2:
        halves.append("." * len(halves[0]))
    whole, upper, lower = ("#", "#", "#") if look().ascii else ("█", "▀", "▄")
    cells = {"..": " ", "##": whole, "#.": upper, ".#": lower}
    return [
        "".join(cells[a + b] for a, b in zip(top, bottom, strict=True))
        for top, bottom in zip(halves[::2], halves[1::2], strict=True)
    ]


def big_lines(text: str, style: Style, width: int, height: int) -> list[Line]:
    """A text as large as it fits; in one bold row where it does not fit at all or the font has no letters for it."""
    dot = fitting([text], width, height) if can(text) else None
    if dot is None:
        return [((text, style + Style(bold=True)),)]
    return [((row, style),) for row in big(text, dot)]
