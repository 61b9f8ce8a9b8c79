"""Opening a store by its address: a file, or a PostgreSQL database that several hosts share.

A store is made when missing, migrated when older, refused in words when newer or unreadable.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

from penguintui.store.errors import StoreError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from penguintui.store.sqlite import Opened


class Reading(Protocol):
    """A store opened for reading: what each kind of database does in its own way.

    Queries are written in SQLite's words with `?` for each parameter. A list is handed over as one parameter, its JSON:
    `id IN (SELECT value FROM json_each(?))`. Everything raises StoreError when the store cannot be read.
    """

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`, for the few questions that each is asked in words of its own."""
        ...

    def rows(self, sql: str, parameters: tuple[Any, ...]) -> list[Any]:
        """All rows of one query, as tuples."""
        ...

    def named_rows(self, sql: str, parameters: Sequence[Any]) -> list[Any]:
        """All rows of one query, whose columns are asked for by name."""
        ...

    def version(self) -> int:
        """A number that changes when somebody wrote. Cheap: asked several times a second."""
        ...

    def opened(self) -> object:
        """Stands for the store as it is opened: another object once it was opened anew."""
        ...

    def together(self) -> AbstractContextManager[None]:
        """What this thread asks within costs less and, where the database lets it, sees one state of the store.

        As short as one reading: what a reader sees cannot be let go until it has ended.
        """
        ...

    def close(self) -> None: ...


def shared(url: str) -> bool:
    """Whether an address names a store that several hosts share."""
    return url.startswith(("postgresql+psycopg://", "postgresql://"))


def open_for_reading(url: str) -> Reading:
    """What reads a store. Nothing is opened yet. Raises StoreError for an address of no kind that is known."""
    if shared(url):
        from penguintui.store.postgres import PostgresReading

        return PostgresReading(url)
    _check(url)
    from penguintui.store.sqlite import SqliteReading

    return SqliteReading(url)


def open_for_writing(url: str, name: str = "penguintui") -> Engine:
    """An engine for the one writer. Makes or migrates the store first. name: what a server calls its session.

    Raises StoreError with words for a person: no right to write, not a database, newer than this program.
    """
    if shared(url):
        from penguintui.store import postgres

        return postgres.open_for_writing(url, name)
    _check(url)
    from penguintui.store import sqlite

    return sqlite.open_for_writing(url)


def opened_file(url: str, engine: Engine) -> Opened | None:
    """The file of a store that was opened for writing just now; None for one that is no file."""
    if shared(url):
        return None
    from penguintui.store.sqlite import Opened, sqlite_path

    return Opened(sqlite_path(url), engine)


def _check(url: str) -> None:
    if not url.startswith("sqlite:///"):
        kind = url.partition(":")[0]
        raise StoreError(
            f"{kind}:… is no store that can be opened; write sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME"
        )
