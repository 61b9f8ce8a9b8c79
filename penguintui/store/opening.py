"""Opening a store: made when missing, migrated when older, refused in words when newer or unreadable."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from penguintui.store.errors import StoreError, StoreMissingError, StoreNewerError

if TYPE_CHECKING:
    from sqlalchemy import Engine

REVISIONS = ("0001", "0002", "0003", "0004")
"""Every revision of the schema that this program knows, oldest first. See `store/migrations/versions`."""

_SQLITE = "sqlite:///"


def sqlite_path(url: str) -> Path:
    """The file of an `sqlite:///…` address. Raises StoreError for other kinds of store."""
    if not url.startswith(_SQLITE) or url == _SQLITE:
        raise StoreError(f"{url} is no store that can be opened; write sqlite:///FILE")
    return Path(url[len(_SQLITE) :])


def open_for_writing(url: str) -> Engine:
    """An engine for the one writer. Makes or migrates the store first.

    Raises StoreError with words for a person: no right to write, not a database, newer than this program.
    """
    path = sqlite_path(url)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        revision = _revision(path) if path.exists() and path.stat().st_size else None
        if revision is None:
            _create(path)
        elif revision != REVISIONS[-1]:
            _migrate(url, path, revision)
    except OSError as error:
        raise StoreError(
            f"the store {path} cannot be opened for writing: {error.strerror}; check its rights"
        ) from error
    except sqlite3.Error as error:
        raise StoreError(f"the store {path} cannot be opened: {error}; move it away to begin a new one") from error
    return _engine(path, f"file:{_quote(path)}?mode=rw")


def open_for_reading(url: str) -> sqlite3.Connection:
    """A connection that can only read. See `Store` for when it must be opened anew."""
    path = sqlite_path(url)
    if not path.exists():
        raise StoreMissingError(f"there is no store at {path} yet; start an agent: penguintui agent")
    suffix = "" if wal_of(path).exists() else "&immutable=1"
    try:
        revision = _revision(path, suffix)
    except sqlite3.Error as error:
        raise StoreError(f"the store {path} cannot be read: {error}") from error
    if revision is None:
        raise StoreMissingError(f"the store {path} is still empty; start an agent: penguintui agent")
    if revision != REVISIONS[-1]:
        raise StoreError(
            f"the store {path} is of an older version; start its agent once to migrate it: penguintui agent"
        )
    uri = f"file:{_quote(path)}?mode=ro{suffix}"
    return sqlite3.connect(uri, uri=True, timeout=5, check_same_thread=False)


def wal_of(path: Path) -> Path:
    """The write-ahead log beside a store: it lies there while somebody has the store open for writing."""
    return path.with_name(path.name + "-wal")


def _quote(path: Path) -> str:
    from urllib.parse import quote

    return quote(os.fspath(path.absolute()))


def _revision(path: Path, suffix: str = "") -> str | None:
    """The schema's revision; None for an empty database. Raises StoreNewerError for one that we do not know."""
    connection = sqlite3.connect(f"file:{_quote(path)}?mode=ro{suffix}", uri=True, timeout=5)
    try:
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if "alembic_version" not in names:
            if names:
                raise StoreError(f"{path} is a database, but not one of penguintui; give another --store")
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    finally:
        connection.close()
    revision = str(row[0]) if row else None
    if revision is not None and revision not in REVISIONS:
        raise StoreNewerError(
            f"the store {path} was written by a newer penguintui (schema {revision}, this one knows up to "
            f"{REVISIONS[-1]}); use that version, or give another --store"
        )
    return revision


def _create(path: Path) -> None:
    from penguintui.store.tables import metadata

    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o640))
    engine = _engine(path, f"file:{_quote(path)}?mode=rw")
    with engine.begin() as connection:
        metadata.create_all(connection)
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES (?)", (REVISIONS[-1],))
    engine.dispose()


def _migrate(url: str, path: Path, revision: str) -> None:
    """Bring an older store up to date, after a copy was made beside it."""
    copy = path.with_name(f"{path.name}.before-{REVISIONS[-1]}")
    source, target = sqlite3.connect(path), sqlite3.connect(copy)
    try:
        source.backup(target)
    finally:
        source.close()
        target.close()
    from penguintui.store.migrating import upgrade

    try:
        upgrade(url)
    except Exception as error:
        raise StoreError(
            f"the store {path} could not be migrated from {revision}: {error}; a copy from before is {copy}"
        ) from error


def _engine(path: Path, uri: str) -> Engine:
    from sqlalchemy import create_engine, event

    engine = create_engine(
        f"sqlite:///{path}",
        creator=lambda: sqlite3.connect(uri, uri=True, timeout=5, check_same_thread=False),
    )

    @event.listens_for(engine, "connect")
    def _settle(connection: sqlite3.Connection, _record: object) -> None:
        if "mode=rw" in uri:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA busy_timeout = 5000")

    return engine
