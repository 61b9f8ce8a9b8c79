"""Who sends in our domains' names, as receivers report it (DMARC): new sources first, those that do not align worst."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from penguintui.model.clock import Time
from penguintui.model.record import record
from penguintui.model.status import Status
from penguintui.views import format as say
from penguintui.views.ask import Ask
from penguintui.views.models.deliverability import SourceRow, Sources
from penguintui.views.models.what import Value
from penguintui.views.standing import Standing, effective, reason

if TYPE_CHECKING:
    from penguintui.store.records import FindingRecord

COUNTS = "sum by (domain, source, aligned) (penguintui_dmarc_source_messages)"
FIRST_SEEN = "min by (domain, source, name, new) (penguintui_dmarc_source_first_seen_seconds)"
NUMBER = "sum by (domain) (penguintui_dmarc_sources)"
_REST = "other"
"""The source in which an adapter counts those beyond its bound."""
_MOST_ROWS = 200
_OF_DOMAIN, _OF_SOURCE = CHECKS = ("dmarc.alignment", "dmarc.source")
_Findings = Mapping[str, "FindingRecord"]


@record
class _Seen:
    """What is known of one source of one domain. mails: by what aligned (none, spf, dkim, both)."""

    domain: str
    network: str
    mails: Mapping[str, float]
    first: Time | None = None
    name: str = ""
    new: bool = False

    @property
    def key(self) -> str:
        """As findings name it."""
        return f"{self.domain} {self.network}"

    def counted(self, *by: str) -> float:
        return sum(self.mails.get(one, 0.0) for one in by or self.mails)


def sources(standing: Standing, ask: Ask) -> Sources:
    """A row for each source, and one for each domain on which the reports say too little."""
    at = standing.at
    alignment = {f.subject: f for f in standing.found_by(_OF_DOMAIN.__eq__)}
    told = {f.subject: f for f in standing.found_by(_OF_SOURCE.__eq__)}
    seen = _seen(ask)
    numbers = ask.instant(NUMBER).by("domain")
    rows = [_row(one, alignment, told.get(one.key), numbers, at) for one in seen]
    rows += [_silent(domain, f, at) for domain, f in alignment.items() if domain not in {one.domain for one in seen}]
    rows.sort(
        key=lambda row: (row.source == _REST, not row.new, -(row.unaligned.number or 0), -(row.mails.number or 0))
    )
    return Sources(tuple(rows[:_MOST_ROWS]), _note(alignment.values(), len(rows), at), _verdicts(alignment, told, at))


def _seen(ask: Ask) -> list[_Seen]:
    mails: dict[tuple[str, str], dict[str, float]] = {}
    for point in ask.instant(COUNTS).points:
        place = (point.labels.get("domain", ""), point.labels.get("source", ""))
        mails.setdefault(place, {})[point.labels.get("aligned", "")] = point.value
    found = {place: _Seen(*place, counts) for place, counts in mails.items()}
    for point in ask.instant(FIRST_SEEN).points:
        place = (point.labels.get("domain", ""), point.labels.get("source", ""))
        if place in found:
            name, new = point.labels.get("name", ""), point.labels.get("new") == "yes"
            found[place] = replace(found[place], first=point.value, name=name, new=new)
    return list(found.values())


def _row(
    one: _Seen, alignment: _Findings, told: FindingRecord | None, numbers: Mapping[str, float], at: Time
) -> SourceRow:
    of_domain = alignment.get(one.domain)
    status, why = _judged(one, of_domain, told, at)
    whole = one.counted()
    name = one.name
    if one.network == _REST:
        name = f"the rest of {say.counted(round(numbers.get(one.domain, 0)), 'source')} and more"
    return SourceRow(
        domain=one.domain,
        source=one.network,
        name=name,
        target=of_domain.target if of_domain else "",
        status=status,
        new=one.new,
        mails=_value(whole, "count", of_domain, at),
        unaligned=_value(one.counted("none"), "count", of_domain, at),
        dkim=_value(one.counted("dkim", "both") / whole, "ratio", of_domain, at),
        spf=_value(one.counted("spf", "both") / whole, "ratio", of_domain, at),
        first_seen="" if one.first is None else say.short(one.first, at),
        reason=why,
    )


def _judged(
    one: _Seen, of_domain: FindingRecord | None, told: FindingRecord | None, at: Time
) -> tuple[Status | None, str]:
    """The verdict on a source and its reason; None where some of its mails do not align and nobody judges that."""
    if told is not None:
        return effective(told, at), reason(told, at)
    if of_domain is None:
        return Status.UNKNOWN, "nothing was found of its domain's alignment"
    status = effective(of_domain, at)
    if status is Status.UNKNOWN:
        return status, reason(of_domain, at)
    unaligned = one.counted("none")
    if not unaligned:
        return Status.OK, ""
    return None, f"{say.quantity(unaligned / one.counted(), 'ratio')} of its mails do not align"


def _silent(domain: str, finding: FindingRecord, at: Time) -> SourceRow:
    """A domain of which there are no sources to show, and why."""
    nothing = Value(say.NO_DATA, Status.UNKNOWN, reason=reason(finding, at))
    status = max(effective(finding, at), Status.UNKNOWN)
    return SourceRow(
        domain or "all domains", "no sources", "", finding.target, status, False, nothing, nothing, nothing, nothing,
        "", reason(finding, at),
    )  # fmt: skip


def _value(number: float, unit: str, asked: FindingRecord | None, at: Time) -> Value:
    text = say.quantity(number, unit)
    if asked is None:
        return Value(text, None, number, unit)
    return Value(text, None, number, unit, asked.observed, say.span(at - asked.observed), asked.stale(at), asked.probe)


def _note(findings: Iterable[FindingRecord], rows: int, at: Time) -> str:
    """Over how long the numbers are, how old the newest report is, and when the mailbox was last read."""
    found = list(findings)
    if not found:
        return ""
    newest = max(found, key=lambda finding: finding.observed)
    parts = [f"mails of {newest.evidence['window']}"] if "window" in newest.evidence else []
    if "newest report" in newest.evidence:
        parts.append(f"newest report {newest.evidence['newest report']}")
    parts.append(f"mailbox read {say.span(at - newest.observed)} ago")
    if rows > _MOST_ROWS:
        parts.append(f"{_MOST_ROWS} of {rows} shown")
    return ", ".join(parts)


def _verdicts(alignment: _Findings, told: _Findings, at: Time) -> Mapping[str, tuple[Status, str]]:
    """The worst that is found of each domain, with its reason, for the x-ray."""
    found: dict[str, tuple[Status, str]] = {}
    for finding in (*alignment.values(), *told.values()):
        domain, status = finding.subject.partition(" ")[0] or "all domains", effective(finding, at)
        if domain not in found or status > found[domain][0]:
            found[domain] = (status, "" if status is Status.OK else reason(finding, at))
    return found
