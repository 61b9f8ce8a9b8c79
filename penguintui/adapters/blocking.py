"""Calls that may block for ever (a dead mount, a driver that hangs), kept away from the event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from penguintui.adapters.failure import Failure, NotAnswered, Reason
from penguintui.model.clock import Clock

T = TypeVar("T")


class Blocking:
    """One call at a time in a thread of its own.

    A call that is given up (time-out, cancellation) goes on in its thread, since nothing can stop it there. Until it
    returns, no further call is made, so a hanging system holds one thread and not one more at each asking. The
    threads are daemons: a hanging call does not keep the program from ending, as those of the event loop's own
    executor would.
    """

    def __init__(self, place: str, clock: Clock) -> None:
        self._place = place
        self._clock = clock
        self._since: float | None = None

    async def call(self, function: Callable[[], T]) -> T:
        """The function's result, or what it raises. Raises NotAnswered while an earlier call hangs."""
        if self._since is not None:
            raise NotAnswered(still_hanging(self._place, self._clock.monotonic() - self._since))
        outcome: Future[T] = Future()
        outcome.set_running_or_notify_cancel()
        self._since = self._clock.monotonic()

        def work() -> None:
            try:
                result = function()
            except BaseException as error:  # it is raised again where the call was made
                self._since = None
                outcome.set_exception(error)
            else:
                self._since = None
                outcome.set_result(result)

        threading.Thread(target=work, name=f"asking {self._place}", daemon=True).start()
        return await asyncio.wrap_future(outcome)


def still_hanging(place: str, seconds: float) -> Failure:
    return Failure(
        Reason.TIMEOUT,
        f"{place} still hangs in an earlier asking, since {seconds:.0f} s",
        "See what it waits for: a file server that is gone, a lock, a driver.",
    )
