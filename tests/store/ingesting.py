"""A process for tests to kill: it puts samples into a store and compacts them, and says what was committed.

python -m tests.store.ingesting URL ROUND: prints the number of each batch after it was committed. Batch b holds, of
each of three series, the samples number 40 b to 40 b + 39, a minute apart, and again the last ten of the batch before.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from penguintui.store.chunks import DAY, FIVE_MINUTES, HOUR
from penguintui.store.compacting import Plan, Tier, compact
from penguintui.store.past import keep_series
from penguintui.store.writer import Writer

if TYPE_CHECKING:
    from sqlalchemy import Connection

BEGIN = 20_000 * DAY
SERIES = ("a", "b", "c")
PER_BATCH = 40


def value(series: str, number: int) -> float:
    return float((number * 7919 + ord(series)) % 1000)


def put(connection: Connection, batch: int) -> None:
    for name in SERIES:
        numbers = range(max(0, PER_BATCH * batch - 10), PER_BATCH * (batch + 1))
        points = [(BEGIN / 1000 + 60 * number, value(name, number)) for number in numbers]
        keep_series(connection, name, {}, points, 150.0)


def work(url: str, first: int) -> None:
    writer, after = Writer(url), 0
    for batch in range(first, first + 10_000):
        before = BEGIN + 60_000 * PER_BATCH * batch
        plan = Plan(before - 3_600_000, 0, (Tier(FIVE_MINUTES, 0), Tier(HOUR, 0)))
        stored = writer.submit(lambda connection, batch=batch: put(connection, batch))
        piece = writer.submit(lambda c, after=after, plan=plan: compact(c, after, plan, 60)).result()
        stored.result()
        after = 0 if piece.done else piece.last
        print(batch, flush=True)


if __name__ == "__main__":
    work(sys.argv[1], int(sys.argv[2]))
