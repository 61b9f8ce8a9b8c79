"""The chunks that were read last, unpacked, for questions that come again: a chart of a month moves on by a minute."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from penguintui.store.chunks import Chunk
    from penguintui.store.coding import Floats, Integers

_MOST = 1 << 18
"""How many values are kept, of 8 bytes each; the times of a target's series are mostly the same and kept once."""


class Unpacked:
    """What chunks hold, by their bytes, so that one that grew or was damaged is another. Thread-safe."""

    def __init__(self) -> None:
        self._kept: dict[bytes, tuple[Integers, list[Floats]]] = {}
        self._values = 0
        self._lock = threading.Lock()

    def read(self, chunk: Chunk) -> tuple[Integers, list[Floats]]:
        """See `Chunk.read`; the arrays are not to be changed."""
        chunk.verify()
        with self._lock:
            found = self._kept.pop(chunk.data, None)
            if found is not None:
                self._kept[chunk.data] = found
                return found
        found = chunk.read()
        for column in found[1]:
            column.flags.writeable = False
        with self._lock:
            self._keep(chunk.data, found)
        return found

    def _keep(self, data: bytes, found: tuple[Integers, list[Floats]]) -> None:
        """Keep it as the last one, and let go of the first ones."""
        if data not in self._kept:
            self._values += _size(found)
        self._kept[data] = found
        while self._values > _MOST:
            self._values -= _size(self._kept.pop(next(iter(self._kept))))


def _size(found: tuple[Integers, list[Floats]]) -> int:
    return len(found[0]) * len(found[1])
