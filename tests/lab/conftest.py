"""One lab for the tests that look at it from outside, run as a process of its own as the demo does."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from penguintui.lab import control

PATIENCE = 15.0
"""Seconds within which a fault must show and its healing too."""


def eventually(holds: Callable[[], object], patience: float = PATIENCE) -> bool:
    """Whether something comes to hold; asked again and again, since only the lab knows when it moves on."""
    until = time.monotonic() + patience
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


def start_lab(folder: Path, seed: int = 7) -> tuple[subprocess.Popen[str], Path]:
    """A lab's process, and the path of its lab.json."""
    command = [sys.executable, "-m", "penguintui.lab.main", "--folder", str(folder), "--seed", str(seed)]
    process = subprocess.Popen(
        [*command, "--parent", "0"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stderr is not None
    line = process.stdout.readline()
    assert line, process.stderr.read()
    return process, Path(json.loads(line)["lab"])


def end_lab(process: subprocess.Popen[str]) -> int:
    """Close the lab's standard input, as the end of its parent would."""
    assert process.stdin is not None and process.stdout is not None and process.stderr is not None
    process.stdin.close()
    code = process.wait(10)
    process.stdout.close()
    process.stderr.close()
    return code


class Outside:
    """The addresses of a running lab, as its configuration tells them."""

    def __init__(self, lab: Path) -> None:
        self.lab = lab
        self.info = control.find_lab(lab)
        self.folder = Path(self.info.folder)
        self.settings = yaml.load(Path(self.info.configuration).read_text(), _Loader)
        self.token = (self.folder / "api-token").read_text()

    def probe(self, target: str, type: str) -> dict[str, object]:
        found = next(row for row in self.settings["targets"] if row["name"] == target)
        probe: dict[str, object] = next(row for row in found["probes"] if row["type"] == type)
        return probe

    @property
    def api(self) -> str:
        return str(self.probe("job-queues", "platform")["url"]).removesuffix("/api/v1")

    @property
    def authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.info.token}"}


class _Loader(yaml.SafeLoader):
    """Reads the configuration's secrets as the paths that they name."""


_Loader.add_constructor("!file", lambda loader, node: loader.construct_scalar(node))


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    process, lab = start_lab(tmp_path_factory.mktemp("lab") / "world")
    yield Outside(lab)
    end_lab(process)


@pytest.fixture
def lab(running: Outside) -> Iterator[Outside]:
    """The running lab; whatever a test broke is healed after it."""
    yield running
    for fault in control.faults(running.lab):
        if fault.since is not None:
            control.heal(fault.name, running.lab)
