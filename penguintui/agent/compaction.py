"""The agent's housekeeping of samples: it drives compaction in small pieces and tells what was found on the way."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from penguintui.agent.outgoing import Share
from penguintui.model.clock import Clock, Time
from penguintui.model.observation import Event, Sample
from penguintui.model.status import Status
from penguintui.store.chunks import FIVE_MINUTES, HOUR
from penguintui.store.compacting import Piece, Plan, Tier, behind, check, compact, damaged_chunks

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from penguintui.config.settings import Retention
    from penguintui.store.ingest import Ingest
    from penguintui.store.writer import Writer

log = logging.getLogger(__name__)

_EVERY = 3600.0
"""Seconds between passes at most; with short-lived rows they come as often as those age."""
_SPREAD = 0.5
"""A pass has so much of the time until the next, so that no moment bears the work of all."""
_EASY = 0.25
"""While a pass could end in so much of the time that it has left, working half of it, it does not hurry."""
_SHORTEST, _UNHURRIED, _LONGEST = 0.05, 5.0, 20.0
"""Seconds between two pieces: at least, at least while it does not hurry, and at most. In any case the writer is
others' for as long as a piece took."""
_CHECK_EVERY = 10.0
"""Seconds between looks at a hundred chunks for flipped bits, while there is nothing to compact."""


def plan(retention: Retention, now: Time) -> Plan:
    """What is compacted, rolled up and let go at a time."""
    every = _every(retention)
    before = (now - retention.rows) // every * every
    tiers = ((FIVE_MINUTES, retention.samples_5m), (HOUR, retention.samples_1h))
    return Plan(
        round(before * 1000),
        round((now - retention.samples) * 1000),
        tuple(Tier(resolution, round((now - kept) * 1000)) for resolution, kept in tiers if kept),
    )


def _every(retention: Retention) -> float:
    return min(_EVERY, retention.rows)


@dataclass(slots=True)
class Pace:
    """How a pass is spread over the time that it has: `span` seconds from `begun` (monotonic)."""

    begun: float
    span: float
    pieces: int = 0
    worked: float = 0.0

    def rest(self, share: float, took: float, now: float) -> float:
        """Seconds to rest after a piece that took so long, when `share` of the series with older rows is done.

        What is left is thought to take as many pieces, for its share, as what is done took. They follow each other
        slowly while there is plenty of time, and then evenly; a pass that is late, or that is not through its first
        series yet, rests as long as it works.
        """
        self.pieces += 1
        self.worked += took
        left = max(1.0, self.pieces * (1 - share) / share) if share else math.inf
        usual = self.worked / self.pieces
        time = self.begun + self.span - now
        if left * 2 * usual < time * _EASY:
            return min(max(time / left - usual, _UNHURRIED), _LONGEST)
        return max(took, min(max(time / left - usual, _SHORTEST), _LONGEST))


class Compaction:
    """Passes over all series, hourly, and between them a slow look through all chunks.

    `step` does one piece and returns how long to rest after it (seconds). say: told of what a person must know.
    """

    def __init__(
        self,
        writer: Writer,
        ingest: Ingest,
        clock: Clock,
        retention: Callable[[], Retention],
        say: Callable[[Event], Awaitable[None]],
        labels: Mapping[str, str],
        share: Share | None = None,
    ) -> None:
        self._share = share
        self._writer, self._ingest, self._clock = writer, ingest, clock
        self._retention, self._say, self._labels = retention, say, labels
        self._plan: Plan | None = None
        self._pace = Pace(0.0, 0.0)
        self._ended_before: int | None = None
        self._after = self._checked = self._behind = self._done = 0
        self._late = self.refused = self.damaged = 0

    @property
    def message(self) -> str:
        """What a viewer should know at any time; empty when all is well."""
        if not self.damaged:
            return ""
        return f"{self.damaged} chunks of samples are damaged and left out; the events chunk.damaged name them"

    async def run(self) -> None:
        """Go on for as long as the agent works."""
        while True:
            try:
                rest = await self.step()
            except Exception as error:
                log.exception("samples could not be compacted: %s", error)
                rest = 60.0
            await asyncio.sleep(rest)

    async def step(self) -> float:
        """One piece of whatever is to be done next."""
        if self._plan is None:
            now = plan(self._retention(), self._clock.now())
            if now.before == self._ended_before:
                return await self._check()
            self._behind = await self._writer.run(lambda connection: behind(connection, now))
            self._plan, self._after, self._done = now, 0, 0
            self._pace = Pace(self._clock.monotonic(), _SPREAD * _every(self._retention()))
        wanted, after = self._plan, self._after
        begun = self._clock.monotonic()
        piece = await self._writer.run(lambda connection: compact(connection, after, wanted))
        took = self._clock.monotonic() - begun
        self._after = piece.last
        self._done += piece.series
        self._late += piece.refused
        await self._tell_damage(piece)
        if piece.done:
            self._plan, self._ended_before = None, wanted.before
            await self._end_pass()
        share = min(1.0, self._done / self._behind) if self._behind else 1.0
        return self._pace.rest(share, took, self._clock.monotonic())

    async def _end_pass(self) -> None:
        """Say what came too late, keep the counts as samples, and give the disk back what is free."""
        late, self._late = self._late, 0
        self.refused += late
        if late:
            words = f"{late} samples came for days whose samples are not kept any more, and were not kept"
            await self._say(Event(self._clock.now(), "samples.refused", words, Status.WARNING))
        self.damaged = await self._writer.run(damaged_chunks)
        now, holds = self._clock.now(), 2.5 * _EVERY
        counts = (
            Sample("penguintui_samples_refused_total", float(self.refused)),
            Sample("penguintui_chunks_damaged", float(self.damaged)),
        )
        rows = [(sample, now) for sample in counts]
        await self._writer.run(lambda connection: self._ingest.samples(connection, self._labels, rows, holds))
        if self._share is not None:
            self._share(self._labels, rows, holds)
        more = True
        while more:
            await asyncio.sleep(_SHORTEST)
            more = await self._writer.run(_give_back)

    async def _check(self) -> float:
        after = self._checked
        piece = await self._writer.run(lambda connection: check(connection, after))
        self._checked = 0 if piece.done else piece.last
        await self._tell_damage(piece)
        return _CHECK_EVERY

    async def _tell_damage(self, piece: Piece) -> None:
        for words in piece.damaged:
            self.damaged += 1
            remedy = f"{words}; its samples are lost unless a backup of the store has them"
            await self._say(Event(self._clock.now(), "chunk.damaged", remedy, Status.CRITICAL))


def _give_back(connection: Connection) -> bool:
    if connection.dialect.name != "sqlite":
        return False
    from penguintui.store.sqlite import give_back

    return give_back(connection)
