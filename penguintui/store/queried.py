"""A store as those see it who put queries to it, whoever opened it: what they need of `reader.Store` and a reader."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from penguintui.model.clock import Time
from penguintui.store.unpacked import Unpacked

if TYPE_CHECKING:
    from penguintui.store.keeping import Era


class Queried(Protocol):
    """See `reader.Store`."""

    unpacked: Unpacked

    @property
    def dialect(self) -> str: ...

    def driver_rows(self, sql: str, parameters: tuple[Any, ...]) -> list[Any]: ...

    def opened(self) -> object: ...

    def now(self) -> Time: ...


class AsOf(Protocol):
    """See `reader.Reader`: the store at a moment."""

    at: Time

    @property
    def store(self) -> Queried: ...

    @property
    def settled(self) -> bool: ...

    def eras(self) -> Sequence[Era]: ...
