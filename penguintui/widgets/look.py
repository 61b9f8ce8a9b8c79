"""Colours and shapes, in one place: how a status looks, and which characters the terminal can show.

The palette keeps apart what colour-blind eyes mix up: fine is a bluish green, a warning a yellow, a critical a
red that is also bolder, an unknown a violet. No state is told by colour alone: shape and word go with it.
"""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING

from rich.style import Style

from penguintui.model.record import record
from penguintui.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Mapping

BACKGROUND = "#0d1117"
SURFACE = "#151c24"
SELECTED = "#1f2b38"
BORDER = "#30363d"
TEXT = "#e6edf3"
DIM = "#9aa5b1"
FAINT = "#6e7681"
ACCENT = "#58a6ff"
OK = "#35b9a0"
WARNING = "#e3a23a"
CRITICAL = "#ff5c57"
UNKNOWN = "#9aa2ff"
TRACK = "#2a323c"
MARK = "#4b5663"
TRUNK = "#3d4650"
SELECTED_FAINT = "#19222c"
VIOLET = "#d2a8ff"
PINK = "#ff9bce"

PALETTE: Mapping[str, str] = {
    "background": BACKGROUND,
    "surface": SURFACE,
    "selected": SELECTED,
    "selected-faint": SELECTED_FAINT,
    "border": BORDER,
    "text": TEXT,
    "dim": DIM,
    "faint": FAINT,
    "accent": ACCENT,
    "ok": OK,
    "warning": WARNING,
    "critical": CRITICAL,
    "unknown": UNKNOWN,
    "track": TRACK,
    "mark": MARK,
    "trunk": TRUNK,
    "violet": VIOLET,
    "pink": PINK,
}
"""All colours by the names that themes give them; everything is drawn in these, and a theme puts its own in their
place at the very end (`widgets.theme`)."""

COLOURS: Mapping[Status, str] = {
    Status.OK: OK,
    Status.UNKNOWN: UNKNOWN,
    Status.WARNING: WARNING,
    Status.CRITICAL: CRITICAL,
}
_SHAPES = {Status.OK: "●", Status.UNKNOWN: "?", Status.WARNING: "▲", Status.CRITICAL: "◆"}
_ASCII_SHAPES = {Status.OK: "[ok]", Status.UNKNOWN: "[?]", Status.WARNING: "[!]", Status.CRITICAL: "[X]"}

PLAIN = Style()
TEXT_STYLE = Style(color=TEXT)
STRONG = Style(color=TEXT, bold=True)
DIM_STYLE = Style(color=DIM)
FAINT_STYLE = Style(color=FAINT)
ACCENT_STYLE = Style(color=ACCENT)
KEY = Style(color=ACCENT, bold=True)
TRACK_STYLE = Style(color=TRACK)
BADGE = Style(color=BACKGROUND, bgcolor=DIM, bold=True)
STATUS_STYLE: Mapping[Status, Style] = {status: Style(color=colour) for status, colour in COLOURS.items()}
STATUS_STRONG: Mapping[Status, Style] = {status: Style(color=colour, bold=True) for status, colour in COLOURS.items()}

SERIES = (ACCENT, WARNING, OK, UNKNOWN, VIOLET, PINK)
"""Colours of a chart's series, in order."""


@record
class Look:
    """Which characters are used; decided once, when the viewer starts.

    colourless: nothing may be told apart by colour alone. charts: whether charts are drawn, or trends in their place.
    track: the empty part of a bar.
    """

    ascii: bool = False
    colourless: bool = False
    charts: bool = True
    blocks: str = "▁▂▃▄▅▆▇█"
    bar: str = "━"
    track: str = "━"
    rule: str = "─"
    mark: str = "▲"
    threshold: str = "╌"
    vertical: str = "┊"
    arrow: str = "→"
    dot: str = "·"
    ellipsis: str = "…"
    logo: str = "◆"
    running: str = "▶"
    times: str = "×"
    branch: str = "├─ "
    last: str = "└─ "
    trunk: str = "│  "
    series: str = "⠿"
    shapes: Mapping[Status, str] = field(default_factory=lambda: _SHAPES)

    def shape(self, status: Status) -> str:
        """The mark of a status, padded so that marks stand in one column."""
        return self.shapes[status].ljust(self.shape_width)

    @property
    def shape_width(self) -> int:
        return max(len(shape) for shape in self.shapes.values())

    def text(self, text: str) -> str:
        """`text` with the few special characters that we write ourselves replaced, in ASCII mode."""
        return text.translate(_TO_ASCII) if self.ascii else text


_TO_ASCII = str.maketrans(
    {
        "…": "~",
        "×": "x",
        "±": "+-",
        "→": "->",
        "·": "-",
        "–": "-",
        "—": "-",
        "≤": "<=",
        "≥": ">=",
        "•": "*",
        "“": '"',
        "”": '"',
        "’": "'",
        "µ": "u",
        "←": "<-",
        "↑": "^",
        "↓": "v",
        "›": ">",
        "●": "*",
        "▲": "!",
        "◆": "X",
    }
)

UNICODE = Look()
ASCII = Look(
    ascii=True,
    blocks="_.-=*#%@",
    bar="=",
    track=".",
    rule="-",
    mark="^",
    threshold="-",
    vertical=":",
    arrow="->",
    dot="-",
    ellipsis="~",
    logo="*",
    running=">",
    times="x",
    branch="|- ",
    last="`- ",
    trunk="|  ",
    series="#",
    shapes=_ASCII_SHAPES,
)


class _InForce:
    """The look of this process."""

    look: Look = UNICODE


def look() -> Look:
    """The look in force."""
    return _InForce.look


def use(chosen: Look) -> None:
    """Sets the look for this process: before the first frame, and when the link becomes slow or fast again."""
    _InForce.look = chosen


def choose(environ: Mapping[str, str], wanted: bool | None = None) -> Look:
    """The look that fits a terminal: ASCII where `TERM` or the locale cannot show more, or where it is wanted.

    wanted: True and False come from the settings and decide; None leaves it to the environment.
    """
    if wanted is None:
        term = environ.get("TERM", "")
        locale = environ.get("LC_ALL") or environ.get("LC_CTYPE") or environ.get("LANG") or ""
        utf8 = "utf-8" in locale.lower() or "utf8" in locale.lower()
        wanted = not utf8 or term in ("", "linux", "dumb") or term.startswith("vt")
    if not environ.get("NO_COLOR"):
        return ASCII if wanted else UNICODE
    return replace(ASCII, colourless=True) if wanted else replace(UNICODE, colourless=True, track="─")
