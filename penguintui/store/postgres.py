"""A store that several hosts share: PostgreSQL. What is PostgreSQL's own is here; psycopg is imported by this alone.

Addresses are libpq's (PostgreSQL manual, "Connection URIs"), with or without `+psycopg` after the scheme; what they
leave out comes from libpq's environment and password file.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from penguintui.model.secret import HIDDEN
from penguintui.store.errors import StoreError, StoreMissingError
from penguintui.store.revisions import REVISIONS, known
from penguintui.store.translating import translated, unpacked

if TYPE_CHECKING:
    import psycopg
    from psycopg.rows import RowFactory
    from sqlalchemy import Engine

_PATIENCE: Mapping[str, Any] = {
    "connect_timeout": 3,
    "keepalives_idle": 2,
    "keepalives_interval": 1,
    "keepalives_count": 3,
    "tcp_user_timeout": 4000,
}
"""A server that is gone or cut off is noticed within about five seconds (libpq; in s, the last in ms)."""
_WRITING: Mapping[str, str | int] = {"statement_timeout": 15_000, "idle_in_transaction_session_timeout": 5_000}
_WRITING_SECONDS = 16.0
_FORMING_SECONDS = 3600.0
"""Seconds that a migration of a large store may take."""
_FORMING = 7_365_101
"""Number of the advisory lock under which the tables are made or migrated, so that two agents do not do it at once."""


class PostgresReading:
    """See `Reading`. A connection that broke is opened anew by the next query."""

    dialect = "postgresql"

    def __init__(self, url: str) -> None:
        self._address = Address(url)
        self._lock = threading.Lock()
        self._opened: _Opened | None = None

    def version(self) -> int:
        """See `Reading`: which transactions can be seen."""
        return int(self.rows("SELECT hashtext(CAST(pg_current_snapshot() AS text))", ())[0][0])

    def opened(self) -> object:
        """See `Reading`."""
        with self._lock:
            return self._current()

    def rows(self, sql: str, parameters: tuple[Any, ...]) -> list[Any]:
        """See `Reading`."""
        from psycopg.rows import tuple_row

        return self._fetch(tuple_row, sql, parameters)

    def named_rows(self, sql: str, parameters: Sequence[Any]) -> list[Any]:
        """See `Reading`."""
        from psycopg.rows import dict_row

        return self._fetch(dict_row, sql, parameters)

    def together(self) -> AbstractContextManager[None]:
        """See `Reading`. A transaction would be two more ways to the server and back: each question stays by itself."""
        return nullcontext()

    def close(self) -> None:
        with self._lock:
            self._dispose()

    def _fetch(self, factory: RowFactory[Any], sql: str, parameters: Sequence[Any]) -> list[Any]:
        text, lists = translated(sql)
        with self._connection() as connection, connection.cursor(row_factory=factory) as cursor:
            return cursor.execute(text.encode(), unpacked(parameters, lists)).fetchall()

    @contextmanager
    def _connection(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection that nobody else uses meanwhile. Once one broke, all are opened anew."""
        import psycopg

        with self._lock:
            opened = self._current()
            connection = opened.idle.pop() if opened.idle else None
        if connection is None:
            connection = _connect_for_reading(self._address)
        try:
            yield connection
        except psycopg.Error as error:
            raise StoreError(f"the store {self._address.place} cannot be read: {self._address.words(error)}") from None
        finally:
            with self._lock:
                if connection.closed:
                    if opened is self._opened:
                        self._dispose()
                elif opened is self._opened:
                    opened.idle.append(connection)
                else:
                    connection.close()

    def _current(self) -> _Opened:
        if self._opened is None:
            self._opened = _Opened([_connect_for_reading(self._address)])
        return self._opened

    def _dispose(self) -> None:
        if self._opened is not None:
            for connection in self._opened.idle:
                connection.close()
            self._opened = None


@dataclass(slots=True)
class _Opened:
    """A server as it was reached, with its idle connections."""

    idle: list[psycopg.Connection[Any]] = field(default_factory=list)


