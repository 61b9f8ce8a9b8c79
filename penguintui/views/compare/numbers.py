"""Numbers that moved far, each against its own spread before the first moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import nan
from typing import Any

from penguintui.analysis.slo import parse_comparison
from penguintui.analysis.surprise import Move, move, of_move
from penguintui.model.clock import Time
from penguintui.model.status import Status
from penguintui.views import format as say
from penguintui.views import signals
from penguintui.views.ask import Answer, Ask, Past
from penguintui.views.compare.states import Sides
from penguintui.views.models.diff import Difference
from penguintui.views.settings import settings

_SHORTEST, _LONGEST = 3600.0, say.DAY
_TIMES = 4.0
"""The spread is that of so many times the span between the moments, of an hour at least and a day at most."""
_POINTS = 30
"""How many values before tell the spread: enough for a median, and asked of every number of a fleet."""
_SAME_MOMENT = 0.001
"""Seconds: moments are asked to the millisecond."""
_MISSING = 50.0
_PROMISED = 8.0
"""What a promise's number is more surprising than another."""


@dataclass(frozen=True, slots=True)
class Question:
    """A number of many things at once. `by` tells two of one target apart; promised: the words of a promise."""

    name: str
    expr: str
    unit: str
    by: str = ""
    promised: str = ""


@dataclass(frozen=True, slots=True)
class Numbers:
    """What was found, how many numbers were compared, and why some could not be."""

    differences: tuple[Difference, ...]
    compared: int
    trouble: str = ""


class UpToThen(Ask):
    """Questions as of the first moment: its values over a span end at it, so that they tell its own value too."""

    def _window(self, span: float, points: int) -> tuple[Time, Time, float]:
        start, end, step = super()._window(span, points)
        return start + (self.at - end), self.at, step


def numbers(sides: Sides, before: UpToThen, after: Ask) -> Numbers:
    """The signals of all targets that were watched at both moments, and the numbers of promises and business."""
    span = min(max(_TIMES * (sides.until - sides.since), _SHORTEST), _LONGEST)
    found: list[Difference] = []
    compared, trouble = 0, ""
    for question in _questions(sides):
        past, now = before.past(question.expr, span, _POINTS), after.instant(question.expr)
        trouble = trouble or past.trouble or now.trouble
        old, new = _at_its_end(past, question), _by_name(now, question)
        moves: dict[tuple[str, str], Move | None] = {}
        for series in past.series:
            key = _name(series.labels, question)
            if key in new and (not key[0] or _at_both(key[0], sides)):
                moves[key] = move(series.values, old.get(key, nan), new[key])
        compared += len(moves)
        for key, one in moves.items():
            if one is not None and one.far:
                found.append(_moved(question, key, one, span))
        if not past.trouble and not now.trouble:
            found += _missing(question, old, new, sides)
    return Numbers(tuple(found), compared, trouble)


def _questions(sides: Sides) -> Iterator[Question]:
    kinds = {one.watched.target.kind for one in sides.now.targets.values()}
    for signal in dict.fromkeys(s for kind, own in signals.SIGNALS.items() if kind in kinds for s in own):
        expr = (signal.detail or signal.expr).replace(",$only", "").replace("$only", "")
        yield Question(signal.title, expr, signal.unit, signal.by if signal.detail else "")
    known = settings(sides.after)
    for one in known.list("promises"):
        yield Question(str(one["name"]), str(one["query"]), _unit(one), promised=_promised(one))
    for one in known.list("business"):
        yield Question(str(one["name"]), str(one["query"]), _unit(one))


def _promised(one: Mapping[str, Any]) -> str:
    """≤ 60 s."""
    try:
        target = parse_comparison(str(one.get("target")))
    except ValueError:
        return ""
    sign = {"<=": "≤", ">=": "≥"}.get(target.operator, target.operator)
    return f"{sign} {say.quantity(target.limit, _unit(one))}"


def _unit(one: Mapping[str, Any]) -> str:
    return str(one.get("unit") or "")


def _name(labels: Mapping[str, str], question: Question) -> tuple[str, str]:
    """The target and what tells its numbers apart; both empty for a number of the whole platform."""
    return (labels.get("instance", ""), labels.get(question.by, "") if question.by else "")


def _by_name(answer: Answer, question: Question) -> dict[tuple[str, str], float]:
    return {_name(point.labels, question): point.value for point in answer.points}


def _at_its_end(past: Past, question: Question) -> dict[tuple[str, str], float]:
    """The last value of each series that has one where the span ends."""
    due = past.end - _SAME_MOMENT
    return {_name(one.labels, question): one.values[-1] for one in past.series if one.times and one.times[-1] >= due}


def _at_both(name: str, sides: Sides) -> bool:
    return name in sides.was.targets and name in sides.now.targets


def _moved(question: Question, key: tuple[str, str], one: Move, span: float) -> Difference:
    written = [say.quantity(value, question.unit) for value in (one.was, one.after, one.low, one.high)]
    rose = "rose" if one.deviations > 0 else "fell"
    stayed = f"was {written[2]}" if written[2] == written[3] else f"stayed between {written[2]} and {written[3]}"
    promised = f", promised {question.promised}" if question.promised else ""
    return Difference(
        surprise=of_move(one.deviations) + (_PROMISED if question.promised else 0.0),
        kind="number",
        text=f"{_subject(question, key)} {rose} from {written[0]} to {written[1]}{promised}; in the {say.span(span)} "
        f"before it {stayed}.",
        target=key[0],
        before=written[0],
        after=written[1],
        why=f"{abs(one.deviations):.0f} times its own spread",
        about=f"{question.name} {key[1]}",
    )


def _subject(question: Question, key: tuple[str, str]) -> str:
    target, own = key
    if not target:
        return question.name
    return f"{target}: {question.name}{f' {own}' if own else ''}"


def _missing(
    question: Question,
    old: Mapping[tuple[str, str], float],
    new: Mapping[tuple[str, str], float],
    sides: Sides,
) -> Iterable[Difference]:
    """Numbers that were there and are not, as one difference."""
    gone = sorted(key for key in old if key not in new and (not key[0] or _at_both(key[0], sides)))
    if not gone:
        return
    names = [_subject(question, key) for key in gone]
    listed = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    was = say.quantity(old[gone[0]], question.unit) if len(gone) == 1 else ""
    text = f"{listed} {'has' if len(gone) == 1 else 'have'} no number any more{f', and was {was}' if was else ''}."
    yield Difference(_MISSING, "number", text, Status.UNKNOWN, gone[0][0], before=was, why="no data is not zero")
