"""Screen 2: what is wrong, and where?"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

from penguintui.model.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from penguintui.model.clock import Time
    from penguintui.model.status import Status
    from penguintui.views.models.actions import ActionChoice
    from penguintui.views.models.chart import Chart
    from penguintui.views.models.what import Change, Need, Trend


@record
class TargetRow:
    """One target. Its name is its key.

    matters: the one thing worth reading: the worst finding's reason, or the first signals while it is fine.
    signals: its golden signals ("cpu 31 %  mem 62 %"). stale: no observation came in time; age: of the newest, then.
    since: since when it is in this state ("13:42"); "" while fine. faults: how many findings are not fine.
    """

    name: str
    kind: str
    status: Status
    matters: str
    signals: str
    trend: Trend
    age: str
    stale: bool
    since: str
    since_at: Time | None
    faults: int
    labels: Mapping[str, str]


class TargetRows(Sequence[TargetRow]):
    """Rows in their order. One that nobody looks at is not made: a fleet has thousands, a terminal shows forty."""

    def __init__(self, names: Sequence[str], named: Callable[[str], TargetRow]) -> None:
        """names: of the targets, in the order of the rows. named: gives the row of a target, always the same one."""
        self.names = names
        self.named = named

    def only(self, names: Sequence[str]) -> TargetRows:
        """Some of the rows, in an order of their own."""
        return TargetRows(names, self.named)

    def __len__(self) -> int:
        return len(self.names)

    @overload
    def __getitem__(self, place: int) -> TargetRow: ...
    @overload
    def __getitem__(self, place: slice) -> TargetRows: ...
    def __getitem__(self, place: int | slice) -> TargetRow | TargetRows:
        return self.only(self.names[place]) if isinstance(place, slice) else self.named(self.names[place])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TargetRows) and self.names == other.names and all(map(operator.eq, self, other))

    __hash__ = None  # type: ignore[assignment]


@record
class Group:
    """All targets of a kind: how many, and the worst state among them."""

    kind: str
    title: str
    total: int
    faults: int
    status: Status


@record
class FindingLine:
    """One finding. source: the probe that brought it; age: since it was last seen so; since: since when it is so."""

    target: str
    check: str
    title: str
    subject: str
    status: Status
    summary: str
    remedy: str
    since: str
    since_at: Time
    age: str
    stale: bool
    source: str
    evidence: Mapping[str, str]


@record
class TargetDetail:
    """The selected target: why it is so, its findings (worst first), charts, what changed near it, what can be done.

    why: the chain of reasons in one line. source: how it is asked ("http every 30s"), and when last where that is late.
    alerts: those of rules that fire and name it.
    """

    name: str
    kind: str
    status: Status
    why: str
    findings: tuple[FindingLine, ...]
    charts: tuple[Chart, ...]
    changes: tuple[Change, ...]
    actions: tuple[ActionChoice, ...]
    runbook: str
    source: str
    labels: Mapping[str, str]
    alerts: tuple[FindingLine, ...] = ()


@record
class Technical:
    """`rows`: worst first. `total` targets exist, of which `faults` are not fine; `shown` says it: "9 of 47".

    filter, faults_only: what hides the others; filter_error: what is wrong with the filter, "" when nothing.
    selected: None when nothing is selected, or when what was selected is watched no more. alerts: all that fire.
    """

    rows: TargetRows
    groups: tuple[Group, ...]
    total: int
    faults: int
    shown: str
    filter: str
    faults_only: bool
    selected: TargetDetail | None
    filter_error: str = ""
    needs: tuple[Need, ...] = ()
    alerts: tuple[FindingLine, ...] = ()
