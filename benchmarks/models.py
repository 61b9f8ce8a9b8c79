"""A full read of the Technical screen's model with 2,000 targets, the same when 500 of them changed, and two moments.

Promised: at most 25 ms, at most 3 ms, and at most 1 s to compare two moments. Processor time, so that a busy machine
does not count. "In sight" is what the viewer asks: the numbers of the rows that it shows.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks import fleet
from benchmarks.measuring import Row, milliseconds
from penguintui.clock import SystemClock
from penguintui.model.moment import Moment
from penguintui.store.reader import Store
from penguintui.store.writer import Writer
from penguintui.views.ask import asking
from penguintui.views.diff import build
from penguintui.views.models.question import Question
from penguintui.views.reading import Reading


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        url, clock = fleet.make(Path(folder)), SystemClock()
        writer = Writer(url)
        changes = fleet.Changes(writer, fleet.targets())
        store, question = Store(url, clock), Question("technical", in_sight=())
        reading = Reading(store)

        def read() -> None:
            reading.read(question, clock.now())

        def change() -> None:
            changes.write(500, clock.now())

        first = milliseconds(read, 1, change)
        anew = milliseconds(lambda: Reading(store).read(question, clock.now()), 5)
        changed = milliseconds(read, 9, change)
        same = milliseconds(read, 9)
        every = milliseconds(lambda: reading.read(Question("technical"), clock.now()), 3, change)
        writer.close()
        compared = milliseconds(lambda: _compare(store, clock.now()), 3)
    return [
        Row("2,000 targets: first read of a process, imports included", first, "ms"),
        Row("2,000 targets: full read, nothing remembered of rows and numbers", anew, "ms", most=25),
        Row("2,000 targets: 500 changed", changed, "ms", most=3),
        Row("2,000 targets: nothing changed", same, "ms"),
        Row("2,000 targets: 500 changed, the numbers of all asked (--plain, a filter)", every, "ms"),
        Row("2,000 targets: two moments compared (penguintui diff)", compared, "ms", most=1000),
    ]


def _compare(store: Store, now: float) -> None:
    reader = store.reader(Moment(now))
    build(reader, asking(reader), now - 600)
