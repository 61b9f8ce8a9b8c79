"""The viewer on a host where nothing was configured: one command is a whole monitoring system."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable

import psutil

from penguintui.agent.alive import alive
from tests.whole.program import Program, until
from tests.whole.terminal import Terminal

QUICK = """
environment: test
targets:
  - {name: here, kind: host, probes: [{type: host, interval: 500ms}]}
"""
PROGRAM = [sys.executable, "-m", "penguintui"]


def test_one_command_watches_the_host_and_says_what_else_it_needs(program: Callable[..., Program]) -> None:
    one = program()
    viewer = Terminal(PROGRAM, one.environment)
    try:
        viewer.until(rf"● +{os.uname().nodename[:12]}|[▲◆] +{os.uname().nodename[:12]}")
        assert "Technical" in viewer.text
        for key in "13":
            viewer.type(key)
            viewer.until("penguintui init")
        agent = psutil.Process(int((one.state / "agent.lock").read_text()))
        assert agent.parent() is None or agent.parent().pid != viewer.pid or os.getsid(agent.pid) == agent.pid
        viewer.type("q")
        assert viewer.ended() == 0
        assert agent.is_running(), "the agent goes on for the next viewer"
        assert alive(one.socket)
        second = Terminal(PROGRAM, one.environment)
        second.until(os.uname().nodename[:12])
        second.close()
        assert int((one.state / "agent.lock").read_text()) == agent.pid, "ten viewers cost no more than one"
    finally:
        viewer.close()
        if (one.state / "agent.lock").exists():
            pid = int((one.state / "agent.lock").read_text())
            os.kill(pid, signal.SIGTERM)
            until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)


def test_a_viewer_whose_agent_falls_silent_is_blind(program: Callable[..., Program]) -> None:
    one = program(
        "environment: test\ntargets:\n  - {name: here, kind: host, probes: [{type: host, interval: 500ms}]}\n"
    )
    agent = one.agent()
    viewer = Terminal(PROGRAM, one.environment)
    try:
        viewer.type("2")
        viewer.until(r"live \d\d:\d\d:\d\dZ.*here")
        agent.send_signal(signal.SIGSTOP)
        viewer.until(r"BLIND since \d\d:\d\d:\d\dZ")
        agent.send_signal(signal.SIGCONT)
        viewer.until(r"TEST((?!BLIND).)*agent \ds")
    finally:
        agent.send_signal(signal.SIGCONT)
        viewer.close()
