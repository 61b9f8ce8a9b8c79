"""Screen 2: what is wrong, and where?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from penguintui.model.action import Run
from penguintui.model.checks import CHECKS
from penguintui.model.clock import Time
from penguintui.model.status import Status
from penguintui.model.target import Kind
from penguintui.views import catalogue, charts, signals
from penguintui.views import format as say
from penguintui.views.ask import Ask
from penguintui.views.changes import LATELY, lately, marks, near
from penguintui.views.filter import Filter, parse
from penguintui.views.models.actions import ActionChoice
from penguintui.views.models.chart import Chart
from penguintui.views.models.frame import Viewer
from penguintui.views.models.technical import Group, TargetDetail, TargetRow, TargetRows, Technical
from penguintui.views.models.what import Change, Need
from penguintui.views.rows import Rows, seen
from penguintui.views.settings import INIT, Settings, settings
from penguintui.views.standing import Stand, Standing, effective, finding_line, stand, worst_first
from penguintui.views.verdict import chain

if TYPE_CHECKING:
    from penguintui.store.reader import Reader

HOUR = 3600.0
_CHART_POINTS = 240
_TITLES: Mapping[Kind, str] = {
    Kind.SERVICE: "Services",
    Kind.HOST: "Hosts",
    Kind.DATABASE: "Databases",
    Kind.QUEUE: "Queues",
    Kind.CACHE: "Caches",
    Kind.NETWORK: "Network",
    Kind.DOMAIN: "Domains",
    Kind.ADDRESS: "Addresses",
    Kind.LOG: "Logs",
    Kind.BUSINESS: "Business",
}


def build(
    reader: Reader,
    ask: Ask,
    *,
    selected: str | None = "",
    filter: str = "",
    faults_only: bool = False,
    span: float = HOUR,
    viewer: Viewer | None = None,
    now: Time | None = None,
    standing: Standing | None = None,
    rows: Rows | None = None,
    in_sight: Sequence[str] | None = None,
) -> Technical:
    """The technical screen as of the reader's moment.

    selected: the target whose details are shown; None for the first that is. filter: see `views.filter`. span: seconds
    that charts reach back.
    viewer, now: decide which actions can be run; the wall clock is the reader's moment when left out.
    rows, in_sight: what is remembered of the reading before, and the targets whose rows are looked at; see
    `views.rows`. A filter looks at all of them.
    """
    standing, wanted = standing or stand(reader), parse(filter)
    looked_at = None if wanted.tests else in_sight
    sight = seen(standing, looked_at)
    standing = standing.looking_at(standing.order if sight is None else (*sight, selected or ""))
    groups = _groups(standing)
    every = (rows or Rows()).make(standing, ask, looked_at)
    shown = every.only(_shown(every, standing, wanted, faults_only))
    if selected is None:
        selected = next(iter(shown.names), "")
    return Technical(
        rows=shown,
        groups=groups,
        total=len(every),
        faults=sum(group.faults for group in groups),
        shown=f"{len(shown)} of {len(every)}",
        filter=filter,
        faults_only=faults_only,
        selected=_detail(reader, ask, standing, selected, span, viewer or Viewer(), now),
        filter_error=wanted.error,
        alerts=tuple(standing.alerts),
        needs=() if every else (Need("Targets", "Nothing is watched.", f"Write targets: in config.yaml. {INIT}"),),
    )


def _shown(every: TargetRows, standing: Standing, wanted: Filter, faults_only: bool) -> Sequence[str]:
    """The names of the rows that are not hidden."""
    names: Sequence[str] = [one.watched.target.name for one in standing.ill()] if faults_only else every.names
    return [name for name in names if _passes(wanted, every.named(name))] if wanted.tests else names


def _passes(wanted: Filter, row: TargetRow) -> bool:
    return wanted.passes(f"{row.name} {row.kind} {row.status.word} {row.matters} {row.signals}", row.labels)


def _groups(standing: Standing) -> tuple[Group, ...]:
    groups = []
    for kind, count in standing.tally.items():
        total = sum(count.values())
        if total:
            worst = max(status for status, number in count.items() if number)
            groups.append(Group(kind.value, _TITLES[kind], total, total - count.get(Status.OK, 0), worst))
    order = list(_TITLES)
    return tuple(sorted(groups, key=lambda group: order.index(Kind(group.kind))))


def _detail(
    reader: Reader, ask: Ask, standing: Standing, name: str, span: float, viewer: Viewer, now: Time | None
) -> TargetDetail | None:
    """All about one target; None when it is not watched at the moment."""
    one = standing.targets.get(name)
    if one is None:
        return None
    at = reader.at
    known = settings(reader)
    runs = reader.runs()
    lines = [finding_line(finding, at) for finding in worst_first(one.findings, at)]
    changes = near(name, lately(reader, at - max(LATELY, span), runs), standing)
    target = one.watched.target
    return TargetDetail(
        name=name,
        kind=target.kind.value,
        status=one.status,
        why=chain([line for line in lines if line.status is not Status.OK], changes, at),
        findings=tuple(lines),
        charts=_charts(ask, one, changes, span),
        changes=changes,
        actions=_actions(reader, known, one, catalogue.hands(reader, viewer, at if now is None else now), runs),
        runbook=one.watched.runbook or _runbook(one, at),
        source=_source(one, at),
        labels=target.labels,
        alerts=tuple(alert for alert in standing.alerts if alert.target == name),
    )


def _charts(ask: Ask, one: Stand, changes: Sequence[Change], span: float) -> tuple[Chart, ...]:
    """A chart of each signal of the target's kind that has data in the span; of the first one in any case."""
    target = one.watched.target
    drawn = []
    for index, signal in enumerate(signals.SIGNALS[target.kind]):
        past = ask.until_now(signal.of(target.name), span, _CHART_POINTS)
        if past.series or index == 0:
            title, happened = f"{target.name}  {signal.title}", marks(changes, past.start, past.end)
            make = partial(
                charts.chart, title, past, signal.unit, ask.at, name=signal.by, marks=happened, share=signal.share
            )
            drawn.append(ask.once(past, (title, happened), make))
    return tuple(drawn)


def _actions(
    reader: Reader, known: Settings, one: Stand, hands: catalogue.Hands, runs: Sequence[Run]
) -> tuple[ActionChoice, ...]:
    target = one.watched.target
    return catalogue.choices(known, hands, runs, reader.at, of=(target.name, target.kind.value))


def _runbook(one: Stand, at: Time) -> str:
    if one.worst is None or effective(one.worst, at) is Status.OK or one.worst.check not in CHECKS:
        return ""
    return CHECKS[one.worst.check].runbook


def _source(one: Stand, at: Time) -> str:
    """How a target is asked. When last is said only when that is late, so that it does not tick."""
    asked = ", ".join(f"{probe.name} every {say.span(probe.interval)}" for probe in one.watched.probes)
    if one.observed is None:
        return f"{asked}; not asked yet"
    return f"{asked}; {say.span(at - one.observed)} ago" if one.stale else asked
