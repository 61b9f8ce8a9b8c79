"""Findings, alerts and targets that are not as they were."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from penguintui.analysis.surprise import used_to
from penguintui.model.checks import CHECKS
from penguintui.model.clock import Time
from penguintui.model.status import Status
from penguintui.views import format as say
from penguintui.views.models.diff import Difference
from penguintui.views.standing import Standing, effective, reason

if TYPE_CHECKING:
    from penguintui.store.reader import Reader
    from penguintui.store.records import FindingRecord
    from penguintui.views.models.technical import FindingLine

Key = tuple[str, str, str, str]
"""Which finding: target, probe, check, subject."""

_WORSE: Mapping[Status, float] = {Status.CRITICAL: 90.0, Status.WARNING: 70.0, Status.UNKNOWN: 55.0}
_BETTER: Mapping[Status, float] = {Status.CRITICAL: 45.0, Status.WARNING: 35.0, Status.UNKNOWN: 25.0}
_BETWEEN: Mapping[Status, float] = {Status.CRITICAL: 40.0, Status.WARNING: 30.0, Status.UNKNOWN: 20.0}
_ALERT = 5.0
"""What an alert is less surprising than a finding of its status: it follows from what findings and numbers say."""
_TOGETHER = 5
"""So many targets whose same check went the same way are one difference."""
_MOST_CHANGES = 5000


@dataclass(frozen=True, slots=True)
class Sides:
    """One store at two moments. since, until: the moments as times."""

    before: Reader
    after: Reader
    was: Standing
    now: Standing

    @property
    def since(self) -> Time:
        return self.before.at

    @property
    def until(self) -> Time:
        return self.after.at


@dataclass(frozen=True, slots=True)
class _Turn:
    """A finding that changed its status. old, new: None where there is none."""

    old: FindingRecord | None
    new: FindingRecord | None
    was: Status
    is_: Status

    @property
    def known(self) -> FindingRecord:
        known = self.new or self.old
        assert known is not None  # noqa: S101  (one of the two is there)
        return known


def findings(sides: Sides) -> list[Difference]:
    """Findings whose status is another one, and those that were ill only in between."""
    old, new = _by_key(sides.was), _by_key(sides.now)
    both = {name for name in sides.was.targets if name in sides.now.targets}
    turns = {}
    for key in {**old, **new}:
        turn = _turn(old.get(key), new.get(key), sides)
        if key[0] in both and turn.was is not turn.is_:
            turns[key] = turn
    often = _often(sides.before)
    return [*_told(turns, often, sides.until), *_between(sides, set(turns), often)]


def _by_key(standing: Standing) -> dict[Key, FindingRecord]:
    return {_key(finding): finding for finding in standing.findings()}


def _key(finding: FindingRecord) -> Key:
    return (finding.target, finding.probe, finding.check, finding.subject)


def _turn(old: FindingRecord | None, new: FindingRecord | None, sides: Sides) -> _Turn:
    """What is not found counts as fine: it was not there, or is there no more."""
    was = Status.OK if old is None else effective(old, sides.since)
    return _Turn(old, new, was, Status.OK if new is None else effective(new, sides.until))


def _often(before: Reader) -> Counter[Key]:
    """How often each finding became worse in the day before."""
    changes = before.finding_changes(before.at - say.DAY, limit=_MOST_CHANGES)
    return Counter(_key(change) for change in changes if change.status is not Status.OK)


def _told(turns: Mapping[Key, _Turn], often: Mapping[Key, int], until: Time) -> Iterable[Difference]:
    together: dict[tuple[str, Status, Status], list[Key]] = {}
    for key, turn in turns.items():
        together.setdefault((key[2], turn.was, turn.is_), []).append(key)
    for keys in together.values():
        if len({key[0] for key in keys}) >= _TOGETHER:
            yield _of_many(keys, [turns[key] for key in keys])
        else:
            yield from (_of_one(turns[key], often.get(key, 0), until) for key in keys)


def _of_one(turn: _Turn, times: int, until: Time) -> Difference:
    finding = turn.known
    what = _title(finding)
    worse = turn.is_ > turn.was
    at = finding.since if turn.new is not None else None
    if turn.new is None:
        text = f"{finding.target}: {what} is reported no more, and was {turn.was.word}: {finding.summary}"
    elif not worse and turn.is_ is Status.OK:
        text = f"{finding.target}: {what} is fine again, and was {turn.was.word}: {finding.summary}"
    else:
        text = f"{finding.target}: {what} is {turn.is_.word}, and was {turn.was.word}: {reason(finding, until)}"
    weight = _WORSE[turn.is_] if worse else _BETTER[turn.was]
    return Difference(
        surprise=used_to(weight, times),
        kind="finding",
        text=say.sentence(text),
        status=turn.is_,
        target=finding.target,
        at=at,
        time="" if at is None else say.short(at, until),
        before=turn.was.word,
        after=turn.is_.word if turn.new is not None else "",
        why=_why(times),
        about=f"{finding.probe} {finding.check} {finding.subject}",
    )


def _title(finding: FindingRecord) -> str:
    check = CHECKS.get(finding.check)
    return f"{check.title if check else finding.check} {finding.subject}".strip()


def _why(times: int) -> str:
    return f"had faults {say.counted(times, 'time')} in the day before" if times else "had no fault for a day"


def _of_many(keys: Sequence[Key], turns: Sequence[_Turn]) -> Difference:
    """One check that went the same way on many targets."""
    names = sorted({key[0] for key in keys})
    turn = turns[0]
    check = CHECKS.get(turn.known.check)
    title = check.title if check else turn.known.check
    state = "fine again" if turn.is_ is Status.OK else turn.is_.word
    listed = f"{', '.join(names[:3])} and {len(names) - 3} more"
    weight = _WORSE[turn.is_] if turn.is_ > turn.was else _BETTER[turn.was]
    return Difference(
        surprise=min(weight + 8.0, 100.0),
        kind="finding",
        text=f"{title} is {state} on {len(names)} targets, and was {turn.was.word}: {listed}.",
        status=turn.is_,
        before=turn.was.word,
        after=turn.is_.word,
        why="many went the same way",
        about=f"{turn.known.check} {turn.was} {turn.is_}",
    )


def _between(sides: Sides, told: set[Key], often: Mapping[Key, int]) -> Iterable[Difference]:
    """Findings that are as they were, and were worse in between; of each the worst."""
    worst: dict[Key, FindingRecord] = {}
    changes = sides.after.finding_changes(sides.since, limit=_MOST_CHANGES)
    counts = Counter(map(_key, changes))
    for change in changes:
        key = _key(change)
        if key not in told and change.status is not Status.OK and counts[key] > 1:
            known = worst.get(key)
            worst[key] = change if known is None or change.status > known.status else known
    for key, change in worst.items():
        text = f"{change.target}: {_title(change)} was {change.status.word} in between: {change.summary}"
        yield Difference(
            surprise=used_to(_BETWEEN[change.status], often.get(key, 0)),
            kind="finding",
            text=say.sentence(text),
            target=change.target,
            at=change.since,
            time=say.short(change.since, sides.until),
            why=f"changed {say.counted(counts[key], 'time')} in between, and is as it was",
            about=f"{change.probe} {change.check} {change.subject}",
        )


def alerts(sides: Sides) -> Iterable[Difference]:
    """Alerts that fire and did not, and those that fired and do not."""
    old, new = ({_alert_key(one): one for one in standing.alerts} for standing in (sides.was, sides.now))
    for key, alert in new.items():
        if key not in old and alert.status is not Status.OK:
            text = f"The alert {alert.title}{_on(alert)} fires: {alert.summary}"
            weight = _WORSE[alert.status] - _ALERT
            yield _of_alert(alert, text, weight, "", alert.status.word, sides.until)
    for key, alert in old.items():
        if key not in new and alert.status is not Status.OK:
            text = f"The alert {alert.title}{_on(alert)} has ended: {alert.summary}"
            yield _of_alert(alert, text, _BETTER[alert.status] - _ALERT, alert.status.word, "", None)


def _alert_key(alert: FindingLine) -> tuple[str, str, frozenset[tuple[str, str]]]:
    return (alert.source, alert.title, frozenset(alert.evidence.items()))


def _on(alert: FindingLine) -> str:
    return f" on {alert.target}" if alert.target else ""


def _of_alert(
    alert: FindingLine, text: str, surprise: float, before: str, after: str, until: Time | None
) -> Difference:
    """until: against which the time at which it fired is said; None for one that has ended."""
    return Difference(
        surprise=surprise,
        kind="alert",
        text=say.sentence(text),
        status=alert.status if after else Status.OK,
        target=alert.target,
        at=None if until is None else alert.since_at,
        time="" if until is None else say.short(alert.since_at, until),
        before=before,
        after=after,
        why="a rule's condition holds" if after else "a rule's condition holds no more",
        about=f"{alert.source} {alert.title} {sorted(alert.evidence.items())}",
    )


def targets(sides: Sides) -> Iterable[Difference]:
    """Targets that came, went, or are watched otherwise."""
    old, new = sides.was.targets, sides.now.targets
    for name in sorted(old.keys() - new.keys()):
        kind, was = old[name].watched.target.kind, old[name].status
        text = f"{name} ({kind}) is watched no more; it was {was.word}."
        yield Difference(
            80.0, "target", text, Status.UNKNOWN, name, before=was.word, why="what is not watched is unseen"
        )
    for name in sorted(new.keys() - old.keys()):
        kind, status = new[name].watched.target.kind, new[name].status
        text = f"{name} ({kind}) is watched, and was not; it is {status.word}."
        yield Difference(55.0, "target", text, status, name, after=status.word, why="it is new")
    for name in sorted(old.keys() & new.keys()):
        one, other = old[name].watched, new[name].watched
        parts = [
            word
            for word, differs in (
                ("kind", one.target.kind != other.target.kind),
                ("labels", one.target.labels != other.target.labels),
                ("probes", one.probes != other.probes),
                ("runbook", one.runbook != other.runbook),
            )
            if differs
        ]
        if parts:
            text = f"{name} is watched otherwise: other {', '.join(parts)}."
            yield Difference(35.0, "target", text, None, name, why="what is asked is not what was asked")
