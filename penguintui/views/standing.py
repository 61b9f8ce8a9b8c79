"""How each target stands at the moment: the one count that the header, the lists and the verdict share."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

from penguintui.model.checks import CHECKS, place
from penguintui.model.clock import Time
from penguintui.model.record import record
from penguintui.model.status import Status
from penguintui.views import alerts as raised
from penguintui.views import format as say
from penguintui.views.models.frame import Counts
from penguintui.views.models.technical import FindingLine
from penguintui.views.order import Order

if TYPE_CHECKING:
    from penguintui.model.target import Kind
    from penguintui.store.keeping import Watched
    from penguintui.store.reader import Reader
    from penguintui.store.records import FindingRecord


def effective(finding: FindingRecord, at: Time) -> Status:
    """A finding's status as it may be shown: one that was fine but was not asked again in time is fine no more."""
    if finding.status is Status.OK and finding.stale(at):
        return Status.UNKNOWN
    return finding.status


def began(finding: FindingRecord, at: Time) -> Time:
    """Since when a finding has the status that is shown: what was fine is UNKNOWN since its answer holds no more."""
    if finding.status is Status.OK and finding.stale(at):
        return finding.observed + finding.valid_for
    return finding.since


class Stand(NamedTuple):
    """One target: its worst state, the finding behind it, and how old what is known of it is.

    worst: None when nothing was ever found. observed: when it was last asked. stale: whether nothing of it holds
    any more. faults: findings that are not fine. holds: until when each of its findings holds, endless without any.
    Made by the thousand: a tuple takes a third of the time.
    """

    watched: Watched
    findings: Sequence[FindingRecord]
    status: Status
    worst: FindingRecord | None
    observed: Time | None
    stale: bool
    faults: int
    holds: Time


@record
class Standing:
    """All targets of the moment by name, and the alerts that fire, worst first.

    order: the names of the targets, the worst first. tally: how many targets of each kind stand how. stale: how many
    targets were not asked in time.
    """

    at: Time
    targets: Mapping[str, Stand]
    alerts: Sequence[FindingLine]
    order: Sequence[str]
    tally: Mapping[Kind, Mapping[Status, int]]
    stale: int
    _look: Callable[[Collection[str]], Standing] | None = field(default=None, repr=False, compare=False)
    _found_by: Callable[[Callable[[str], bool]], set[str]] | None = field(default=None, repr=False, compare=False)

    def looking_at(self, names: Iterable[str]) -> Standing:
        """The same with all that is known of some targets.

        Of the others, a finding that is fine says what it said when its target was last looked at; how the target
        stands is always right.
        """
        return self if self._look is None else self._look(list(names))

    @property
    def counts(self) -> Counts:
        """Targets and alerts together: each alert is one more, unless a target's own state tells it already."""
        number = {status: sum(kind.get(status, 0) for kind in self.tally.values()) for status in Status}
        for alert in self.untold():
            number[alert.status] += 1
        critical, warning, unknown = number[Status.CRITICAL], number[Status.WARNING], number[Status.UNKNOWN]
        return Counts(critical, warning, unknown, number[Status.OK], self.stale)

    def untold(self) -> list[FindingLine]:
        """Alerts that no target's own state tells."""
        named = {alert.target: self.targets.get(alert.target) for alert in self.alerts}
        return raised.untold(self.alerts, {name: one.status for name, one in named.items() if one is not None})

    def trouble(self) -> list[FindingLine]:
        """Faults, and the alerts that none of them tells, worst first, of equals the oldest first."""
        # An alert of no target goes by its own name.
        alerts = [replace(alert, target=alert.target or alert.title) for alert in self.untold()]
        lines = [*(finding_line(finding, self.at) for finding in self.faults()), *alerts]
        return sorted(lines, key=lambda line: (-line.status, line.since_at))

    def findings(self) -> Iterable[FindingRecord]:
        """The findings of all targets; see `looking_at`."""
        for stand in self.targets.values():
            yield from stand.findings

    def found_by(self, wanted: Callable[[str], bool]) -> list[FindingRecord]:
        """Those of checks whose name is wanted."""
        stands = map(self.targets.__getitem__, self.names_found_by(wanted))
        return [finding for one in stands for finding in one.findings if wanted(finding.check)]

    def names_found_by(self, wanted: Callable[[str], bool]) -> list[str]:
        """The targets of which such a check found something, perhaps before; in the order of `targets`."""
        if self._found_by is None:
            return [name for name, one in self.targets.items() if any(wanted(f.check) for f in one.findings)]
        found = self._found_by(wanted)
        return [name for name in self.targets if name in found] if found else []

    def ill(self) -> Iterator[Stand]:
        """Targets that are not fine, the worst first."""
        return takewhile(lambda one: one.status is not Status.OK, map(self.targets.__getitem__, self.order))

    def faults(self) -> list[FindingRecord]:
        """Findings that are not fine, worst first, of equals the oldest first."""
        found = (finding for one in self.ill() for finding in one.findings)
        return worst_first((f for f in found if effective(f, self.at) is not Status.OK), self.at)


