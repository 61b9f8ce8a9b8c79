"""The demo's end: it leaves nothing behind, whatever else is told or done meanwhile."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from penguintui.cli.demo import Demo, DemoError
from penguintui.cli.demofolder import clear_abandoned, make_folder

_CHILD = """
import os, signal
signal.signal(signal.SIGTERM, lambda *_: (os.kill(os.getppid(), signal.SIGHUP), os._exit(0)))
print("ready", flush=True)
signal.pause()
"""
_LOST = f"""
import subprocess, sys
from penguintui.cli.demo import Demo
demo = Demo(1, [])
child = subprocess.Popen([sys.executable, "-c", {_CHILD!r}], stdout=subprocess.PIPE)
child.stdout.readline()
demo._processes.append(child)
(demo.folder / "state").mkdir()
print(demo.folder, flush=True)
demo.stop()
"""


def test_a_second_hangup_does_not_keep_the_folder() -> None:
    done = subprocess.run([sys.executable, "-c", _LOST], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert not Path(done.stdout.strip()).exists()


_KILLED = """
import os, signal
from penguintui.cli.demofolder import make_folder
print(make_folder()[0], flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_the_next_demo_removes_what_a_killed_one_left_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    done = subprocess.run([sys.executable, "-c", _KILLED], capture_output=True, text=True, timeout=60, check=False)
    killed = Path(done.stdout.strip())
    unlocked = tmp_path / "penguintui-demo-of-somebody"
    unlocked.mkdir()
    living, held = make_folder()
    assert killed.parent == living.parent == tmp_path
    clear_abandoned()
    assert (killed.exists(), living.exists(), unlocked.exists()) == (False, True, True)
    os.close(held)


def test_the_folder_goes_after_a_start_that_is_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    demo = Demo(1, [])
    writes, removed, told = threading.Event(), threading.Event(), []

    def start_lab() -> None:
        writes.set()
        removed.wait(0.3)  # a removal that waits does not come as long as this is here
        (demo.folder / "state").mkdir(parents=True, exist_ok=True)

    def remove(folder: Path, **options: bool) -> None:
        rmtree(folder, **options)
        removed.set()

    rmtree = shutil.rmtree
    monkeypatch.setattr(demo, "_start_lab", start_lab)
    monkeypatch.setattr("penguintui.cli.demo.shutil.rmtree", remove)

    def start() -> None:
        try:
            demo.start()
        except DemoError as error:
            told.append(str(error))

    starting = threading.Thread(target=start)
    starting.start()
    assert writes.wait(10)
    demo.stop()
    starting.join(10)
    assert told == ["the demo was left before it had begun"]
    assert not demo.folder.exists()
