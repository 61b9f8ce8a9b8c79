"""The state of everything in a few sentences: what is wrong, since when, what it began with, what is at stake. Pure.

It says what was seen and in which order, and leaves the word "cause" to people.
"""

from __future__ import annotations

from collections.abc import Sequence

from penguintui.model.clock import Time
from penguintui.model.record import record
from penguintui.model.status import Status
from penguintui.views import format as say
from penguintui.views.frame import SILENT
from penguintui.views.models.executive import PromiseCard, Verdict
from penguintui.views.models.technical import FindingLine
from penguintui.views.models.what import Change, Part, Sentence

BEFORE = 2 * 3600.0
"""How long before a thing broke another fault may have begun to be called its beginning."""
SHORTLY = 1800.0
"""How long before the first fault a release, a run or a change counts as "shortly before"."""
_LAG = 600.0
"""Seconds by which a check may see later than a promise what both speak of."""


@record
class Stake:
    """What is at risk: dollars an hour (None when nobody can say) and customers affected (None likewise)."""

    dollars: float | None = None
    customers: float | None = None


@record
class Situation:
    """All that the verdict rests on. faults: findings that are not fine, worst first. changes: newest first.

    blind_since: since when the agent is silent; None while it speaks.
    """

    environment: str
    at: Time
    total: int
    faults: Sequence[FindingLine] = ()
    promises: Sequence[PromiseCard] = ()
    changes: Sequence[Change] = ()
    stake: Stake = Stake()
    blind_since: Time | None = None


def verdict(situation: Situation) -> Verdict:
    """The verdict on a situation."""
    place = say.capital(situation.environment)
    if situation.total == 0:
        text = f"{place}: nothing is watched, so nothing is known."
        return _said(Status.UNKNOWN, text, [], None)
    if situation.blind_since is not None:
        return out_of_sight(place, situation.blind_since, situation.at, SILENT)
    broken = _broken(situation.promises)
    status = max([f.status for f in situation.faults] + [p.status for p in situation.promises], default=Status.OK)
    if status is Status.OK:
        return _said(status, f"{place} is fine.", [_fine(situation)], None)
    since = _since(status, broken, situation.faults)
    return _said(status, _headline(place, status, since, situation.at), _lines(situation, broken, since), since)


def out_of_sight(place: str, since: Time, at: Time, why: str) -> Verdict:
    """The verdict while nobody sees how a place stands. why: "the agent is silent"."""
    head = f"{place} is out of sight since {say.short(since, at)}: {why}."
    return _said(Status.UNKNOWN, head, [[Part("What is shown was true then.", dim=True)]], since)


def chain(faults: Sequence[FindingLine], changes: Sequence[Change], at: Time) -> str:
    """Why one thing is not fine, in one line: its worst finding, and what came before it. "" when it is fine."""
    if not faults:
        return ""
    worst = faults[0]
    words = f"{worst.status.word} since {worst.since}: {worst.summary}"
    others = sorted((f for f in faults[1:] if f.since_at < worst.since_at), key=lambda f: f.since_at)
    if others:
        words += f"; it began at {others[0].since}: {others[0].summary}"
    begun = others[0].since_at if others else worst.since_at
    told = {f"{f.target}: {f.summary}" for f in faults}
    before = [c for c in _shortly_before(begun, changes) if c.text not in told]
    if before:
        words += f"; shortly before: {'; '.join(f'{c.text} at {c.time}' for c in before[:2])}"
    return say.sentence(words)


def _said(status: Status, headline: str, lines: Sequence[Sequence[Part]], since: Time | None) -> Verdict:
    first = (Part(headline, status, strong=True), *(_spaced(lines[0]) if lines else ()))
    sentences = (first, *(tuple(line) for line in lines[1:]))
    text = "\n".join("".join(part.text for part in line) for line in sentences)
    return Verdict(status, headline, sentences, since, text)


def _spaced(line: Sequence[Part]) -> Sentence:
    return (Part(" "), *line)


def _fine(situation: Situation) -> list[Part]:
    kept = f", {say.counted(len(situation.promises), 'promise')} kept" if situation.promises else ""
    return [Part(f"{say.counted(situation.total, 'target')} without a fault{kept}.")]


def _broken(promises: Sequence[PromiseCard]) -> list[PromiseCard]:
    """Promises that are missed now, worst first."""
    missed = [p for p in promises if p.broken_since is not None and p.status >= Status.WARNING]
    return sorted(missed, key=lambda p: (-p.status, -(p.burn_rate or 0.0)))


