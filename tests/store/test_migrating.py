"""Older stores are brought up to date, after a copy was made."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from penguintui.store.errors import StoreError
from penguintui.store.migrating import upgrade
from penguintui.store.opening import open_for_writing
from penguintui.store.revisions import REVISIONS
from penguintui.store.sqlite import open_for_reading


def shape(path: Path) -> dict[str, Any]:
    """Tables with their columns, keys and indexes, in a form that can be compared."""
    connection = sqlite3.connect(path)
    try:
        made = dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'"))
        return {
            name: (
                sorted(row[1:] for row in connection.execute(f'PRAGMA table_xinfo("{name}")')),
                sorted(row[1:4] for row in connection.execute(f'PRAGMA index_list("{name}")')),
                "WITHOUT ROWID" in sql,
            )
            for name, sql in made.items()
        }
    finally:
        connection.close()


def test_the_migrations_lead_to_what_a_new_store_has(tmp_path: Path) -> None:
    migrated, fresh = tmp_path / "migrated.db", tmp_path / "fresh.db"
    upgrade(f"sqlite:///{migrated}")
    open_for_writing(f"sqlite:///{fresh}").dispose()
    assert shape(migrated) == shape(fresh)


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_an_older_store_is_migrated_after_a_copy_was_made(tmp_path: Path, revision: str) -> None:
    path = tmp_path / "store.db"
    upgrade(f"sqlite:///{path}", revision)
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO events VALUES (1, 1.0, 'api', 'release', 0, 'kept', '{}')")
    connection.close()
    with pytest.raises(StoreError, match="older version"):
        open_for_reading(path)
    open_for_writing(f"sqlite:///{path}").dispose()
    for one in (path, path.with_name(f"store.db.before-{REVISIONS[-1]}")):
        connection = sqlite3.connect(one)
        assert connection.execute("SELECT summary FROM events").fetchall() == [("kept",)]
        connection.close()
    open_for_reading(path).close()
