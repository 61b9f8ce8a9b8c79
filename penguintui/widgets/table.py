"""A table that stays cheap while it lives: keyed rows, fixed columns, and only changed cells painted again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rich.style import Style
from textual.geometry import Size
from textual.message import Message

from penguintui.model.record import record
from penguintui.widgets.canvas import Canvas
from penguintui.widgets.line import EMPTY, Align, Line, Span, fit, restyle, text_of, width_of
from penguintui.widgets.look import FAINT_STYLE, SELECTED, TEXT, look

if TYPE_CHECKING:
    from textual import events

Cell = Line | Callable[[int], Line]
"""What a row shows in a column: a line, or what draws one for the column's width, such as a trend."""

_GAP = 2
_LEAST = 4
_MEASURED = 50
"""Rows that are looked at for the width of their content."""


@record
class Column:
    """One column.

    width: its least, in cells. most: what it may take when its content is longer; 0 keeps it at `width`.
    grows: it takes the room that is left over.
    rank: columns of the highest rank are left out first when there is no room; those of rank 0 never.
    whole: what it says names the row: it gets what its content wants, up to `most`, before the others their least.
    """

    name: str
    width: int
    align: Align = "left"
    grows: bool = False
    rank: int = 0
    most: int = 0
    whole: bool = False


@record
class Row:
    """One row. `sort` gives the values that columns are sorted by, where their text does not do."""

    key: str
    cells: tuple[Cell, ...]
    sort: tuple[float | str, ...] = ()


