"""Whether a store in a file is the one that this agent knows: a file is easily moved away, or put back from a copy.

The store counts how often it was looked at, and the agent remembers the count outside of it. A shared store has its
lease for that: see `agent/keeper.py`.
"""

from __future__ import annotations

import logging
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from penguintui.agent.acquaintance import Acquaintance, recall, remember
from penguintui.model.clock import Time
from penguintui.model.observation import Event
from penguintui.model.status import Status

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from penguintui.store.writer import Writer

log = logging.getLogger(__name__)

_LOOK = "SELECT token, store FROM leases WHERE name = 'file'"
_COUNT = (
    "INSERT INTO leases (name, token, owner, holder, since, beat, store) VALUES ('file', ?, '', '', ?, 0, ?) "
    "ON CONFLICT (name) DO UPDATE SET token = excluded.token"
)


class Familiar:
    """place: the store's address. state: the agent's folder."""

    def __init__(self, place: str, state: Path) -> None:
        self._place = place
        self._memory = state / "store.seen"

    async def look(self, writer: Writer, now: Time) -> Event | None:
        """Compare the store with what is remembered of it, and remember it; an event when it is not what it was."""
        known = self._recall()
        at_least = known.token if known is not None else 0

        def count(connection: Connection) -> tuple[int, str | None, str]:
            row = connection.exec_driver_sql(_LOOK).first()
            token, store = (0, None) if row is None else (int(row[0]), str(row[1]))
            kept = store or uuid.uuid4().hex
            connection.exec_driver_sql(_COUNT, (max(token, at_least) + 1, now, kept))
            return token, store, kept

        token, store, kept = await writer.run(count)
        remember(self._memory, Acquaintance(self._place, kept, max(token, at_least) + 1))
        if known is None:
            return None
        if store != known.store:
            words = f"the store {self._place} is another one than before: what the old one remembered is not in it"
            return Event(now, "store.another", f"{words}. Put it back if it was moved by mistake", Status.CRITICAL)
        if token < known.token:
            words = f"the store {self._place} came back older than it was: what was recorded since its copy was made"
            return Event(now, "store.older", f"{words} is gone", Status.CRITICAL)
        return None

    def _recall(self) -> Acquaintance | None:
        try:
            return recall(self._memory, self._place)
        except (ValueError, TypeError) as error:
            log.warning("what is remembered of the store cannot be read: %s: %s", self._memory, error)
            return None
