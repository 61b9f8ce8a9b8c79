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

from penguintui.store.errors import StoreAwayError, StoreFencedError, StoreReplacedError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from penguintui.store.leases import Guard

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
    takes no other with it. While the disk is full, the file locked or the server away, nothing is lost: the batch
    is kept and tried again, and `trouble` says so.

    guard: checks, in a shared store, that we still hold the lease; what is queued after that is refused with
    StoreFencedError. With it a commit whose answer was lost on the way is not done twice.
    """

    def __init__(self, url: str, *, guard: Guard | None = None, capacity: int = 20_000) -> None:
        from penguintui.store.leases import writer_name
        from penguintui.store.opening import open_for_writing, opened_file

        self._engine = open_for_writing(url, writer_name(guard.token)) if guard else open_for_writing(url)
        self._guard = guard
        self._file = opened_file(url, self._engine)
        self.replaced: list[Callable[[], object]] = []
        """Called, in the writer's thread, when another store stands where ours was: nothing more is written."""
        self._in_doubt: tuple[int, list[tuple[bool, Any]]] | None = None
        self.undone: list[Callable[[], None]] = []
        """Called, in the writer's thread, when what operations did was rolled back: they forget what they remember."""
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
        from sqlalchemy.exc import DBAPIError

        batch = [job for job in batch if job.future.set_running_or_notify_cancel()]  # nobody waits for the others
        while True:
            try:
                outcomes = self._attempt(batch)
            except StoreFencedError as error:
                outcomes, self.trouble = [(False, error)] * len(batch), str(error)
                self._tell_replaced(error)
            except (DBAPIError, StoreAwayError, _InDoubtError) as error:
                self._report(_words(error))
                if self._in_doubt is None:
                    self._forget()
                if self._stopping.wait(_RETRY_SECONDS):
                    outcomes = [(False, OSError(f"the store cannot be written: {self.trouble}"))] * len(batch)
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
        """All of a batch in one transaction. Raises DBAPIError when the store itself refuses, StoreFencedError.

        Raises StoreAwayError too, while the store's file is not where it was.
        """
        if self._file is not None:
            self._file.check()
        with self._engine.begin() as connection:
            number = 0 if self._guard is None else self._guard.enter(connection)
            settled = self._settled(connection)
            if settled is not None:
                return settled
            outcomes = [_outcome(connection, job.operation) for job in batch]
            if self._guard is not None:
                self._in_doubt = (number, outcomes)
        self._in_doubt = None
        return outcomes

    def _settled(self, connection: Connection) -> list[tuple[bool, Any]] | None:
        """What the last commit came to, when it was done although its answer never came."""
        if self._in_doubt is None or self._guard is None:
            return None
        number, outcomes = self._in_doubt
        done = self._guard.committed(connection, number)
        if done is None:
            raise _InDoubtError("the server has not yet ended what was under way")
        self._in_doubt = None
        if done:
            return outcomes
        self._forget()
        return None

    def _tell_replaced(self, error: StoreFencedError) -> None:
        if isinstance(error, StoreReplacedError):
            for tell in self.replaced:
                tell()

    def _forget(self) -> None:
        for forget in self.undone:
            forget()

    def _report(self, reason: str) -> None:
        if reason != self.trouble:
            log.error("the store cannot be written: %s; trying again every %.0f s", reason, _RETRY_SECONDS)
        self.trouble = reason


class _InDoubtError(Exception):
    """It is not known yet whether the last transaction was committed."""


def _outcome(connection: Connection, operation: Operation[Any]) -> tuple[bool, Any]:
    """What one operation came to, in a savepoint of its own. Raises DBAPIError when the store itself refuses."""
    from sqlalchemy.exc import DBAPIError, OperationalError

    savepoint = connection.begin_nested()
    try:
        result = operation(connection)
        savepoint.commit()
    except Exception as error:  # an operation's own mistake is its caller's to see
        if isinstance(error, OperationalError) or (isinstance(error, DBAPIError) and error.connection_invalidated):
            raise
        savepoint.rollback()
        return False, error
    return True, result


def _words(error: Exception) -> str:
    return " ".join(str(getattr(error, "orig", None) or error).split())
