"""What an agent remembers, outside the store, of the store that it works with: whether it is still that one."""

from __future__ import annotations

import json
import os
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Acquaintance:
    """A store as it was last seen. place: its address without a user. token: the highest of its lease.

    beat: how many heartbeats had been counted, in a store that is a file.
    """

    place: str
    store: str
    token: int
    beat: int = 0


def number_of(folder: Path) -> str:
    """This agent's own number, kept in its state folder. Whoever reads it holds the folder's lock."""
    path = folder / "agent.number"
    if path.exists() and (known := path.read_text(encoding="ascii").strip()):
        return known
    fresh = uuid.uuid4().hex
    _write(path, fresh + "\n")
    return fresh


def recall(path: Path, place: str) -> Acquaintance | None:
    """What is remembered of the store at a place. Raises ValueError for a file that is none of ours."""
    if not path.exists():
        return None
    found = Acquaintance(**json.loads(path.read_text(encoding="utf-8")))
    return found if found.place == place else None


def remember(path: Path, acquaintance: Acquaintance) -> None:
    _write(path, json.dumps(asdict(acquaintance)) + "\n")


def stranger(remembered: Acquaintance | None, store: str | None, path: Path) -> str:
    """Why a store is not the one that is remembered, in words; empty when it is. store: None when it is empty."""
    if remembered is None or store == remembered.store:
        return ""
    what = "is empty" if store is None else "is another one"
    return (
        f"the store at {remembered.place} {what}: this agent has worked with one there (lease token "
        f"{remembered.token}). Nothing is written into it. Put the old one back, or remove {path} to begin anew"
    )


def _write(path: Path, text: str) -> None:
    fresh = path.with_name(path.name + ".new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)
