"""The mail records of a domain, and its sending addresses on blocklists."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from penguintui.adapters.asking import Answer as Answered
from penguintui.adapters.asking import observe
from penguintui.adapters.dns.depth import deepened
from penguintui.adapters.dns.keyages import KeyAges, aged
from penguintui.adapters.dns.nameserver import SYSTEM, NameServer, from_dns, opened, unasked
from penguintui.adapters.dns.senders import Senders
from penguintui.adapters.failure import Failure, NotAnswered, local
from penguintui.config.probes import DnsProbe, MailRecord
from penguintui.mail import records
from penguintui.mail.dkimkey import judge_dkim
from penguintui.mail.domain import lint_domain
from penguintui.mail.records import Judge, Verdict
from penguintui.mail.resolver import Answer, Outcome
from penguintui.model.clock import Clock
from penguintui.model.observation import Finding, Observation, Sample
from penguintui.model.status import Status
from penguintui.model.target import Target

_SHARE = 0.8
"""Of the time there is, for one question: so that one that is not answered does not cost the others' answers."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """One sort of record: where it stands, how it is judged, and what to do when it is missing."""

    record: MailRecord
    title: str
    prefix: str
    types: tuple[str, ...]
    judge: Judge
    remedy: str
    missing: Status = Status.CRITICAL


_KINDS = (
    _Kind("a", "The address", "", ("A", "AAAA"), records.judge_a, "Publish an A or AAAA record."),
    _Kind("mx", "MX", "", ("MX",), records.judge_mx, "Publish the mail servers that take mail for the domain."),
    _Kind("ns", "NS", "", ("NS",), records.judge_ns, "Publish the zone's name servers, at least two."),
    _Kind("spf", "SPF", "", ("TXT",), records.judge_spf, "Publish a TXT record v=spf1 … -all with all who send."),
    _Kind(
        "mta-sts", "MTA-STS", "_mta-sts.", ("TXT",), records.judge_mta_sts,
        "Publish the TXT record v=STSv1; id=…, and the policy it announces.", Status.WARNING,
    ),
    _Kind(
        "tls-rpt", "TLS-RPT", "_smtp._tls.", ("TXT",), records.judge_tls_rpt,
        "Publish the TXT record v=TLSRPTv1; rua=mailto:ADDRESS.", Status.WARNING,
    ),
    _Kind(
        "bimi", "BIMI", "default._bimi.", ("TXT",), records.judge_bimi,
        "Publish the TXT record v=BIMI1; l=https://…", Status.WARNING,
    ),
)  # fmt: skip


