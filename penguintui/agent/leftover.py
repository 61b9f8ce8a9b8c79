"""What an agent that stands by still has for the history: the lease guards the store alone, so this need not wait."""

from __future__ import annotations

import logging
from pathlib import Path

from penguintui.agent.backlog import HISTORY, STORE, Backlog
from penguintui.agent.history import History
from penguintui.config.settings import Configuration
from penguintui.model.clock import Clock
from penguintui.model.observation import Event

log = logging.getLogger(__name__)


class Leftover:
    """Writes to the history what an earlier term left in the spool, until `stop`. What the store waits for stays."""

    def __init__(self, folder: Path, configuration: Configuration, clock: Clock) -> None:
        """Raises OSError when the spool cannot be read."""
        self._backlog = Backlog(folder, configuration.spool, clock, (STORE, HISTORY))
        self._history = History(self._backlog, clock, _note)
        self._backlog.start()
        self._history.apply(configuration.history)

    def stop(self) -> None:
        """End within a second or so, and remember how far it came."""
        self._history.stop()
        self._backlog.close()


def begin_leftover(folder: Path, configuration: Configuration, clock: Clock) -> Leftover | None:
    """None when there is nothing left, no history, or the spool cannot be read, which the next term says."""
    try:
        if configuration.history.type == "store" or not any(folder.glob("*.spool")):
            return None
        return Leftover(folder, configuration, clock)
    except OSError as error:
        log.warning("what is left for the history stays where it is: %s", error)
        return None


def _note(event: Event) -> None:
    log.warning("%s", event.summary)