class Address:
    """A store's address: where it is, in words without a password, and how it is connected to. Raises StoreError."""

    def __init__(self, url: str) -> None:
        self._conninfo = re.sub(r"^postgresql\+psycopg://", "postgresql://", url)
        try:
            from psycopg import ProgrammingError
            from psycopg.conninfo import conninfo_to_dict
        except ImportError:
            raise StoreError(
                "the store is PostgreSQL, and its driver psycopg is not installed: pip install 'penguintui[postgres]'"
            ) from None
        try:
            parts = conninfo_to_dict(self._conninfo)
        except ProgrammingError:  # its text has parts of the address, which may be the password
            raise StoreError(
                "the store's address cannot be read; write postgresql+psycopg://USER@HOST:PORT/NAME, and in a "
                "password %40 for @ and %2F for /"
            ) from None
        self._password = str(parts.get("password") or "")
        self.user = str(parts.get("user") or "")
        host, port = parts.get("host") or parts.get("hostaddr") or "localhost", parts.get("port") or 5432
        self.place = f"{host}:{port}/{parts.get('dbname') or ''}"

    def connect(
        self,
        settings: Mapping[str, str | int],
        *,
        autocommit: bool,
        name: str = "penguintui",
        patience: float = 10.0,
    ) -> psycopg.Connection[Any]:
        """A new connection. settings: of the session on the server. name: what the server calls it.

        patience: seconds that one statement may take, its way to the server and back included; a connection on which
        no answer came in that time is closed. Raises psycopg.Error.
        """
        from penguintui.store.impatient import Impatient

        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        more = {**_PATIENCE, "options": options, "application_name": name}
        connection = Impatient.connect(self._conninfo, autocommit=autocommit, **more)
        connection.patience = patience
        _register(connection)
        return connection

    def words(self, error: BaseException) -> str:
        """What the driver says, in one line and without the password."""
        text = " ".join(str(error).split()) or type(error).__name__
        text = text.removeprefix("connection failed: ").removeprefix("connection to server at ")
        return text.replace(self._password, HIDDEN) if len(self._password) > 3 else text


def open_for_writing(url: str, name: str = "penguintui") -> Engine:
    """An engine for the one writer, known to the server by this name. Makes or migrates the store first.

    Raises StoreError with words for a person.
    """
    import psycopg
    from sqlalchemy.exc import DBAPIError

    address = Address(url)
    forming = _engine(address, name, {}, _FORMING_SECONDS)
    try:
        with forming.begin() as connection:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_FORMING})")
            raw: Any = connection.connection.driver_connection
            if _revision(raw, address) != REVISIONS[-1]:
                from penguintui.store.migrating import upgrade

                upgrade(url, connection=connection)
    except (DBAPIError, psycopg.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
        raise StoreError(f"the store {address.place} cannot be opened for writing: {address.words(cause)}") from None
    finally:
        forming.dispose()
    return _engine(address, name, _WRITING, _WRITING_SECONDS)


def _connect_for_reading(address: Address) -> psycopg.Connection[Any]:
    """A connection that can only read. Raises StoreError."""
    import psycopg

    settings: dict[str, str | int] = {"default_transaction_read_only": "on", "statement_timeout": 8_000}
    try:
        connection = address.connect(settings, autocommit=True)
    except psycopg.Error as error:
        raise StoreError(f"the store {address.place} cannot be reached: {address.words(error)}") from None
    try:
        revision = _revision(connection, address)
        if revision is None:
            raise StoreMissingError(f"the store {address.place} is still empty; start an agent: penguintui agent")
        if revision != REVISIONS[-1]:
            raise StoreError(f"the store {address.place} is of an older version; start its agent once to migrate it")
    except psycopg.Error as error:
        connection.close()
        raise StoreError(f"the store {address.place} cannot be read: {address.words(error)}") from None
    except StoreError:
        connection.close()
        raise
    return connection


def _revision(connection: psycopg.Connection[Any], address: Address) -> str | None:
    """The schema's revision; None for an empty database. Raises StoreNewerError, StoreError for another's database."""
    tables = "SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = current_schema()"
    names = {row[0] for row in connection.execute(tables)}
    if "alembic_version" not in names:
        if names:
            raise StoreError(f"{address.place} is a database, but not one of penguintui; give another --store")
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return known(str(row[0]) if row else None, address.place)


def _engine(address: Address, name: str, settings: Mapping[str, str | int], patience: float) -> Engine:
    from sqlalchemy import create_engine, event

    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: address.connect(settings, autocommit=False, name=name, patience=patience),
        pool_size=1,
        max_overflow=0,
    )

    @event.listens_for(engine, "before_cursor_execute", retval=True)
    def _translate(
        _connection: Any, _cursor: Any, statement: str, parameters: Any, context: Any, many: bool
    ) -> tuple[str, Any]:
        """What SQLAlchemy composed itself is PostgreSQL's already; our own words are translated."""
        if context is None or context.compiled is not None or context.isddl:
            return statement, parameters
        text, lists = translated(statement)
        if not lists:
            return text, parameters
        return text, [unpacked(one, lists) for one in parameters] if many else unpacked(parameters, lists)

    return engine


def _register(connection: psycopg.Connection[Any]) -> None:
    """PostgreSQL's texts cannot hold NUL, nor halves of surrogate pairs; what the world says sometimes does."""
    from psycopg import DataError
    from psycopg.types.string import StrDumperUnknown

    class Lenient(StrDumperUnknown):
        def dump(self, obj: str) -> Any:
            try:
                return super().dump(obj)
            except (DataError, UnicodeError):
                return super().dump(obj.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8"))

    connection.adapters.register_dumper(str, Lenient)
