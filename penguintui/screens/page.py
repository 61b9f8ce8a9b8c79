"""What all screens have in common: a model that is shown, a selection, and an explanation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Container, Vertical, VerticalScroll
from textual.widget import Widget

from penguintui.widgets.box import retitle
from penguintui.widgets.canvas import Canvas
from penguintui.widgets.table import Table

if TYPE_CHECKING:
    from textual.geometry import Size

    from penguintui.model.clock import Time

WIDE = 120
TINY_WIDTH, TINY_HEIGHT = 72, 18


class Page(Container):
    """One screen. `show` compares and repaints what changed; a page never fetches anything."""

    question = ""
    """What the screen answers, for help."""

    model: object = None
    """What is shown; None until the first reading is there."""

    _fits: tuple[Size, Size] | None = None
    """The sizes of the page and the terminal for which it was laid out."""

    _foreseen: tuple[Size, Size] | None = None
    """The sizes for which the model was shown before there was a layout."""

    def show(self, model: object) -> None:
        """Takes a new view model of this screen's own type."""
        self.model = model
        if not self.size:
            self._foreseen = (self.room, self.app.size)
        self.show_model(model)

    def show_model(self, model: object) -> None:
        """Compares the model with what is shown, and repaints what differs."""
        raise NotImplementedError

    def target(self) -> str:
        """The name of the target that is selected here, "" for none."""
        return ""

    def shows(self, target: str | None) -> bool:
        """Whether what is shown has the detail of this target."""
        return False

    def in_sight(self) -> tuple[str, ...] | None:
        """The targets whose rows are looked at; None where that makes no difference."""
        return None

    def run(self) -> int | None:
        """The number of the run that is looked at here."""
        return None

    def expression(self) -> str:
        """The expression that is asked here, "" for none."""
        return ""

    def since(self) -> Time | str:
        """The first of two moments that are compared here, "" for none."""
        return ""

    def copied(self) -> str:
        """What `y` copies."""
        return self.target()

    def runbook(self) -> str:
        """The runbook of what is selected, "" for none."""
        return ""

    def first_focus(self) -> Widget | None:
        """The widget that takes the keys when the screen comes up."""
        return next(iter(self.query(Table)), None)

    def on_resize(self) -> None:
        """Another size may have another layout. Coming back to the front is none."""
        fits = (self.size, self.app.size)
        if fits != self._fits:
            self._fits = fits
            self.call_after_refresh(self.lay_out_again)

    def lay_out_again(self) -> None:
        for panel in self.query(".panel"):
            retitle(panel)
        if self.model is not None and self._fits != self._foreseen:
            self.show_model(self.model)
        self._foreseen = None

    def fit_height(self, panel: str, rows: int, most: int) -> None:
        """A panel with a table takes the height of its rows, up to `most`; a tiny terminal gives it all there is."""
        around = 3 if self.wide else 2
        if self.query_one(panel).is_maximized:
            return
        self.query_one(panel).styles.height = "1fr" if self.tiny else min(max(rows, 1), most) + around

    @property
    def room(self) -> Size:
        """The page's size; before it is laid out that of its place, which it will fill."""
        place = self.parent
        return self.size or (place.content_size if isinstance(place, Widget) else self.size)

    @property
    def wide(self) -> bool:
        return self.app.size.width >= WIDE

    @property
    def tiny(self) -> bool:
        return self.app.size.width < TINY_WIDTH or self.app.size.height < TINY_HEIGHT

    def set_blind(self, blind: bool) -> None:
        for canvas in self.query(Canvas):
            canvas.set_blind(blind)


class Panel(Vertical):
    """A titled box around other widgets, which can be zoomed."""

    ALLOW_MAXIMIZE = True

    def __init__(self, *, id: str, classes: str = "") -> None:
        super().__init__(id=id, classes=f"panel {classes}".strip())


class Scroll(VerticalScroll, can_focus=False, inherit_bindings=False):
    """A column that scrolls when the terminal is low."""

    DEFAULT_CSS = """
    Scroll { scrollbar-size-vertical: 1; }
    """
