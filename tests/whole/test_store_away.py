"""A store that cannot be written for long, and an agent that is stopped, or killed, meanwhile."""

from __future__ import annotations

import resource
import signal
import subprocess
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from tests.whole.program import Program, until
from tests.whole.test_reading_on import CONFIGURATION as LOG
from tests.whole.test_reading_on import Writing, users

CONFIGURATION = """
environment: test
agent: {tick: 200ms}
targets:
  - name: here
    kind: host
    probes: [{type: host, interval: 200ms}]
"""
TIMES = (
    "SELECT time FROM samples JOIN series ON series.id = series_id WHERE metric = 'up' AND labels LIKE '%here%' "
    "ORDER BY time"
)


def fill_disk(program: Program, agent: subprocess.Popen[str]) -> None:
    """A limit on the size of files is to the store what a full disk is; small files still find room."""
    size = max((program.state / name).stat().st_size for name in ("store.db", "store.db-wal"))
    resource.prlimit(agent.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def spooled(program: Program) -> list[Path]:
    return list((program.state / "spool").glob("*.spool"))


def until_it_spools(program: Program) -> None:
    """Until what was observed goes to disk as it comes."""
    until(lambda: "of them in the spool" in str(program.ask("hello")["message"]))
    held = sum(path.stat().st_size for path in spooled(program))
    until(lambda: sum(path.stat().st_size for path in spooled(program)) > held + 1000)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["stopped", "killed"])
def test_what_was_observed_meanwhile_outlives_the_agent(program: Callable[..., Program], how: signal.Signals) -> None:
    one = program(CONFIGURATION)
    agent = one.agent()
    until(lambda: len(one.rows(TIMES)) > 3)
    fill_disk(one, agent)
    until_it_spools(one)
    written = len(one.rows(TIMES))
    agent.send_signal(how)
    agent.wait(10)
    assert len(one.rows(TIMES)) == written
    assert spooled(one)
    one.agent()
    until(lambda: not spooled(one) and one.ask("hello")["message"] == "")
    times = [row[0] for row in one.rows(TIMES)]
    assert len(times) > written + 25
    gaps = sorted(later - earlier for earlier, later in pairwise(times))
    assert all(gap < 1500 for gap in gaps[:-1]), "only the time without an agent is missing"
    beginnings = one.rows(
        'SELECT count(*) FROM findings WHERE valid_to IS NULL GROUP BY target, probe, "check", subject'
    )
    assert {row[0] for row in beginnings} == {1}, "what is observed late doubles no finding"


def test_each_line_of_a_log_counts_once_all_the_same(program: Callable[..., Program], tmp_path: Path) -> None:
    """What was read lies in the spool with how far that was; the next agent reads on behind it."""
    path = tmp_path / "auth.log"
    path.touch()
    one = program(LOG.format(path=path))
    with Writing(path) as writing:
        agent = one.agent()
        writing.allow(40)
        until(lambda: len(users(one)) > 20)
        fill_disk(one, agent)
        writing.allow(150)
        until_it_spools(one)  # a probe tells at most 500 events at once, so little may be left to read
        agent.kill()
        agent.wait()
        writing.write(50)
    one.agent()
    until(lambda: len(users(one)) >= writing.number)
    assert sorted(users(one)) == sorted(f"u{number}" for number in range(1, writing.number + 1))
