"""The tables of a suppression list, and rows that are put into them once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table


@dataclass(frozen=True, slots=True)
class Tables:
    """suppressions: what is known of addresses. mails: those that were processed. soft: temporary failures.
    positions: how far mailboxes were read. answers: when somebody was answered last.
    """

    suppressions: Table
    mails: Table
    soft: Table
    positions: Table
    answers: Table


def tables() -> Tables:
    """All of them, in one `MetaData`."""
    from sqlalchemy import BigInteger, Column, Double, MetaData, String, Table, Text

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
    soft = Table(
        "suppression_soft",
        metadata,
        Column("address", String(320), primary_key=True),
        Column("digest", String(64), primary_key=True),
        Column("reason", String(40), nullable=False),
        Column("status", String(16), nullable=False),
        Column("evidence", Text, nullable=False),
        Column("time", Double, nullable=False),
    )
    positions = Table(
        "suppression_positions",
        metadata,
        Column("source", String(400), primary_key=True),
        Column("validity", BigInteger, nullable=False),
        Column("next", BigInteger, nullable=False),
    )
    answers = Table(
        "suppression_answers",
        metadata,
        Column("address", String(320), primary_key=True),
        Column("time", Double, nullable=False),
    )
    return Tables(suppressions, mails, soft, positions, answers)


def inserted(connection: Connection, table: Table, row: dict[str, Any]) -> bool:
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


def put(connection: Connection, table: Table, row: dict[str, Any]) -> None:
    """Insert a row, or bring the one with its key up to date."""
    from sqlalchemy import update

    if inserted(connection, table, row):
        return
    keyed = {column.name for column in table.primary_key}
    changes = {name: value for name, value in row.items() if name not in keyed}
    connection.execute(update(table).where(*(table.c[name] == row[name] for name in keyed)).values(changes))
