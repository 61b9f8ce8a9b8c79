"""A store in a file: SQLite in WAL mode. What is SQLite's own is here and nowhere else."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penguintui.store.errors import StoreAwayError, StoreError, StoreMissingError, StoreReplacedError
from penguintui.store.revisions import REVISIONS, known

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_SQLITE = "sqlite:///"


class SqliteReading:
    """A file opened for reading. Thread-safe; every query is a short transaction of its own, unless asked `together`.

    While a writer has the store open, a write-ahead log lies beside it and the file is opened read-only; while
    none does, it is opened as immutable, which needs no right to write beside it. The file is opened anew when
    that changes, or when it is another one. Queries are in the database's own words: the viewer's first picture
    does not wait for a library.
    """

    dialect = "sqlite"

    def __init__(self, url: str) -> None:
        self._path = sqlite_path(url)
        self._wal = _wal_of(self._path)
        self._lock = threading.Lock()
        self._opened: _Opened | None = None
        self._together = _Together()

    def version(self) -> int:
        """See `Reading`."""
        with self._lock, readable(self._path):
            watch = self._current().watch
            return int(watch.execute("PRAGMA data_version").fetchone()[0])

    def opened(self) -> object:
        """See `Reading`."""
        if self._together.opened is not None:
            return self._together.opened
        with self._lock:
            return self._current()

    @contextmanager
    def together(self) -> Iterator[None]:
        """See `Reading`: one transaction, which ends with it, and the file is looked at once."""
        if self._together.connection is not None:
            yield
            return
        with self._idle() as (opened, connection):
            connection.execute("BEGIN")
            self._together.opened, self._together.connection = opened, connection
            try:
                yield
            finally:
                self._together.opened = self._together.connection = None
                connection.rollback()

    def rows(self, sql: str, parameters: tuple[Any, ...]) -> list[Any]:
        """See `Reading`."""
        with self._connection() as connection:
            return connection.execute(sql, parameters).fetchall()

    def named_rows(self, sql: str, parameters: Sequence[Any]) -> list[Any]:
        """See `Reading`."""
        with self._connection() as connection:
            cursor = connection.cursor()
            cursor.row_factory = sqlite3.Row
            return cursor.execute(sql, parameters).fetchall()

    def close(self) -> None:
        with self._lock:
            self._dispose()

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """The connection of this thread's questions that are asked together, or one that nobody else uses meanwhile."""
        if self._together.connection is not None:
            with readable(self._path):
                yield self._together.connection
            return
        with self._idle() as (_, connection):
            yield connection

    @contextmanager
    def _idle(self) -> Iterator[tuple[_Opened, sqlite3.Connection]]:
        with self._lock:
            opened = self._current()
            connection = opened.idle.pop() if opened.idle else open_for_reading(self._path)
        try:
            with readable(self._path):
                yield opened, connection
        finally:
            with self._lock:
                if opened is self._opened:
                    opened.idle.append(connection)
                else:
                    connection.close()

    def _current(self) -> _Opened:
        state = self._state()
        if self._opened is None or state != self._opened.state:
            self._dispose()
            self._opened = _Opened(state, open_for_reading(self._path))
        return self._opened

    def _state(self) -> tuple[bool, int]:
        try:
            return (os.path.exists(self._wal), os.stat(self._path).st_ino)  # noqa: PTH110, PTH116  (asked very often)
        except OSError:  # opening it says which
            return (False, 0)

    def _dispose(self) -> None:
        if self._opened is not None:
            for connection in (self._opened.watch, *self._opened.idle):
                connection.close()
            self._opened = None


@dataclass(slots=True)
class _Opened:
    """A file as it was opened: whether a log lay beside it, its number, and the connections to it."""

    state: tuple[bool, int]
    watch: sqlite3.Connection
    idle: list[sqlite3.Connection] = field(default_factory=list)


class _Together(threading.local):
    """What a thread's questions are asked of while they are asked together."""

    opened: _Opened | None = None
    connection: sqlite3.Connection | None = None


def sqlite_path(url: str) -> Path:
    """The file of an `sqlite:///…` address. Raises StoreError for one that names none."""
    if url == _SQLITE:
        raise StoreError(f"{url} is no store that can be opened; write sqlite:///FILE")
    return Path(url[len(_SQLITE) :])


def open_for_writing(url: str) -> Engine:
    """An engine for the one writer. Makes or migrates the store first. Raises StoreError with words for a person."""
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
    return _engine(path)


