"""The agent with the lab's targets, most of them asked every 5 s: its share of a core, and its memory.

Promised: below 5 % of one core, below 120 MB.
"""

from __future__ import annotations

import time

import psutil

from benchmarks.measuring import Row
from benchmarks.terminals import platform

_SETTLES, _SECONDS = 15, 40


def measure() -> list[Row]:
    with platform():
        agent = next(p for p in psutil.Process().children() if "agent" in p.cmdline())
        time.sleep(_SETTLES)
        before, began = agent.cpu_times(), time.perf_counter()
        time.sleep(_SECONDS)
        after, took = agent.cpu_times(), time.perf_counter() - began
        assert agent.is_running() and agent.status() != psutil.STATUS_ZOMBIE, "the agent ended"
        used = (after.user + after.system - before.user - before.system) / took
        memory = agent.memory_info().rss / 1e6
    return [
        Row("agent with the lab's targets", used * 100, "% of a core", most=5),
        Row("agent with the lab's targets, memory", memory, "MB", most=120),
    ]
