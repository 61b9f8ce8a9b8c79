"""The table keeps its selection by key, sorts, fits its columns, and paints only what changed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.pilot import Pilot

from penguintui.widgets.line import text_of
from penguintui.widgets.table import Column, Row, Table

COLUMNS = (
    Column("name", 10, most=20),
    Column("number", 6, "right"),
    Column("remark", 8, grows=True, rank=1),
    Column("more", 8, rank=2),
)


def row(key: str, number: float, remark: str = "", more: str = "") -> Row:
    plain = Style()
    return Row(
        key, (((key, plain),), ((f"{number:g}", plain),), ((remark, plain),), ((more, plain),)), (key, number, remark)
    )


class Shown(App[None]):
    def __init__(self, first: bool = False) -> None:
        super().__init__()
        self.table = Table(COLUMNS, empty="nobody", first=first)
        self.told: list[str | None] = []

    def compose(self) -> ComposeResult:
        yield self.table

    def on_table_selected(self, message: Table.Selected) -> None:
        self.told.append(message.key)


@asynccontextmanager
async def shown(rows: Sequence[Row], first: bool = False) -> AsyncIterator[tuple[Table, Shown, Pilot[None]]]:
    app = Shown(first)
    async with app.run_test(size=(60, 12)) as pilot:
        app.table.show(rows)
        await pilot.pause()
        yield app.table, app, pilot


def line_at(table: Table, y: int) -> str:
    return text_of(table.compose_line(y, table.size.width)).rstrip()


async def test_a_vanished_selection_selects_nothing() -> None:
    rows = [row(name, index) for index, name in enumerate("abc")]
    async with shown(rows) as (table, app, pilot):
        table.select("b")
        table.show([rows[2], rows[1], rows[0]])
        assert table.selected == "b"
        table.show([rows[0], rows[2]])
        await pilot.pause()
        assert table.selected is None
        assert app.told[-1] is None
        table.select("nobody")
        assert table.selected is None


async def test_the_first_row_is_selected_once_only() -> None:
    rows = [row(name, index) for index, name in enumerate("abc")]
    async with shown(rows, first=True) as (table, _, _pilot):
        assert table.selected == "a"
        table.show(rows[1:])
        assert table.selected is None


async def test_sorting_by_each_column_both_ways_and_back() -> None:
    rows = [row("b", 10), row("a", 9), row("c", 100)]
    async with shown(rows) as (table, _, _pilot):
        assert table.shown_keys == ["b", "a", "c"]
        assert "by name, smallest" in table.sort_next()
        assert table.shown_keys == ["a", "b", "c"]
        table.sort_next()
        assert table.shown_keys == ["c", "b", "a"]
        table.sort_next()
        assert table.shown_keys == ["a", "b", "c"]
        assert [table.sort_next() for _ in range(6)][-1] == "worst first"
        assert table.shown_keys == ["b", "a", "c"]


async def test_ten_thousand_rows_scroll_with_the_selection() -> None:
    rows = [row(f"row{index:05}", index) for index in range(10_000)]
    async with shown(rows) as (table, _, pilot):
        table.move(1)
        table.move(9_999)
        await pilot.pause()
        assert table.selected == "row09999"
        assert "row09999" in line_at(table, table.size.height - 1)
        table.move(-5_000)
        await pilot.pause()
        assert any("row04999" in line_at(table, y) for y in range(1, table.size.height))


async def test_only_the_changed_cell_is_painted_again() -> None:
    rows = [row(f"r{index}", index) for index in range(5)]
    async with shown(rows) as (table, _, pilot):
        await pilot.pause()
        marked: list[Region] = []
        table.refresh = lambda *regions, **_: marked.extend(regions)  # type: ignore[method-assign,assignment,misc]
        changed = [*rows[:3], row("r3", 4), rows[4]]
        table.show(changed)
        assert [(region.y, region.height, region.width) for region in marked] == [(4, 1, 1)]
        marked.clear()
        table.show([*changed])
        assert marked == []


async def test_an_empty_table_says_why() -> None:
    async with shown([]) as (table, _, _pilot):
        assert line_at(table, 1) == "nobody"
        table.move(1)
        table.open_selected()
        assert table.selected is None


NAMED = (Column("name", 6, most=20, whole=True), Column("number", 6, "right"), Column("remark", 20, rank=1))


@pytest.mark.parametrize(("width", "widths"), [(60, [14, 6, 20]), (36, [14, 6, 0]), (18, [10, 6, 0])])
def test_what_names_a_row_stands_whole_before_others_get_room(width: int, widths: list[int]) -> None:
    table = Table(NAMED)
    names = ("email:high", "email:high:low")
    table.show([Row(name, (((name, Style()),), (("12", Style()),), (("remarks", Style()),))) for name in names])
    assert table.widths(width) == widths


@given(st.integers(1, 200))
def test_columns_never_take_more_than_there_is(width: int) -> None:
    widths = Table(COLUMNS).widths(width)
    taken = sum(widths) + 2 * (sum(1 for cells in widths if cells) - 1)
    assert taken <= max(width, 10)
    assert widths[0] > 0
    if width >= 40:
        assert taken == width
