"""Observations on their way into the store: gathered for a moment, written together, never lost without a word."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from concurrent.futures import Future
from typing import TYPE_CHECKING

from penguintui.agent.backlog import STORE, Backlog, Batch
from penguintui.model.clock import Time
from penguintui.store.errors import StoreError
from penguintui.store.ingest import Ingest, Reported, newest_words, without_findings
from penguintui.store.spooled import Sampled
from penguintui.store.writer import Writer

if TYPE_CHECKING:
    from sqlalchemy import Connection


class Recording:
    """Takes observations at any speed; hands them to the writer in batches, one at a time, in order.

    What the store does not take waits in the backlog, on disk when that lasts, and over a restart of the agent.
    """

    def __init__(self, writer: Writer, ingest: Ingest, backlog: Backlog) -> None:
        self._writer = writer
        self._ingest = ingest
        self._backlog = backlog
        self._watched: Collection[tuple[str, str]] | None = None
        self._doubtful = True
        self._newest: dict[tuple[str, str], Time] | None = None
        self._batch: Batch | None = None
        self._under_way: Future[None] | None = None
        self.failed = ""
        """Why the last batch was not written; empty when it was."""

    def take(self, reported: Reported) -> None:
        self._backlog.put(reported)

    def keep_only(self, watched: Collection[tuple[str, str]]) -> None:
        """From now on only these (target, probe) have findings: another's would be opened again. Samples stay."""
        self._watched = frozenset(watched)

    def flush(self) -> None:
        """Hand over what waits, unless the last batch is still being written."""
        if (self._under_way is not None and not self._under_way.done()) or not self._backlog.waits(STORE):
            return
        self._under_way = self._writer.submit(self._write)
        self._under_way.add_done_callback(self._written)

    async def drain(self) -> None:
        """Wait until the store has everything. Ends early when it takes nothing, and says so in `failed`."""
        while self._backlog.waits(STORE):
            self.flush()
            if self._under_way is not None:
                await asyncio.gather(asyncio.wrap_future(self._under_way), return_exceptions=True)
            if self.failed:
                return

    def _write(self, connection: Connection) -> None:
        """Store the next batch; in the writer's thread, and again when the store refused it."""
        self._batch = batch = self._batch or self._backlog.take(STORE)
        if batch is None:
            return
        if batch.old and self._newest is None:
            self._newest = newest_words(connection)
        reported = []
        for item in batch.items:
            if isinstance(item, Sampled):
                if not item.stored:
                    self._ingest.samples(connection, item.labels, item.rows, item.valid_for)
            elif not (batch.old and self._is_stored(connection, item)):
                reported.append(item if self._counts(item, batch.old) else without_findings(item))
        self._ingest.record(connection, reported)

    def _is_stored(self, connection: Connection, reported: Reported) -> bool:
        """Whether an earlier agent stored what it left in the spool, and was killed before it noted that.

        Things are stored in order: behind one that was not, none was.
        """
        self._doubtful = self._doubtful and self._ingest.has(connection, reported)
        return self._doubtful

    def _counts(self, reported: Reported, old: bool) -> bool:
        """Whether its findings are the last word on what is watched: another agent may have spoken since."""
        key = (reported.target.name, reported.probe)
        known = (self._newest or {}).get(key) if old else None
        is_newest = known is None or reported.observation.time > known
        return is_newest and (self._watched is None or key in self._watched)

    def _written(self, future: Future[None]) -> None:
        error, batch = future.exception(), self._batch
        if error is None:
            self.failed = ""
            if batch is not None:
                self._backlog.done(STORE, batch)
        elif isinstance(error, OSError | StoreError):  # the store's own trouble: all of it stays
            self.failed = str(error)
        else:
            self.failed = " ".join(str(getattr(error, "orig", None) or error).split())  # without statement and values
            if batch is not None:
                self._backlog.refuse(STORE, batch, self.failed)
        self._batch = None
