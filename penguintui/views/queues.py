"""Mail queues: how many messages wait, how long the oldest has waited, and for whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from penguintui.model.clock import Time
from penguintui.model.status import Status
from penguintui.views import format as say
from penguintui.views.ask import Answer, Ask, trend
from penguintui.views.models.deliverability import QueueRow
from penguintui.views.models.what import Trend, Value
from penguintui.views.standing import Stand, Standing, effective, reason, worst_first

if TYPE_CHECKING:
    from penguintui.store.records import FindingRecord

MESSAGES = "max by (instance, queue) (postfix_queue_messages) or max by (instance, queue) (penguinmails_queue_waiting)"
OLDEST = "max by (instance, queue) (postfix_queue_oldest_seconds)"
WAITING_FOR = "max by (instance, queue, destination) (postfix_queue_destination_messages)"
OLDEST_FOR = "max by (instance, queue, destination) (postfix_queue_destination_oldest_seconds)"
_CHECKS = ("queue.waiting", "queue.age", "queue.failed")
_Place = tuple[str, str, str]


def rows(standing: Standing, ask: Ask) -> tuple[QueueRow, ...]:
    """Each queue, the worst first, then the destinations that its messages wait for, the oldest first."""
    messages = {**_by_place(ask.instant(MESSAGES)), **_by_place(ask.instant(WAITING_FOR))}
    oldest = {**_by_place(ask.instant(OLDEST)), **_by_place(ask.instant(OLDEST_FOR))}
    past = ask.past(MESSAGES, 3600.0, 60)
    trends = {_place_of(series.labels): trend(series, past, "1h") for series in past.series}
    found = [
        _row(place, messages.get(place), oldest.get(place), standing, trends.get(place, Trend(label="1h")))
        for place in messages.keys() | oldest.keys()
    ]
    return tuple(_ordered(found))


def _by_place(answer: Answer) -> dict[_Place, float]:
    return {_place_of(point.labels): point.value for point in answer.points}


def _place_of(labels: Mapping[str, str]) -> _Place:
    return (labels.get("instance", ""), labels.get("queue", ""), labels.get("destination", ""))


def _ordered(found: list[QueueRow]) -> list[QueueRow]:
    """Queues by how much they worry and hold, each followed by its destinations, the longest waiting first."""
    heads = [row for row in found if not row.destination]
    below: dict[tuple[str, str], list[QueueRow]] = {}
    for row in found:
        if row.destination:
            below.setdefault((row.target, row.queue), []).append(row)
    ordered = []
    for head in sorted(heads, key=lambda r: (-r.status, -(r.messages.number or 0), r.target, r.queue)):
        waiting = below.get((head.target, head.queue), [])
        ordered += [head, *sorted(waiting, key=lambda r: (-(r.oldest.number or 0), r.destination))]
    return ordered


def _row(place: _Place, messages: float | None, oldest: float | None, standing: Standing, drawn: Trend) -> QueueRow:
    target, queue, destination = place
    at = standing.at
    finding = _finding(standing.targets.get(target), queue, at)
    status = Status.UNKNOWN if finding is None else effective(finding, at)
    return QueueRow(
        target=target,
        queue=queue,
        destination=destination,
        status=status,
        messages=_value(messages, "count", finding, at),
        oldest=_value(oldest, "seconds", finding, at),
        trend=drawn,
        reason="" if finding is None or destination or status is Status.OK else reason(finding, at),
    )


def _finding(one: Stand | None, queue: str, at: Time) -> FindingRecord | None:
    """The worst finding on a queue: one that names it, else one that speaks of all queues of the target."""
    if one is None:
        return None
    ours = [f for f in one.findings if f.check in _CHECKS and f.subject in ("", queue)]
    return worst_first(ours, at)[0] if ours else None


def _value(number: float | None, unit: str, finding: FindingRecord | None, at: Time) -> Value:
    if number is None:
        return Value(say.NO_DATA, Status.UNKNOWN, unit=unit, reason=f"no data yet, asked at {say.clock(at)}")
    text = say.span(number) if unit == "seconds" else say.quantity(number, unit)
    if finding is None:
        return Value(text, None, number, unit)
    age = say.span(at - finding.observed)
    return Value(text, None, number, unit, finding.observed, age, finding.stale(at), finding.probe)
