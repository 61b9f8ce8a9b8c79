"""What a viewer at rest on the Technical screen of 120x40 sends and uses: over the demo, and over 2,000 targets.

Promised: the demo at most 500 bytes a second and 1 % of a core; 2,000 targets, 500 of which are observed anew each
second, at most 2,000 bytes a second and 3 %. Side by side, where they are installed: glances and btop.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import fleet
from benchmarks.measuring import Row
from benchmarks.terminals import VIEWER, Quiet, Watched, at_rest, platform

_SETTLES, _SECONDS = 15, 40


def _demo() -> Quiet:
    with platform():
        terminal = Watched((*VIEWER, "--screen", "technical"), os.environ)
        terminal.seen("mx1-queue")
        terminal.let_go_on(_SETTLES)
        quiet = at_rest(terminal, _SECONDS)
        terminal.close()
    return quiet


def _fleet() -> Quiet:
    """The generator is a process of its own, which stands for the agent."""
    with tempfile.TemporaryDirectory() as folder:
        url = fleet.make(Path(folder))
        seconds = str(_SETTLES + _SECONDS + 20)
        environment = {**os.environ, "PENGUINTUI_STATE": folder, "PENGUINTUI_RUNTIME": f"{folder}/run"}
        writing = subprocess.Popen((sys.executable, "-m", "benchmarks.fleet", folder, seconds, "500"))
        terminal = Watched((sys.executable, "-m", "benchmarks.viewer", url), environment)
        terminal.seen("service-", 60)
        terminal.let_go_on(_SETTLES)
        quiet = at_rest(terminal, _SECONDS)
        terminal.close()
        writing.terminate()
        writing.wait()
    return quiet


def _peer(name: str) -> list[Row]:
    if shutil.which(name) is None:
        return []
    terminal = Watched((name,), os.environ)
    terminal.let_go_on(5)
    quiet = at_rest(terminal, _SECONDS)
    terminal.close()
    return [
        Row(f"{name}, beside us", quiet.bytes, "bytes/s"),
        Row(f"{name}, beside us", quiet.cpu * 100, "% of a core"),
        Row(f"{name}, beside us", quiet.memory, "MB"),
    ]


def measure() -> list[Row]:
    demo, large = _demo(), _fleet()
    return [
        Row("Technical screen of the demo", demo.bytes, "bytes/s", most=500),
        Row("Technical screen of the demo", demo.cpu * 100, "% of a core", most=1),
        Row("Technical screen of the demo, memory", demo.memory, "MB"),
        Row("Technical screen, 2,000 targets, 500 changing", large.bytes, "bytes/s", most=2000),
        Row("Technical screen, 2,000 targets, 500 changing", large.cpu * 100, "% of a core", most=3),
        Row("Technical screen, 2,000 targets, memory", large.memory, "MB"),
        *_peer("glances"),
        *_peer("btop"),
    ]
