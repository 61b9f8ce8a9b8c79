"""The order of all targets, the worst first, and how many of each kind stand how: kept right change by change."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from penguintui.model.status import Status
from penguintui.model.target import Kind

if TYPE_CHECKING:
    from penguintui.views.standing import Stand

_Key = tuple[int, str, str]
_MANY = 50
"""Changes from which on sorting all is cheaper than moving each."""


class Order:
    """Follows how targets stand. `names`, `tally` and `stale` are as in `Standing`, and never changed once given."""

    def __init__(self) -> None:
        self._keys: dict[str, _Key] = {}
        self._sorted: list[_Key] = []
        self._stale: set[str] = set()
        self._count: dict[Kind, dict[Status, int]] = {}
        self.names: Sequence[str] = ()
        self.tally: Mapping[Kind, Mapping[Status, int]] = {}

    @property
    def stale(self) -> int:
        """Targets that were not asked in time."""
        return len(self._stale)

    def change(self, names: Collection[str], stands: Mapping[str, Stand]) -> None:
        """Takes in how some targets stand now."""
        moved = []
        keys, stale = self._keys, self._stale
        for name in names:
            one, before = stands[name], keys.get(name)
            if one.stale is not (name in stale):
                (stale.add if one.stale else stale.discard)(name)
            kind = one.watched.target.kind
            key = (-one.status, kind, name)
            if key != before:
                moved.append((before, key))
                keys[name] = key
                self._recount(kind, one.status, before)
        if not moved:
            return
        if len(moved) >= _MANY:
            self._sorted = sorted(self._keys.values())
        else:
            for before, key in moved:
                if before is not None:
                    del self._sorted[bisect_left(self._sorted, before)]
                insort(self._sorted, key)
        self.names = tuple([key[2] for key in self._sorted])
        self.tally = {kind: dict(count) for kind, count in self._count.items()}

    def _recount(self, kind: Kind, status: Status, before: _Key | None) -> None:
        count = self._count.get(kind)
        if count is None:
            count = self._count[kind] = dict.fromkeys(Status, 0)
        count[status] += 1
        if before is not None:
            count[Status(-before[0])] -= 1
