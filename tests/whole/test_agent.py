"""The agent as a process: what it survives, and how it stops."""

from __future__ import annotations

import os
import signal
import stat
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from penguintui.agent.alive import alive
from tests.whole.program import Program, until

HOST = """
environment: test
targets:
  - name: here
    kind: host
    probes: [{type: host, interval: 200ms}]
"""
SAMPLES = "SELECT count(*) FROM samples"


def count(program: Program, sql: str = SAMPLES) -> int:
    rows = program.rows(sql)
    return int(rows[0][0]) if rows else 0


def test_without_configuration_the_host_is_watched(program: Callable[..., Program]) -> None:
    bare = program()
    asked = bare.run("agent", "--once")
    assert asked.returncode == 0, asked.stderr
    status = bare.run("status")
    assert os.uname().nodename in status.stdout
    assert status.returncode in (0, 1, 2)


def test_a_killed_agent_loses_nothing_committed_and_the_next_goes_on(program: Callable[..., Program]) -> None:
    one = program(HOST)
    for _ in range(3):
        agent = one.agent()
        before = count(one)
        until(lambda: count(one) > before + 20)  # noqa: B023 (used at once)
        committed = count(one)
        agent.kill()
        agent.wait()
        assert count(one) >= committed
    assert one.rows("PRAGMA integrity_check") == [("ok",)]
    since = one.rows('SELECT count(*) FROM findings WHERE valid_to IS NULL GROUP BY target, probe, "check", subject')
    assert {row[0] for row in since} == {1}, "a restart must not double a finding"


def test_sigterm_stops_within_five_seconds_and_removes_the_socket(program: Callable[..., Program]) -> None:
    one = program(HOST)
    agent = one.agent()
    until(lambda: count(one) > 0)
    agent.send_signal(signal.SIGTERM)
    assert agent.wait(5) == 0
    assert not one.socket.parent.exists()
    assert not (one.state / "store.db-wal").exists()


def test_a_second_agent_is_told(program: Callable[..., Program]) -> None:
    one = program(HOST)
    one.agent()
    second = one.run("agent")
    assert second.returncode == 75
    assert "another agent" in second.stderr


def test_the_socket_and_the_store_are_not_for_everybody(program: Callable[..., Program]) -> None:
    one = program(HOST)
    one.agent()
    assert stat.S_IMODE(one.socket.stat().st_mode) == 0o600
    for path in (one.state / "store.db", one.state / "audit.key"):
        assert not path.stat().st_mode & stat.S_IRWXO, path


def test_a_changed_configuration_is_taken_and_a_broken_one_refused(program: Callable[..., Program]) -> None:
    one = program(HOST)
    one.agent()
    until(lambda: count(one) > 0)
    one.config.write_text(HOST.replace("here", "there"), encoding="utf-8")
    until(lambda: one.rows("SELECT 1 FROM targets WHERE name = 'there' AND valid_to IS NULL"))
    assert one.rows("SELECT name FROM targets WHERE valid_to IS NULL") == [("there",)]
    assert one.rows("SELECT count(*) FROM findings WHERE target = 'here' AND valid_to IS NULL") == [(0,)]
    one.config.write_text(HOST + "  - {name: broken}\n", encoding="utf-8")
    refused = until(lambda: one.rows("SELECT summary FROM events WHERE kind = 'configuration.refused'"))
    assert "config.yaml:7:" in refused[0][0]
    until(lambda: "refused" in one.ask("hello")["message"])
    assert one.rows("SELECT name FROM targets WHERE valid_to IS NULL") == [("there",)]


def test_a_broken_configuration_is_refused_with_every_error(program: Callable[..., Program]) -> None:
    one = program("environment: test\ntargts: []\nagent: {tick: soon}\n")
    agent = one.run("agent")
    assert agent.returncode == 64
    assert "config.yaml:2:1: targts:" in agent.stderr
    assert "config.yaml:3:" in agent.stderr
    assert "Traceback" not in agent.stderr


def test_a_store_that_cannot_be_used_is_said(program: Callable[..., Program], tmp_path: Path) -> None:
    one = program(HOST)
    one.state.mkdir()
    (one.state / "store.db").write_bytes(b"rubbish" * 1000)
    for command in ("agent", "status"):
        said = one.run(command)
        assert said.returncode in (2, 3)
        assert "store.db" in said.stderr
        assert "Traceback" not in said.stderr


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="no memory file system to fill")
def test_a_full_disk_is_said_and_nothing_is_lost_without_a_word(program: Callable[..., Program]) -> None:
    one = program(HOST.replace("test\n", "test\nagent: {tick: 200ms}\n", 1))
    agent = one.agent()
    until(lambda: count(one) > 0)
    import resource

    # A limit on the size of files is to the writer what a full disk is: no write succeeds any more.
    size = (one.state / "store.db").stat().st_size
    wal = (one.state / "store.db-wal").stat().st_size
    resource.prlimit(agent.pid, resource.RLIMIT_FSIZE, (max(size, wal), resource.RLIM_INFINITY))
    until(lambda: "cannot be written" in one.ask("hello")["message"])
    beat = one.rows("SELECT time FROM heartbeats")[0][0]
    time.sleep(0.5)
    assert one.rows("SELECT time FROM heartbeats")[0][0] == beat, "no heartbeat: the viewers see that they are blind"
    resource.prlimit(agent.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    until(lambda: one.ask("hello")["message"] == "")
    until(lambda: one.rows("SELECT time FROM heartbeats")[0][0] > beat)
    times = [row[0] for row in one.rows("SELECT s.time FROM samples s JOIN series r ON r.id = s.series_id "
                                        "WHERE r.metric = 'up' ORDER BY s.time")]  # fmt: skip
    assert max(later - earlier for earlier, later in pairwise(times)) < 1500, "what was observed meanwhile is there too"


def test_an_agent_that_may_leave_stays_while_somebody_looks(program: Callable[..., Program], monkeypatch) -> None:
    one = program(HOST)
    process = one.start("agent", "--leave")
    until(lambda: alive(one.socket))
    assert one.ask("hello")["role"] == "admin"
    assert process.poll() is None
