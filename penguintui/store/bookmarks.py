"""How far each adapter had read what grows: written with the observation that tells of it, read by the next agent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import TYPE_CHECKING

from penguintui.model.observation import Observation

if TYPE_CHECKING:
    from sqlalchemy import Connection

Bookmarks = dict[tuple[str, str], dict[str, str]]
"""The mark of each place, by (target, probe)."""


def load_bookmarks(connection: Connection, agent: str) -> Bookmarks:
    """What counts for one agent: its own marks, and those that all agents share."""
    found: Bookmarks = defaultdict(dict)
    rows = connection.exec_driver_sql(
        "SELECT target, probe, place, mark FROM bookmarks WHERE agent IN ('', ?)", (agent,)
    )
    for target, probe, place, mark in rows:
        found[target, probe][place] = mark
    return dict(found)


def keep_bookmarks(connection: Connection, agent: str, target: str, probe: str, observation: Observation) -> None:
    """Remember an observation's bookmarks. One that comes late does not put a place back."""
    for bookmark in observation.bookmarks:
        whose = agent if bookmark.here else ""
        connection.exec_driver_sql(
            "INSERT INTO bookmarks (target, probe, place, agent, mark, time) VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (target, probe, place, agent) DO UPDATE SET mark = excluded.mark, time = excluded.time "
            "WHERE excluded.time >= bookmarks.time",
            (target, probe, bookmark.place, whose, bookmark.mark, observation.time),
        )


def keep_bookmarks_only(connection: Connection, watched: Collection[tuple[str, str]]) -> None:
    """Forget the bookmarks of every (target, probe) that is watched no more."""
    rows = connection.exec_driver_sql("SELECT DISTINCT target, probe FROM bookmarks").fetchall()
    for target, probe in rows:
        if (target, probe) not in watched:
            connection.exec_driver_sql("DELETE FROM bookmarks WHERE target = ? AND probe = ?", (target, probe))
