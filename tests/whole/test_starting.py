"""What a start waits for: by what was imported, not by a clock."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.whole.program import Program, until
from tests.whole.terminal import Terminal

WATCHED = """
environment: test
targets:
  - {name: here, kind: host, probes: [{type: host, interval: 10s}]}
"""
_FIRST_FRAME = """
import gc, sys
from pathlib import Path
from textual.app import App

told, display = Path({told!r}), App._display

def displayed(app, screen, renderable):
    display(app, screen, renderable)
    if not told.exists():
        told.write_text(" ".join(sys.modules))
    told.with_name("collects").write_text(str(gc.isenabled()))

App._display = displayed
sys.argv = ["penguintui", "--screen", "technical"]
from penguintui.__main__ import main
main()
"""
_STATUS = """
import sys
sys.argv = ["penguintui", *{arguments!r}]
from penguintui.__main__ import main
try:
    main()
finally:
    print("IMPORTED", *sys.modules)
"""


def _within(modules: set[str], *names: str) -> list[str]:
    """The modules that are, or lie in, one of the names."""
    return sorted(one for one in modules if any(one == name or one.startswith(f"{name}.") for name in names))


def test_the_first_frame_waits_for_the_frame_alone(program: Callable[..., Program], tmp_path: Path) -> None:
    one, told = program(WATCHED), tmp_path / "imported"
    one.agent()
    viewer = Terminal([sys.executable, "-c", _FIRST_FRAME.format(told=str(told))], one.environment)
    try:
        viewer.until("here")
        until(lambda: viewer.until("live") and told.with_name("collects").read_text() == "True")
        viewer.type("q")
        assert viewer.ended() == 0
    finally:
        viewer.close()
    modules = set(told.read_text().split())
    assert "penguintui.screens.shell" in modules
    assert not _within(modules, "sqlalchemy", "pydantic", "numpy", "plotext", "typer", "yaml", "httpx")
    assert not _within(
        modules,
        "penguintui.query",
        "penguintui.actions",
        "penguintui.store.reader",
        "penguintui.agent.client",
        "sqlite3",
    )
    models = "penguintui.views.models"
    assert _within(modules, models) == [models, f"{models}.frame", f"{models}.question"]
    screens = ("commands", "executive", "technical", "security", "business", "actions", "explore", "pane", "help")
    assert not _within(modules, *(f"penguintui.screens.{name}" for name in screens))


def test_status_waits_for_no_command_line_library(program: Callable[..., Program]) -> None:
    """While an agent lives, which has checked the configuration."""
    one = program(WATCHED)
    one.agent()
    until(lambda: "here" in one.run("status").stdout)
    for arguments in (["status"], ["status", "--json"], ["status", "--at", "now", "--config", str(one.config)]):
        done = subprocess.run(
            [sys.executable, "-c", _STATUS.format(arguments=arguments)],
            env=one.environment, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        said, _, modules = done.stdout.partition("IMPORTED ")
        assert "here" in said, done.stderr
        assert not _within(set(modules.split()), "typer", "pydantic", "sqlalchemy", "asyncio", "textual", "rich")


def test_what_is_not_plain_goes_to_the_command_line(program: Callable[..., Program]) -> None:
    one = program(WATCHED.replace("500ms", "1h"))  # the same answer holds for both
    one.run("agent", "--once")
    asked = int(time.time()) + 1
    until(lambda: time.time() > asked)
    at = ("--at", str(asked))  # what is past stands still, but for the age of the agent's last word
    plain, given = one.run("status", *at), one.run("--config", str(one.config), "status", *at)
    assert "here" in plain.stdout
    assert plain.returncode == given.returncode
    assert plain.stdout.partition("Groups:")[2] == given.stdout.partition("Groups:")[2]
    for wrong in (["status", "--at"], ["status", "--jsn"], ["status", "more"]):
        assert one.run(*wrong).returncode == 64, wrong
    told = one.run("status", "--help")
    assert told.returncode == 0
    assert "--store" in told.stdout
