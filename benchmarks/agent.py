"""The agent with the lab's targets, most of them asked every 5 s or more often: its share of a core, and its memory.

Promised: below 5 % of one core, below 120 MB. The first minute, in which the lab's past is packed too, begins when what
the agent needs is imported; the minute behind it is more like all that follow.
"""

from __future__ import annotations

import time

import psutil

from benchmarks.measuring import Row
from benchmarks.terminals import platform

_SETTLES, _MINUTE = 5, 60
_WHAT = "agent with the lab's targets"


def _share(agent: psutil.Process) -> float:
    """Of a core, by the processor's time of the agent itself over a minute."""
    before, began = agent.cpu_times(), time.perf_counter()
    time.sleep(_MINUTE)
    after, took = agent.cpu_times(), time.perf_counter() - began
    assert agent.is_running() and agent.status() != psutil.STATUS_ZOMBIE, "the agent ended"
    return (after.user + after.system - before.user - before.system) / took


def measure() -> list[Row]:
    with platform():
        agent = next(p for p in psutil.Process().children() if "agent" in p.cmdline())
        time.sleep(_SETTLES)
        first, second = _share(agent), _share(agent)
        memory = agent.memory_info().rss / 1e6
    return [
        Row(f"{_WHAT}, its first minute", first * 100, "% of a core", most=5),
        Row(f"{_WHAT}, the minute behind it", second * 100, "% of a core", most=5),
        Row(f"{_WHAT}, memory", memory, "MB", most=120),
    ]
