"""A suppression list in tables of a database. Each mail has its effect once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from penguintui.adapters.failure import from_sql
from penguintui.adapters.imap.position import Position
from penguintui.adapters.suppression.tables import inserted, put, tables
from penguintui.mail.suppression import Processed, SoftBounce, SoftRule, Suppression, enough, normal
from penguintui.model.clock import Time

if TYPE_CHECKING:
    from sqlalchemy import Connection


class SuppressionError(Exception):
    """The list could not be read or written; the text says where, why and what to do. Nothing of the mail was done."""


class NoListError(SuppressionError):
    """What was named can be no list."""


class SqlSuppressions:
    """A list of suppressed addresses that remembers which mails it was made from.

    Its tables are made when they are missing and something is to be written. Every method may raise SuppressionError.
    """

    def __init__(self, url: str) -> None:
        from sqlalchemy import create_engine
        from sqlalchemy.engine import make_url
        from sqlalchemy.exc import ArgumentError

        try:
            address = make_url(url)
        except ArgumentError:
            raise NoListError(f"{url[:80]!r} names no list; write sqlite:///FILE or postgresql+psycopg://…") from None
        self.place = f"the list at {address.render_as_string(hide_password=True)}"
        self._tables = tables()
        self._there = False
        try:
            self._engine = create_engine(address)
        except Exception as error:
            raise SuppressionError(from_sql(error, self.place).text) from error
        self._file = Path(address.database) if address.get_backend_name() == "sqlite" and address.database else None

    def known(self, digest: str) -> bool:
        """Whether this mail was processed before."""
        from sqlalchemy import select

        if not self._made():
            return False
        mails = self._tables.mails
        with self._connected() as connection:
            return connection.execute(select(mails.c.digest).where(mails.c.digest == digest)).first() is not None

    def keep(self, processed: Processed, now: Time, soft: SoftRule | None = None) -> list[str] | None:
        """Suppress what the mail says, and remember it, both or neither. Returns the addresses that are new.

        None for a mail that was processed before, which changes nothing. soft: when temporary failures are enough.
        """
        self._make()
        with self._connected() as connection:
            mail = {"digest": processed.digest, "message_id": processed.message_id, "processed": now}
            if not inserted(connection, self._tables.mails, mail):
                return None
            wanted = [one.suppression for one in processed.decisions if one.suppression is not None]
            if soft is not None:
                wanted += self._worn_out(connection, processed, now, soft)
            new = [one for one in wanted if inserted(connection, self._tables.suppressions, asdict(one))]
            self._tell(new)
            return [one.address for one in new]

    def _tell(self, new: Sequence[Suppression]) -> None:
        """Pass on what is new, before it counts as done."""

    def _worn_out(
        self, connection: Connection, processed: Processed, now: Time, rule: SoftRule
    ) -> Iterator[Suppression]:
        """Count the temporary failures of a mail; the suppressions of addresses that have had enough of them."""
        from sqlalchemy import delete, func, select

        table, list_ = self._tables.soft, self._tables.suppressions
        for failure in dict.fromkeys(one.soft for one in processed.decisions if one.soft is not None):
            inserted(connection, table, {"digest": processed.digest, **asdict(failure)})
            own = table.c.address == failure.address
            connection.execute(delete(table).where(own, table.c.time < now - rule.within))
            standing = select(list_.c.reason).where(list_.c.address == failure.address, list_.c.released.is_(None))
            if connection.execute(standing).first() is not None:
                continue
            released = connection.execute(
                select(func.max(list_.c.released)).where(list_.c.address == failure.address)
            ).scalar()
            columns = [table.c[name] for name in SoftBounce.__dataclass_fields__]
            asked = select(*columns).where(own, table.c.time > (released or 0.0))
            failures = [SoftBounce(*row) for row in connection.execute(asked)]
            found = enough(rule, failures, processed.message_id, now)
            if found is not None:
                yield found

    def add(self, one: Suppression) -> bool:
        """Suppress an address by hand; whether it was not suppressed for this reason already."""
        self._make()
        with self._connected() as connection:
            new = inserted(connection, self._tables.suppressions, asdict(one))
            self._tell([one] if new else [])
            return new

    def position(self, source: str) -> Position | None:
        """How far a mailbox was read; None when it never was."""
        from sqlalchemy import select

        self._make()
        table = self._tables.positions
        with self._connected() as connection:
            row = connection.execute(select(table.c.validity, table.c.next).where(table.c.source == source)).first()
            return Position(*row) if row is not None else None

    def reached(self, source: str, position: Position) -> None:
        """Remember how far a mailbox was read."""
        self._make()
        with self._connected() as connection:
            put(connection, self._tables.positions, {"source": source, **asdict(position)})

    def may_answer(self, address: str, now: Time, pause: float) -> bool:
        """Whether nobody was answered there for `pause` seconds; if so, the answer is taken as given now."""
        from sqlalchemy import select

        self._make()
        table, key = self._tables.answers, normal(address)
        with self._connected() as connection:
            last = connection.execute(select(table.c.time).where(table.c.address == key)).scalar()
            if last is not None and now - last < pause:
                return False
            put(connection, table, {"address": key, "time": now})
            return True

    def standing(self, address: str) -> list[Suppression]:
        """Why nothing is sent to an address; empty when something is. Raises SuppressionError."""
        from sqlalchemy import select

        if not self._made():
            return []
        table = self._tables.suppressions
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
        table = self._tables.suppressions
        change = update(table).where(table.c.address == normal(address), table.c.released.is_(None))
        with self._connected() as connection:
            return connection.execute(change.values(released=now, released_why=why)).rowcount

    def close(self) -> None:
        self._engine.dispose()

    def _make(self) -> None:
        if not self._there:
            with self._connected() as connection:
                self._tables.suppressions.metadata.create_all(connection)
            self._there = True

    def _made(self) -> bool:
        """Whether the tables are there; asking must not make them."""
        from sqlalchemy import inspect

        if not self._there and (self._file is None or self._file.exists()):
            with self._connected() as connection:
                self._there = inspect(connection).has_table(self._tables.mails.name)
        return self._there

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        from sqlalchemy.exc import SQLAlchemyError

        try:
            with self._engine.begin() as connection:
                yield connection
        except (SQLAlchemyError, OSError) as error:
            raise SuppressionError(from_sql(error, self.place).text) from error
