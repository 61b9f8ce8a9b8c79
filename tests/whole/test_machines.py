"""Two agents that share nothing but the store: each has a host name and processes of its own, as on two machines."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from penguintui.clock import SystemClock
from penguintui.store.reader import Store
from tests.adapters.postgres import Postgres
from tests.whole.fleet import CONFIGURATION, Agents, Asked
from tests.whole.link import Link
from tests.whole.program import until

pytestmark = [pytest.mark.needs("initdb", "postgresql-15"), pytest.mark.needs("unshare", "util-linux")]

_APART = ["unshare", "--user", "--map-root-user", "--uts", "--pid", "--mount-proc", "--fork", "--kill-child"]
_ACTIONS = """
actions:
  slow:
    title: Slow
    target: production
    danger: safe
    steps:
      - {{type: command, name: make, command: [touch, {folder}/made], undo: {{command: [rm, {folder}/made]}}}}
      - {{type: command, name: wait, command: [sh, -c, "until test -e {folder}/go; do sleep 1; done"], changes: false}}
      - {{type: command, name: change, command: [touch, {folder}/changed]}}
"""


class Machine(Agents):
    """An agent on a host of its own, which reaches the store by a link that can be cut."""

    def __init__(self, folder: Path, name: str, postgres: Postgres, database: str, asked: Asked) -> None:
        self.link = Link(postgres.port)
        store = postgres.url(database=database).replace(f":{postgres.port}/", f":{self.link.port}/")
        configuration = CONFIGURATION.format(port=asked.port) + _ACTIONS.format(folder=folder.parent)
        super().__init__(folder, name, store, configuration)

    def begin(self) -> subprocess.Popen[str]:
        named = ["sh", "-c", f'hostname {self.name}; exec "$@"', "sh", sys.executable, "-m", "penguintui", "agent"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*_APART, *named], env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, text=True
            )
        self._started.append(self.process)
        return self.process

    def stop(self) -> None:
        for process in self._started:
            process.kill()  # what it started has no life of its own: it is the first process of its host
        super().stop()
        self.link.close()


@pytest.fixture
def machines(tmp_path: Path, postgres: Postgres, request: pytest.FixtureRequest) -> Iterator[tuple[Machine, Machine]]:
    if subprocess.run([*_APART, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this system gives nobody a host name of their own (user namespaces are switched off)")
    name, asked = f"machines_{os.getpid()}", Asked()
    postgres.run(f"CREATE DATABASE {name}")
    made = [Machine(tmp_path / one, one, postgres, name, asked) for one in ("ops1", "ops2")]
    made[0].begin()
    until(lambda: asked.by("ops1"))
    made[1].begin()
    until(lambda: made[1].said("stands by: ops1 holds the lease"))
    yield made[0], made[1]
    for one in made:
        one.stop()
    asked.close()
    postgres.run(f"DROP DATABASE {name} WITH (FORCE)")


def test_what_runs_on_a_host_that_is_cut_off_changes_nothing_more_and_is_decided_on_there(
    machines: tuple[Machine, Machine], tmp_path: Path
) -> None:
    first, second = machines
    plan = first.ask("plan", action="slow")
    run = first.ask("run", plan=plan["hash"], intent="k", confirm="yes")["run"]
    store = Store(second.store, SystemClock())

    def standing() -> tuple[str, str]:
        found = store.reader().run(run)
        return (str(found.status), found.result) if found is not None else ("", "")

    until(lambda: (tmp_path / "made").exists() and "running" in str(store.reader().run(run)))
    first.link.cut()
    until(lambda: standing()[0] == "interrupted")
    assert "its process is, or was, on ops1, where the agent on ops2 can neither see nor end it" in standing()[1]
    assert "known in full on ops1 alone" in second.run("runs", str(run), "--order", "resume").stderr
    (tmp_path / "go").touch()
    first.link.mend()
    until(lambda: first.said("the lease is lost: ops2 holds the lease now"))
    journal = first.state / "runs" / str(run) / "journal.jsonl"
    until(lambda: "an agent elsewhere took over" in journal.read_text(encoding="utf-8"))
    assert not (tmp_path / "changed").exists()
    assert (tmp_path / "made").exists(), "nothing is undone either"

    second.link.cut()  # and now the other way
    until(lambda: "its process died; done: make, wait" in told(first, run))
    assert first.run("runs", str(run), "--order", "undo", "--confirm", "production").returncode == 0
    until(lambda: not (tmp_path / "made").exists())
    store.close()


def told(machine: Machine, run: int) -> str:
    """What the store says of a run, asked by a machine's own way."""
    return machine.run("runs", str(run)).stdout
