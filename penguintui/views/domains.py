"""The matrix of domains against their mail records, from findings."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING

from penguintui.model.clock import Time
from penguintui.model.status import Status, worst
from penguintui.model.target import Kind
from penguintui.views import format as say
from penguintui.views.models.deliverability import RECORDS, Cell, DomainRow
from penguintui.views.settings import Settings
from penguintui.views.standing import Stand, Standing, began, effective, reason, worst_first

if TYPE_CHECKING:
    from penguintui.store.records import FindingRecord

_RECORD = {
    "dns.spf": "SPF",
    "dns.dkim": "DKIM",
    "dns.dmarc": "DMARC",
    "dns.mta-sts": "MTA-STS",
    "mta-sts.policy": "MTA-STS",
    "dns.tls-rpt": "TLS-RPT",
    "dns.mx": "MX",
    "dns.bimi": "BIMI",
}
"""Of which record a check speaks."""
_TLS = ("smtp.starttls", "tls.certificate", "tls.protocol")
_TLS_OF_DOMAIN = ("mail-tls.server", "dane.tlsa")
"""The same, asked by the domain's own probe."""
_ABSENT = " is missing"
"""What the words of a finding on an absent record have (`mail.records.missing`)."""


class Domains:
    """Remembers rows from reading to reading; a row that says the same is the same object as before."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[Stand, Sequence[FindingRecord], float, DomainRow]] = {}

    def rows(self, standing: Standing, known: Settings) -> tuple[DomainRow, ...]:
        """A row for each target of kind domain, the worst first."""
        transport = _transport(standing, known)
        named = [(n, one) for n, one in standing.targets.items() if one.watched.target.kind is Kind.DOMAIN]
        before, self._made, day = self._made, {}, standing.at // say.DAY
        for name, one in named:
            tls = _tls(one, transport)
            made = before.get(name)
            if made is None or made[0] is not one or made[2] != day or made[1] != tls or _any_stale(tls, standing.at):
                made = (one, tls, day, _row(one, tls, standing.at))
            self._made[name] = made
        found = [row for _, _, _, row in self._made.values()]
        return tuple(sorted(found, key=lambda row: (-row.status, row.domain)))


def _any_stale(findings: Sequence[FindingRecord], at: Time) -> bool:
    return any(finding.stale(at) for finding in findings)


def _transport(standing: Standing, known: Settings) -> dict[str, list[FindingRecord]]:
    """Findings on the TLS of mail servers, by the server's names and by the target's label `domain`."""
    found: dict[str, list[FindingRecord]] = {}
    for section in known.list("targets"):
        one = standing.targets.get(str(section.get("name")))
        probes = [probe for probe in section.get("probes") or () if probe.get("type") in ("smtp", "tls")]
        if one is None or not probes:
            continue
        names = {str(probe.get(key) or "") for probe in probes for key in ("host", "server_name")}
        names.add(one.watched.target.labels.get("domain", ""))
        for name in names - {""}:
            found.setdefault(name, []).extend(f for f in one.findings if f.check in _TLS)
    return found


def _mail_servers(one: Stand) -> set[str]:
    """The hosts to which a domain's MX records lead, as the finding on them saw them ("10 mx1.example.")."""
    records = [f.evidence.get("records", "") for f in one.findings if f.check == "dns.mx"]
    return {record.split()[-1].rstrip(".") for text in records for record in text.split(",") if record.strip()}


def _tls(one: Stand, transport: dict[str, list[FindingRecord]]) -> list[FindingRecord]:
    """What was found of the TLS of a domain, of its mail servers included."""
    target = one.watched.target
    domain = target.labels.get("domain") or target.name
    tls = [f for name in sorted({domain, *_mail_servers(one)}) for f in transport.get(name, ())] if transport else []
    return tls + [f for f in one.findings if f.check in _TLS_OF_DOMAIN]


def _row(one: Stand, tls: Sequence[FindingRecord], at: Time) -> DomainRow:
    target = one.watched.target
    domain = target.labels.get("domain") or target.name
    dead = [f for f in one.findings if f.check in ("dns.reach", "probe.answer") and effective(f, at) is not Status.OK]
    found: dict[str, list[FindingRecord]] = {}
    for finding in one.findings:
        if finding.check in _RECORD:
            found.setdefault(_RECORD[finding.check], []).append(finding)
    cells = [_cell(r, tls, (), at) if r == "TLS" else _cell(r, found.get(r, ()), dead, at) for r in RECORDS]
    status = max(one.status, worst((cell.status for cell in cells if cell.status is not None), Status.UNKNOWN))
    why = _why(one, cells, status, at)
    return DomainRow(domain, target.name, target.labels.get("tenant", ""), status, tuple(cells), why)


def _why(one: Stand, cells: Sequence[Cell], status: Status, at: Time) -> str:
    if status is Status.OK:
        return ""
    first = next((cell for cell in cells if cell.status is status), None)
    if first is not None:
        return first.reason
    return "not asked yet" if one.worst is None else reason(one.worst, at)


@functools.cache
def _unasked(record: str) -> Cell:
    return Cell(record, None, "-", f"no probe asks for {record}, or it is not published and not expected")


def _cell(record: str, findings: Sequence[FindingRecord], dead: Sequence[FindingRecord], at: Time) -> Cell:
    """The worst finding on a record; without one, that nobody asks, or that the name server did not answer."""
    ordered = worst_first(findings, at) if findings else ()
    if not ordered:
        if dead:
            return Cell(record, Status.UNKNOWN, "unknown", reason(dead[0], at), dead[0].remedy, target=dead[0].target)
        return _unasked(record)
    first = ordered[0]
    status = effective(first, at)
    if dead and status is Status.OK:
        status = Status.UNKNOWN
    fine = status is Status.OK
    words = reason(dead[0], at) if dead and status is Status.UNKNOWN else reason(first, at)
    return Cell(
        record=record,
        status=status,
        word=_word(status, first.summary, len(ordered), sum(effective(f, at) is Status.OK for f in ordered)),
        reason="" if fine else words,
        remedy="" if fine else first.remedy,
        since=say.short(began(first, at), at),
        age=say.span(at - first.observed) if first.stale(at) else "",
        stale=first.stale(at),
        target=first.target,
    )


def _word(status: Status, summary: str, count: int, fine: int) -> str:
    """One word for a cell: ok, weak, missing, bad, unknown; how many are fine where there are several."""
    if status is Status.OK:
        return "ok" if count == 1 else f"ok {count}"
    if status is Status.UNKNOWN:
        return "unknown"
    if _ABSENT in summary:
        return "missing"
    if count > 1:
        return f"{fine} of {count}"
    return "weak" if status is Status.WARNING else "bad"