class Standings:
    """Remembers how each target stood, so that only those of which something arrived, or grew old, are judged again."""

    def __init__(self) -> None:
        self._at = -math.inf
        self._serial = 0
        self._watched: Sequence[Watched] = ()
        self._by_name: dict[str, Watched] = {}
        self._stands: dict[str, Stand] = {}
        self._until: dict[str, Time] = {}
        self._ends: list[tuple[Time, str]] = []
        self._aging: set[str] = set()
        self._order = Order()
        self._given: Standing | None = None

    def stand(self, reader: Reader) -> Standing:
        """How everything stands at the reader's moment."""
        if not reader.moment.live:
            return stand(reader)
        watched = reader.targets()
        reader.store.lasting.follow(reader.store)
        if watched is not self._watched or reader.at < self._at:
            self._watch(watched)
        self._at = reader.at
        due = self._aging | self._ended()
        reader.store.lasting.look_at(reader.store, due)
        return self._judged(reader, due, raised.firing(reader))

    def _look(self, reader: Reader, names: Collection[str], alerts: Sequence[FindingLine]) -> Standing:
        """What is so after all that is known of some targets was fetched."""
        reader.store.lasting.look_at(reader.store, names)
        return self._judged(reader, (), alerts)

    def _judged(self, reader: Reader, due: Collection[str], alerts: Sequence[FindingLine]) -> Standing:
        """What is so after those that are due, and those of which something was fetched, were judged."""
        lasting, at = reader.store.lasting, reader.at
        touched, self._serial = {*due, *lasting.touched(self._serial)}, lasting.serial
        fresh = [name for name in touched if name in self._by_name]
        self._judge(fresh, lasting.by_target, at)
        before = self._given
        self._given = Standing(
            at=at,
            targets=dict(self._stands) if fresh or before is None else before.targets,
            alerts=alerts,
            order=self._order.names,
            tally=self._order.tally,
            stale=self._order.stale,
            _look=lambda names: self._look(reader, names, alerts),
            _found_by=lasting.found_by,
        )
        return self._given

    def _watch(self, watched: Sequence[Watched]) -> None:
        """Begins anew with other targets, or at an earlier time."""
        self._watched = watched
        self._by_name = {one.target.name: one for one in watched}
        self._stands, self._until, self._ends, self._aging = {}, {}, [], set()
        self._order, self._given, self._serial = Order(), None, 0
        # Judged even when nothing was ever found.
        self._aging.update(self._by_name)

    def _ended(self) -> set[str]:
        """Targets of which a finding grew old, as far as is known."""
        names = set()
        while self._ends and self._ends[0][0] <= self._at:
            time, name = heapq.heappop(self._ends)
            if self._until.get(name) == time:
                names.add(name)
        return names

    def _judge(self, names: Collection[str], findings: Mapping[str, Sequence[FindingRecord]], at: Time) -> None:
        by_name, stands, until, aging = self._by_name, self._stands, self._until, self._aging
        for name in names:
            own = findings.get(name, ())
            one = stands[name] = judge(by_name[name], own, at)
            end = one.holds
            if end >= at:
                aging.discard(name)
            else:
                aging.add(name)
                ends = [finding.observed + finding.valid_for for finding in own]
                end = min([time for time in ends if time >= at], default=math.inf)
            until[name] = end
            if end < math.inf:
                heapq.heappush(self._ends, (end, name))
        self._order.change(names, self._stands)


def stand(reader: Reader) -> Standing:
    """How everything stands at the reader's moment, judged anew."""
    findings, at, order = reader.findings_by_target(), reader.at, Order()
    stands = {one.target.name: judge(one, findings.get(one.target.name, ()), at) for one in reader.targets()}
    order.change(stands, stands)
    return Standing(at, stands, raised.firing(reader), order.names, order.tally, order.stale)


def judge(watched: Watched, findings: Sequence[FindingRecord], at: Time) -> Stand:
    """How a target stands by its findings."""
    worst: FindingRecord | None = None
    fine = status = Status.OK
    observed, faults, fresh, holds, first = 0.0, 0, False, math.inf, math.inf
    for finding in findings:  # thousands, each second: nothing is called, and what is looked up twice is kept
        own, seen, since, valid_for = finding.status, finding.observed, finding.since, finding.valid_for
        if seen > observed:  # noqa: PLR1730 - see above
            observed = seen
        if seen + valid_for < holds:  # noqa: PLR1730
            holds = seen + valid_for
        if at - seen <= valid_for:
            fresh = True
        elif own is fine:
            own, since = Status.UNKNOWN, seen + valid_for
        if own is not fine:
            faults += 1
        if (
            worst is None
            or own > status
            or (own == status and (since < first or (since == first and place(finding.check) < place(worst.check))))
        ):
            worst, status, first = finding, own, since
    if worst is None:
        return Stand(watched, findings, Status.UNKNOWN, None, None, False, 0, holds)
    return Stand(watched, findings, status, worst, observed, not fresh, faults, holds)


def worst_first(findings: Iterable[FindingRecord], at: Time) -> list[FindingRecord]:
    """Worst first; of equals the one that began first, then as the catalogue has them, so that the order stays."""
    return sorted(
        findings, key=lambda f: (-effective(f, at), began(f, at), f.target, place(f.check), f.check, f.subject)
    )


def finding_line(finding: FindingRecord, at: Time) -> FindingLine:
    """A finding as a screen shows it."""
    check, since = CHECKS.get(finding.check), began(finding, at)
    return FindingLine(
        target=finding.target,
        check=finding.check,
        title=check.title if check else finding.check,
        subject=finding.subject,
        status=effective(finding, at),
        summary=reason(finding, at),
        remedy=finding.remedy,
        since=say.short(since, at),
        since_at=since,
        age=say.span(at - finding.observed),
        stale=finding.stale(at),
        source=finding.probe,
        evidence=finding.evidence,
    )


def reason(finding: FindingRecord, at: Time) -> str:
    """A finding's words; an old one says how old it is, since it may be so no more."""
    if not finding.stale(at):
        return finding.summary
    return f"{finding.summary} ({say.span(at - finding.observed)} ago, not asked since)"
