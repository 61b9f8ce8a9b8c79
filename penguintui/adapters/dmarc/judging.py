"""What the sources of DMARC reports mean: samples of each, and findings on those that are new or fail to align."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from penguintui.adapters.dmarc.sources import Domain, Seen, Sources, added
from penguintui.adapters.levels import judge, limit_crossed
from penguintui.adapters.span import span
from penguintui.config.mailprobes import SourcesSettings
from penguintui.mail.dmarc import Source
from penguintui.model.clock import Time
from penguintui.model.observation import Finding, Sample
from penguintui.model.status import Status

REST = "other"
"""The source of the line in which sources beyond the bound are counted."""
_MOST_NEW = 5
"""New sources of one domain that are told in findings of their own; the first of them names the others' number."""


@dataclass(frozen=True, slots=True)
class Row:
    """One source of one domain within the window."""

    network: str
    seen: Seen
    counts: Source
    new: bool

    @property
    def called(self) -> str:
        return f"{self.network} ({self.seen.name})" if self.seen.name else self.network


def rows(sources: Sources, domain: Domain, now: Time, new_for: float) -> list[Row]:
    """Those that sent within the window, those that sent most first.

    New is what was first seen within `new_for` seconds, unless the domain's reports began with it.
    """
    found = []
    for network, seen in domain.sources.items():
        counts = seen.counts
        if counts.messages:
            new = seen.first > max(now - new_for, domain.since + sources.part)
            found.append(Row(network, seen, counts, new))
    return sorted(found, key=lambda row: (-row.counts.messages, row.network))


def sample_sources(sources: Sources, now: Time, new_for: float) -> Iterator[Sample]:
    """Numbers of each domain, and of each of its sources up to the bound; the others as one."""
    for name, domain in sources.domains.items():
        named = {"domain": name}
        found = rows(sources, domain, now, new_for)
        shown, hidden = found[: sources.shown], found[sources.shown :]
        yield Sample("penguintui_dmarc_newest_report_seconds", domain.newest, named)
        yield Sample("penguintui_dmarc_sources", float(len(found)), named)
        for row in shown:
            called = {**named, "source": row.network}
            yield from _counts(row.counts, called)
            seen = {**called, "name": row.seen.name or "", "new": "yes" if row.new else "no"}
            yield Sample("penguintui_dmarc_source_first_seen_seconds", row.seen.first, seen)
        rest = added((*(row.counts for row in hidden), *domain.rest.values()))
        yield from _counts(rest, {**named, "source": REST})


def _counts(counts: Source, labels: dict[str, str]) -> Iterator[Sample]:
    """Mails by what aligned (`dkim`, `spf`, `both`, `none`); of what there was none nothing is said."""
    for aligned, count in zip(("none", "spf", "dkim", "both"), counts, strict=True):
        if count:
            yield Sample("penguintui_dmarc_source_messages", float(count), {**labels, "aligned": aligned})


def judge_sources(sources: Sources, now: Time, settings: SourcesSettings) -> Iterator[Finding]:
    """Whether our domains' mail aligns, and which sources are new and do not."""
    window = span(settings.window)
    if not sources.domains:
        summary = f"no DMARC report was read yet, so who sends in our domains' names in {window} is not known"
        remedy = "See whether the DMARC records name this mailbox (rua=); reports come once a day."
        yield Finding("dmarc.alignment", Status.UNKNOWN, summary, remedy=remedy)
    for name, domain in sources.domains.items():
        yield _judge_domain(name, domain, now, settings)
        whole = domain.counts.messages
        if whole >= settings.least:
            yield from _new_ones(name, rows(sources, domain, now, settings.new_for), whole, settings)


def _judge_domain(name: str, domain: Domain, now: Time, settings: SourcesSettings) -> Finding:
    window, counts = span(settings.window), domain.counts
    age = span(max(now - domain.newest, 0.0))
    evidence = {
        "window": window,
        "newest report": f"{age} ago",
        "reports": str(sum(domain.reports.values())),
        "reporters": ", ".join(sorted(domain.reporters)[:10]),
        "mails": str(counts.messages),
    }
    if counts.messages < settings.least:
        number = f"{counts.messages} mails of {name}" if domain.reports else f"no report on {name}"
        summary = f"{number} in {window}: too little for a verdict ({settings.least} mails are enough)"
        if not domain.reports:
            summary += f"; the newest report is {age} old"
        remedy = "Wait for more reports, or see whether the DMARC record still names this mailbox (rua=)."
        return Finding("dmarc.alignment", Status.UNKNOWN, summary, name, remedy, evidence)
    percent = 100.0 * counts.neither / counts.messages
    status = judge(percent, settings.unaligned_percent)
    summary = f"{percent:.1f} % of {counts.messages} mails in the name of {name} in {window} did not align"
    if crossed := limit_crossed(status, settings.unaligned_percent, "%"):
        summary += f", {crossed}"
    remedy = "" if status is Status.OK else "See the sources: sign our own with DKIM, refuse the others (p=reject)."
    return Finding("dmarc.alignment", status, summary, name, remedy, evidence)


def _new_ones(name: str, found: list[Row], whole: int, settings: SourcesSettings) -> Iterator[Finding]:
    """New sources whose mails fail to align: those of them that have a share worth a word."""
    told = [row for row in found if row.new and row.counts.neither >= settings.least_new]
    worth = [row for row in told if judge(_share(row, whole), settings.new_percent) is not Status.OK]
    worth.sort(key=lambda row: -row.counts.neither)
    for place, row in enumerate(worth[:_MOST_NEW]):
        status = judge(_share(row, whole), settings.new_percent)
        counts, window = row.counts, span(settings.window)
        aligned = f"{counts.aligned} aligned" if counts.aligned else "none aligned"
        summary = f"{row.called} is new and sends as {name}: {counts.messages} mails in {window}, {aligned}"
        summary += f" ({_share(row, whole):.1f} % of all, {limit_crossed(status, settings.new_percent, '%')})"
        if place == 0 and len(worth) > _MOST_NEW:
            summary += f"; {len(worth) - _MOST_NEW} more such sources are on the Deliverability screen"
        remedy = (
            f"If it is ours, let it sign with DKIM for {name}; if not, let {name} have p=reject and look for its mails."
        )
        first = datetime.fromtimestamp(row.seen.first, UTC)
        evidence = {"source": row.called, "first seen": f"{first:%Y-%m-%d %H:%MZ}", "address": row.seen.address}
        evidence |= {"by DKIM": str(counts.dkim + counts.both), "by SPF": str(counts.spf + counts.both)}
        yield Finding("dmarc.source", status, summary, f"{name} {row.network}", remedy, evidence)


def _share(row: Row, whole: int) -> float:
    return 100.0 * row.counts.neither / whole
