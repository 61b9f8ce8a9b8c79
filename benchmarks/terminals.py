"""Programs in a terminal of 120x40, with what they send counted; and the demo's platform for them to show."""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

from penguintui.cli.demo import Demo
from tests.whole.terminal import Terminal

VIEWER = (sys.executable, "-m", "penguintui")


class Watched(Terminal):
    """A terminal that counts bytes."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self.bytes = 0
        self.began = time.perf_counter()
        super().__init__(command, {**environment, "COLORTERM": "truecolor"})
        self.process = psutil.Process(self.pid)

    def _take(self, data: bytes) -> None:
        self.bytes += len(data)
        super()._take(data)

    def seen(self, pattern: str, seconds: float = 30.0) -> float:
        """Seconds from the start until the screen matches."""
        self.until(pattern, seconds)
        return time.perf_counter() - self.began

    def used(self) -> float:
        """The processor's seconds of the program itself, without its children."""
        times = self.process.cpu_times()
        return times.user + times.system

    def let_go_on(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._pump(0.05)


@dataclass(frozen=True, slots=True)
class Quiet:
    """What a program does while nobody touches it: bytes and processor seconds a second, memory in MB."""

    bytes: float
    cpu: float
    memory: float


def at_rest(terminal: Watched, seconds: float) -> Quiet:
    sent, used, began = terminal.bytes, terminal.used(), time.perf_counter()
    terminal.let_go_on(seconds)
    took = time.perf_counter() - began
    memory = terminal.process.memory_info().rss / 1e6
    return Quiet((terminal.bytes - sent) / took, (terminal.used() - used) / took, memory)


@contextmanager
def platform() -> Iterator[Demo]:
    """The demo's lab and agent, and in the environment where they are."""
    demo = Demo(1, [])
    before = dict(os.environ)
    demo.start()
    os.environ.update(demo.environment)
    try:
        yield demo
    finally:
        os.environ.clear()
        os.environ.update(before)
        demo.stop()


def side_by_side(runs: int, *measures: Callable[[], Sequence[float]]) -> list[list[float]]:
    """Medians of several measures that are taken in turn, so that a busy minute burdens all of them."""
    taken: list[list[Sequence[float]]] = [[] for _ in measures]
    for _ in range(runs):
        for place, measure in enumerate(measures):
            taken[place].append(measure())
    return [[statistics.median(column) for column in zip(*rows, strict=True)] for rows in taken]
