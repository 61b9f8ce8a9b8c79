"""Screen 2: what is wrong, and where?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from penguintui.model.action import Run
from penguintui.model.checks import CHECKS
from penguintui.model.clock import Time
from penguintui.model.status import Status
from penguintui.model.target import Kind, Target
from penguintui.views import catalogue, charts, signals
from penguintui.views import format as say
from penguintui.views.ask import Ask
from penguintui.views.changes import LATELY, lately, marks, near
from penguintui.views.filter import Filter, parse
from penguintui.views.models.actions import ActionChoice
from penguintui.views.models.chart import Chart
from penguintui.views.models.frame import Viewer
from penguintui.views.models.technical import Group, TargetDetail, TargetRow, Technical
from penguintui.views.models.what import Change, Need, Trend
from penguintui.views.settings import INIT, Settings, settings
from penguintui.views.standing import Stand, Standing, effective, finding_line, reason, stand, worst_first
from penguintui.views.verdict import chain

if TYPE_CHECKING:
    from penguintui.store.keeping import Watched
    from penguintui.store.reader import Reader

HOUR = 3600.0
_ROW_POINTS = 30
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
_NO_TREND = Trend(label="1h")


@dataclass(frozen=True, slots=True)
class _Numbers:
    """The signals of each kind: title, unit and the values by target; and the trends of its sparkline by target."""

    signals: Mapping[Kind, Sequence[tuple[str, str, Mapping[str, float]]]]
    trends: Mapping[Kind, Mapping[str, Trend]]

    def words(self, target: Target) -> list[str]:
        """A target's signals, each with its title; those without data are left out."""
        name = target.name
        return [
            f"{title} {say.quantity(values[name], unit)}"
            for title, unit, values in self.signals[target.kind]
            if name in values
        ]

    def trend(self, target: Target) -> Trend:
        return self.trends[target.kind].get(target.name, _NO_TREND)


def build(
    reader: Reader,
    ask: Ask,
    *,
    selected: str = "",
    filter: str = "",
    faults_only: bool = False,
    span: float = HOUR,
    viewer: Viewer | None = None,
    now: Time | None = None,
    standing: Standing | None = None,
) -> Technical:
    """The technical screen as of the reader's moment.

    selected: the target whose details are shown. filter: see `views.filter`. span: seconds that charts reach back.
    viewer, now: decide which actions can be run; the wall clock is the reader's moment when left out.
    """
    standing = standing or stand(reader)
    kinds = {one.watched.target.kind for one in standing.targets.values()}
    numbers = _numbers(ask, kinds)
    wanted = parse(filter)
    rows = sorted((_row(one, numbers, standing.at) for one in standing.targets.values()), key=_worst_first)
    shown = [row for row in rows if not (faults_only and row.status is Status.OK) and _passes(wanted, row)]
    faults = sum(row.status is not Status.OK for row in rows)
    return Technical(
        rows=tuple(shown),
        groups=_groups(standing),
        total=len(rows),
        faults=faults,
        shown=f"{len(shown)} of {len(rows)}",
        filter=filter,
        faults_only=faults_only,
        selected=_detail(reader, ask, standing, selected, span, viewer or Viewer(), now),
        filter_error=wanted.error,
        needs=() if rows else (Need("Targets", "Nothing is watched.", f"Write targets: in config.yaml. {INIT}"),),
    )


def _numbers(ask: Ask, kinds: set[Kind]) -> _Numbers:
    """Ask each signal of the kinds that there are, once for all targets."""
    values = {signal: ask.instant(signal.of_all).by("instance") for signal in signals.wanted(kinds)}
    trends = {signal: ask.trends(signal.of_all, HOUR, "1h", points=_ROW_POINTS) for signal in signals.sparklines(kinds)}
    return _Numbers(
        {kind: [(one.title, one.unit, values[one]) for one in signals.SIGNALS[kind]] for kind in kinds},
        {kind: trends[signals.SIGNALS[kind][0]] for kind in kinds},
    )


def _row(one: Stand, numbers: _Numbers, at: Time) -> TargetRow:
    target = one.watched.target
    words = numbers.words(target)
    kind = str(target.kind)
    fine = one.status is Status.OK
    first = 2 if fine else 0
    return TargetRow(
        name=target.name,
        kind=kind,
        status=one.status,
        matters="  ".join(words[:2]) if fine and words else _matters(one, at),
        signals="  ".join(words[first:]),
        trend=numbers.trend(target),
        age="" if one.observed is None else say.span(at - one.observed),
        stale=one.stale,
        since="" if fine or one.worst is None else say.short(one.worst.since, at),
        since_at=None if fine or one.worst is None else one.worst.since,
        faults=one.faults,
        labels={"name": target.name, "kind": kind, "status": one.status.word, **target.labels},
    )


def _matters(one: Stand, at: Time) -> str:
    """The one thing worth reading of a target that has no signals, or is not fine: what its worst finding says."""
    if one.worst is None:
        return f"not asked yet, asked every {_interval(one.watched)}" if one.watched.probes else "nothing asks it"
    more = f"  (+{one.faults - 1})" if one.faults > 1 else ""
    return reason(one.worst, at) + more


def _interval(watched: Watched) -> str:
    return say.span(min(probe.interval for probe in watched.probes))


def _worst_first(row: TargetRow) -> tuple[int, str, str]:
    return (-row.status, row.kind, row.name)


def _passes(wanted: Filter, row: TargetRow) -> bool:
    if not wanted.tests:
        return True
    return wanted.passes(f"{row.name} {row.kind} {row.status.word} {row.matters} {row.signals}", row.labels)


def _groups(standing: Standing) -> tuple[Group, ...]:
    by_kind: dict[Kind, list[Status]] = {}
    for one in standing.targets.values():
        by_kind.setdefault(one.watched.target.kind, []).append(one.status)
    groups = [
        Group(kind.value, _TITLES[kind], len(states), sum(s is not Status.OK for s in states), max(states))
        for kind, states in by_kind.items()
    ]
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
    )


def _charts(ask: Ask, one: Stand, changes: Sequence[Change], span: float) -> tuple[Chart, ...]:
    """A chart of each signal of the target's kind that has data in the span; of the first one in any case."""
    target = one.watched.target
    drawn = []
    for index, signal in enumerate(signals.SIGNALS[target.kind]):
        past = ask.past(signal.of(target.name), span, _CHART_POINTS)
        if past.series or index == 0:
            title, happened = f"{target.name}  {signal.title}", marks(changes, past.start, past.end)
            drawn.append(
                charts.chart(title, past, signal.unit, ask.at, name=signal.by, marks=happened, share=signal.share)
            )
    return tuple(drawn)


def _actions(
    reader: Reader, known: Settings, one: Stand, hands: catalogue.Hands, runs: Sequence[Run]
) -> tuple[ActionChoice, ...]:
    target = one.watched.target
    found = catalogue.choices(known, hands, runs, reader.at)
    return tuple(choice for choice in found if catalogue.applies(choice, target.name, target.kind.value))


def _runbook(one: Stand, at: Time) -> str:
    if one.worst is None or effective(one.worst, at) is Status.OK or one.worst.check not in CHECKS:
        return ""
    return CHECKS[one.worst.check].runbook


def _source(one: Stand, at: Time) -> str:
    asked = ", ".join(f"{probe.name} every {say.span(probe.interval)}" for probe in one.watched.probes)
    return f"{asked}; {say.span(at - one.observed)} ago" if one.observed is not None else f"{asked}; not asked yet"
