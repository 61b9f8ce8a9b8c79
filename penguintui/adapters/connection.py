"""A TCP connection, and how long each part of an asking over it took."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from penguintui.model.clock import Clock
from penguintui.model.observation import Sample


class Phases:
    """Seconds by phase, in the order in which they began. A phase that comes again is added up."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.seconds: dict[str, float] = {}

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time what is inside; a phase that fails is not counted."""
        started = self._clock.monotonic()
        yield
        self.add(name, self._clock.monotonic() - started)

    def add(self, name: str, seconds: float) -> None:
        self.seconds[name] = self.seconds.get(name, 0.0) + seconds

    def samples(self, metric: str) -> tuple[Sample, ...]:
        return tuple(Sample(metric, seconds, {"phase": name}) for name, seconds in self.seconds.items())

    @property
    def evidence(self) -> dict[str, str]:
        return {f"{name} seconds": f"{seconds:.3f}" for name, seconds in self.seconds.items()}


@asynccontextmanager
async def connected(
    host: str, port: int, phases: Phases, limit: int = 65536
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A TCP connection, gone at the end of the block without waiting for the other side."""
    loop = asyncio.get_running_loop()
    with phases.phase("resolve"):
        await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    with phases.phase("connect"):
        reader, writer = await asyncio.open_connection(host, port, limit=limit)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()
