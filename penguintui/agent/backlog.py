"""What was observed and has not reached every destination yet: in memory for moments, on disk for outages.

One line of items, numbered as they come, and a position in it for each reader (the store, a fleet's engine). Items stay
in memory while every reader keeps up. What a reader leaves lying goes to the spool, which all readers share: each item
lies there once, whoever waits for it.
"""

from __future__ import annotations

import logging
import threading
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from penguintui.agent.positions import Positions
from penguintui.agent.waiting import Waiting, size
from penguintui.config.spool import SpoolSettings
from penguintui.model.clock import Clock, Time
from penguintui.store.ingest import Reported
from penguintui.store.spool import Spool
from penguintui.store.spooled import Item, pack, time_of, unpack, weight

log = logging.getLogger(__name__)

STORE, HISTORY = "store", "history"

_HELD = 50_000
"""Items in memory at most, while the spool takes none."""
_PATIENCE = 5.0
"""Seconds for which a reader that has nothing on disk may leave an item in memory."""
_TEND = 1.0
_SAMPLES = 20_000
"""Samples that a reader is given at once, about."""
_BYTES = 256 << 10
"""Bytes of the spool that are read at once, packed."""
_TOGETHER = 500
"""Items that are written to disk at once, at most."""


class _Held(NamedTuple):
    number: int
    since: float
    item: Item


@dataclass(frozen=True, slots=True)
class Batch:
    """Items in order, with their numbers. after: the reader's position once it has them.

    old: whether an earlier process put them on disk.
    """

    items: tuple[Item, ...]
    numbers: tuple[int, ...]
    after: int
    old: bool = False


@dataclass(slots=True)
class _Reader:
    """position: the number of the first item that it does not have. most: how many items it is given at once."""

    position: int
    most: int = _SAMPLES
    dropped: int = 0
    refused: int = 0


