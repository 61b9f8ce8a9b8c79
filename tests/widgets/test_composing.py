"""The sparing compositor draws the same as Textual's, whatever changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.color import ColorSystem
from textual.app import App, ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widgets import Static

from penguintui.widgets.cells import Cell, cells_of
from penguintui.widgets.composing import SparingScreen
from penguintui.widgets.wire import Picture

if TYPE_CHECKING:
    from textual.pilot import Pilot

WIDTH, HEIGHT = 40, 12


class Boxes(App[None]):
    """Widgets beside, over and behind each other; remembers what a terminal would show."""

    CSS = """
    Static { border: round red; height: 4; width: 1fr; }
    #over { layer: above; position: absolute; offset: 7 2; width: 20; height: 5; background: blue; }
    Screen { layers: base above; }
    #scrolled { height: 6; overflow-y: scroll; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.terminal: dict[int, dict[int, Cell]] = {}

    def get_default_screen(self) -> Screen[Any]:
        return SparingScreen(id="_default")

    def compose(self) -> ComposeResult:
        with Horizontal(id="row"):
            yield Static("left 日本", id="left")
            yield Static("right", id="right")
        with Vertical(id="scrolled"):
            for number in range(4):
                yield Static(f"row {number}")
        yield Static("over", id="over")

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        if isinstance(renderable, Picture):
            for y, x, cells in renderable.pieces:
                self.terminal.setdefault(y, {}).update(enumerate(cells, x))
        super()._display(screen, renderable)


async def same(app: Boxes, pilot: Pilot[None]) -> None:
    await pilot.pause()
    whole = app.screen._compositor.render_strips()
    colours = app.console._color_system or ColorSystem.TRUECOLOR
    for y, strip in enumerate(whole):
        assert [app.terminal[y][x] for x in range(WIDTH)] == cells_of(strip, colours), y


async def test_what_is_drawn_bit_by_bit_is_the_whole() -> None:
    app = Boxes()
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        await same(app, pilot)
        app.query_one("#left", Static).update("other text")
        await same(app, pilot)
        app.query_one("#scrolled").scroll_to(y=3, animate=False)
        await same(app, pilot)
        app.query_one("#over").styles.offset = (12, 5)
        await same(app, pilot)
        app.query_one("#over").display = False
        await same(app, pilot)
        app.query_one("#right", Static).update("日" * 12)
        app.query_one("#row").styles.height = 2
        await same(app, pilot)
