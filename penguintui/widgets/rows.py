"""Rows of tables and trees that are drawn when they are looked at: of thousands fifty are in sight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Generic, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Callable

    from penguintui.widgets.table import Row

T = TypeVar("T")
D = TypeVar("D")


class Drawn(Sequence[D], Generic[T, D]):
    """What is given, as it is drawn."""

    def __init__(self, given: Sequence[T], draw: Callable[[T], D]) -> None:
        self._given = given
        self._draw = draw

    def __len__(self) -> int:
        return len(self._given)

    @overload
    def __getitem__(self, place: int) -> D: ...
    @overload
    def __getitem__(self, place: slice) -> Drawn[T, D]: ...
    def __getitem__(self, place: int | slice) -> D | Drawn[T, D]:
        if isinstance(place, slice):
            return Drawn(self._given[place], self._draw)
        return self._draw(self._given[place])


class DrawnOnce(Generic[T]):
    """Draws what is given, again and again; something that is the same object as before is not drawn anew."""

    def __init__(self, draw: Callable[[T], Row], key: Callable[[T], str]) -> None:
        """key: what tells one from another. draw: its row, under the same key."""
        self._draw = draw
        self._key = key
        self._known: dict[str, tuple[T, Row]] = {}

    def rows(self, given: Sequence[T]) -> Drawn[T, Row]:
        if len(self._known) > 2 * len(given) + 100:
            self._known = {}
        return Drawn(given, self._row)

    def keys(self, given: Sequence[T]) -> tuple[str, ...]:
        return tuple([self._key(one) for one in given])

    def _row(self, one: T) -> Row:
        key = self._key(one)
        known = self._known.get(key)
        if known is None or known[0] is not one:
            known = self._known[key] = (one, self._draw(one))
        return known[1]
