"""Intents in a shared store: what viewers elsewhere ask of the agent, as rows, and its answers to them.

Who asks, from where and when is written by the server (see the migration `0005_shared`); a row cannot claim it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from penguintui.model.clock import Time

if TYPE_CHECKING:
    import psycopg
    from sqlalchemy import Connection

    from penguintui.store.opening import Reading

_PENDING = """
SELECT i.key, i.who, i.address, i.visit, i.viewer, i.method, i.parameters, i.patience, i.taken,
    CAST(extract(epoch FROM clock_timestamp()) AS double precision) - i.created,
    i.who = session_user, coalesce(r.rolsuper, true),
    ARRAY(SELECT CAST(g.rolname AS text) FROM pg_roles g
        WHERE NOT r.rolsuper AND g.oid <> r.oid AND pg_has_role(r.oid, g.oid, 'MEMBER'))
FROM intents i LEFT JOIN pg_roles r ON r.rolname = i.who
WHERE i.answered IS NULL ORDER BY i.number LIMIT 100
"""


@dataclass(frozen=True, slots=True)
class Intent:
    """One thing that is asked.

    who: the session's user. visit: which start of a viewer. viewer: 1 when it is read-only until armed. taken: the
    lease's token under which it was taken up before. age: seconds since it was asked, by the server's clock. own: by
    the agent's own role. superuser: by a role that could have written anything, or one that is gone. groups: the roles
    of which `who` is a member.
    """

    key: str
    who: str
    address: str
    visit: str
    viewer: int
    method: str
    parameters: str
    patience: float
    taken: int | None
    age: float
    own: bool
    superuser: bool
    groups: Sequence[str]


def pending(reading: Reading) -> list[Intent]:
    """What has no answer yet, in the order in which it was asked. Raises StoreError."""
    return [Intent(*row) for row in reading.rows(_PENDING, ())]


def take(connection: Connection, key: str, token: int) -> bool:
    """Take an intent up under a lease; False when it was answered meanwhile."""
    result = connection.exec_driver_sql("UPDATE intents SET taken = ? WHERE key = ? AND answered IS NULL", (token, key))
    return result.rowcount == 1


def answer(connection: Connection, key: str, now: Time, said: Mapping[str, Any] | None, refused: str = "") -> None:
    """Answer an intent, or refuse it with a sentence."""
    text = None if said is None else json.dumps(dict(said), ensure_ascii=False)
    connection.exec_driver_sql(
        "UPDATE intents SET answered = ?, answer = ?, refused = ? WHERE key = ?", (now, text, refused or None, key)
    )


def ask(
    connection: psycopg.Connection[Any],
    key: str,
    *,
    visit: str,
    viewer: bool,
    method: str,
    parameters: Mapping[str, Any],
    patience: float,
) -> None:
    """Ask one thing; nothing more happens when the key is there already. Raises psycopg.Error."""
    connection.execute(
        "INSERT INTO intents (key, visit, viewer, method, parameters, patience) VALUES (%s, %s, %s, %s, %s, %s) "
        "ON CONFLICT (key) DO NOTHING",
        (key, visit, int(viewer), method, json.dumps(dict(parameters), ensure_ascii=False), patience),
    )


def answer_of(connection: psycopg.Connection[Any], key: str) -> tuple[Mapping[str, Any], str] | None:
    """The answer to an intent, or the sentence that refuses it; None while there is none. Raises psycopg.Error."""
    row = connection.execute(
        "SELECT answer, refused FROM intents WHERE key = %s AND answered IS NOT NULL", (key,)
    ).fetchone()
    return None if row is None else (json.loads(row[0] or "{}"), row[1] or "")


def armed_until(connection: Connection, who: str, visit: str) -> Time:
    """Until when a visit may act by what an agent answered it last, whichever agent that was; 0 when it may not."""
    row = connection.exec_driver_sql(
        "SELECT method, answer FROM intents WHERE who = ? AND visit = ? AND method IN ('arm', 'disarm') "
        "AND answered IS NOT NULL AND refused IS NULL ORDER BY number DESC LIMIT 1",
        (who, visit),
    ).first()
    return float(json.loads(row[1])["until"]) if row is not None and row[0] == "arm" else 0.0
