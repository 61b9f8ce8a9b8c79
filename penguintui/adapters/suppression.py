"""Where suppressions are kept: a table of a database, or an HTTP API that takes them. Each mail has its effect once."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from penguintui.adapters.failure import from_httpx, from_sql
from penguintui.mail.suppression import Processed, Suppression, normal
from penguintui.model.clock import Time

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

_PATIENCE = 20.0


class SuppressionError(Exception):
    """The list could not be read or written; the text says where, why and what to do. Nothing of the mail was done."""


class Suppressions(Protocol):
    """A list of suppressed addresses that remembers which mails it was made from."""

    def known(self, digest: str) -> bool:
        """Whether this mail was processed before. Raises SuppressionError."""
        ...

    def keep(self, processed: Processed, now: Time) -> list[str] | None:
        """Suppress what the mail says, and remember it, both or neither. Returns the addresses that are new.

        None for a mail that was processed before, which changes nothing. Raises SuppressionError.
        """
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


def opened(place: str, token: str | None = None, memory: Path | None = None) -> Suppressions:
    """The list at a SQLAlchemy address or an http(s) address. Raises SuppressionError.

    memory: for an HTTP API, the file in which the mails that it took are remembered.
    """
    if place.startswith(("http://", "https://")):
        if memory is None:
            raise SuppressionError("an HTTP API needs a file that remembers which mails it took")
        return HttpSuppressions(place, token, memory)
    return SqlSuppressions(place)


class SqlSuppressions:
    """Two tables, made when they are missing: `suppressions`, and `suppression_mails` for what was processed."""

    def __init__(self, url: str) -> None:
        from sqlalchemy import create_engine
        from sqlalchemy.engine import make_url
        from sqlalchemy.exc import ArgumentError

        try:
            address = make_url(url)
        except ArgumentError:
            raise SuppressionError("that is no address; write sqlite:///FILE or postgresql+psycopg://…") from None
        self.place = f"the list at {address.render_as_string(hide_password=True)}"
        self._suppressions, self._mails = _tables()
        self._there = False
        try:
            self._engine = create_engine(address)
        except Exception as error:
            raise SuppressionError(from_sql(error, self.place).text) from error
        self._file = Path(address.database) if address.get_backend_name() == "sqlite" and address.database else None

    def known(self, digest: str) -> bool:
        from sqlalchemy import select

        if not self._made():
            return False
        with self._connected() as connection:
            found = connection.execute(select(self._mails.c.digest).where(self._mails.c.digest == digest))
            return found.first() is not None

    def keep(self, processed: Processed, now: Time) -> list[str] | None:
        self._make()
        with self._connected() as connection:
            mail = {"digest": processed.digest, "message_id": processed.message_id, "processed": now}
            if not _inserted(connection, self._mails, mail):
                return None
            new: list[str] = []
            for decision in processed.decisions:
                one = decision.suppression
                if one is not None and _inserted(connection, self._suppressions, asdict(one)):
                    new.append(one.address)
            return new

    def standing(self, address: str) -> list[Suppression]:
        """Why nothing is sent to an address; empty when something is. Raises SuppressionError."""
        from sqlalchemy import select

        if not self._made():
            return []
        table = self._suppressions
        columns = [table.c[name] for name in Suppression.__dataclass_fields__]
        asked = select(*columns).where(table.c.address == normal(address), table.c.released.is_(None))
        with self._connected() as connection:
            return [Suppression(*row) for row in connection.execute(asked.order_by(table.c.created))]

    def release(self, address: str, why: str, now: Time) -> int:
        """The way back: send to an address again. What was known stays, with why it counts no more.

        Returns how many reasons were taken back. A mail that comes later suppresses anew; the old ones do not.
        """
        from sqlalchemy import update

        if not self._made():
            return 0
        table = self._suppressions
        change = update(table).where(table.c.address == normal(address), table.c.released.is_(None))
        with self._connected() as connection:
            return connection.execute(change.values(released=now, released_why=why)).rowcount

    def close(self) -> None:
        self._engine.dispose()

    def _make(self) -> None:
        if not self._there:
            with self._connected() as connection:
                self._suppressions.metadata.create_all(connection)
            self._there = True

    def _made(self) -> bool:
        """Whether the tables are there; asking must not make them."""
        from sqlalchemy import inspect

        if not self._there and (self._file is None or self._file.exists()):
            with self._connected() as connection:
                self._there = inspect(connection).has_table(self._mails.name)
        return self._there

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        from sqlalchemy.exc import SQLAlchemyError

        try:
            with self._engine.begin() as connection:
                yield connection
        except (SQLAlchemyError, OSError) as error:
            raise SuppressionError(from_sql(error, self.place).text) from error


def _tables() -> tuple[Table, Table]:
    from sqlalchemy import Column, Double, MetaData, String, Table, Text

    metadata = MetaData()
    suppressions = Table(
        "suppressions",
        metadata,
        Column("address", String(320), primary_key=True),
        Column("reason", String(40), primary_key=True),
        Column("message_id", String(255), primary_key=True),
        Column("status", String(16), nullable=False),
        Column("evidence", Text, nullable=False),
        Column("created", Double, nullable=False),
        Column("released", Double),
        Column("released_why", Text),
    )
    mails = Table(
        "suppression_mails",
        metadata,
        Column("digest", String(64), primary_key=True),
        Column("message_id", String(255), nullable=False),
        Column("processed", Double, nullable=False),
    )
    return suppressions, mails


def _inserted(connection: Connection, table: Table, row: dict[str, Any]) -> bool:
    """Insert a row unless it is there; whether it was not. Two processes at once are told apart by the database."""
    from sqlalchemy import insert, select
    from sqlalchemy.dialects import postgresql, sqlite

    clean = {key: value.replace("\x00", "") if isinstance(value, str) else value for key, value in row.items()}
    keyed = tuple(table.primary_key)
    if connection.dialect.name == "sqlite":
        fresh = sqlite.insert(table).values(clean).on_conflict_do_nothing().returning(*keyed)
        return connection.execute(fresh).first() is not None
    if connection.dialect.name == "postgresql":
        fresh_there = postgresql.insert(table).values(clean).on_conflict_do_nothing().returning(*keyed)
        return connection.execute(fresh_there).first() is not None
    there = select(table).where(*(column == clean[column.name] for column in keyed))
    if connection.execute(there).first() is not None:
        return False
    connection.execute(insert(table).values(clean))
    return True


class HttpSuppressions:
    """An API that takes one suppression by POST, as JSON, and knows a repeated one by its key.

    The header `Idempotency-Key` is made of address, reason and message id. A mail is remembered in `memory`, an SQLite
    file, when the API took all that it says; one that was taken in part is sent again.
    """

    def __init__(self, url: str, token: str | None, memory: Path) -> None:
        self._url, self._token = url, token
        self.place, self._remembers = f"the API at {url}", f"{memory}, which remembers what was processed,"
        self._file = memory

    def known(self, digest: str) -> bool:
        if not self._file.exists():
            return False
        with self._memory() as memory:
            return bool(memory.execute("SELECT 1 FROM mails WHERE digest = ?", (digest,)).fetchone())

    def keep(self, processed: Processed, now: Time) -> list[str] | None:
        if self.known(processed.digest):
            return None
        wanted = [decision.suppression for decision in processed.decisions if decision.suppression is not None]
        self._send(wanted)
        with self._memory() as memory:
            memory.execute("INSERT OR IGNORE INTO mails VALUES (?)", (processed.digest,))
        return [one.address for one in wanted]

    def close(self) -> None:
        """No connection is kept."""

    @contextmanager
    def _memory(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._file, isolation_level=None, timeout=_PATIENCE)) as memory:
                memory.execute("CREATE TABLE IF NOT EXISTS mails (digest TEXT PRIMARY KEY) WITHOUT ROWID")
                yield memory
        except sqlite3.Error as error:
            raise SuppressionError(f"{self._remembers} cannot be used: {error}") from error

    def _send(self, wanted: Sequence[Suppression]) -> None:
        import hashlib

        import httpx

        try:
            with httpx.Client(trust_env=False, timeout=_PATIENCE) as client:
                for one in wanted:
                    key = hashlib.sha256(json.dumps([one.address, one.reason, one.message_id]).encode()).hexdigest()
                    headers = {"Idempotency-Key": key} | (
                        {"Authorization": f"Bearer {self._token}"} if self._token else {}
                    )
                    answer = client.post(self._url, json=asdict(one), headers=headers)
                    if answer.status_code not in (200, 201, 202, 204, 409):  # 409: it has this one already
                        raise SuppressionError(f"{self.place} answered {answer.status_code}; see its log")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise SuppressionError(from_httpx(error, self.place, _PATIENCE).text) from error
