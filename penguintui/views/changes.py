"""What changed lately, from everything that is remembered: findings, releases, incidents, runs, events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from penguintui.model.action import Run, RunStatus
from penguintui.model.checks import CHECKS
from penguintui.model.clock import Time
from penguintui.model.status import Status
from penguintui.views import format as say
from penguintui.views.models.chart import Mark
from penguintui.views.models.what import Change

if TYPE_CHECKING:
    from penguintui.store.reader import Reader
    from penguintui.store.records import EventRecord, FindingRecord
    from penguintui.views.standing import Standing

LATELY = 6 * 3600.0
_WAVERS = 3
"""A finding that became bad so often in the time that is looked at goes to and fro."""
_KINDS = ("release", "incident")
_NO_CHANGES = ("login.", "mail.", "canary.", "run.", "history.")
"""Events that are not shown as changes: logins, reports and returned mail come by the thousand; runs are runs."""
_NEAR_ALL = ("release", "run")
"""What concerns every target."""
_NEAR_LABELS = ("host", "domain", "pool", "provider", "service", "tenant", "address")
"""Labels by which two targets are near each other when they share a value."""

RUN_VERDICTS: Mapping[RunStatus, Status] = {
    RunStatus.SUCCEEDED: Status.OK,
    RunStatus.FAILED: Status.CRITICAL,
    RunStatus.UNDONE: Status.WARNING,
    RunStatus.CANCELLED: Status.WARNING,
    RunStatus.FENCED: Status.WARNING,
    RunStatus.INTERRUPTED: Status.CRITICAL,
    RunStatus.RELEASED: Status.WARNING,
}
"""How much a run's end worries; a run that waits or runs is no verdict yet."""


def lately(reader: Reader, since: Time, runs: Sequence[Run] | None = None) -> list[Change]:
    """All changes after `since`, newest first."""
    return _newest_first([*_of_findings(reader.finding_changes(since), reader.at), *happened(reader, since, runs)])


def happened(reader: Reader, since: Time, runs: Sequence[Run] | None = None) -> list[Change]:
    """The same without findings: what somebody or something did."""
    at = reader.at
    found = [of_event(event, at) for event in reader.events(since, without=_NO_CHANGES)]
    found += [_of_run(run, at) for run in (reader.runs() if runs is None else runs) if run.created > since]
    return _newest_first(found)


def _newest_first(changes: Iterable[Change]) -> list[Change]:
    return sorted(changes, key=lambda change: (-change.at, change.kind, change.text))


def near(target: str, changes: Iterable[Change], standing: Standing) -> tuple[Change, ...]:
    """Changes of a target, of what shares a host, domain, pool or the like with it, and of the whole platform."""
    own = standing.targets.get(target)
    shared = _near_values(own.watched.target.labels) if own else set()

    def touches(name: str) -> bool:
        other = standing.targets.get(name)
        return other is not None and bool(shared & _near_values(other.watched.target.labels))

    return tuple(c for c in changes if c.target in ("", target) or c.kind in _NEAR_ALL or touches(c.target))


def marks(changes: Iterable[Change], start: Time, end: Time) -> tuple[Mark, ...]:
    """Releases, incidents and runs as marks on a chart, oldest first."""
    wanted = [c for c in changes if c.kind in ("release", "incident", "run") and start <= c.at <= end]
    return tuple(Mark(c.at, c.kind, c.text, c.status) for c in reversed(wanted))


def _near_values(labels: Mapping[str, str]) -> set[tuple[str, str]]:
    return {(name, labels[name]) for name in _NEAR_LABELS if labels.get(name)}


def _of_findings(records: Sequence[FindingRecord], at: Time) -> Iterable[Change]:
    """Findings that became worse, and those that became fine again; not those that were fine from the start.

    One that goes to and fro is told once, as what it is now and how often it turned: it must not hide the others.
    """
    turns: dict[tuple[str, str, str, str], list[FindingRecord]] = {}
    for f in reversed(records):
        mine = turns.setdefault((f.target, f.probe, f.check, f.subject), [])
        if f.status is not Status.OK or (mine and mine[-1].status is not Status.OK):
            mine.append(f)
    for mine in turns.values():
        if sum(f.status is not Status.OK for f in mine) < _WAVERS:
            yield from (_turn(f, at) for f in mine)
        elif mine:
            yield _wavering(mine, at)


def _turn(f: FindingRecord, at: Time) -> Change:
    again = "" if f.status is not Status.OK else f"{_title(f.check)} is fine again: "
    text = f"{f.target}: {again}{f.summary}"
    return Change(f.since, say.short(f.since, at), "finding", text, f.status, f.target)


def _wavering(turns: Sequence[FindingRecord], at: Time) -> Change:
    """turns: of one finding, oldest first."""
    first, last = turns[0], turns[-1]
    text = (
        f"{last.target}: {_title(last.check)} wavers, {len(turns)} turns since {say.short(first.since, at)}; "
        f"now {last.status.word}: {last.summary}"
    )
    return Change(last.since, say.short(last.since, at), "finding", text, last.status, last.target)


def _title(check: str) -> str:
    """What a check is called; one that the configuration named is called by that name's words."""
    return CHECKS[check].title if check in CHECKS else check.replace(".", " ").replace("_", " ")


def of_event(event: EventRecord, at: Time) -> Change:
    """An event as a change; a severity of OK is none."""
    kind = event.kind.partition(".")[0]
    status = event.severity if event.severity is not Status.OK else None
    time = say.short(event.time, at)
    return Change(event.time, time, kind if kind in _KINDS else "event", event.summary, status, event.target)


def _of_run(run: Run, at: Time) -> Change:
    time = run.started or run.created
    text = f"{run.title}: {run.status} (run {run.id}, {run.requested_by})"
    return Change(time, say.short(time, at), "run", text, RUN_VERDICTS.get(run.status), run.target)
