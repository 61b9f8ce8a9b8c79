"""What the canaries say: of each way that they take, of each provider, and of the mails themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from penguintui.adapters.canary.memory import Sent
from penguintui.adapters.levels import judge, limit_crossed
from penguintui.adapters.span import span
from penguintui.config.mailprobes import CanaryProbe
from penguintui.mail.authresults import Result
from penguintui.mail.canary import Identifiers, judge_alignment
from penguintui.mail.headers import judge_headers
from penguintui.mail.mime import split_headers
from penguintui.mail.placement import Place, Placement, settled
from penguintui.mail.records import Verdict
from penguintui.mail.resolver import Resolver
from penguintui.mail.signatures import judge_signatures, signing_domains
from penguintui.model.clock import Time
from penguintui.model.observation import Finding, Sample
from penguintui.model.status import Status, worst

_OURS = "this check"
"""Who is named as the judge of a mail where no server is trusted to have judged it."""


def arrival(pool: str, address: str, sent: Sequence[Sent], now: Time, settings: CanaryProbe) -> Finding:
    """Where the latest canary of one way is of which something is known. sent: the oldest first."""
    subject = f"{pool} to {address}"
    taken = [one for one in sent if one.taken or one.place is not Place.PENDING]
    latest = next((one for one in reversed(taken) if settled(one.canary, now) is not Place.PENDING), None)
    if latest is None:
        words = f"the first is under way since {span(now - taken[0].sent)}" if taken else "none was sent yet"
        return Finding("canary.arrival", Status.UNKNOWN, f"{subject}: {words}", subject, "Wait for the next asking.")
    place = settled(latest.canary, now)
    age = f"{span(now - latest.sent)} ago"
    if place is Place.MISSING:
        summary = f"{subject}: the canary sent {age} is missing: neither in the inbox nor in spam"
        remedy = "Follow it by its Message-ID in the mail server's log; see the provider's answers there."
        return Finding("canary.arrival", Status.CRITICAL, summary, subject, remedy, {"id": latest.token})
    seconds = latest.seen - latest.sent
    slow = judge(seconds, settings.delay_seconds)
    crossed = limit_crossed(slow, settings.delay_seconds, "s")
    where = "the inbox" if place is Place.INBOX else "spam"
    summary = f"{subject}: the canary sent {age} arrived in {where} after {span(seconds)}{crossed and f', {crossed}'}"
    status = max(slow, Status.OK if place is Place.INBOX else Status.WARNING)
    remedy = "See the mail server's queue." if place is Place.INBOX else "See reputation, authentication and content."
    return Finding(
        "canary.arrival", status, summary, subject, remedy if status is not Status.OK else "", {"id": latest.token}
    )


def placement(one: Placement, settings: CanaryProbe) -> Finding:
    """The share of one provider with its interval; too little data is UNKNOWN, never fine."""
    evidence = {
        "inbox": str(one.inbox), "spam": str(one.spam), "missing": str(one.missing), "under way": str(one.pending),
        "newest": f"{span(one.age)} ago" if one.count else "none",
    }  # fmt: skip
    if one.share is None:
        remedy = "Wait for more canaries, or send them more often (`every`)."
        return Finding("canary.placement", Status.UNKNOWN, one.words, one.provider, remedy, evidence)
    status = judge(100 * one.share, settings.inbox_percent)
    crossed = limit_crossed(status, settings.inbox_percent, "%")
    summary = f"{one.words}, the newest sent {span(one.age)} ago{crossed and f'; {crossed}'}"
    remedy = "See complaints, blocklists and authentication, and what changed." if status is not Status.OK else ""
    return Finding("canary.placement", status, summary, one.provider, remedy, evidence)


async def judged(resolver: Resolver, mail: bytes, trusted: str, *, bulk: bool) -> list[Finding]:
    """Signatures, alignment and headers of a canary as it arrived. trusted: who judged it there; empty for nobody."""
    headers = split_headers(mail)[0]
    findings = []
    passed: list[str] = []
    try:
        verdicts = await judge_signatures(resolver, mail)
    except ModuleNotFoundError:
        summary = "DKIM signatures are not verified: dkimpy is missing"
        findings.append(Finding("canary.signature", Status.UNKNOWN, summary, remedy="Install penguintui[dkim]."))
    else:
        domains = signing_domains(mail)
        passed = [d for d, one in zip(domains, verdicts, strict=False) if one.status is Status.OK]
        findings.append(_signature(verdicts))
    found = Identifiers.of(headers, trusted)
    if not trusted:
        found = Identifiers(found.author, tuple(Result("dkim", "pass", domain) for domain in passed))
    if trusted or passed:
        verdict = await judge_alignment(resolver, found, trusted or _OURS)
        findings.append(_finding("canary.alignment", verdict))
    demands = judge_headers(headers, marketing=bulk)
    bad = [one for one in demands if one.status is not Status.OK]
    shown = {one.code: one.sentence for one in demands}
    summary = "; ".join(one.sentence for one in bad or demands)
    remedy = " ".join(one.remedy for one in bad)
    status = worst((one.status for one in demands), Status.UNKNOWN)
    return [*findings, Finding("canary.headers", status, summary, remedy=remedy, evidence=shown)]


def _signature(verdicts: Sequence[Verdict]) -> Finding:
    """One good signature is enough: others may be those of relays, and break on the way."""
    best = min(verdicts, key=lambda verdict: verdict.status)
    return _finding("canary.signature", best, {str(n): one.summary for n, one in enumerate(verdicts, 1)})


def _finding(check: str, verdict: Verdict, evidence: dict[str, str] | None = None) -> Finding:
    return Finding(
        check, verdict.status, verdict.summary, "", verdict.remedy, {**dict(verdict.evidence), **(evidence or {})}
    )


def samples(known: Sequence[Sent], placed: Sequence[Placement], now: Time) -> Iterator[Sample]:
    """Shares per provider, counts per pool, provider and place, the delay of the latest that arrived."""
    for one in placed:
        labels = {"provider": one.provider}
        yield Sample("penguinmails_inbox_tests", float(one.count), labels)
        if one.count:
            yield Sample("penguinmails_inbox_ratio", one.inbox / one.count, labels)
            yield Sample("penguintui_canary_inbox_low_ratio", one.low, labels)
            yield Sample("penguintui_canary_inbox_high_ratio", one.high, labels)
    counts: Counter[tuple[str, str, str]] = Counter()
    delays: dict[tuple[str, str], float] = {}
    for sent in known:
        place = settled(sent.canary, now)
        if not sent.taken and sent.place is Place.PENDING:
            continue
        counts[sent.pool, sent.provider, place.value] += 1
        if place in (Place.INBOX, Place.SPAM):
            delays[sent.pool, sent.provider] = sent.seen - sent.sent
    for (pool, provider, where), count in counts.items():
        yield Sample("penguintui_canaries", float(count), {"pool": pool, "provider": provider, "place": where})
    for (pool, provider), seconds in delays.items():
        yield Sample("penguintui_canary_delay_seconds", seconds, {"pool": pool, "provider": provider})
