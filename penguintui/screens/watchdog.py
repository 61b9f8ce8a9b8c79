"""An eye on a program that shall run for months: when it grows or hangs, it starts itself again."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from penguintui.model.record import record

if TYPE_CHECKING:
    from collections.abc import Callable

LOOKED_AT_EVERY = 5.0


@record
class Vitals:
    """How a program is. memory: resident bytes. up: seconds since its start. loop: since its event loop last answered.

    reading: seconds for which the reading under way has gone on. link_stalled: whether its terminal takes no bytes.
    """

    memory: int
    up: float
    loop: float
    reading: float = 0.0
    link_stalled: bool = False


@record
class Bounds:
    """What is too much. up: seconds before which nothing is judged, so that it never starts again and again."""

    memory: int = 200_000_000
    loop: float = 30.0
    reading: float = 120.0
    up: float = 60.0


def ailment(vitals: Vitals, bounds: Bounds) -> str:
    """Why it should start again, in words; "" while it is well.

    A loop that waits for a terminal is not ill: the new one would wait for the same terminal.
    """
    if vitals.up < bounds.up:
        return ""
    if vitals.memory > bounds.memory:
        return f"its memory grew to {vitals.memory / 1e6:.0f} MB"
    if vitals.loop > bounds.loop and not vitals.link_stalled:
        return f"it did not move for {vitals.loop:.0f}s"
    if vitals.reading > bounds.reading:
        return f"a reading of the store took {vitals.reading:.0f}s"
    return ""


class Watchdog:
    """Looks from a thread of its own, since a loop that hangs cannot look at itself."""

    def __init__(
        self,
        bounds: Bounds,
        vitals: Callable[[], Vitals],
        leave: Callable[[str], None],
        force: Callable[[str], None],
        every: float = LOOKED_AT_EVERY,
    ) -> None:
        """leave: asks the loop to end, in order. force: starts again without asking, when it does not."""
        self._bounds, self._vitals, self._leave, self._force = bounds, vitals, leave, force
        self._every = every
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()

    def _run(self) -> None:
        asked = False
        while not self._over.wait(self._every):
            vitals = self._vitals()
            why = ailment(vitals, self._bounds)
            if not why:
                asked = False
            elif asked or vitals.loop > self._bounds.loop:
                self._force(why)
            else:
                asked = True
                self._leave(why)
