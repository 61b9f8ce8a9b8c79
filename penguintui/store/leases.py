"""Who may write into a shared store: a row whose token only grows, and the check of it in every transaction.

The holder renews its row without hindering its own writing: renewing changes no key, and what is being written holds
the row FOR KEY SHARE (PostgreSQL manual, "Row-Level Locks"). Whoever takes the lease locks the row FOR UPDATE, so it
waits for what the one before is just writing; after that nothing of the one before is written any more.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from penguintui.model.clock import Time
from penguintui.store.errors import StoreFencedError
from penguintui.store.keeping import HEARTBEAT, Heartbeat, heartbeat_row
from penguintui.store.translating import translated

if TYPE_CHECKING:
    import psycopg
    from sqlalchemy import Connection

OLDER = "the store came back older than it was"
"""Why a lease is lost when the store was put back from a copy."""
_COLUMNS = "token, owner, holder, since, beat, store"


@dataclass(frozen=True, slots=True)
class LeaseRow:
    """The lease as the store has it. owner: the holder's own number; empty while nobody holds it. beat: grows."""

    token: int
    owner: str
    holder: str
    since: Time
    beat: int
    store: str


def writer_name(token: int) -> str:
    """What the server calls the sessions that write under a token."""
    return f"penguintui writer {token}"


def look(connection: psycopg.Connection[Any]) -> LeaseRow:
    """The lease as it stands; a row that nobody holds is made in a new store. Raises psycopg.Error."""
    connection.execute(
        "INSERT INTO leases (name, token, owner, holder, since, beat, store) VALUES ('agent', 0, '', '', 0, 0, %s) "
        "ON CONFLICT (name) DO NOTHING",
        (uuid.uuid4().hex,),
    )
    row = connection.execute(f"SELECT {_COLUMNS} FROM leases WHERE name = 'agent'").fetchone()  # noqa: S608
    return LeaseRow(*(row or ()))


def take(
    connection: psycopg.Connection[Any], seen: LeaseRow, *, owner: str, holder: str, at_least: int, now: Time
) -> LeaseRow | None:
    """Take the lease as it was seen; None when it has changed since. Raises psycopg.Error.

    at_least: the highest token that this agent ever saw, so that it grows in a store that came back older too. Sessions
    of the holder before are ended first: a stopped or cut-off process would hold what it was writing, and us.
    """
    connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = session_user "
        "AND datname = current_database() AND application_name = %s",
        (writer_name(seen.token),),
    )
    with connection.transaction():
        locked = connection.execute(f"SELECT {_COLUMNS} FROM leases WHERE name = 'agent' FOR UPDATE").fetchone()  # noqa: S608
        if locked is None or LeaseRow(*locked) != seen:
            return None
        taken = LeaseRow(max(seen.token, at_least) + 1, owner, holder, now, seen.beat + 1, seen.store)
        connection.execute(
            "UPDATE leases SET token = %s, owner = %s, holder = %s, since = %s, beat = %s WHERE name = 'agent'",
            (taken.token, owner, holder, now, taken.beat),
        )
    return taken


def renew(connection: psycopg.Connection[Any], token: int) -> int | None:
    """Say that the holder lives; the new beat, or None when the lease is under another token. Raises psycopg.Error."""
    row = connection.execute("UPDATE leases SET beat = beat + 1 WHERE token = %s RETURNING beat", (token,)).fetchone()
    return None if row is None else int(row[0])


def give_back(connection: psycopg.Connection[Any], token: int) -> None:
    """Let another take the lease at once. Raises psycopg.Error."""
    connection.execute("UPDATE leases SET owner = '', holder = '', beat = beat + 1 WHERE token = %s", (token,))


def working_configuration(connection: psycopg.Connection[Any]) -> str:
    """The digest of the configuration with which the holder works; empty when it never said. Raises psycopg.Error."""
    sql = "SELECT configuration FROM heartbeats WHERE standby = 0 ORDER BY time DESC LIMIT 1"
    row = connection.execute(sql).fetchone()
    return str(row[0]) if row is not None else ""


def stand_by(connection: psycopg.Connection[Any], beat: Heartbeat) -> None:
    """Say that an agent stands by. It is the one thing that is written without the lease. Raises psycopg.Error."""
    sql, _ = translated(HEARTBEAT)
    connection.execute(sql.encode(), heartbeat_row(beat))


class Guard:
    """Checks the lease at the beginning of every transaction of a writer. `lost` is told why, once it is gone.

    beat: gives the last one that was renewed. A store with an earlier one was put back from a copy: it lacks what we
    wrote.
    """

    def __init__(self, token: int, beat: Callable[[], int], lost: Callable[[str], None]) -> None:
        self.token = token
        self._beat = beat
        self._lost = lost

    def enter(self, connection: Connection) -> int:
        """Hold the lease until the transaction ends; the transaction's number. Raises StoreFencedError."""
        from sqlalchemy.exc import ProgrammingError

        least = self._beat()  # before looking: it grows meanwhile
        try:
            row = connection.exec_driver_sql(
                "SELECT token, holder, beat, CAST(CAST(pg_current_xact_id() AS text) AS bigint) FROM leases "
                "WHERE name = 'agent' FOR KEY SHARE"
            ).first()
        except ProgrammingError:
            raise self._fenced("the store came back without its tables") from None
        if row is None:
            raise self._fenced("the store came back without a lease")
        if row[0] < self.token or (row[0] == self.token and row[2] < least):
            raise self._fenced(OLDER)
        if row[0] != self.token:
            held = f"{row[1]} holds" if row[1] else "nobody holds"
            raise self._fenced(f"{held} the lease now (token {row[0]}, ours was {self.token})")
        return int(row[3])

    def committed(self, connection: Connection, number: int) -> bool | None:
        """Whether an earlier transaction was committed; None while the server still has it open."""
        status = connection.exec_driver_sql(
            "SELECT pg_xact_status(CAST(CAST(? AS text) AS xid8))", (str(number),)
        ).scalar_one()
        return None if status == "in progress" else status == "committed"

    def _fenced(self, why: str) -> StoreFencedError:
        self._lost(why)
        return StoreFencedError(f"nothing is written any more: {why}")
