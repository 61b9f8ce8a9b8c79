"""Themes: the colours of a file in the place of our own, as many as the terminal and its link can take.

Everything is drawn in the colours of `widgets.look`. What leaves for the terminal passes a filter that puts the
theme's colours in their place, or the nearest of sixteen, or none. So no widget knows which theme is in force.
"""

from __future__ import annotations

import enum
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.filter import LineFilter

from penguintui.model.record import record
from penguintui.widgets.look import PALETTE

if TYPE_CHECKING:
    from textual.color import Color

OWN = Path(__file__).resolve().parent.parent / "themes"
DEFAULT, LIGHT = "dark", "light"
_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_SIXTEEN = (
    "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
    "bright_black", "bright_red", "bright_green", "bright_yellow",
    "bright_blue", "bright_magenta", "bright_cyan", "bright_white",
)  # fmt: skip
_LARGEST = 64_000
_TITLE, _DARK, _BASE, _COLOURS, _BY_NUMBER = "title", "dark", "base", "colours", "sixteen"


class ThemeError(Exception):
    """A theme cannot be used; the text says which, why, and what to do."""


@record
class Theme:
    """A theme. Both mappings are complete: a colour for each name of `look.PALETTE`.

    colours: "#rrggbb". sixteen: one of the sixteen names of a terminal's own colours.
    """

    name: str
    title: str
    dark: bool
    colours: Mapping[str, str]
    sixteen: Mapping[str, str]


class Depth(enum.IntEnum):
    """How many colours are sent."""

    NONE = 0
    SIXTEEN = 1
    ALL = 2


@record
class Themes:
    """The themes that come with the program, and those of a folder, which win over them."""

    folder: Path | None = None

    def names(self) -> list[str]:
        """What there is, in order."""
        found = [*OWN.glob("*.toml")]
        if self.folder is not None and self.folder.is_dir():
            found += self.folder.glob("*.toml")
        return sorted({path.stem for path in found})

    def load(self, name: str) -> Theme:
        """A theme by its name. Raises ThemeError."""
        return self._load(name, ())

    def _load(self, name: str, under: Sequence[str]) -> Theme:
        if name in under:
            raise ThemeError(f"theme {under[0]}: its bases go round in a circle: {' → '.join([*under, name])}")
        path = self._path(name)
        if path is None:
            raise ThemeError(f"there is no theme {name}; there are {', '.join(self.names())}")
        section = _read(path)
        if path.parent == OWN and _BASE not in section:
            colours: dict[str, str] = {}
            sixteen: dict[str, str] = {}
        else:
            base = self._load(str(section.get(_BASE, DEFAULT)), (*under, name))
            colours, sixteen = dict(base.colours), dict(base.sixteen)
        colours |= _checked(section, _COLOURS, path, "a colour such as #35b9a0", _HEX.fullmatch)
        sixteen |= _checked(section, _BY_NUMBER, path, f"one of {', '.join(_SIXTEEN)}", _SIXTEEN.__contains__)
        return Theme(name, str(section.get(_TITLE, name)), bool(section.get(_DARK, True)), colours, sixteen)

    def _path(self, name: str) -> Path | None:
        if not re.fullmatch(r"[\w-]{1,60}", name):
            return None
        own = self.folder / f"{name}.toml" if self.folder is not None else None
        for path in (own, OWN / f"{name}.toml"):
            if path is not None and path.is_file():
                return path
        return None


def _read(path: Path) -> Mapping[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.loads(file.read(_LARGEST).decode())
    except OSError as error:
        raise ThemeError(f"the theme {path} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ThemeError(f"the theme {path} is no TOML: {error}") from None


def _checked(section: Mapping[str, Any], part: str, path: Path, wanted: str, good: Any) -> dict[str, str]:
    given = section.get(part, {})
    if not isinstance(given, Mapping):
        raise ThemeError(f"the theme {path}: {part} is a table of names and colours")
    for name, colour in given.items():
        if name not in PALETTE:
            raise ThemeError(f"the theme {path}: {part}.{name} is no colour of ours; those are {', '.join(PALETTE)}")
        if not isinstance(colour, str) or not good(colour):
            raise ThemeError(f"the theme {path}: {part}.{name} is {colour!r}; it must be {wanted}")
    return dict(given)


def fitting(environ: Mapping[str, str]) -> str:
    """The theme for a terminal that says by COLORFGBG whether its background is light: "0;15" is, "15;0" is not."""
    background = environ.get("COLORFGBG", "").rpartition(";")[2]
    return LIGHT if background in ("7", "15") else DEFAULT


def deepest(environ: Mapping[str, str]) -> Depth:
    """How many colours a terminal has, by what its environment says of it; 256 are enough for all of ours."""
    if environ.get("NO_COLOR"):
        return Depth.NONE
    term, given = environ.get("TERM", ""), environ.get("TEXTUAL_COLOR_SYSTEM", "auto")
    if given != "auto":
        return Depth.SIXTEEN if given == "standard" else Depth.ALL
    if environ.get("COLORTERM") in ("truecolor", "24bit") or "256color" in term or term in ("", "dumb"):
        return Depth.ALL
    return Depth.ALL if term.endswith(("direct", "kitty", "alacritty", "ghostty")) else Depth.SIXTEEN


_BY_HEX = {colour: name for name, colour in PALETTE.items()}
_GROUNDS = ("background", "surface")
_ATTRIBUTES = {
    "critical": Style(bold=True, underline=True),
    "warning": Style(bold=True),
    "unknown": Style(underline=True),
    "border": Style(dim=True),
    "track": Style(dim=True),
    "mark": Style(dim=True),
    "trunk": Style(dim=True),
}
"""What stands for a colour where there is none."""


@dataclass(eq=False)
class Painting(LineFilter):
    """Puts a theme's colours in the place of ours. Made anew when theme or depth change, since strips keep results."""

    theme: Theme
    depth: Depth
    _known: dict[Style, Style] = field(default_factory=dict, repr=False)
    enabled: bool = True

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """See `LineFilter`."""
        return [Segment(text, self._painted(style), control) for text, style, control in segments]

    def _painted(self, style: Style | None) -> Style | None:
        if style is None:
            return None
        painted = self._known.get(style)
        if painted is None:
            painted = _without_colour(style) if self.depth is Depth.NONE else self._coloured(style)
            if len(self._known) > 4096:
                self._known.clear()
            self._known[style] = painted
        return painted

    def _coloured(self, style: Style) -> Style:
        return style + Style.from_color(self._colour(style.color), self._colour(style.bgcolor))

    def _colour(self, colour: RichColor | None) -> RichColor | None:
        name = _name_of(colour)
        if name is None:
            return None
        return RichColor.parse((self.theme.colours if self.depth is Depth.ALL else self.theme.sixteen)[name])


def _name_of(colour: RichColor | None) -> str | None:
    """Which colour of ours it is; None for others, which stay as they are."""
    if colour is None or colour.triplet is None:
        return None
    return _BY_HEX.get(colour.triplet.hex)


def _without_colour(style: Style) -> Style:
    """The style in attributes alone: what stood on a ground of its own is reversed."""
    name, ground = _name_of(style.color), _name_of(style.bgcolor)
    painted = style.without_color + _ATTRIBUTES.get(name or "", Style())
    if style.bgcolor is not None and not style.bgcolor.is_default and ground not in _GROUNDS:
        painted += Style(reverse=not style.reverse, underline=False)
    # `without_color` forgets what a click does.
    return painted + Style.from_meta(style.meta) if style.meta else painted
