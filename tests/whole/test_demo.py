"""The whole, as a person meets it: a small platform on loopback, its agent, and the dashboard in a terminal."""

from __future__ import annotations

import os
import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from penguintui.cli.demo import Demo
from tests.whole.program import Program, until
from tests.whole.terminal import Terminal

PROGRAM = [sys.executable, "-m", "penguintui"]
SCREENS = {
    "1": r"Uptime.*99\.\d+ %.*Mails today",
    "2": r"Targets, worst first.*mx1-queue",
    "3": r"Domains.*penguinmails\.test.*Providers.*Gmail",
    "4": r"(failed logins|Sources).*Certificates",
    "5": r"Mails today.*Campaigns",
    "6": r"INC-17",
    "7": r"Deploy release.*Back up the database",
}


@pytest.fixture(scope="module")
def world() -> Iterator[Program]:
    """The demo's platform and agent, without a viewer."""
    demo = Demo(seed=1, broken=[])
    try:
        demo.start()
        program = Program(demo.folder)
        program.config = demo.folder / "lab" / "config.yaml"
        until(lambda: program.rows("SELECT 1 FROM heartbeats"))
        yield program
    finally:
        demo.stop()


@pytest.fixture
def viewer(world: Program) -> Iterator[Terminal]:
    terminal = Terminal(PROGRAM, world.environment)
    yield terminal
    terminal.close()


def lab(world: Program, *words: str) -> None:
    done = world.run("lab", *words, "--lab", str(world.folder / "lab" / "lab.json"))
    assert done.returncode == 0, done.stderr


def test_every_screen_shows_live_data(viewer: Terminal) -> None:
    for key, pattern in SCREENS.items():
        viewer.type(key)
        viewer.until(pattern)
        viewer.until(r"live \d\d:\d\d:\d\dZ")


@pytest.mark.parametrize(
    ("fault", "target", "reason"),
    [
        ("spf-missing", "acme-outreach.test|globex-mail.test|penguinmails.test", "SPF"),
        ("db-down", "database", "database|platform.db"),
        ("blocklisted", "sending-addresses", "listed|lists"),
    ],
)
def test_a_fault_turns_the_right_line_red_and_healing_green_again(
    world: Program, viewer: Terminal, fault: str, target: str, reason: str
) -> None:
    viewer.type("2")
    viewer.until(rf"[●▲?] +({target})")
    lab(world, "break", fault)
    viewer.until(rf"◆ +({target})[^\n]*({reason})")
    lab(world, "heal", fault)
    viewer.until(rf"● +({target})", 45)


def test_a_deploy_goes_on_when_its_viewer_is_killed_and_can_be_rolled_back(world: Program, viewer: Terminal) -> None:
    viewer.until("Uptime")
    viewer.type(":run deploy release=r42\r")
    viewer.until(r"Plan: Deploy release r42")
    viewer.type("\x1b")
    viewer.until(r"\A((?!Plan: Deploy).)*\Z")
    viewer.type(":arm 10m try a release\r")
    viewer.until("armed until")
    viewer.type(":run deploy release=r42\r")
    viewer.until("type yes to run it")
    viewer.type("yes\r")
    until(lambda: world.rows("SELECT 1 FROM runs WHERE status = 'running' AND title LIKE '%r42'"))
    viewer.kill()
    again = Terminal(PROGRAM, world.environment)
    try:
        again.until("Uptime")
        again.type("7")
        again.until(r"Deploy release r42")
        run = until(
            lambda: world.rows("SELECT id, result FROM runs WHERE status = 'succeeded' AND title LIKE '%r42'"), 60
        )[0][0]
        again.type(f":runs {run}\r")
        again.until(r"Deploy release r42.*switch.*watch")
    finally:
        again.close()
    said = world.run("run", "rollback", "--yes", "--reason", "only a test")
    assert said.returncode == 0, said.stdout + said.stderr
    refused = world.run("run", "rollback")
    assert refused.returncode == 1
    assert "nothing confirms this" in refused.stderr


def test_a_bad_release_is_stopped_by_its_gate(world: Program) -> None:
    lab(world, "break", "bad-release")
    try:
        done = world.run("run", "deploy", "release=bad", "--yes")
    finally:
        lab(world, "heal", "bad-release")
    assert done.returncode == 2, done.stdout
    assert "latency" in done.stdout
    assert "undone" in done.stdout


def test_a_backup_can_be_opened(world: Program) -> None:
    done = world.run("run", "backup", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    backups = sorted((world.folder / "lab" / "backups").glob("*.db"))
    connection = sqlite3.connect(f"file:{backups[-1]}?mode=ro", uri=True)
    assert connection.execute("SELECT count(*) FROM tenants").fetchone()[0] > 0
    connection.close()


def test_the_record_is_whole_after_all_that(world: Program) -> None:
    done = world.run("audit", "verify")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the record is whole" in done.stdout


def test_leaving_the_demo_leaves_nothing_behind(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    terminal = Terminal([*PROGRAM, "demo"], environment)
    try:
        terminal.until(r"Uptime.*99\.\d+ %")
        terminal.type(":break cert\t")
        terminal.until("break cert-expiring")
        terminal.type("\r")
        terminal.until("broken: ")
        children = psutil.Process(terminal.pid).children(recursive=True)
        assert len(children) >= 4
        terminal.type("q")
        assert terminal.ended() == 0
    finally:
        terminal.close()
    assert list(tmp_path.iterdir()) == []
    assert not [child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]


def test_the_demo_can_begin_at_another_time_of_day(tmp_path: Path) -> None:
    began = (time.gmtime().tm_hour + 6) % 24
    terminal = Terminal([*PROGRAM, "demo", "--clock", f"{began:02}:10"], {**os.environ, "TMPDIR": str(tmp_path)})
    try:
        terminal.until(rf"live {began:02}:1\d:\d\dZ")
        terminal.type("4")
        terminal.until(r"● (mx1-smtp|web) +\d+ days")
        terminal.type("q")
        assert terminal.ended() == 0
    finally:
        terminal.close()


def test_a_time_of_day_that_is_none_is_refused(tmp_path: Path) -> None:
    said = Program(tmp_path).run("demo", "--clock", "25:61")
    assert said.returncode == 64
    assert "25:61 is no time of day; write it as 03:10" in said.stderr


def test_a_killed_demo_ends_what_it_started(tmp_path: Path) -> None:
    terminal = Terminal([*PROGRAM, "demo"], {**os.environ, "TMPDIR": str(tmp_path)})
    try:
        terminal.until(r"Uptime.*99\.\d+ %")
        children = psutil.Process(terminal.pid).children(recursive=True)
        terminal.kill()
    finally:
        terminal.close()
    _, alive = psutil.wait_procs(children, timeout=15)
    assert alive == []


@pytest.mark.parametrize(("columns", "rows"), [(20, 5), (40, 12), (80, 24), (240, 67)])
def test_any_size_of_terminal(world: Program, columns: int, rows: int) -> None:
    terminal = Terminal(PROGRAM, world.environment, columns, rows)
    try:
        terminal.until(r"too small|Uptime|Technical|DEMO|2 T|small")
        for key in "1234567":
            terminal.type(key)
        terminal.type("q")
        assert terminal.ended() == 0
    finally:
        terminal.close()


def test_a_dumb_terminal_is_told_what_works(world: Program) -> None:
    terminal = Terminal(PROGRAM, {**world.environment, "TERM": "dumb"})
    try:
        assert terminal.ended() == 64
        assert "penguintui status" in terminal.text
    finally:
        terminal.close()