def _since(status: Status, broken: Sequence[PromiseCard], faults: Sequence[FindingLine]) -> Time | None:
    """Since when it is as bad as it is: a broken promise counts for more than a fault."""
    missed = [p.broken_since for p in broken if p.status is status and p.broken_since is not None]
    if missed:
        return min(missed)
    return min((f.since_at for f in faults if f.status is status), default=None)


def _headline(place: str, status: Status, since: Time | None, at: Time) -> str:
    state = {
        Status.CRITICAL: "is degraded",
        Status.WARNING: "needs attention",
        Status.UNKNOWN: "cannot be judged in full",
    }[status]
    return f"{place} {state}{f' since {say.short(since, at)}' if since is not None else ''}."


def _lines(situation: Situation, broken: Sequence[PromiseCard], since: Time | None) -> list[Sequence[Part]]:
    told: list[FindingLine] = []
    lines: list[Sequence[Part]] = [_what(situation, broken, told)]
    begun = since
    first = _beginning(situation.faults, since, told)
    if first is not None:
        told.append(first)
        begun = first.since_at
        start = [Part("It began with "), Part(first.target, strong=True), Part(f" at {first.since}: ")]
        lines.append([*start, Part(say.sentence(first.summary), first.status)])
    if begun is not None and (before := _shortly_before(begun, situation.changes)):
        words = "; ".join(f"{change.text} at {change.time}" for change in before[:2])
        lines.append([Part("Shortly before: "), Part(say.sentence(words), strong=True)])
    if risk := _risk(situation.stake):
        lines.append([Part("At risk: "), Part(risk, strong=True)])
    if also := _also(situation.faults, told, broken):
        where = Part("2 Technical", strong=True, key="2")
        lines.append([Part(f"{also} ", dim=True), where, Part(" shows all.", dim=True)])
    return lines


def _what(situation: Situation, broken: Sequence[PromiseCard], told: list[FindingLine]) -> list[Part]:
    """What is wrong: the broken promise, else the worst finding, else the promise that nobody can judge."""
    if broken:
        card = broken[0]
        limit = card.target.removeprefix("of ")
        return [
            Part(f"{card.name} is "),
            Part(card.now.text, card.status, strong=True),
            Part(f", promised {limit}."),
        ]
    if situation.faults:
        worst = situation.faults[0]
        told.append(worst)
        return [Part(f"{worst.target}: "), Part(say.sentence(worst.summary), worst.status)]
    worry = max(situation.promises, key=lambda card: card.status)
    return [
        Part(f"{worry.name}: "),
        Part(say.sentence(worry.note or worry.now.reason or worry.burn_text), worry.status),
    ]


def _beginning(faults: Sequence[FindingLine], since: Time | None, told: Sequence[FindingLine]) -> FindingLine | None:
    """The first of the faults that came with it; None when that one was told already."""
    if since is None:
        return None
    near = [f for f in faults if f.status >= Status.WARNING and since - BEFORE <= f.since_at <= since + _LAG]
    first = min(near, key=lambda f: (f.since_at, -f.status), default=None)
    return None if first is None or first in told else first


def _shortly_before(begun: Time, changes: Sequence[Change]) -> list[Change]:
    """Releases, runs and events before a time, the nearest first. Findings are faults, not what brought them."""
    wanted = [c for c in changes if c.kind in ("release", "run", "event") and begun - SHORTLY <= c.at <= begun]
    return sorted(wanted, key=lambda c: -c.at)


def _risk(stake: Stake) -> str:
    words = []
    if stake.dollars is not None and stake.dollars >= 1:
        words.append(f"about {say.dollars(round(stake.dollars))} an hour")
    if stake.customers:
        words.append(f"{say.counted(round(stake.customers), 'customer')} affected")
    return say.sentence(", ".join(words))


def _also(faults: Sequence[FindingLine], told: Sequence[FindingLine], broken: Sequence[PromiseCard]) -> str:
    """What else is wrong: each target once, at its worst, and none that was told of already."""
    known = {f.target for f in told}
    words = [f"{promise.name} {promise.now.text}" for promise in broken[1:]]
    for status in (Status.CRITICAL, Status.WARNING, Status.UNKNOWN):
        names = [name for name in dict.fromkeys(f.target for f in faults if f.status is status) if name not in known]
        known.update(names)
        if names:
            listed = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
            words.append(f"{status.word.lower()}: {listed}")
    return f"Also {'; '.join(words)}." if words else ""
