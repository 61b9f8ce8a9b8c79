"""The audit's keeper: signs each entry with the agent's key, and keeps the head outside the store too."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from penguintui.model.action import AuditEntry
from penguintui.model.clock import Clock
from penguintui.model.role import Caller
from penguintui.store import auditing
from penguintui.store.writer import Writer

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
    from sqlalchemy import Connection


class Record:
    """Writes who did what. The key is an Ed25519 key (RFC 8032) in the state folder, its owner's alone."""

    def __init__(self, key: Path, head: Path, writer: Writer, clock: Clock) -> None:
        self._key = _load_or_make(key)
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
        return auditing.append(connection, document, self._sign, self._clock.now())

    def _sign(self, data: bytes) -> str:
        return base64.b64encode(self._key.sign(data)).decode("ascii")

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


def _load_or_make(path: Path) -> Ed25519PrivateKey:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    if path.exists():
        loaded = serialization.load_pem_private_key(path.read_bytes(), None)
        if not isinstance(loaded, Ed25519PrivateKey):
            raise ValueError(f"{path} is no Ed25519 key; move it away to have a new one made")
        return loaded
    key = Ed25519PrivateKey.generate()
    text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(text)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    path.with_suffix(".pub").write_bytes(public)
    return key


@dataclass(frozen=True, slots=True)
class Verification:
    """What checking the record found. `trouble` is empty when the chain is whole."""

    entries: int
    trouble: str = ""


def verify(
    entries: Iterable[AuditEntry], public: Ed25519PublicKey | None, head: Mapping[str, object] | None
) -> Verification:
    """Check every link, every signature, and that the record ends where the head outside the store says.

    entries: all entries, in order. public: the agent's public key; None checks no signatures, and says so.
    """
    from cryptography.exceptions import InvalidSignature

    previous, count = auditing.GENESIS, 0
    for entry in entries:
        count += 1
        if entry.seq != count:
            return Verification(count - 1, f"entry {count} is missing: after {count - 1} comes {entry.seq}")
        if entry.previous != previous:
            return Verification(count - 1, f"entry {entry.seq} does not follow the one before it")
        if entry.hash != auditing.entry_hash(entry.seq, entry.previous, entry.document):
            return Verification(count - 1, f"entry {entry.seq} was changed after it was written")
        if public is not None:
            try:
                public.verify(base64.b64decode(entry.signature), entry.hash.encode("ascii"))
            except (InvalidSignature, ValueError):
                return Verification(count - 1, f"entry {entry.seq} is not signed by this agent's key")
        previous = entry.hash
    if head is not None and (head.get("seq"), head.get("hash")) != (count, previous):
        return Verification(count, f"the record ends at {count}, but the head outside the store says {head.get('seq')}")
    return Verification(count)


def load_public(path: Path) -> Ed25519PublicKey | None:
    """The agent's public key beside its private one; None when there is none."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    if not path.exists():
        return None
    loaded = serialization.load_pem_public_key(path.read_bytes())
    return loaded if isinstance(loaded, Ed25519PublicKey) else None
