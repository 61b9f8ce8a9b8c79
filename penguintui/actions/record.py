"""The audit's keeper: signs each entry with the agent's key, and keeps the head outside the store too."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from penguintui.actions.signing import SigningKey
from penguintui.model.action import AuditEntry
from penguintui.model.clock import Clock
from penguintui.model.role import Caller
from penguintui.store import auditing
from penguintui.store.writer import Writer

if TYPE_CHECKING:
    from sqlalchemy import Connection


class Record:
    """Writes who did what, signed with the agent's own key. The store learns whose key that is."""

    def __init__(self, key: Path, head: Path, writer: Writer, clock: Clock) -> None:
        self._key = SigningKey(key)
        self._head = head
        self._writer = writer
        self._clock = clock

    async def write(
        self, caller: Caller | None, what: str, about: Mapping[str, object], reason: str, result: str
    ) -> AuditEntry:
        """Add an entry. `caller` is None for what the agent does of itself. Returns it once it is committed."""
        entry = await self._writer.run(lambda c: self.append(c, caller, what, about, reason=reason, result=result))
        self.keep_head(entry)
        return entry

    def append(
        self, connection: Connection, caller: Caller | None, what: str, about: Mapping[str, object], **words: str
    ) -> AuditEntry:
        """The same inside an operation on the store: what is recorded and what happened are committed together.

        Whoever calls this keeps the head afterwards.
        """
        document = {**_who(caller), "what": what, "about": dict(about), **words}
        now = self._clock.now()
        auditing.introduce(connection, self._key.public, socket.gethostname(), now)
        return auditing.append(connection, document, self._key.sign, now, self._key.public)

    def keep_head(self, entry: AuditEntry) -> None:
        """Write the record's head outside the store, so that a shortened record is seen."""
        head = {"seq": entry.seq, "hash": entry.hash, "signature": entry.signature, "time": entry.time}
        fresh = self._head.with_name(self._head.name + ".new")
        fresh.write_text(json.dumps(head) + "\n", encoding="utf-8")
        fresh.replace(self._head)


def _who(caller: Caller | None) -> dict[str, object]:
    if caller is None:
        return {"who": "agent"}
    return {
        "who": caller.person,
        "user": caller.user,
        "uid": caller.uid,
        "login": caller.login,
        "login_uid": caller.login_uid,
        "from": caller.host,
        "pid": caller.pid,
    }
