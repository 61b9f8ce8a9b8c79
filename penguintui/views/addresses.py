"""Sending addresses: what their reputation is, who lists them, how much they send."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from penguintui.model.clock import Time
from penguintui.model.status import Status
from penguintui.views import format as say
from penguintui.views.ask import Answer, Ask
from penguintui.views.models.deliverability import AddressRow
from penguintui.views.models.what import Value
from penguintui.views.standing import Standing, effective, reason, worst_first

if TYPE_CHECKING:
    from penguintui.store.records import FindingRecord

SCORE = "min by (ip, provider, instance) (penguinmails_ip_reputation_score)"
LISTED = "max by (ip, provider, instance) (penguinmails_ip_listings)"
LISTED_BY_US = "sum by (ip, instance) (penguintui_blocklist_listed)"
VOLUME = "max by (ip, provider, instance) (penguinmails_ip_daily_volume)"
CHECKS = ("platform.reputation", "dns.blocklist", "dns.ptr", "pools.address", "snds.address")


@dataclass(slots=True)
class _Known:
    """What is known of one address, whoever said it."""

    target: str = ""
    provider: str = ""
    numbers: dict[str, float] = field(default_factory=dict)
    findings: list[FindingRecord] = field(default_factory=list)


def rows(standing: Standing, ask: Ask) -> tuple[AddressRow, ...]:
    """A row for each address that a metric or a finding names, the worst first."""
    found: dict[str, _Known] = {}
    for name, query in (("score", SCORE), ("listed", LISTED), ("listed by us", LISTED_BY_US), ("volume", VOLUME)):
        _take(found, name, ask.instant(query))
    for finding in standing.found_by(CHECKS.__contains__):
        if finding.subject:
            one = found.setdefault(finding.subject.partition(" ")[0], _Known())
            one.target = one.target or finding.target
            one.findings.append(finding)
    made = [_row(address, one, standing.at) for address, one in found.items()]
    return tuple(sorted(made, key=lambda row: (-row.status, row.address)))


def _take(found: dict[str, _Known], name: str, answer: Answer) -> None:
    for point in answer.points:
        address = point.labels.get("ip", "")
        if address:
            one = found.setdefault(address, _Known())
            one.numbers[name] = point.value
            one.target = one.target or point.labels.get("instance", "")
            one.provider = one.provider or point.labels.get("provider", "")


def _row(address: str, one: _Known, at: Time) -> AddressRow:
    worst = worst_first(one.findings, at)
    status = effective(worst[0], at) if worst else Status.UNKNOWN
    by_check = {check: [f for f in worst if f.check == check] for check in CHECKS}
    return AddressRow(
        address=address,
        provider=one.provider,
        target=one.target,
        status=status,
        reputation=_value(one.numbers, "score", "count", by_check["platform.reputation"], at),
        listings=_listings(one.numbers, by_check["dns.blocklist"], at),
        volume=_value(one.numbers, "volume", "count", [], at),
        reverse=_reverse(by_check["dns.ptr"], at),
        warm_up=_warm_up(by_check["pools.address"], at),
        reason=reason(worst[0], at) if worst and status is not Status.OK else "",
    )


def _warm_up(findings: list[FindingRecord], at: Time) -> Value:
    """How far an address is in its warm-up, as the platform's pools tell it."""
    told = next((finding for finding in findings if finding.evidence.get("in progress")), None)
    if told is None:
        return Value("not asked", Status.UNKNOWN, reason="no probe of type smtp-pools tells of it")
    text = "no"
    if told.evidence["in progress"] == "1":
        parts = [f"day {day}"] if (day := told.evidence.get("day")) else []
        sent, limit = told.evidence.get("sent today"), told.evidence.get("daily limit")
        text = ", ".join([*parts, *([f"{sent} of {limit}"] if sent and limit else [])]) or "yes"
    age = say.span(at - told.observed)
    status, why = effective(told, at), reason(told, at)
    return Value(text, status, None, "", told.observed, age, told.stale(at), told.probe, why)


def _value(numbers: Mapping[str, float], name: str, unit: str, findings: list[FindingRecord], at: Time) -> Value:
    """A number with the verdict and the age of the finding that judges it."""
    number = numbers.get(name)
    if number is None:
        return Value(say.NO_DATA, Status.UNKNOWN, unit=unit, reason=f"no data yet, asked at {say.clock(at)}")
    text = say.quantity(number, unit)
    if not findings:
        return Value(text, None, number, unit)
    first = findings[0]
    age = say.span(at - first.observed)
    return Value(
        text, effective(first, at), number, unit, first.observed, age, first.stale(at), first.probe, reason(first, at)
    )


def _reverse(findings: list[FindingRecord], at: Time) -> Value:
    """The name of an address in one word: ok, weak, bad, unknown."""
    if not findings:
        return Value("not asked", Status.UNKNOWN, reason="no dns probe has it among its addresses")
    first = findings[0]
    status = effective(first, at)
    word = {Status.OK: "ok", Status.WARNING: "weak", Status.CRITICAL: "bad"}.get(status, "unknown")
    age = say.span(at - first.observed)
    return Value(word, status, None, "", first.observed, age, first.stale(at), first.probe, reason(first, at))


def _listings(numbers: Mapping[str, float], findings: list[FindingRecord], at: Time) -> Value:
    """How many lists name an address: our own look-ups count before what the platform says."""
    if findings:
        return _value({"listed": numbers.get("listed by us", 0.0)}, "listed", "count", findings, at)
    known = _value(numbers, "listed", "count", [], at)
    if not known.number:
        return known
    return Value(known.text, Status.WARNING, known.number, known.unit, reason="so says the platform")
