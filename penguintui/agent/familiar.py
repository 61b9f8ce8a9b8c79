"""Whether a store in a file is the one that this agent knows: a file is easily moved away, or put back from a copy.

The store counts how often it was looked at, and heartbeats; the agent remembers both outside of it. It also
keeps whose they were. A shared store has its lease for that: see `agent/keeper.py`.
"""

from __future__ import annotations

import logging
import socket
import uuid
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from penguintui.agent.acquaintance import Acquaintance, number_of, recall, remember
from penguintui.model.clock import Time
from penguintui.model.observation import Event
from penguintui.model.status import Status

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from penguintui.store.writer import Writer

log = logging.getLogger(__name__)

_LOOK = "SELECT token, store, beat, owner, holder FROM leases WHERE name = 'file'"
_COUNT = (
    "INSERT INTO leases (name, token, owner, holder, since, beat, store) VALUES ('file', ?, ?, ?, ?, 0, ?) "
    "ON CONFLICT (name) DO UPDATE SET token = excluded.token, owner = excluded.owner, holder = excluded.holder"
)
_BEAT = "UPDATE leases SET beat = beat + 1 WHERE name = 'file' RETURNING beat"


class _Seen(NamedTuple):
    """What a store says of itself. token: how often it was looked at. beat: how many heartbeats. owner, host: whose."""

    token: int
    store: str | None
    beat: int
    owner: str
    host: str


class Familiar:
    """place: the store's address. state: the agent's folder."""

    def __init__(self, place: str, state: Path) -> None:
        self._place = place
        self._memory = state / "store.seen"
        self._own, self._host = number_of(state), socket.gethostname()
        self._known: Acquaintance | None = None
        self._told = ""

    async def look(self, writer: Writer, now: Time) -> Event | None:
        """Compare the store with what is remembered of it, and remember it; an event when it is not what it was."""
        known = self._recall()
        at_least = known.token if known is not None else 0

        def count(connection: Connection) -> tuple[_Seen, str]:
            row = connection.exec_driver_sql(_LOOK).first()
            seen = _Seen(0, None, 0, "", "") if row is None else _Seen(*row)
            kept = seen.store or uuid.uuid4().hex
            token = max(seen.token, at_least) + 1
            connection.exec_driver_sql(_COUNT, (token, self._own, self._host, now, kept))
            return seen, kept

        seen, kept = await writer.run(count)
        self._known = Acquaintance(self._place, kept, max(seen.token, at_least) + 1, seen.beat)
        remember(self._memory, self._known)
        return None if known is None else self._unlike(known, seen, now)

    def beat(self, connection: Connection) -> int | None:
        """Count a heartbeat in the store, within its operation; None before it was looked at."""
        return connection.exec_driver_sql(_BEAT).scalar()

    def heard(self, beat: int | None) -> None:
        """A heartbeat was committed."""
        if self._known is not None and beat is not None:
            self._known = replace(self._known, beat=beat)

    def part(self) -> None:
        """Remember the last heartbeat too, when the agent leaves its store."""
        if self._known is not None:
            remember(self._memory, self._known)

    def _unlike(self, known: Acquaintance, seen: _Seen, now: Time) -> Event | None:
        if seen.store != known.store:
            words = f"the store {self._place} is another one than before: what the old one remembered is not in it"
            return Event(now, "store.another", f"{words}. Put it back if it was moved by mistake", Status.CRITICAL)
        if (seen.token, seen.beat) < (known.token, known.beat):
            words = f"the store {self._place} came back older than it was: what was recorded since its copy was made"
            return Event(now, "store.older", f"{words} is gone", Status.CRITICAL)
        if seen.owner in ("", self._own, self._told):
            return None
        self._told = seen.owner
        words = f"another agent, on {seen.host}, has worked on the store {self._place} since this one last did"
        return Event(now, "store.shared", f"{words}: each lacks what the other saw. Stop one of them", Status.CRITICAL)

    def _recall(self) -> Acquaintance | None:
        try:
            return recall(self._memory, self._place)
        except (ValueError, TypeError) as error:
            log.warning("what is remembered of the store cannot be read: %s: %s", self._memory, error)
            return None
