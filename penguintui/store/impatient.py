"""A connection to PostgreSQL that does not wait for ever for an answer that is lost on the way."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any, TypeVar

import psycopg

T = TypeVar("T")


class Impatient(psycopg.Connection[Any]):
    """TCP notices a dead way, the server ends slow statements; what hangs in between is noticed here.

    patience: seconds that one statement may take, its way there and back included.
    """

    patience = 10.0

    def wait(self, gen: Generator[Any, Any, T], *more: Any, **named: Any) -> T:
        """See psycopg.Connection. A connection whose patience is over is closed, and OperationalError raised."""
        try:
            return super().wait(_bounded(gen, self.patience), *more, **named)
        except _TooLongError:
            self.close()
            raise psycopg.OperationalError(f"no answer within {self.patience:g} s") from None


class _TooLongError(Exception):
    """The time is over."""


def _bounded(gen: Generator[Any, Any, T], seconds: float) -> Generator[Any, Any, T]:
    """The same conversation with libpq, given up once it has taken so long without an end."""
    until = time.monotonic() + seconds
    try:
        wanted = next(gen)
        while True:
            ready = yield wanted
            if not ready and time.monotonic() >= until:
                gen.close()
                raise _TooLongError
            wanted = gen.send(ready)
    except StopIteration as end:
        value: T = end.value
        return value
