"""Plans in the store, so that they can be confirmed or approved when the agent that made them is gone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from penguintui.model.action import Plan, RunStatus
from penguintui.model.clock import Time

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Waiting:
    """A run that waits for approval: its plan and who asked for it, both as they were kept."""

    run: int
    document: str
    asker: str


def keep(connection: Connection, plan: Plan, document: str, asker: str) -> None:
    """Keep a plan in place of an earlier one of the same hash, and let go of those that lapsed before it was made."""
    connection.exec_driver_sql(
        "DELETE FROM plans WHERE (run_id IS NULL AND (lapses < ? OR hash = ?)) "
        "OR run_id IN (SELECT id FROM runs WHERE status <> ?)",
        (plan.created, plan.hash, str(RunStatus.WAITING)),
    )
    _insert(connection, plan, document, asker, None)


def keep_waiting(connection: Connection, run: int, plan: Plan, document: str, asker: str) -> None:
    """Keep the plan with which a run waits for approval."""
    _insert(connection, plan, document, asker, run)


def find(connection: Connection, plan_hash: str, now: Time) -> str | None:
    """The document of a plan that has not lapsed; None when there is none."""
    row = connection.exec_driver_sql(
        "SELECT document FROM plans WHERE hash = ? AND run_id IS NULL AND lapses >= ?", (plan_hash, now)
    ).first()
    return None if row is None else str(row[0])


def waiting(connection: Connection) -> list[Waiting]:
    """The runs that wait for approval, in the order in which they were asked for."""
    rows = connection.exec_driver_sql(
        "SELECT p.run_id, p.document, p.asker FROM plans p JOIN runs r ON r.id = p.run_id "
        "WHERE r.status = ? ORDER BY p.run_id",
        (str(RunStatus.WAITING),),
    )
    return [Waiting(int(row[0]), str(row[1]), str(row[2])) for row in rows]


def forget(connection: Connection, run: int) -> None:
    """A run waits no more."""
    connection.exec_driver_sql("DELETE FROM plans WHERE run_id = ?", (run,))


def _insert(connection: Connection, plan: Plan, document: str, asker: str, run: int | None) -> None:
    connection.exec_driver_sql(
        "INSERT INTO plans (hash, run_id, asker, document, created, lapses) VALUES (?, ?, ?, ?, ?, ?)",
        (plan.hash, run, asker, document, plan.created, plan.expires),
    )