def open_for_reading(path: Path) -> sqlite3.Connection:
    """A connection that can only read. See `SqliteReading` for when it must be opened anew."""
    with readable(path):
        if not path.exists():
            raise StoreMissingError(f"there is no store at {path} yet; start an agent: penguintui agent")
        suffix = "" if _wal_of(path).exists() else "&immutable=1"
        revision = _revision(path, suffix)
    if revision is None:
        raise StoreMissingError(f"the store {path} is still empty; start an agent: penguintui agent")
    if revision != REVISIONS[-1]:
        raise StoreError(
            f"the store {path} is of an older version; start its agent once to migrate it: penguintui agent"
        )
    uri = f"file:{_quote(path)}?mode=ro{suffix}"
    return sqlite3.connect(uri, uri=True, timeout=5, check_same_thread=False)


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """What goes wrong with a file while it is read becomes a StoreError with words for a person."""
    try:
        yield
    except OSError as error:
        raise StoreError(f"the store {path} cannot be read: {error.strerror}; check its rights") from error
    except sqlite3.OperationalError as error:
        raise StoreError(f"the store {path} cannot be read: {error}") from error
    except sqlite3.DatabaseError as error:
        remedy = "stop its agent and put a copy back, or move it away to begin a new one"
        raise StoreError(f"the store {path} cannot be read: {error}; {remedy}") from error


class Opened:
    """The file of a store as its writer opened it. A file that was moved away goes on to take what nobody finds again.

    So the writer looks before each transaction whether the file is still where it was.
    """

    def __init__(self, path: Path, engine: Engine) -> None:
        self._path = path
        self._engine = engine
        self._file = self._number()

    def check(self) -> None:
        """Raises StoreAwayError while no store is there, StoreReplacedError when it is another one."""
        found = self._number()
        if found == self._file and found is not None:
            return
        if found is None:
            raise StoreAwayError(
                f"the store {self._path} is gone: it was moved, removed or emptied. What is observed is held; put it "
                "back, or start this agent again to begin anew"
            )
        self._part()
        raise StoreReplacedError(f"the store {self._path} was replaced by another file")

    def _part(self) -> None:
        """Take the log away from beside the other file: it is our file's, wherever that is now, and would damage it."""
        with closing(self._engine.raw_connection()) as connection:  # outside of any transaction
            connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)")
        try:
            for beside in ("-wal", "-shm"):
                self._path.with_name(self._path.name + beside).unlink(missing_ok=True)
        except OSError as error:
            raise StoreAwayError(
                f"the store {self._path} was replaced, and the log of the old one beside it cannot be removed: "
                f"{error.strerror}; remove {self._path}-wal, or put the old file back"
            ) from None

    def _number(self) -> tuple[int, int] | None:
        """Which file it is; None where there is none, or an empty one."""
        try:
            found = self._path.stat()
        except OSError:
            return None
        return (found.st_dev, found.st_ino) if found.st_size else None


def give_back(connection: Connection, at_most: int = 200) -> bool:
    """Make the file smaller where more than a quarter of it is free pages; True while that goes on.

    Pages that are left free are used for what comes next. A file that was made before there were chunks keeps all.
    """

    def asked(pragma: str) -> int:
        return int(connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one())

    if asked("auto_vacuum") != 2:
        return False
    over = asked("freelist_count") - asked("page_count") // 4
    for _ in range(min(over, at_most)):
        connection.exec_driver_sql("PRAGMA incremental_vacuum(1)")  # one step of it, as the driver takes no more
    return over > at_most


def _wal_of(path: Path) -> Path:
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
    return known(str(row[0]) if row else None, str(path))


def _create(path: Path) -> None:
    from sqlalchemy.exc import DBAPIError

    from penguintui.store.tables import metadata

    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o640))
    engine = _engine(path)
    try:
        with engine.begin() as connection:
            metadata.create_all(connection)
            connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
            connection.exec_driver_sql("INSERT INTO alembic_version VALUES (?)", (REVISIONS[-1],))
    except DBAPIError as error:
        remedy = "see whether its disk is full, and that it can be written"
        raise StoreError(f"the store {path} cannot be made: {error.orig}; {remedy}") from error
    finally:
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


def _engine(path: Path) -> Engine:
    from sqlalchemy import create_engine, event

    uri = f"file:{_quote(path)}?mode=rw"
    engine = create_engine(
        f"{_SQLITE}{path}",
        creator=lambda: sqlite3.connect(uri, uri=True, timeout=5, check_same_thread=False),
    )

    @event.listens_for(engine, "connect")
    def _settle(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # the driver would begin none before a savepoint, which would then commit
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # of a file that has no tables yet; see give_back
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA temp_store = MEMORY")  # what savepoints keep of each page before it changes
        connection.execute("PRAGMA busy_timeout = 5000")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
