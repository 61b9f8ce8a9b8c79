"""Rows that are drawn when they are looked at."""

from __future__ import annotations

from penguintui.widgets.rows import DrawnOnce
from penguintui.widgets.table import Row


class Told:
    def __init__(self, name: str) -> None:
        self.name = name


def test_only_what_is_looked_at_is_drawn_and_only_once_while_it_is_the_same() -> None:
    drawn: list[str] = []

    def draw(one: Told) -> Row:
        drawn.append(one.name)
        return Row(one.name, ())

    once = DrawnOnce(draw, lambda one: one.name)
    given = [Told(f"t{number}") for number in range(500)]
    rows = once.rows(given)
    assert len(rows) == 500
    assert once.keys(given)[499] == "t499"
    assert drawn == []
    assert [row.key for row in rows[3:5]] == ["t3", "t4"]
    assert rows[4].key == "t4"
    assert drawn == ["t3", "t4"]
    again = once.rows([Told("t3"), given[4]])
    assert [row.key for row in again] == ["t3", "t4"]
    assert drawn == ["t3", "t4", "t3"]
