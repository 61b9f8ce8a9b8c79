"""A fleet of 2,000 targets in a store, a part of which is observed anew each second.

`python -m benchmarks.fleet FOLDER SECONDS CHANGES` writes into a store that `make` has made, in a process of its own.
"""

from __future__ import annotations

import random
import sys
import time
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from penguintui.clock import SystemClock
from penguintui.model.observation import Finding, Observation, Sample
from penguintui.model.status import Status
from penguintui.model.target import Kind, Target
from penguintui.store import keeping
from penguintui.store.ingest import Ingest, Reported
from penguintui.store.writer import Writer

SIZE = 2000
EVERY = 60.0
"""Seconds between the observations of the hour before."""
_HOLDS = 180.0
_SHARES = ((Kind.SERVICE, 0.5), (Kind.HOST, 0.3), (Kind.DOMAIN, 0.15), (Kind.QUEUE, 0.05))


def targets(size: int = SIZE) -> list[Target]:
    """Services, hosts, domains and queues, spread over ten regions."""
    made: list[Target] = []
    for kind, share in _SHARES:
        for number in range(round(size * share)):
            made.append(Target(f"{kind.value}-{number:04}", kind, "production", {"region": f"r{number % 10}"}))
    random.Random(3).shuffle(made)
    return made


def url_in(folder: Path) -> str:
    return f"sqlite:///{folder / 'store.db'}"


def make(folder: Path, size: int = SIZE, hours: float = 1.0) -> str:
    """A store with the fleet's past in it. Returns its address."""
    writer, ingest, now = Writer(url_in(folder)), Ingest(), SystemClock().now()
    fleet, chance = targets(size), random.Random(1)
    begin = now - hours * 3600
    probes = (keeping.WatchedProbe("http", "http", "http", EVERY, _HOLDS),)
    watched = [keeping.Watched(target, probes) for target in fleet]
    writer.submit(lambda c: keeping.keep_targets(c, watched, begin)).result()
    writer.submit(lambda c: keeping.keep_configuration(c, "d", '{"environment":"production"}', "-", begin)).result()
    for step in range(int(hours * 3600 / EVERY) + 1):
        batch = [observed(target, begin + step * EVERY, chance) for target in fleet]
        writer.submit(lambda c, b=batch: ingest.record(c, b)).result()  # type: ignore[misc]
    beat(writer, now)
    writer.close()
    return url_in(folder)


def beat(writer: Writer, now: float) -> None:
    """Say that an agent lives."""
    word = keeping.Heartbeat("agent", now, now - 60, 1.0, 1, "bench", "0")
    writer.submit(lambda c: keeping.keep_heartbeat(c, word)).result()


def observed(target: Target, at: float, chance: random.Random) -> Reported:
    """One observation. One target in fifty is not fine, and one in a thousand changes that."""
    ill = (hash_of(target) % 50 == 0) != (chance.random() < 0.001)
    status = Status.WARNING if ill else Status.OK
    summary = "answers after 812 ms" if status else "answers"
    findings = (
        Finding("http.reach", status, summary, evidence={"ms": "812"}),
        Finding("http.status", Status.OK, "200"),
    )
    samples = tuple(_samples(target.kind, at, chance))
    return Reported(target, "http", "http", Observation(at, _HOLDS, True, samples, findings))


def hash_of(target: Target) -> int:
    """A number that is always the same for a target."""
    return zlib.crc32(target.name.encode())


def _samples(kind: Kind, at: float, chance: random.Random) -> Iterator[Sample]:
    number = chance.random()
    if kind is Kind.HOST:
        yield Sample("node_cpu_seconds_total", at * 0.7 + number, {"mode": "idle", "cpu": "0"})
        yield Sample("node_cpu_seconds_total", at * 0.3 - number, {"mode": "user", "cpu": "0"})
        yield Sample("node_memory_MemAvailable_bytes", 4e9 + 1e9 * number)
        yield Sample("node_memory_MemTotal_bytes", 8e9)
        yield Sample("node_filesystem_avail_bytes", 5e10 + 1e10 * number, {"mountpoint": "/"})
        yield Sample("node_filesystem_size_bytes", 1e11, {"mountpoint": "/"})
        yield Sample("node_load1", 4 * number)
    elif kind is Kind.QUEUE:
        yield Sample("postfix_queue_messages", round(100 * number), {"queue": "active"})
        yield Sample("postfix_queue_messages", round(900 * number), {"queue": "deferred"})
        yield Sample("postfix_queue_oldest_seconds", 600 * number, {"queue": "deferred"})
    elif kind is Kind.DOMAIN:
        yield Sample("probe_dns_lookup_time_seconds", 0.01 + 0.02 * number)
    else:
        yield Sample("probe_duration_seconds", 0.03 + 0.05 * number)
        yield Sample("probe_http_status_code", 200.0)


class Changes:
    """Observes the next of the fleet's targets, again and again in the same order."""

    def __init__(self, writer: Writer, fleet: Sequence[Target]) -> None:
        self._writer, self._ingest, self._fleet = writer, Ingest(), fleet
        self._next, self._chance = 0, random.Random(2)

    def write(self, count: int, now: float) -> None:
        """Observe so many targets now, and wait until it is committed."""
        batch = [observed(self._fleet[(self._next + i) % len(self._fleet)], now, self._chance) for i in range(count)]
        self._next += count
        self._writer.submit(lambda c: self._ingest.record(c, batch)).result()


def main() -> None:
    folder, seconds, count = Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    writer, clock = Writer(url_in(folder)), SystemClock()
    changes, began = Changes(writer, targets()), time.monotonic()
    tick = 0
    while time.monotonic() - began < seconds:
        changes.write(count, clock.now())
        beat(writer, clock.now())
        tick += 1
        time.sleep(max(0.0, began + tick - time.monotonic()))
    writer.close()


if __name__ == "__main__":
    main()
