"""Every sample on its way to a fleet's engine: a thread of its own that writes what waits in the backlog, in order."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from penguintui.agent.backlog import HISTORY, Backlog
from penguintui.config.history import STORE_ALONE, HistorySettings
from penguintui.model.clock import Clock
from penguintui.model.observation import Event
from penguintui.model.status import Status
from penguintui.store.spooled import samples

if TYPE_CHECKING:
    from penguintui.adapters.victoriametrics import VictoriaMetrics

log = logging.getLogger(__name__)

_EVERY = 1.0
"""Seconds between batches, unless more waits than one holds."""
_SHORTEST, _LONGEST = 1.0, 60.0
"""Seconds until a batch that was not taken is tried again: twice as long each time, within these."""


class History:
    """Writes what waits for `history:`. An engine that is away holds up nobody but itself.

    tell: told when the engine is lost, and when it takes samples again.
    """

    def __init__(self, backlog: Backlog, clock: Clock, tell: Callable[[Event], object]) -> None:
        self._backlog, self._clock, self._tell = backlog, clock, tell
        self._settings: HistorySettings = STORE_ALONE
        self._engine: VictoriaMetrics | None = None
        self._thread: threading.Thread | None = None
        self._wake = threading.Condition()
        self._stopping = self._changed = False
        self._pause = 0.0
        self.failed = ""
        """Why the last batch was not written; empty when it was."""

    @property
    def on(self) -> bool:
        """Whether samples go anywhere besides the store."""
        return self._settings.type != "store"

    def apply(self, settings: HistorySettings) -> None:
        """Write where these settings say from the next batch on."""
        with self._wake:
            if settings == self._settings:
                return
            self._settings, self._changed = settings, True
            self._wake.notify()
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="history", daemon=True)
            self._thread.start()

    def stop(self, timeout: float = 1.0) -> None:
        """Write once more what waits, unless that takes longer than `timeout` seconds; what stays is for the spool."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        if self._thread is not None:
            self._thread.join(timeout)

    def _work(self) -> None:
        while not self._stopping:
            pause = self._turn()
            with self._wake:
                self._wake.wait_for(lambda: self._stopping or self._changed, pause)
        if not self.failed:
            self._turn()
        if self._engine is not None:
            self._engine.close()

    def _turn(self) -> float:
        """Write what waits, a batch or several. Returns the seconds until the next time."""
        try:
            self._renew()
            while self._engine is not None and self._write(self._engine) and not self._changed:
                if self._stopping:
                    break
        except OSError as error:
            self._lose(f"the spool cannot be read: {error}")
        except Exception as error:
            log.exception("writing to the history failed")
            self._lose(f"this is a mistake of the program ({type(error).__name__}); its log has it")
        return self._pause or _EVERY

    def _renew(self) -> None:
        """Take changed settings."""
        with self._wake:
            if not self._changed:
                return
            settings, self._changed = self._settings, False
        if self._engine is not None:
            self._engine.close()
        self._engine, self._pause, self.failed = None, 0.0, ""
        if settings.type == "victoriametrics":
            from penguintui.adapters.victoriametrics import VictoriaMetrics

            self._engine = VictoriaMetrics(settings)

    def _write(self, engine: VictoriaMetrics) -> bool:
        """Write the next batch; whether there may be more to write at once."""
        from penguintui.adapters.victoriametrics import Unacceptable, Unwritten

        batch = self._backlog.take(HISTORY)
        if batch is None:
            return False
        try:
            engine.write(map(samples, batch.items))
        except Unwritten as error:
            self._lose(str(error))
            return False
        except Unacceptable as error:
            # One that was passed over is followed by a rest: a server that refuses everything costs one each second.
            return not self._backlog.refuse(HISTORY, batch, str(error))
        self._backlog.done(HISTORY, batch)
        self._find(engine)
        return self._backlog.waits(HISTORY)

    def _lose(self, why: str) -> None:
        self._pause = min(max(2 * self._pause, _SHORTEST), _LONGEST)
        if not self.failed:
            words = f"samples are not written to the history: {why}; they wait in the spool"
            self._tell(Event(self._clock.now(), "history.lost", words[:2000], Status.WARNING))
        self.failed = why

    def _find(self, engine: VictoriaMetrics) -> None:
        self._pause = 0.0
        if self.failed:
            words = f"samples are written to the history again: {engine.place} takes them"
            self._tell(Event(self._clock.now(), "history.found", words, Status.OK))
        self.failed = ""
