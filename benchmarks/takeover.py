"""How long it takes until another agent asks, after the one that held the lease died, was stopped, or was cut off.

Promised: at most 10 s, of 20 times each. Fewer with the variable TAKEOVERS.
"""

from __future__ import annotations

import os
import signal
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.measuring import Row
from tests.adapters.postgres import running_postgres
from tests.whole.fleet import CONFIGURATION, Agents, Asked
from tests.whole.link import Link
from tests.whole.program import until

_TIMES = int(os.environ.get("TAKEOVERS", "20"))


class _Side:
    """An agent with its own way to the store."""

    def __init__(self, folder: Path, name: str, port: int, asked: Asked) -> None:
        self.link = Link(port)
        store = f"postgresql+psycopg://penguin:krill-and-squid@127.0.0.1:{self.link.port}/postgres"
        self.agent = Agents(folder / name, name, store, CONFIGURATION.format(port=asked.port))
        self.name = name
        self.agent.begin()

    def send(self, signum: int) -> None:
        assert self.agent.process is not None
        self.agent.process.send_signal(signum)

    def kill(self) -> None:
        assert self.agent.process is not None
        self.agent.process.kill()
        self.agent.process.wait()

    def end(self) -> None:
        self.send(signal.SIGCONT)
        self.agent.stop()
        self.link.close()


def _measure(
    sides: list[_Side], asked: Asked, breaks: Callable[[_Side], None], heals: Callable[[_Side], object]
) -> list[float]:
    """Seconds from each break to the first asking of the other; the sides change their parts each time."""
    taken = []
    for _ in range(_TIMES):
        holder, other = sides
        began = time.monotonic()
        breaks(holder)
        until(lambda o=other, b=began: asked.by(o.name, b), 60.0)  # type: ignore[misc]
        taken.append(asked.by(other.name, began)[0] - began)
        heals(holder)
        words = holder.agent.log.read_text().count("stands by: ")
        until(lambda h=holder, w=words: h.agent.log.read_text().count("stands by: ") > w, 60.0)  # type: ignore[misc]
        sides.reverse()
    return taken


def measure() -> list[Row]:
    rows = []
    with running_postgres() as postgres, tempfile.TemporaryDirectory() as folder:
        asked = Asked()
        sides = [_Side(Path(folder), "a", postgres.port, asked)]
        until(lambda: asked.by("a"), 60.0)
        sides.append(_Side(Path(folder), "b", postgres.port, asked))
        until(lambda: sides[1].agent.said("stands by: "), 60.0)
        try:
            for what, breaks, heals in (
                ("kill -9", lambda side: side.kill(), lambda side: side.agent.begin()),
                ("SIGSTOP", lambda side: side.send(signal.SIGSTOP), lambda side: side.send(signal.SIGCONT)),
                ("a cut connection", lambda side: side.link.cut(), lambda side: side.link.mend()),
            ):
                taken = _measure(sides, asked, breaks, heals)
                rows.append(Row(f"takeover after {what}, longest of {_TIMES}", max(taken), "s", most=10))
                rows.append(Row(f"takeover after {what}, median", statistics.median(taken), "s"))
        finally:
            for side in sides:
                side.end()
            asked.close()
    return rows
