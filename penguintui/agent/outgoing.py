"""What was observed on its way out: into the store, to the history where there is one, and what is said of that."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

from penguintui.agent.backlog import HISTORY, STORE, Backlog
from penguintui.agent.history import History
from penguintui.agent.recording import Recording
from penguintui.agent.waiting import Waiting
from penguintui.config.settings import Configuration
from penguintui.model.clock import Clock, Time
from penguintui.model.observation import Event, Sample
from penguintui.model.status import Status
from penguintui.store.errors import StoreError
from penguintui.store.ingest import Ingest, Reported, record_events
from penguintui.store.spooled import Sampled
from penguintui.store.writer import Writer

log = logging.getLogger(__name__)

Share = Callable[[Mapping[str, str], Sequence[tuple[Sample, Time]], float], None]
"""Takes samples that went into the store in another way: added labels, samples with their times, how long they hold."""

COUNT = 15.0
"""Seconds between two samples of how much waits."""
_BEHIND = 10.0
"""Seconds of age from which on what waits is spoken of."""
_REMEMBERED = 3600.0
"""Seconds for which a loss is spoken of; the event and the counts stay."""
_TELL = 60.0
"""Seconds between two events of losses; each is in the log."""
_BEGIN = {STORE: "the store cannot be written", HISTORY: "samples are not written to the history"}
_CATCHING_UP = {STORE: "the store is behind", HISTORY: "the history is behind"}


class Outgoing:
    """Takes what was observed and gets it to where it belongs, in order, whatever is away for how long.

    Raises StoreError when the spool is there and cannot be read.
    """

    def __init__(
        self, folder: Path, configuration: Configuration, writer: Writer, ingest: Ingest, clock: Clock
    ) -> None:
        self._writer, self._clock = writer, clock
        self._losses: dict[str, tuple[int, float]] = {}
        self._told = float("-inf")
        self._labels: Mapping[str, str] = {}
        try:
            self._backlog = Backlog(folder, configuration.spool, clock, _readers(configuration), self._lose)
        except OSError as error:
            raise StoreError(f"the spool {folder} cannot be read: {error.strerror or error}") from error
        self._recording = Recording(writer, ingest, self._backlog)
        self._history = History(self._backlog, clock, self._tell)

    def apply(self, configuration: Configuration, watched: Collection[tuple[str, str]]) -> None:
        """Work as this configuration says, from now on. watched: whose (target, probe) findings are kept."""
        self._labels = {"job": "penguintui", "instance": "agent", "environment": configuration.environment}
        self._recording.keep_only(watched)
        self._backlog.apply(configuration.spool, _readers(configuration))
        self._backlog.start()
        self._history.apply(configuration.history)

    def take(self, reported: Reported) -> None:
        """From any thread; waits for nothing."""
        self._recording.take(reported)

    def share(self, labels: Mapping[str, str], rows: Sequence[tuple[Sample, Time]], valid_for: float) -> None:
        """See `Share`. From any thread."""
        if self._history.on and rows:
            self._backlog.put(Sampled(labels, tuple(rows), valid_for, stored=True))

    def flush(self) -> None:
        """Hand over to the store what waits for it, unless it is busy with the last."""
        self._recording.flush()

    @property
    def has_old(self) -> bool:
        """Whether the store still waits for what an earlier agent left."""
        return self._backlog.has_old(STORE)

    async def drain(self) -> None:
        """Wait until the store has everything, or refused some."""
        await self._recording.drain()

    def stop(self) -> None:
        """Let the history have what waits, when that is done in a second."""
        self._history.stop()

    def close(self) -> None:
        """Put on disk what somebody still waits for. After the writer was closed."""
        self._backlog.close()

    @property
    def message(self) -> str:
        """What a viewer should know; the store first. Empty when all is well."""
        if self._backlog.trouble:
            return f"{self._backlog.trouble}; what waits is in memory only"
        said = self._about(STORE, self._writer.trouble or self._recording.failed)
        return said or (self._about(HISTORY, self._history.failed) if self._history.on else "")

    def count(self) -> None:
        """Leave samples of how much waits, for store and history alike."""
        now = self._clock.now()
        rows = tuple((sample, now) for sample in self._samples(now))
        self._backlog.put(Sampled(self._labels, rows, 2.5 * COUNT, stored=False))

    def _samples(self, now: Time) -> Iterator[Sample]:
        store = self._backlog.waiting(STORE)
        yield Sample("penguintui_spool_bytes", float(store.bytes))
        yield Sample("penguintui_spool_damaged_total", float(store.damaged))
        for name in (STORE, HISTORY) if self._history.on else (STORE,):
            waiting, to = self._backlog.waiting(name), {"destination": name}
            age = 0.0 if waiting.oldest is None else max(now - waiting.oldest, 0.0)
            yield Sample("penguintui_spool_waiting", float(waiting.count), to)
            yield Sample("penguintui_spool_age_seconds", age, to)
            yield Sample("penguintui_spool_dropped_total", float(waiting.dropped), to)
            yield Sample("penguintui_spool_refused_total", float(waiting.refused), to)

    def _about(self, name: str, failed: str) -> str:
        waiting = self._backlog.waiting(name)
        if failed:
            return "; ".join(filter(None, (f"{_BEGIN[name]}: {failed}", waiting.words)))
        behind = waiting.oldest is not None and self._clock.now() - waiting.oldest > _BEHIND
        if behind or self._lost_lately(name, waiting):
            return f"{_CATCHING_UP[name] if behind else f'of what went to the {name}'}: {waiting.words}"
        return ""

    def _lost_lately(self, name: str, waiting: Waiting) -> bool:
        now, lost = self._clock.monotonic(), waiting.dropped + waiting.refused + waiting.damaged
        if lost != self._losses.get(name, (0, 0.0))[0]:
            self._losses[name] = (lost, now)
        return bool(lost) and now - self._losses[name][1] < _REMEMBERED

    def _lose(self, words: str) -> None:
        """Something was lost: into the log, and as an event where the last was told a while ago."""
        now = self._clock.monotonic()
        if now - self._told < _TELL:
            log.error("%s", words)
        else:
            self._told = now
            self._tell(Event(self._clock.now(), "spool.lost", words[:2000], Status.WARNING))

    def _tell(self, event: Event) -> None:
        log.log(logging.WARNING if event.severity else logging.INFO, "%s", event.summary)
        self._writer.submit(lambda connection: record_events(connection, "", [event]))


def _readers(configuration: Configuration) -> list[str]:
    return [STORE] if configuration.history.type == "store" else [STORE, HISTORY]
