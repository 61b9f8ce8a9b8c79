"""The rows of the technical screen: one for each target, made again only when what they say can have changed.

In a large fleet the numbers of the targets in sight are asked, not those of all: what a reading costs follows from
the size of the terminal, not of the platform.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from penguintui.model.clock import Time
from penguintui.model.record import record
from penguintui.model.status import Status
from penguintui.model.target import Kind
from penguintui.views import format as say
from penguintui.views import signals
from penguintui.views.ask import Ask
from penguintui.views.figures import Figures, Words, word
from penguintui.views.models.technical import TargetRow, TargetRows
from penguintui.views.models.what import Trend
from penguintui.views.standing import Stand, Standing, began, reason

if TYPE_CHECKING:
    from penguintui.store.keeping import Watched

_TREND_SPAN = 3600.0
_TREND_POINTS = 30
_ASK_ALL = 100
"""Targets up to which all numbers are asked, so that scrolling a small platform asks nothing."""
_FIRST = 50
"""Rows that count as in sight wherever the list stands: they come first when it is shown, or goes back to its top."""
_NO_TREND = Trend(label="1h")


@record
class _Made:
    """A row, and what it was made from."""

    row: TargetRow
    stand: Stand
    words: Words = ()
    day: float = 0.0

    def is_of(self, stand: Stand, words: Words, trend: Trend, day: float) -> bool:
        """Whether a row of these would say the same: of what did not change it is the same object."""
        return self.stand is stand and self.words is words and self.row.trend is trend and self.day == day


class Rows:
    """Remembers rows from reading to reading; a row that says the same is the same object as before."""

    def __init__(self) -> None:
        self._made: dict[str, _Made] = {}
        self._figures = Figures()

    def make(self, standing: Standing, ask: Ask, in_sight: Collection[str] | None) -> TargetRows:
        """A row for each target, the worst first.

        in_sight: the targets whose rows are looked at, of which `standing` knows all; None for all. The row of another
        is made when somebody asks for it: it says what it said when something of the target changed last, without its
        numbers unless it had been in sight.
        """
        sight = seen(standing, in_sight)
        asked = standing.targets if sight is None else {name: standing.targets[name] for name in sight}
        words = self._figures.words(ask, _by_kind(asked)) or _words(ask, asked, every=sight is None)
        trends = _trends(ask, asked, every=sight is None)
        if len(self._made) > 2 * len(standing.targets):
            self._made = {}
        day = standing.at // say.DAY
        for name, stand in asked.items():
            told, trend, made = words[name], trends.get(name, _NO_TREND), self._made.get(name)
            if made is None or not made.is_of(stand, told, trend, day):
                row = _row(stand, told, trend, standing.at)
                self._made[name] = _Made(row if made is None or made.row != row else made.row, stand, told, day)
        return TargetRows(standing.order, partial(_known, dict(self._made), standing))


def _known(made: dict[str, _Made], standing: Standing, name: str) -> TargetRow:
    """The row of a target, made again when the target stands otherwise than when it was made."""
    known, one = made.get(name), standing.targets[name]
    if known is None or known.stand is not one:
        trend = _NO_TREND if known is None else known.row.trend
        known = made[name] = _Made(_row(one, (), trend, standing.at), one)
    return known.row


def seen(standing: Standing, in_sight: Collection[str] | None) -> list[str] | None:
    """The names of the rows that count as in sight, whose numbers are asked; None for all of them."""
    if in_sight is None or len(standing.targets) <= _ASK_ALL:
        return None
    return sorted({*standing.order[:_FIRST], *(name for name in in_sight if name in standing.targets)})


def _by_kind(asked: Mapping[str, Stand]) -> dict[Kind, list[str]]:
    found: dict[Kind, list[str]] = {}
    for name, stand in asked.items():
        found.setdefault(stand.watched.target.kind, []).append(name)
    return found


def _by_signal(
    asked: Mapping[str, Stand], wanted: Mapping[Kind, Sequence[signals.Signal]]
) -> dict[signals.Signal, list[str]]:
    """The names of the targets that have each signal."""
    found: dict[signals.Signal, list[str]] = {}
    for name, stand in asked.items():
        for signal in wanted[stand.watched.target.kind]:
            found.setdefault(signal, []).append(name)
    return found


def _words(ask: Ask, asked: Mapping[str, Stand], *, every: bool) -> dict[str, Words]:
    """The same as `Figures.words` with nothing remembered. One query for each signal."""
    values = {
        signal: ask.instant(signal.of_all if every else signal.of_some(names)).by("instance")
        for signal, names in _by_signal(asked, signals.SIGNALS).items()
    }
    found = {}
    for name, stand in asked.items():
        own = [(one, values[one][name]) for one in signals.SIGNALS[stand.watched.target.kind] if name in values[one]]
        found[name] = tuple([word(signal, value) for signal, value in own])
    return found


def _trends(ask: Ask, asked: Mapping[str, Stand], *, every: bool) -> dict[str, Trend]:
    """Each target's trend of the first signal of its kind."""
    found: dict[str, Trend] = {}
    for signal, names in _by_signal(asked, signals.FIRST).items():
        if every:
            known = ask.trends(signal.of_all, _TREND_SPAN, "1h", points=_TREND_POINTS)
        else:
            known = ask.trends_of(names, signal.of_some, _TREND_SPAN, "1h", points=_TREND_POINTS)
        found.update({name: known[name] for name in names if name in known})
    return found


def _row(one: Stand, words: Sequence[str], trend: Trend, at: Time) -> TargetRow:
    target = one.watched.target
    kind = str(target.kind)
    fine = one.status is Status.OK
    first = 2 if fine else 0
    since = None if fine or one.worst is None else began(one.worst, at)
    return TargetRow(
        name=target.name,
        kind=kind,
        status=one.status,
        matters="  ".join(words[:2]) if fine and words else _matters(one, at),
        signals="  ".join(words[first:]),
        trend=trend,
        age="" if one.observed is None or not one.stale else say.span(at - one.observed),
        stale=one.stale,
        since="" if since is None else say.short(since, at),
        since_at=since,
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
