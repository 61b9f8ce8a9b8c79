"""A store in a file that is moved away, emptied, or put back from a copy while its agent works."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from itertools import pairwise
from pathlib import Path

from tests.whole.program import Program, until

HOST = """
environment: test
agent: {tick: 200ms}
targets:
  - name: here
    kind: host
    probes: [{type: host, interval: 200ms}]
"""


def store(program: Program) -> Path:
    return program.state / "store.db"


def copy(program: Program, name: str) -> Path:
    """A copy of the store, as a backup makes it."""
    path = program.state / name
    with closing(sqlite3.connect(store(program))) as here, closing(sqlite3.connect(path)) as there:
        here.backup(there)
    return path


def samples(program: Program) -> int:
    rows = program.rows("SELECT count(*) FROM samples")
    return int(rows[0][0]) if rows else 0


def times_of_up(program: Program) -> list[int]:
    """When the target was asked, in milliseconds."""
    rows = program.rows(
        "SELECT s.time FROM samples s JOIN series r ON r.id = s.series_id WHERE r.metric = 'up' ORDER BY s.time"
    )
    return [row[0] for row in rows]


def events(program: Program) -> list[str]:
    return [row[0] for row in program.rows("SELECT summary FROM events WHERE kind LIKE 'store.%'")]


def test_what_is_observed_while_the_file_is_away_is_held(program: Callable[..., Program]) -> None:
    one = program(HOST)
    one.agent()
    until(lambda: samples(one) > 0)
    away = one.state / "away.db"
    store(one).rename(away)
    until(lambda: "is gone: it was moved, removed or emptied" in one.ask("hello")["message"])
    said = one.run("status")
    assert said.returncode != 0 and "there is no store at" in said.stderr
    assert "Traceback" not in said.stderr
    away.rename(store(one))
    until(lambda: one.ask("hello")["message"] == "")
    before = times_of_up(one)
    until(lambda: len(times_of_up(one)) > len(before) + 3)
    times = times_of_up(one)
    assert max(later - earlier for earlier, later in pairwise(times)) < 1500
    assert events(one) == []


def test_a_file_that_came_back_older_is_gone_on_with_and_told(program: Callable[..., Program]) -> None:
    one = program(HOST)
    agent = one.agent()
    until(lambda: samples(one) > 0)
    until(lambda: one.rows("SELECT 1 FROM leases WHERE beat > 0"))
    older = copy(one, "copy.db")
    (beat,) = one.rows("SELECT beat FROM leases")[0]
    until(lambda: one.rows(f"SELECT 1 FROM leases WHERE beat > {beat + 1}"))
    older.replace(store(one))
    until(lambda: events(one))
    assert "came back older than it was" in events(one)[0]
    assert agent.poll() is None
    before = samples(one)
    until(lambda: samples(one) > before)
    assert one.rows("PRAGMA integrity_check") == [("ok",)]


def test_an_emptied_file_is_not_filled_again_in_silence(program: Callable[..., Program]) -> None:
    one = program(HOST)
    agent = one.agent()
    until(lambda: samples(one) > 0)
    os.truncate(store(one), 0)
    until(lambda: "is gone: it was moved, removed or emptied" in one.ask("hello")["message"])
    agent.terminate()
    agent.wait(10)
    for file in one.state.glob("store.db*"):
        file.unlink()
    one.agent()
    until(lambda: events(one))
    assert "is another one than before: what the old one remembered is not in it" in events(one)[0]
