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


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["stopped", "killed"])
def test_what_was_observed_meanwhile_outlives_the_agent(program: Callable[..., Program], how: signal.Signals) -> None:
    one = program(CONFIGURATION)
    agent = one.agent()
    until(lambda: len(one.rows(TIMES)) > 3)
    fill_disk(one, agent)
    until(lambda: "of them in the spool" in str(one.ask("hello")["message"]))
    written = len(one.rows(TIMES))
    held = until(lambda: sum(path.stat().st_size for path in spooled(one)))
    until(lambda: sum(path.stat().st_size for path in spooled(one)) > held + 2000)
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
