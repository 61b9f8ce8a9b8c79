"""Mail queues: how many messages wait, how long the oldest has waited, and for whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
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
_NOT_TOLD = Value("not told", None, unit="seconds", reason="its source counts what waits and tells no age")


def rows(standing: Standing, ask: Ask) -> tuple[QueueRow, ...]:
    """Each queue, the worst first, then the destinations that its messages wait for, the oldest first."""
    messages = {**_by_place(ask.instant(MESSAGES)), **_by_place(ask.instant(WAITING_FOR))}
    oldest = {**_by_place(ask.instant(OLDEST)), **_by_place(ask.instant(OLDEST_FOR))}
    standing = standing.looking_at({place[0] for place in (*messages, *oldest)})
    past = ask.past(MESSAGES, 3600.0, 30)
    trends = ask.once(
        past, ("by queue",), lambda: {_place_of(series.labels): trend(series, past, "1h") for series in past.series}
    )
    findings = _findings(standing, messages)
    ageless = {place[0] for place in messages} - {place[0] for place in oldest}
    found = [
        _row(place, messages.get(place), oldest.get(place), findings, standing, trends.get(place, Trend(label="1h")))
        for place in messages.keys() | oldest.keys()
    ]
    found = [replace(row, oldest=_NOT_TOLD) if row.target in ageless else row for row in found]
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


def _row(
    place: _Place,
    messages: float | None,
    oldest: float | None,
    findings: Mapping[_Place, FindingRecord],
    standing: Standing,
    drawn: Trend,
) -> QueueRow:
    """A queue or a destination; what nobody found fault with by itself is as its target when that was asked in time."""
    target, queue, destination = place
    at = standing.at
    finding = findings.get((target, queue, ""))
    one = standing.targets.get(target)
    asked = one is not None and not one.stale and one.worst is not None
    status = effective(finding, at) if finding else Status.OK if asked else Status.UNKNOWN
    return QueueRow(
        target=target,
        queue=queue,
        destination=destination,
        status=status,
        messages=_value(messages, "count", one, at),
        oldest=_value(oldest, "seconds", one, at),
        trend=drawn,
        reason="" if finding is None or destination or status is Status.OK else reason(finding, at),
    )


def _findings(standing: Standing, messages: Mapping[_Place, float]) -> dict[_Place, FindingRecord]:
    """The worst finding on each queue. One that speaks of all queues of a target counts for the fullest of them."""
    fullest: dict[str, _Place] = {}
    for place in messages:
        if not place[2] and messages[place] >= messages.get(fullest.get(place[0], place), 0.0):
            fullest[place[0]] = place
    found: dict[_Place, FindingRecord] = {}
    for finding in worst_first(standing.found_by(_CHECKS.__contains__), standing.at):
        named = (finding.target, finding.subject, "")
        found.setdefault(named if finding.subject else fullest.get(finding.target, named), finding)
    return found


def _value(number: float | None, unit: str, one: Stand | None, at: Time) -> Value:
    if number is None:
        return Value(say.NO_DATA, Status.UNKNOWN, unit=unit, reason=f"no data yet, asked at {say.clock(at)}")
    text = say.span(number) if unit == "seconds" else say.quantity(number, unit)
    if one is None or one.observed is None:
        return Value(text, None, number, unit)
    probes = ", ".join(probe.name for probe in one.watched.probes)
    return Value(text, None, number, unit, one.observed, say.span(at - one.observed), one.stale, probes)
