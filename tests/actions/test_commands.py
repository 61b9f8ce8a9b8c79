"""Programs that steps run: ended whole, whatever they do."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import psutil
import pytest

from penguintui.actions import commands
from penguintui.actions.commands import run_command
from penguintui.actions.failing import StepFailed


class Heard(list[tuple[str, str]]):
    def __call__(self, stream: str, text: str) -> None:
        self.append((stream, text))


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


async def test_output_comes_line_by_line_with_its_stream() -> None:
    heard = Heard()
    code = "import sys; print('a\\nb'); print('c', file=sys.stderr); sys.stdout.buffer.write(b'\\xff')"
    await run_command(python(code), {}, heard)
    assert sorted(heard) == [("err", "c"), ("out", "a"), ("out", "b"), ("out", "�")]


async def test_an_argument_is_never_a_shells() -> None:
    heard = Heard()
    await run_command([*python("import sys; print(sys.argv[1])"), "$(id); `id` | id"], {}, heard)
    assert heard == [("out", "$(id); `id` | id")]


async def test_failures_are_told_in_words() -> None:
    with pytest.raises(StepFailed, match="ended with exit code 3"):
        await run_command(python("raise SystemExit(3)"), {}, Heard())
    with pytest.raises(StepFailed, match="cannot be started: No such file"):
        await run_command(["/no/such/program"], {}, Heard())
    with pytest.raises(StepFailed, match="signal SIGKILL"):
        await run_command(python("import os; os.kill(os.getpid(), 9)"), {}, Heard())


async def test_a_line_without_end_is_left_out_and_said() -> None:
    heard = Heard()
    await run_command(python("print('x' * 200_000); print('after')"), {}, heard)
    assert ("out", "after") in heard
    assert any(stream == "note" and "left out" in text for stream, text in heard)


async def test_cancelling_ends_the_program_and_what_it_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "_GRACE", 0.3)
    pids = tmp_path / "pids"
    code = f"""
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open({str(pids)!r}, "w").write(f"{{os.getpid()}} {{child.pid}}")
while True:
    print("x" * 60_000)
"""
    blocked = asyncio.Event()
    task = asyncio.create_task(run_command(python(code), {}, lambda *_: blocked.set()))
    await asyncio.wait_for(blocked.wait(), 20)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 20)
    left = [psutil.Process(int(pid)) for pid in pids.read_text().split() if psutil.pid_exists(int(pid))]
    _, alive = psutil.wait_procs(left, 5)
    assert alive == []