class Backlog:
    """Takes items from any thread without waiting; gives them to each reader in order, again until it has them.

    `tend` moves what waits to disk and lets go what everybody has; a thread of its own does it each second once
    `start` was called. say: told of every loss in words.
    """

    def __init__(
        self,
        folder: Path,
        settings: SpoolSettings,
        clock: Clock,
        readers: Iterable[str],
        say: Callable[[str], None] = log.error,
    ) -> None:
        """Raises OSError when there is a spool and it cannot be read."""
        self._folder, self._settings, self._clock, self._say = folder, settings, clock, say
        self._memory = threading.Lock()
        self._disk = threading.RLock()  # taken before _memory where both are needed
        self._items: list[_Held] = []
        self._damaged = 0
        self._dropping = False
        self.trouble = ""
        """Why nothing can be put on disk; empty while it can."""
        self._spool = Spool(folder, settings.size, self._lose)
        self._next = self._on_disk = self._old_end = self._spool.end
        self._positions = Positions(folder)
        known = self._positions.recall()
        if not self._spool.used:
            self._positions.remember({})  # numbers begin anew
        self._readers = {name: self._begun(known.get(name)) for name in readers}
        self._seen: dict[str, Waiting] = {}
        self._see()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Look after it all from now on; nothing new when that is done already."""
        if self._thread is not None:
            return
        self._thread = threading.Thread(target=self._work, name="backlog", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Put on disk what somebody still waits for."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
        self.tend(patience=0.0)
        with self._memory:
            lost = [held.number for held in self._items]
            self._items.clear()
            self._count(lost)
        if lost:
            self._say(f"{len(lost)} observations that waited are lost: {self.trouble or 'the spool is full'}")
        self._see()

    def apply(self, settings: SpoolSettings, readers: Iterable[str]) -> None:
        """Take other settings. A reader that is new gets what there is; for one that is gone nobody waits any more."""
        with self._disk, self._memory:
            self._settings, self._spool.size = settings, settings.size
            former = self._readers
            self._readers = {name: former.get(name) or self._begun(None) for name in readers}
        for name in former.keys() - self._readers.keys():
            if waiting := self.waiting(name).count:
                self._say(f"there is no {name} any more; {waiting:,} observations that waited for it are let go")

    def put(self, item: Item) -> None:
        """Take an item. When neither disk nor memory has room the oldest in memory go, and are counted."""
        with self._memory:
            self._items.append(_Held(self._next, self._clock.monotonic(), item))
            self._next += 1
            if len(self._items) <= _HELD:
                return
            dropped = [held.number for held in self._items[: _HELD // 10]]
            del self._items[: len(dropped)]
            self._count(dropped)
            for reader in self._readers.values():
                if reader.position >= self._on_disk:
                    reader.position = max(reader.position, dropped[-1] + 1)
        self._say_dropping("neither disk nor memory takes more: the oldest in memory are dropped")

    def waits(self, name: str) -> bool:
        """Whether there is something for a reader."""
        with self._memory:
            reader = self._readers.get(name)
            return reader is not None and reader.position < self._next

    def has_old(self, name: str) -> bool:
        """Whether a reader still waits for what an earlier process put on disk."""
        with self._memory:
            return self._readers[name].position < self._old_end

    def take(self, name: str) -> Batch | None:
        """The next items for a reader; the same again until they are `done`. None when there are none.

        Raises OSError when the spool cannot be read now.
        """
        with self._disk:
            reader = self._readers.get(name)
            if reader is None:
                return None
            while reader.position < self._on_disk:
                batch = self._from_disk(reader)
                if batch.items:
                    return batch
                with self._memory:
                    reader.position = max(reader.position, batch.after)
            return self._from_memory(reader)

    def done(self, name: str, batch: Batch) -> None:
        """The reader has the batch."""
        with self._memory:
            reader = self._readers.get(name)
            if reader is not None:
                # What was dropped while it was under way arrived after all.
                reader.dropped -= sum(number < reader.position for number in batch.numbers)
                reader.most = min(2 * reader.most, _SAMPLES)
                self._pass(reader, batch)

    def refuse(self, name: str, batch: Batch, why: str) -> bool:
        """The reader can never take this batch as it is. It gets fewer items next time; one alone is passed over.

        Returns whether one was passed over.
        """
        with self._memory:
            reader = self._readers.get(name)
            if reader is None or reader.position > batch.numbers[0]:
                return False
            if len(batch.items) > 1:
                reader.most = len(batch.items) // 2
                return False
            reader.refused += 1
            self._pass(reader, batch)
        self._say(f"{_named(batch.items[0])} is left out of the {name}, which refused it: {why}")
        return True

    def tend(self, patience: float = _PATIENCE) -> None:
        """Put on disk what a reader left lying for `patience` seconds; let go what everybody has."""
        with self._disk:
            try:
                self._spool.release(min(self._position(), self._on_disk))
                self._spill(patience)
                self._dropping = self._dropping and bool(self._spool.used or len(self._items) > _HELD // 2)
                self._positions.remember(self._where() if self._spool.used else {})
            except OSError as error:
                words = f"the spool {self._folder} cannot be written: {error.strerror or error}"
                if words != self.trouble:
                    log.error("%s; what waits stays in memory", words)
                self.trouble = words
            else:
                self.trouble = ""
            self._see()

    def waiting(self, name: str) -> Waiting:
        """What a reader had before it when it was last looked (each second)."""
        return self._seen.get(name, Waiting())

    def _work(self) -> None:
        while not self._stopping.wait(_TEND):
            try:
                self.tend()
            except Exception:
                log.exception("looking after the spool failed")

    def _see(self) -> None:
        with self._disk:
            for name, position in self._where().items():
                self._seen[name] = self._waiting(name, position)

    def _waiting(self, name: str, position: int) -> Waiting:
        with self._memory:
            reader = self._readers[name]
            begin = bisect_left(self._items, (position,))
            count = len(self._items) - begin
            oldest = time_of(self._items[begin].item) if count else None
        if position < self._on_disk:
            count += self._spool.count(position)
            oldest = self._spool.time(position) or oldest
        return Waiting(count, oldest, self._spool.used, reader.dropped, reader.refused, self._damaged)

    def _where(self) -> dict[str, int]:
        with self._memory:
            return {name: reader.position for name, reader in self._readers.items()}

    def _begun(self, position: int | None) -> _Reader:
        """A reader from where it was, as far as that is still there; from the oldest on where it is not known."""
        oldest = self._spool.begin
        return _Reader(oldest if position is None else min(max(position, oldest), self._on_disk))

    def _position(self) -> int:
        """From where on somebody waits."""
        return min((reader.position for reader in self._readers.values()), default=self._next)

    def _pass(self, reader: _Reader, batch: Batch) -> None:
        """Go on behind a batch, and let go of the memory of what everybody has. With the lock on memory."""
        reader.position = max(reader.position, batch.after)
        del self._items[: bisect_left(self._items, (self._position(),))]

    def _from_disk(self, reader: _Reader) -> Batch:
        """What the next records hold; without items when all were damaged."""
        items: list[Item] = []
        numbers: list[int] = []
        after, room = self._on_disk, _SAMPLES
        for record in self._spool.read(reader.position, _BYTES):
            if items and (room <= 0 or len(items) >= reader.most):
                break
            after = record.number + 1
            try:
                items.append(unpack(record.payload or b""))
            except ValueError as error:
                self._lose(f"record {record.number} of the spool is left out: {error}", 1)
                continue
            numbers.append(record.number)
            room -= weight(items[-1])
        return Batch(tuple(items), tuple(numbers), after, old=after <= self._old_end)

    def _from_memory(self, reader: _Reader) -> Batch | None:
        with self._memory:
            first = last = bisect_left(self._items, (reader.position,))
            room = _SAMPLES
            while last < len(self._items) and room > 0 and last - first < reader.most:
                room -= weight(self._items[last].item)
                last += 1
            taken = self._items[first:last]
            if not taken:
                reader.position = self._next  # what is between was dropped
                return None
        return Batch(tuple(one.item for one in taken), tuple(one.number for one in taken), taken[-1].number + 1)

    def _spill(self, patience: float) -> None:
        """Move the head of what is in memory to disk, as far as somebody waits for it there, or for too long.

        Raises OSError; what was not moved stays in memory.
        """
        now = self._clock.monotonic()
        with self._memory:
            lagging = len(self._keeping_up()) < len(self._readers)
            least = min(self._keeping_up(), default=self._next) if lagging else 0
            head = [held for held in self._items if held.number < least or now - held.since >= patience]
        for run, records in _portions(head, self._spool.file_size):
            if not self._move(run, records):
                self._leave(run[0].number, head[-1].number)
                return

    def _keeping_up(self) -> list[int]:
        """The positions of the readers that have all that is on disk."""
        return [reader.position for reader in self._readers.values() if reader.position >= self._on_disk]

    def _move(self, run: Sequence[_Held], records: Sequence[tuple[Time, bytes]]) -> bool:
        """Put items on disk; False when it has no room for them. Raises OSError; they then stay in memory."""
        payloads = [payload for _, payload in records]
        while not self._spool.has_room(payloads) and self._spool.used and self._settings.full == "drop-oldest":
            self._drop_oldest()
        if not self._spool.has_room(payloads):
            return False
        self._spool.append(run[0].number, records)
        with self._memory:
            self._on_disk = run[-1].number + 1
            del self._items[: bisect_left(self._items, (self._on_disk,))]
        return True

    def _drop_oldest(self) -> None:
        numbers = self._spool.release_oldest()
        with self._memory:
            self._count(numbers)
            for reader in self._readers.values():
                reader.position = max(reader.position, numbers.stop)
        self._say_dropping("the oldest are dropped")

    def _leave(self, first: int, last: int) -> None:
        """The spool has no room for these: drop what only those wait for who have more before it."""
        with self._memory:
            least = min(self._keeping_up(), default=self._next)
            dropped = {held.number for held in self._items if first <= held.number <= last and held.number < least}
            self._items = [held for held in self._items if held.number not in dropped]
            self._count(dropped)
        if dropped:
            self._say_dropping("new ones are dropped")

    def _count(self, numbers: Iterable[int]) -> None:
        """Count what is dropped, for those who do not have it. With the lock on memory."""
        numbers = list(numbers)
        for reader in self._readers.values():
            reader.dropped += sum(number >= reader.position for number in numbers)

    def _say_dropping(self, how: str) -> None:
        if not self._dropping:
            self._say(f"the spool {self._folder} is full ({size(self._settings.size)}): {how}")
        self._dropping = True

    def _lose(self, words: str, records: int) -> None:
        self._damaged += records
        self._say(words)


def _portions(head: Sequence[_Held], most: int) -> Iterator[tuple[list[_Held], list[tuple[Time, bytes]]]]:
    """Items whose numbers follow each other, with how they lie on disk, some `most` bytes together."""
    run: list[_Held] = []
    records: list[tuple[Time, bytes]] = []
    room = most
    for held in head:
        payload = pack(held.item)
        if run and (room < len(payload) or len(run) >= _TOGETHER or run[-1].number + 1 != held.number):
            yield run, records
            run, records, room = [], [], most
        run.append(held)
        records.append((time_of(held.item), payload))
        room -= len(payload)
    if run:
        yield run, records


def _named(item: Item) -> str:
    return f"what {item.probe} saw of {item.target.name}" if isinstance(item, Reported) else "what rules recorded"