class Table(Canvas, can_focus=True):
    """Shows rows in the order given (worst first), or sorted by a column.

    The selection belongs to a key: it stays with its row wherever that moves, and when the row vanishes nothing is
    selected, never its neighbour.
    """

    DEFAULT_CSS = """
    Table { overflow-y: auto; height: 1fr; }
    """

    class Selected(Message):
        """Another row is selected, or none."""

        def __init__(self, table: Table, key: str | None) -> None:
            super().__init__()
            self.table = table
            self.key = key

        @property
        def control(self) -> Table:
            return self.table

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, Table.Selected) and message.table is self.table

    class Scrolled(Message):
        """Other rows are in sight."""

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, Table.Scrolled)

    class Opened(Message):
        """A row was entered (Enter, or a second click)."""

        def __init__(self, table: Table, key: str) -> None:
            super().__init__()
            self.table = table
            self.key = key

        @property
        def control(self) -> Table:
            return self.table

    def __init__(
        self, columns: Sequence[Column], *, empty: str = "", first: bool = False, id: str | None = None
    ) -> None:
        """first: whether the first row is selected when rows come for the first time."""
        super().__init__(id=id)
        self._selects_first = first
        self._columns = tuple(columns)
        self._rows: Sequence[Row] = ()
        self._keys: Sequence[str] = ()
        self._measured: dict[str, Row] = {}
        self._order: list[int] = []
        self._place: dict[str, int] = {}
        self._wants = [0] * len(self._columns)
        self._drawn: dict[str, tuple[tuple[int, bool, bool], Row, Line]] = {}
        self._sorted_by: int | None = None
        self._descending = False
        self._empty = empty
        self.selected: str | None = None
        self._untouched = True

    # what is shown

    def show(self, rows: Sequence[Row], keys: Sequence[str] | None = None) -> None:
        """Takes new rows. Keys must be unique.

        keys: of the rows, in their order, where a row is made only when it is looked at: then those out of sight are
        left alone.
        """
        count_before, keys_before = len(self._rows), self._keys
        self._rows = rows
        self._keys = tuple([row.key for row in rows]) if keys is None else keys
        if len(self._drawn) > 4 * len(rows) + 100:
            self._drawn.clear()
        before = list(self._wants)
        self._learn_widths()
        if before != self._wants:
            self._drawn.clear()
            self.show_all_again()
        if self._sorted_by is not None or self._keys != keys_before:
            self._arrange()
        if self.selected is not None and self.selected not in self._place:
            self.select(None)
        if self._untouched and self._selects_first and rows:
            self.select(self.shown_keys[0])
        if len(rows) != count_before:
            self._measure()
        self.repaint()

    def say_when_empty(self, text: str) -> None:
        """The sentence that stands where the rows would be."""
        if text != self._empty:
            self._empty = text
            self.repaint()

    @property
    def rows(self) -> Sequence[Row]:
        return self._rows

    @property
    def shown_keys(self) -> list[str]:
        """Keys in the order in which they stand."""
        return [self._keys[index] for index in self._order]

    def _arrange(self) -> None:
        self._order = list(range(len(self._rows)))
        if self._sorted_by is not None:
            self._order.sort(key=self._sort_value, reverse=self._descending)
        self._place = {self._keys[index]: place for place, index in enumerate(self._order)}

    def _sort_value(self, index: int) -> tuple[int, float, str]:
        """Numbers before words, so that mixed columns sort too."""
        assert self._sorted_by is not None  # noqa: S101  (only called while sorted)
        row = self._rows[index]
        if self._sorted_by < len(row.sort):
            value = row.sort[self._sorted_by]
            return (0, value, "") if isinstance(value, (int, float)) else (1, 0.0, value)
        cell = row.cells[self._sorted_by]
        return (1, 0.0, "" if callable(cell) else text_of(cell).strip().lower())

    def sort_next(self) -> str:
        """Sorts by the next column, first upwards, then downwards, then worst first again; says which."""
        if self._sorted_by is None:
            self._sorted_by, self._descending = 0, False
        elif not self._descending:
            self._descending = True
        elif self._sorted_by + 1 < len(self._columns):
            self._sorted_by, self._descending = self._sorted_by + 1, False
        else:
            self._sorted_by, self._descending = None, False
        self._arrange()
        self.show_all_again()
        self._keep_in_sight()
        if self._sorted_by is None:
            return "worst first"
        name = self._columns[self._sorted_by].name or "status"
        return f"by {name}, {'largest' if self._descending else 'smallest'} first"

    # selection

    def select(self, key: str | None) -> None:
        """Selects the row with this key; None, or a key that is not shown, selects nothing."""
        key = key if key in self._place else None
        self._untouched = self._untouched and key is None
        if key == self.selected:
            return
        self.selected = key
        self._keep_in_sight()
        self.repaint()
        self.post_message(self.Selected(self, key))

    def move(self, by: int) -> None:
        """Moves the selection by rows; without one it starts at the first row."""
        if not self._order:
            return
        if self.selected is None:
            place = 0 if by >= 0 else len(self._order) - 1
        else:
            place = min(max(self._place[self.selected] + by, 0), len(self._order) - 1)
        self.select(self._keys[self._order[place]])

    def open_selected(self) -> None:
        if self.selected is not None:
            self.post_message(self.Opened(self, self.selected))

    @property
    def page(self) -> int:
        """Rows that are in sight."""
        return max(1, self._window()[1] - 1)

    @property
    def keys_in_sight(self) -> tuple[str, ...]:
        """Keys of the rows that are in sight, from above."""
        top = self.scroll_offset.y
        return tuple(self._keys[index] for index in self._order[top : top + self.page])

    @property
    def sorted_by(self) -> int | None:
        """The column that the rows are sorted by; None while they stand as they were given."""
        return self._sorted_by

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self.post_message(self.Scrolled())

    def _keep_in_sight(self) -> None:
        if self.selected is None:
            return
        place = self._place[self.selected]
        top = self.scroll_offset.y
        if place < top:
            self.scroll_to(y=place, animate=False)
        elif place >= top + self.page:
            self.scroll_to(y=place - self.page + 1, animate=False)

    def on_click(self, event: events.Click) -> None:
        place = event.get_content_offset_capture(self).y - 1 + self.scroll_offset.y
        if event.y >= 1 and 0 <= place < len(self._order):
            key = self._keys[self._order[place]]
            if key == self.selected:
                self.open_selected()
            self.select(key)

    # drawing

    def _measure(self) -> None:
        self.virtual_size = Size(self.size.width, len(self._rows) + 1)

    def resized(self) -> None:
        self._measure()
        if self.selected is None or self._place[self.selected] < self.page:
            self.scroll_to(y=0, animate=False)
        self._keep_in_sight()

    def show_all_again(self) -> None:
        self._drawn.clear()
        super().show_all_again()

    def on_focus(self) -> None:
        self.repaint()

    def on_blur(self) -> None:
        self.repaint()

    def widths(self, width: int) -> list[int]:
        """Cells of each column in a window of this width; 0 for those left out.

        Columns get their least, then what their content wants, then the growing ones share what is left. What must be
        whole comes before all that.
        """
        shown = [
            max(column.width, wanted if column.whole else 0)
            for column, wanted in zip(self._columns, self._wants, strict=True)
        ]
        while _taken(shown) > width:
            ranked = [
                (column.rank, index) for index, column in enumerate(self._columns) if column.rank and shown[index]
            ]
            if not ranked:
                break
            shown[max(ranked)[1]] = 0
        spare = width - _taken(shown)
        while spare > 0:
            wanting = [index for index, cells in enumerate(shown) if 0 < cells < self._wants[index]][:spare]
            if not wanting:
                break
            for index in wanting:  # a cell each in turn, so that none takes all
                shown[index] += 1
            spare -= len(wanting)
        while spare < 0 and max(shown) > _LEAST:
            shown[shown.index(max(shown))] -= 1
            spare += 1
        growing = [index for index, column in enumerate(self._columns) if column.grows and shown[index]]
        for number, index in enumerate(growing):
            share = max(0, spare // (len(growing) - number))
            shown[index] += share
            spare -= share
        return shown

    def _learn_widths(self) -> None:
        """What the content wants, from the rows that stand first. Never less than before, so that nothing jumps."""
        fresh = [row for row in self._rows[:_MEASURED] if self._measured.get(row.key) is not row]
        self._measured.update((row.key, row) for row in fresh)
        if len(self._measured) > 4 * _MEASURED:
            self._measured = {row.key: row for row in fresh}
        for index, column in enumerate(self._columns):
            if column.most > column.width:
                cells = [row.cells[index] for row in fresh]
                longest = max((width_of(cell) for cell in cells if not callable(cell)), default=0)
                self._wants[index] = max(self._wants[index], min(longest, column.most))

    def compose_line(self, y: int, width: int) -> Line:
        if self.show_vertical_scrollbar:
            width -= 1  # a blank between the last column and the bar
        if y == 0:
            return self._heading(width)
        place = y - 1 + self.scroll_offset.y
        if not self._order:
            return fit(((self._empty, FAINT_STYLE),), width) if y == 1 and self._empty else EMPTY
        if place >= len(self._order):
            return EMPTY
        row = self._rows[self._order[place]]
        state = (width, row.key == self.selected, self.has_focus)
        known = self._drawn.get(row.key)
        if known is not None and known[0] == state and known[1] == row:
            return known[2]
        drawn = self._row(row, width)
        self._drawn[row.key] = (state, row, drawn)
        return drawn

    def _heading(self, width: int) -> Line:
        cells: list[Cell] = []
        for index, column in enumerate(self._columns):
            name = column.name
            if index == self._sorted_by:
                arrow = "v" if self._descending else "^"
                name = f"{name}{arrow}" if look().ascii else f"{name}{'▾' if self._descending else '▴'}"
            cells.append(((name, FAINT_STYLE),))
        return self._side_by_side(cells, self.widths(width))

    def _row(self, row: Row, width: int) -> Line:
        spans = self._side_by_side(row.cells, self.widths(width))
        if row.key != self.selected:
            return spans
        over = Style(bgcolor=SELECTED) if self.has_focus else Style(bgcolor="#19222c")
        if look().ascii:
            over = Style(color=TEXT, reverse=self.has_focus, underline=not self.has_focus)
        return restyle(fit(spans, width), over)

    def _side_by_side(self, cells: Sequence[Cell], widths: Sequence[int]) -> Line:
        spans: list[Span] = []
        for cell, cells_wide, column in zip(cells, widths, self._columns, strict=True):
            if cells_wide:
                if spans:
                    spans.append((" " * _GAP, Style()))
                spans.extend(fit(cell(cells_wide) if callable(cell) else cell, cells_wide, column.align))
        return tuple(spans)


def _taken(widths: Sequence[int]) -> int:
    shown = [width for width in widths if width]
    return sum(shown) + _GAP * (len(shown) - 1)