class DnsAdapter:
    """Asks a domain's mail records, and the blocklists, of one name server."""

    def __init__(self, settings: DnsProbe, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._domain = settings.domain.strip().rstrip(".")
        self._place = f"{settings.nameserver or SYSTEM}, asked about {self._domain},"
        self._senders = Senders(settings, self._domain, clock)
        self._ages = KeyAges()

    def go_on(self, bookmarks: Mapping[str, str]) -> None:
        self._ages.go_on(bookmarks)

    async def probe(self, target: Target, deadline: float) -> Observation:
        return await observe(
            self._ask(deadline),
            check="dns.reach",
            place=self._place,
            settings=self._settings,
            clock=self._clock,
            deadline=deadline,
            translate=from_dns,
        )

    async def close(self) -> None:
        """Nothing is kept between askings."""

    async def _ask(self, deadline: float) -> Answered:
        _check_name(self._domain, self._place)
        started = self._clock.monotonic()
        server = await opened(self._settings.nameserver, self._place, max(0.0, deadline - started) * _SHARE)
        first = await server.ask(self._domain, "SOA")
        if isinstance(first, Failure):
            raise NotAnswered(first)
        seconds = self._clock.monotonic() - started
        linted = asyncio.create_task(lint_domain(server, self._domain, self._settings.dkim_selectors))
        try:
            asked = await asyncio.gather(
                *(self._record(server, kind) for kind in _KINDS),
                *(self._dkim(server, selector) for selector in self._settings.dkim_selectors),
                self._dmarc(server),
            )
            senders, scores = await self._senders.ask(server)
            deeper = (await linted).findings
        finally:
            linted.cancel()
        reach = Finding("dns.reach", Status.OK, f"{self._place} answers", evidence={"seconds": f"{seconds:.3f}"})
        findings = deepened([finding for finding in asked if finding is not None], deeper, self._domain.lower())
        if "dkim" in self._settings.expect and not self._settings.dkim_selectors:
            findings.append(self._no_selectors())
        samples = (Sample("probe_dns_lookup_time_seconds", seconds), *scores)
        return Answered(samples, (reach, *findings, *senders), bookmarks=tuple(self._ages.bookmarks()))

    async def _record(self, server: NameServer, kind: _Kind) -> Finding | None:
        name = kind.prefix + self._domain
        answers = await asyncio.gather(*(server.ask(name, type_) for type_ in kind.types))
        return self._judged(kind.record, kind.title, name, answers, kind.judge, kind.remedy, kind.missing)

    async def _dkim(self, server: NameServer, selector: str) -> Finding | None:
        name = f"{selector}._domainkey.{self._domain}"
        remedy = "Publish the signer's public key there, or correct dkim_selectors."
        answers = [await server.ask(name, "TXT")]
        return self._judged("dkim", "DKIM key", name, answers, self._judge_key, remedy, subject=selector, expected=True)

    def _judge_key(self, name: str, texts: Sequence[str]) -> Verdict | None:
        verdict = judge_dkim(name, texts)
        return verdict and aged(verdict, self._ages.judge(name, texts, self._clock.now()))

    async def _dmarc(self, server: NameServer) -> Finding | None:
        """The record of the domain, or else of the nearest domain above it that has one (RFC 9989, 4.10)."""
        labels = self._domain.split(".")
        answers: list[Answer | Failure] = []
        for start in range(max(1, len(labels) - 1)):
            name = ".".join(("_dmarc", *labels[start:]))
            answers.append(await server.ask(name, "TXT"))
            latest = answers[-1]
            if isinstance(latest, Failure) or latest.failed:
                break
            verdict = records.judge_dmarc(name, latest.records, inherited=start > 0)
            if verdict is not None:
                return _finding("dns.dmarc", verdict)
        remedy = "Publish the TXT record v=DMARC1; p=none; rua=mailto:ADDRESS, and read its reports."
        return self._judged("dmarc", "DMARC", f"_dmarc.{self._domain}", answers[-1:], records.judge_dmarc, remedy)

    def _judged(
        self,
        record: MailRecord,
        title: str,
        name: str,
        answers: Sequence[Answer | Failure],
        judge: Judge,
        remedy: str,
        absent: Status = Status.CRITICAL,
        *,
        subject: str = "",
        expected: bool | None = None,
    ) -> Finding | None:
        """The finding on a record: what it says, that it is missing, or that nobody knows; None when nobody asks."""
        check = f"dns.{record}"
        wanted = record in self._settings.expect if expected is None else expected
        texts = [text for a in answers if isinstance(a, Answer) and not a.failed for text in a.records]
        verdict = judge(name, texts)
        if verdict is not None:
            return _finding(check, verdict, subject)
        if not wanted:
            return None
        failed = next((words for answer in answers if (words := unasked(answer))), "")
        if failed:
            summary = f"{title} of {name} could not be asked, so nobody knows whether it is there: {failed}"
            unknown = "See whether the name server can resolve this domain."
            return Finding(check, Status.UNKNOWN, summary, subject, unknown)
        outcome = next((answer.outcome for answer in answers if isinstance(answer, Answer)), Outcome.NODATA)
        return _finding(check, records.missing(title, name, outcome, remedy, absent), subject)

    def _no_selectors(self) -> Finding:
        summary = f"DKIM of {self._domain} cannot be looked for: no selector is configured, and DNS does not list them"
        remedy = "Write the selectors that your signers use into dkim_selectors."
        return Finding("dns.dkim", Status.UNKNOWN, summary, remedy=remedy)


def _finding(check: str, verdict: Verdict, subject: str = "") -> Finding:
    return Finding(check, verdict.status, verdict.summary, subject, verdict.remedy, verdict.evidence)


def _check_name(domain: str, place: str) -> None:
    import dns.exception
    import dns.name

    try:
        dns.name.from_text(domain)
    except (dns.exception.DNSException, UnicodeError) as error:
        raise NotAnswered(local(place, f"{domain!r} is no domain name: {error}")) from error
