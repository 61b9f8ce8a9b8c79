"""Commands as a person types them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from tests.whole.program import Program

QUIET = """
environment: test
targets:
  - name: here
    kind: host
    probes: [{type: host, interval: 5s}]
"""
_IMPORTS = """
import sys
sys.argv = ["penguintui", *{arguments!r}]
from penguintui.__main__ import main
try:
    main()
except SystemExit:
    pass
print("HEAVY", sorted(name for name in ("textual", "plotext", "rich.console") if name in sys.modules))
"""


@pytest.mark.parametrize("arguments", [["agent", "--once"], ["status"], ["config", "check"], ["--help"]])
def test_commands_do_without_textual(program: Callable[..., Program], arguments: list[str]) -> None:
    one = program(QUIET)
    one.run("agent", "--once")
    done = subprocess.run(
        [sys.executable, "-c", _IMPORTS.format(arguments=arguments)],
        env=one.environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert "HEAVY []" in done.stdout, done.stdout + done.stderr


@pytest.fixture
def web():
    """A web page on loopback: `/` is fine, anything else is 503."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/" else 503)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing: the test's own words are enough."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_bare_address_is_checked_without_configuration(program: Callable[..., Program], web: str) -> None:
    one = program()
    good, bad = one.run("check", f"{web}/"), one.run("check", f"{web}/x", "--json")
    assert (good.returncode, good.stderr) == (0, "")
    assert "OK" in good.stdout
    assert bad.returncode == 2
    (target,) = json.loads(bad.stdout)
    assert any("503" in finding["summary"] for finding in target["findings"])
    refused = one.run("check", "127.0.0.1:1")
    assert refused.returncode == 2
    assert "refused" in refused.stdout


def test_wrong_usage_is_64_and_says_what_is_near(program: Callable[..., Program]) -> None:
    one = program()
    for arguments in (["statsu"], ["status", "--att", "1"], ["status", "--at", "someday"], ["check", "no such"]):
        done = one.run(*arguments)
        assert done.returncode == 64, (arguments, done.stdout, done.stderr)
        assert done.stderr.strip()
        assert "Traceback" not in done.stderr


def test_config_check_reads_the_queries_too(program: Callable[..., Program]) -> None:
    one = program(QUIET + "business: [{name: Mails, query: sum(}]\n")
    done = one.run("config", "check")
    assert (done.returncode, done.stdout) == (64, "")
    assert ":7:33: business[0].query: this is no PromQL: unclosed left parenthesis" in done.stderr


def test_no_agent_is_75(program: Callable[..., Program]) -> None:
    done = program(QUIET).run("actions")
    assert done.returncode == 75
    assert "penguintui agent" in done.stderr


def test_status_as_json_and_as_of_a_time(program: Callable[..., Program]) -> None:
    one = program(QUIET)
    one.run("agent", "--once")
    now = json.loads(one.run("status", "--json").stdout)
    assert [row["name"] for row in now["technical"]["rows"]] == ["here"]
    then = json.loads(one.run("status", "--json", "--at", "2020-01-01T00:00Z").stdout)
    assert then["technical"]["rows"] == []
    assert not then["frame"]["live"]


def test_a_closed_pipe_is_no_traceback(program: Callable[..., Program]) -> None:
    one = program(QUIET)
    one.run("agent", "--once")
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m penguintui config schema | head -1; echo ${{PIPESTATUS[0]}}"],
        env=one.environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    assert done.stderr == ""


@pytest.mark.parametrize(("redirect", "reason"), [(">&-", "is closed"), (">/dev/full", "cannot be written: No space")])
def test_an_output_that_takes_nothing_is_said(program: Callable[..., Program], redirect: str, reason: str) -> None:
    one = program(QUIET)
    one.run("agent", "--once")
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m penguintui status {redirect}"],
        env=one.environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert reason in done.stderr


def test_the_viewer_without_a_terminal_says_what_works(program: Callable[..., Program]) -> None:
    done = program(QUIET).run()
    assert done.returncode == 64
    assert "penguintui status" in done.stderr


def test_a_first_configuration_is_right(program: Callable[..., Program]) -> None:
    one = program()
    path = one.folder / "first.yaml"
    assert one.run("init", str(path)).returncode == 0
    assert one.run("config", "check", "--config", str(path)).returncode == 0
    again = one.run("init", str(path))
    assert again.returncode == 64
    assert str(path) in again.stderr


def test_help_that_cannot_be_printed_is_said(program: Callable[..., Program]) -> None:
    one = program(QUIET)
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m penguintui --help > /dev/full"],
        env=one.environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (2, "the output cannot be written: No space left on device\n")


def test_one_is_counted_as_one(program: Callable[..., Program]) -> None:
    one = program(QUIET)
    assert "1 target, 1 probe, 0 actions: fine" in one.run("config", "check").stderr
    assert one.run("agent", "--once").stdout == "asked 1 probe once\n"
