"""The gallery: a page for each widget, to look at in every terminal, size and theme."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import ContentSwitcher

from penguintui.screens.drawing import Drawing
from penguintui.screens.specimens import SPECIMENS
from penguintui.widgets.canvas import Text
from penguintui.widgets.footer import Hint, KeyHints
from penguintui.widgets.line import line
from penguintui.widgets.log import LogView
from penguintui.widgets.look import BACKGROUND, BORDER, DIM_STYLE, FAINT, FAINT_STYLE, STRONG, TEXT, look
from penguintui.widgets.table import Table

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from penguintui.model.clock import Clock

_HINTS = (
    Hint("←→", "page", "page(1)"),
    Hint("↑↓", "rows", "move(1)"),
    Hint("o", "order", "order"),
    Hint("t", "theme", "next_theme"),
)


class Gallery(Drawing):
    """Left and right turn the pages, up and down move in them, `t` puts on the next theme."""

    TITLE = "penguintui gallery"
    CSS = f"""
    Screen {{ background: {BACKGROUND}; color: {TEXT}; }}
    * {{ scrollbar-color: {BORDER}; scrollbar-color-hover: {FAINT}; scrollbar-background: {BACKGROUND};
         scrollbar-background-hover: {BACKGROUND}; }}
    #pages {{ height: 1fr; padding: 1; }}
    #pages > Vertical {{ height: 100%; }}
    #pages > Vertical > * {{ margin-bottom: 1; }}
    #title {{ height: 2; padding: 0 1; border-bottom: solid {BORDER}; }}
    .-ascii #title {{ border-bottom: ascii {BORDER}; }}
    """
    BINDINGS = [  # noqa: RUF012  (Textual reads it from the class)
        Binding("right,l,n,space", "page(1)", "Next", show=False),
        Binding("left,h,p", "page(-1)", "Previous", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("o", "order", "Order", show=False),
        Binding("t", "next_theme", "Theme", show=False),
        Binding("q", "quit", "Quit", show=False),
    ]
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, clock: Clock, *, page: str = "table", **terminal: Any) -> None:
        """page: the name of the specimen that is shown first. terminal: what `Drawing` takes."""
        super().__init__(clock, **terminal)
        names = [one.name for one in SPECIMENS]
        self._at = names.index(page) if page in names else 0

    def compose(self) -> ComposeResult:
        yield Text(id="title")
        with ContentSwitcher(id="pages"):
            for one in SPECIMENS:
                yield Vertical(*one.make(), id=one.name)
        yield KeyHints(id="keys")

    def on_mount(self) -> None:
        self.screen.set_class(look().ascii, "-ascii")
        for one in SPECIMENS:
            one.show(list(self.query_one(f"#{one.name}").children))
        self.query_one("#keys", KeyHints).show(_HINTS, [Hint("q", "quit", "quit")])
        self.watch_link()
        self._turn()

    def action_page(self, by: int) -> None:
        self._at = (self._at + by) % len(SPECIMENS)
        self._turn()

    def _turn(self) -> None:
        one = SPECIMENS[self._at]
        self.query_one("#pages", ContentSwitcher).current = one.name
        self._entitle(one.says)
        page = self.query_one(f"#{one.name}")
        self.set_focus(next((child for child in page.children if child.can_focus), None))

    def _entitle(self, words: str) -> None:
        place = f"  {self._at + 1} of {len(SPECIMENS)}"
        heading = line((SPECIMENS[self._at].name, STRONG), (place, FAINT_STYLE), (f"  {words}", DIM_STYLE))
        self.query_one("#title", Text).show((heading,))

    def action_move(self, by: int) -> None:
        if isinstance(self.focused, (Table, LogView)):
            self.focused.move(by)

    def action_order(self) -> None:
        if isinstance(self.focused, Table):
            self._entitle(f"in order {self.focused.sort_next()}")

    def action_next_theme(self) -> None:
        names = self.themes()
        self._entitle(self.put_on(names[(names.index(self._painting.theme.name) + 1) % len(names)]))
