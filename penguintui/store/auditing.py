"""The record of who did what: a chain in which each entry carries the hash of the one before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from penguintui.model.action import AuditEntry
from penguintui.model.clock import Time

if TYPE_CHECKING:
    from sqlalchemy import Connection

GENESIS = "0" * 64
"""What the first entry has for the hash of the one before."""


def canonical_json(document: Mapping[str, object]) -> str:
    """The one text of a document: sorted keys, no white space, UTF-8 as it is."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def entry_hash(seq: int, previous: str, document: str) -> str:
    """SHA-256, in hex, over the entry's number, the hash before it and its document."""
    return hashlib.sha256(f"{seq}\n{previous}\n{document}".encode()).hexdigest()


def append(
    connection: Connection, document: Mapping[str, object], sign: Callable[[bytes], str], now: Time, key: str = ""
) -> AuditEntry:
    """Add an entry. `sign` signs the hash's bytes (hex text, ASCII) and returns the signature as text.

    key: the public key with which that can be checked.
    """
    last = connection.exec_driver_sql("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").first()
    seq, previous = (int(last[0]) + 1, str(last[1])) if last is not None else (1, GENESIS)
    text = canonical_json({**document, "time": now})
    digest = entry_hash(seq, previous, text)
    signature = sign(digest.encode("ascii"))
    connection.exec_driver_sql(
        "INSERT INTO audit (seq, time, document, previous, hash, signature, key) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (seq, now, text, previous, digest, signature, key),
    )
    return AuditEntry(seq, now, text, previous, digest, signature, key)


def introduce(connection: Connection, key: str, host: str, now: Time) -> None:
    """Say whose public key this is. It is for words alone: whoever can write here could say anything."""
    connection.exec_driver_sql(
        "INSERT INTO audit_keys (key, host, since) VALUES (?, ?, ?) ON CONFLICT (key) DO NOTHING", (key, host, now)
    )
