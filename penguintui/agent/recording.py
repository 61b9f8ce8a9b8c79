"""Observations on their way into the store: gathered for a moment, written together, never lost without a word."""

from __future__ import annotations

import logging
from collections.abc import Collection
from concurrent.futures import Future

from penguintui.model.clock import Time
from penguintui.store.ingest import Ingest, Reported
from penguintui.store.writer import Writer

log = logging.getLogger(__name__)

_HELD = 50_000
"""Observations that are held at most while the store cannot be written; then the oldest go, and are counted."""


class Recording:
    """Takes observations at any speed; hands them to the writer in batches, one at a time."""

    def __init__(self, writer: Writer, ingest: Ingest) -> None:
        self._writer = writer
        self._ingest = ingest
        self._waiting: list[Reported] = []
        self._under_way: Future[None] | None = None
        self.dropped = 0
        self.failed = ""
        self.last: Time = 0.0

    def take(self, reported: Reported) -> None:
        self._waiting.append(reported)
        if len(self._waiting) > _HELD:
            del self._waiting[: _HELD // 10]
            self.dropped += _HELD // 10
            log.error("the store could not be written for long: %d observations were dropped", self.dropped)

    def keep_only(self, watched: Collection[tuple[str, str]]) -> None:
        """Let go what was observed of a (target, probe) that is watched no more: it would open its findings again."""
        self._waiting = [one for one in self._waiting if (one.target.name, one.probe) in watched]

    def flush(self) -> None:
        """Hand over what waits, unless the last batch is still being written."""
        if not self._waiting or (self._under_way is not None and not self._under_way.done()):
            return
        batch, self._waiting = self._waiting, []
        self._under_way = self._writer.submit(lambda connection: self._ingest.record(connection, batch))
        self._under_way.add_done_callback(lambda future: self._written(future, batch))

    def _written(self, future: Future[None], batch: list[Reported]) -> None:
        error = future.exception()
        if error is None:
            self.failed = ""
            self.last = max(reported.observation.time for reported in batch)
        else:
            self.dropped += len(batch)
            self.failed = f"{len(batch)} observations could not be recorded: {error}"
            log.error("%s", self.failed)
