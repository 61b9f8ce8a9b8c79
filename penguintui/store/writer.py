"""The one writer: a thread that owns the only writing connection and commits what is queued together."""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from sqlalchemy import Connection

T = TypeVar("T")
Operation = Callable[["Connection"], T]

log = logging.getLogger(__name__)

_BATCH = 500
_RETRY_SECONDS = 1.0


@dataclass(slots=True)
class _Job:
    operation: Operation[Any]
    future: Future[Any]


class Writer:
    """Runs operations on the store, in the order in which they came, one thread, one connection.

    Operations queued together are committed together; each has a savepoint of its own, so one that fails
    takes no other with it. While the disk is full or the file locked, nothing is lost: the batch is kept and
    tried again, and `trouble` says so.
    """

    def __init__(self, url: str, *, capacity: int = 20_000) -> None:
        from penguintui.store.opening import open_for_writing

        self._engine = open_for_writing(url)
        self._jobs: queue.Queue[_Job | None] = queue.Queue(maxsize=capacity)
        self.trouble = ""
        self.lost = 0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="store-writer", daemon=True)
        self._thread.start()

    def submit(self, operation: Operation[T]) -> Future[T]:
        """Queue an operation. Its result, or its exception, is in the future once it is committed.

        When the queue is full (the disk has been full for long), the operation is refused: the future holds
        the reason, and `lost` counts it.
        """
        future: Future[T] = Future()
        try:
            self._jobs.put_nowait(_Job(operation, future))
        except queue.Full:
            self.lost += 1
            future.set_exception(OSError(f"the store does not take more: {self.trouble or 'too much at once'}"))
        return future

    async def run(self, operation: Operation[T]) -> T:
        """The same for coroutines."""
        return await asyncio.wrap_future(self.submit(operation))

    def close(self, timeout: float = 5.0) -> None:
        """Finish what is queued, and stop. Gives up after `timeout` seconds when the disk stays full."""
        self._stopping.set()
        self._jobs.put(None)
        self._thread.join(timeout)
        self._engine.dispose()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            batch = [job]
            ended = self._collect(batch)
            self._commit(batch)
            if ended:
                return

    def _collect(self, batch: list[_Job]) -> bool:
        """Add what else is queued; True when the end was among it."""
        while len(batch) < _BATCH:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return False
            if job is None:
                return True
            batch.append(job)
        return False

    def _commit(self, batch: list[_Job]) -> None:
        from sqlalchemy.exc import OperationalError

        while True:
            try:
                outcomes = self._attempt(batch)
            except OperationalError as error:
                self._report(str(error.orig))
                if self._stopping.wait(_RETRY_SECONDS):
                    outcomes = [(False, error)] * len(batch)
                else:
                    continue
            else:
                self.trouble = ""
            break
        for job, (succeeded, outcome) in zip(batch, outcomes, strict=True):
            if succeeded:
                job.future.set_result(outcome)
            else:
                job.future.set_exception(outcome)

    def _attempt(self, batch: list[_Job]) -> list[tuple[bool, Any]]:
        """All of a batch in one transaction. Raises OperationalError when the store itself refuses."""
        from sqlalchemy.exc import OperationalError

        outcomes: list[tuple[bool, Any]] = []
        with self._engine.begin() as connection:
            for job in batch:
                savepoint = connection.begin_nested()
                try:
                    result = job.operation(connection)
                    savepoint.commit()
                    outcomes.append((True, result))
                except OperationalError:
                    raise
                except Exception as error:  # an operation's own mistake is its caller's to see
                    savepoint.rollback()
                    outcomes.append((False, error))
        return outcomes

    def _report(self, reason: str) -> None:
        if reason != self.trouble:
            log.error("the store cannot be written: %s; trying again every %.0f s", reason, _RETRY_SECONDS)
        self.trouble = reason
