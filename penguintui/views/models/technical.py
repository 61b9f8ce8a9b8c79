"""Screen 2: what is wrong, and where?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from penguintui.model.clock import Time
    from penguintui.model.status import Status
    from penguintui.views.models.actions import ActionChoice
    from penguintui.views.models.chart import Chart
    from penguintui.views.models.what import Change, Need, Trend


@dataclass(frozen=True, slots=True)
class TargetRow:
    """One target. Its name is its key.

    matters: the one thing worth reading: the worst finding's reason, or the first signals while it is fine.
    signals: its golden signals ("cpu 31 %  mem 62 %"). age: of its newest observation; stale: none came in time.
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


@dataclass(frozen=True, slots=True)
class Group:
    """All targets of a kind: how many, and the worst state among them."""

    kind: str
    title: str
    total: int
    faults: int
    status: Status


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class TargetDetail:
    """The selected target: why it is so, its findings (worst first), charts, what changed near it, what can be done.

    why: the chain of reasons in one line. source: how it is asked, and when last ("http every 30s, 4s ago").
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


@dataclass(frozen=True, slots=True)
class Technical:
    """`rows`: worst first. `total` targets exist, of which `faults` are not fine; `shown` says it: "9 of 47".

    filter, faults_only: what hides the others; filter_error: what is wrong with the filter, "" when nothing.
    selected: None when nothing is selected, or when what was selected is watched no more. alerts: all that fire.
    """

    rows: tuple[TargetRow, ...]
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
