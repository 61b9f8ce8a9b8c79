"""Backups of an SQLite database: taken while it is in use, opened, checked and counted before they count as one."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from penguintui.actions.failing import StepFailed

_PAGES = 512


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was verified: its file, its size in bytes, and the rows of each table in it."""

    path: Path
    size: int
    rows: dict[str, int]


def back_up(database: Path, into: Path, stamp: str, tables: Sequence[str] = (), keep: int = 7) -> Backup:
    """Copy `database` into the folder `into`, verify the copy, and keep the newest `keep`.

    stamp: the time, for the file's name. A copy that fails any check is removed. Raises StepFailed with the reason.
    """
    if not database.is_file():
        raise StepFailed(f"there is no database at {database}")
    into.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = into / f".{database.stem}-{stamp}.partial"
    try:
        _copy(database, fresh)
        rows = _verify(fresh, tables)
        final = into / f"{database.stem}-{stamp}.db"
        fresh.replace(final)
    except sqlite3.Error as error:
        raise StepFailed(f"the backup of {database} failed: {error}") from error
    except OSError as error:
        raise StepFailed(f"the backup of {database} could not be written: {error.strerror}") from error
    finally:
        fresh.unlink(missing_ok=True)
    _let_go(into, database.stem, keep)
    return Backup(final, final.stat().st_size, rows)


def _copy(database: Path, fresh: Path) -> None:
    source = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=5)
    target = sqlite3.connect(fresh)
    try:
        fresh.chmod(0o600)
        source.backup(target, pages=_PAGES, sleep=0.01)
    finally:
        target.close()
        source.close()


def _verify(copy: Path, tables: Sequence[str]) -> dict[str, int]:
    """Open the copy as somebody who restores it would: whole, and with rows in every table asked for."""
    connection = sqlite3.connect(f"file:{copy}?mode=ro", uri=True)
    try:
        verdict = connection.execute("PRAGMA integrity_check").fetchone()[0]
        if verdict != "ok":
            raise StepFailed(f"the copy is damaged: {verdict}")
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        missing = [table for table in tables if table not in names]
        if missing:
            raise StepFailed(f"the copy has no table {missing[0]}")
        wanted = list(tables) or sorted(name for name in names if not name.startswith("sqlite_"))
        return {name: _count(connection, name) for name in wanted}
    finally:
        connection.close()


def _count(connection: sqlite3.Connection, table: str) -> int:
    quoted = table.replace('"', '""')
    return int(connection.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()[0])  # noqa: S608 (quoted)


def _let_go(into: Path, stem: str, keep: int) -> None:
    for old in sorted(into.glob(f"{stem}-*.db"))[:-keep]:
        old.unlink()


def stamp_of(seconds: float) -> str:
    """A time as part of a file's name: 20261124T141200Z."""
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(seconds))
