"""How each target stands at the moment: the one count that the header, the lists and the verdict share."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from penguintui.model.checks import CHECKS
from penguintui.model.clock import Time
from penguintui.model.status import Status
from penguintui.views import alerts as raised
from penguintui.views import format as say
from penguintui.views.models.frame import Counts
from penguintui.views.models.technical import FindingLine

if TYPE_CHECKING:
    from penguintui.store.keeping import Watched
    from penguintui.store.reader import Reader
    from penguintui.store.records import FindingRecord


def effective(finding: FindingRecord, at: Time) -> Status:
    """A finding's status as it may be shown: one that was fine but was not asked again in time is fine no more."""
    if finding.status is Status.OK and finding.stale(at):
        return Status.UNKNOWN
    return finding.status


@dataclass(frozen=True, slots=True)
class Stand:
    """One target: its worst state, the finding behind it, and how old what is known of it is.

    worst: None when nothing was ever found. observed: when it was last asked. stale: whether nothing of it holds
    any more. faults: findings that are not fine.
    """

    watched: Watched
    findings: Sequence[FindingRecord]
    status: Status
    worst: FindingRecord | None
    observed: Time | None
    stale: bool
    faults: int


@dataclass(frozen=True, slots=True)
class Standing:
    """All targets of the moment by name, and the alerts that fire, worst first."""

    at: Time
    targets: Mapping[str, Stand]
    alerts: Sequence[FindingLine] = ()

    @property
    def counts(self) -> Counts:
        """Targets and alerts together: each alert is one more, unless a target's own state tells it already."""
        tally = dict.fromkeys(Status, 0)
        for stand in self.targets.values():
            tally[stand.status] += 1
        for alert in self.untold():
            tally[alert.status] += 1
        stale = sum(stand.stale for stand in self.targets.values())
        return Counts(tally[Status.CRITICAL], tally[Status.WARNING], tally[Status.UNKNOWN], tally[Status.OK], stale)

    def untold(self) -> list[FindingLine]:
        """Alerts that no target's own state tells."""
        return raised.untold(self.alerts, {name: stand.status for name, stand in self.targets.items()})

    def trouble(self) -> list[FindingLine]:
        """Faults, and the alerts that none of them tells, worst first, of equals the oldest first."""
        # An alert of no target goes by its own name.
        alerts = [replace(alert, target=alert.target or alert.title) for alert in self.untold()]
        lines = [*(finding_line(finding, self.at) for finding in self.faults()), *alerts]
        return sorted(lines, key=lambda line: (-line.status, line.since_at))

    def findings(self) -> Iterable[FindingRecord]:
        """The findings of all targets."""
        for stand in self.targets.values():
            yield from stand.findings

    def faults(self) -> list[FindingRecord]:
        """Findings that are not fine, worst first, of equals the oldest first."""
        ill = (f for stand in self.targets.values() if stand.faults for f in stand.findings)
        return worst_first((f for f in ill if effective(f, self.at) is not Status.OK), self.at)


@dataclass(frozen=True, slots=True)
class _Kept:
    """How a target stood, and from when until when it stands so unless something arrives."""

    stand: Stand
    begins: Time
    ends: Time


class Standings:
    """Remembers how each target stood, so that only those of which something arrived, or grew old, are judged again."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}

    def stand(self, reader: Reader) -> Standing:
        """How everything stands at the reader's moment."""
        at, findings, before = reader.at, reader.findings_by_target(), self._kept
        self._kept = {}
        for watched in reader.targets():
            name = watched.target.name
            own = findings.get(name, ())
            kept = before.get(name)
            if (
                kept is None
                or kept.stand.findings is not own
                or kept.stand.watched is not watched
                or not kept.begins <= at <= kept.ends
            ):
                kept = _Kept(_stand(watched, own, at), at, _until(own, at))
            self._kept[name] = kept
        return Standing(at, {name: kept.stand for name, kept in self._kept.items()}, raised.firing(reader))


def stand(reader: Reader) -> Standing:
    """How everything stands at the reader's moment, judged anew."""
    return Standings().stand(reader)


def _until(findings: Sequence[FindingRecord], at: Time) -> Time:
    """When the next of the findings grows stale."""
    ends = (finding.observed + finding.valid_for for finding in findings if not finding.stale(at))
    return min(ends, default=math.inf)


def _stand(watched: Watched, findings: Sequence[FindingRecord], at: Time) -> Stand:
    worst: FindingRecord | None = None
    status, observed, faults, fresh = Status.OK, 0.0, 0, False
    for finding in findings:
        observed = max(observed, finding.observed)
        stale = at - finding.observed > finding.valid_for
        fresh = fresh or not stale
        own = Status.UNKNOWN if stale and finding.status is Status.OK else finding.status
        faults += own is not Status.OK
        if worst is None or own > status or (own == status and finding.since < worst.since):
            worst, status = finding, own
    if worst is None:
        return Stand(watched, findings, Status.UNKNOWN, None, None, False, 0)
    return Stand(watched, findings, status, worst, observed, not fresh, faults)


def worst_first(findings: Iterable[FindingRecord], at: Time) -> list[FindingRecord]:
    """Worst first; of equals the one that began first, then by name, so that the order is always the same."""
    return sorted(findings, key=lambda f: (-effective(f, at), f.since, f.target, f.check, f.subject))


def finding_line(finding: FindingRecord, at: Time) -> FindingLine:
    """A finding as a screen shows it."""
    check = CHECKS.get(finding.check)
    return FindingLine(
        target=finding.target,
        check=finding.check,
        title=check.title if check else finding.check,
        subject=finding.subject,
        status=effective(finding, at),
        summary=reason(finding, at),
        remedy=finding.remedy,
        since=say.short(finding.since, at),
        since_at=finding.since,
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
