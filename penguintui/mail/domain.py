"""The lint of a whole domain: every record that decides whether its mail arrives, asked at once and judged together."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from penguintui.mail import records
from penguintui.mail.caa import find_caa, judge_caa
from penguintui.mail.dkimkey import judge_dkim
from penguintui.mail.dmarc.policy import Applied, Presence, applied, may_report_to
from penguintui.mail.records import Judge, Verdict
from penguintui.mail.resolver import Answer, Resolver, mx_hosts
from penguintui.mail.spf import Lint, lint
from penguintui.model.observation import Finding
from penguintui.model.status import Status

_MOST_HOSTS = 20


@dataclass(frozen=True, slots=True)
class DomainLint:
    """All findings on a domain, the most worrying first, and the tree of its SPF record."""

    domain: str
    findings: tuple[Finding, ...]
    spf: Lint

    @property
    def status(self) -> Status:
        return max((finding.status for finding in self.findings), default=Status.UNKNOWN)


async def lint_domain(resolver: Resolver, domain: str, selectors: Sequence[str] = ()) -> DomainLint:
    """Asks and judges all of a domain. selectors: of DKIM keys; keys cannot be found without them."""
    domain = domain.rstrip(".").lower()
    spf = asyncio.create_task(lint(resolver, domain))
    found = await asyncio.gather(
        _judge_mx(resolver, domain),
        _judge_dmarc(resolver, domain),
        *(_judge_key(resolver, domain, selector) for selector in selectors),
        *(_judge_optional(resolver, domain, *optional) for optional in _OPTIONAL),
        _judge_authorities(resolver, domain),
        _judge_dnssec(resolver, domain),
    )
    tree = await spf
    findings = _with_logo([_spf_finding(tree), *(finding for group in found for finding in group)])
    if not selectors:
        summary = f"DKIM of {domain} is unknown: no selector was named, and keys cannot be listed"
        findings.append(Finding("dns.dkim", Status.UNKNOWN, summary, domain, "Name the selectors of its signers."))
    return DomainLint(domain, tuple(sorted(findings, key=lambda finding: -finding.status)), tree)


def _spf_finding(tree: Lint) -> Finding:
    evidence = {remark.code: f"{remark.domain}: {remark.sentence}" for remark in tree.remarks} | {"record": tree.record}
    if not tree.remarks:
        summary = f"SPF of {tree.domain} is published, {tree.lookups} of 10 look-ups"
        return Finding("dns.spf", Status.OK, summary, tree.domain, evidence=evidence)
    worst = max(tree.remarks, key=lambda remark: remark.status)
    more = f" (and {len(tree.remarks) - 1} more)" if len(tree.remarks) > 1 else ""
    remedy = worst.remedy[:1].upper() + worst.remedy[1:]
    return Finding(
        "dns.spf", worst.status, f"SPF of {tree.domain}: {worst.sentence}{more}", tree.domain, remedy, evidence
    )


async def _judge_dmarc(resolver: Resolver, domain: str) -> list[Finding]:
    found = await applied(resolver, domain)
    verdict = _dmarc_verdict(found)
    findings = [_finding("dns.dmarc", verdict, domain)]
    uris = found.record.rua if found.record else ()
    allowed = await asyncio.gather(*(may_report_to(resolver, found.found_at, uri) for uri in uris))
    for uri, presence in zip(uris, allowed, strict=True):
        if presence is Presence.NO:
            summary = f"DMARC reports of {domain} do not reach {uri}: its domain does not agree to get them"
            remedy = f"Let it publish {found.found_at}._report._dmarc with v=DMARC1."
            findings.append(Finding("dns.dmarc", Status.WARNING, summary, uri, remedy))
    return findings


def _dmarc_verdict(found: Applied) -> Verdict:
    record = found.record
    if record is None:
        if not found.known:
            return Verdict(Status.UNKNOWN, f"DMARC of {found.domain} is unknown: DNS did not answer", "Ask again.")
        summary = f"DMARC of {found.domain} is missing: neither it nor a domain above publishes a policy"
        return Verdict(Status.CRITICAL, summary, "Publish v=DMARC1; p=none; rua=mailto:ADDRESS and read the reports.")
    evidence = {"record": record.text, "found at": found.found_at, "organisation": found.organizational}
    evidence["policy"] = found.policy
    where = "" if found.found_at == found.domain else f", from {found.found_at}"
    if record.faults:
        return Verdict(Status.WARNING, f"DMARC of {found.domain}: {record.faults[0]}", "Correct the record.", evidence)
    if found.policy == "none":
        summary = f"DMARC of {found.domain} is {found.tag}=none{where}: forged mail is delivered like ours"
        return Verdict(
            Status.WARNING, summary, "Go on to p=quarantine when the reports show that ours passes.", evidence
        )
    return Verdict(Status.OK, f"DMARC of {found.domain} is {found.tag}={found.policy}{where}", evidence=evidence)


def _with_logo(findings: list[Finding]) -> list[Finding]:
    """BIMI shows a logo only where DMARC has forged mail quarantined or rejected."""
    policy = next((one.evidence.get("policy", "") for one in findings if one.check == "dns.dmarc"), "")
    return [
        replace(
            one,
            status=Status.WARNING,
            summary=f"BIMI of {one.subject} shows no logo: DMARC is {policy}",
            remedy="Go on to p=quarantine or p=reject.",
        )
        if one.check == "dns.bimi" and one.status is Status.OK and policy == "none"
        else one
        for one in findings
    ]


async def _judge_mx(resolver: Resolver, domain: str) -> list[Finding]:
    answer = await resolver.query(domain, "MX")
    remedy = "Publish the mail servers that take mail for the domain."
    finding = _of_answer("dns.mx", "MX", domain, answer, records.judge_mx, remedy, subject=domain)
    if finding.status is not Status.OK:
        return [finding]
    named = [host for _, host in mx_hosts(answer) if host]
    hosts = list(dict.fromkeys(named))[:_MOST_HOSTS]
    answers = await asyncio.gather(
        *(asyncio.gather(resolver.query(host, "A"), resolver.query(host, "AAAA")) for host in hosts)
    )
    judged = [_judge_host(host, found) for host, found in zip(hosts, answers, strict=True)]
    doubled = _judge_doubled(named, dict(zip(hosts, answers, strict=True)))
    return [finding, *(one for one in (*judged, *doubled) if one is not None)]


def _judge_doubled(named: Sequence[str], answers: Mapping[str, Sequence[Answer]]) -> Iterator[Finding]:
    """Mail servers that stand twice in MX, by name or by address: the second helps nobody when the first is down."""
    for host in dict.fromkeys(named):
        if named.count(host) > 1:
            summary = f"MX names {host} {named.count(host)} times"
            yield Finding("dns.mx", Status.WARNING, summary, host, "Name each mail server once.")
    owners: dict[str, str] = {}
    for host, found in answers.items():
        for address in (record for answer in found for record in answer.records):
            first = owners.setdefault(address, host)
            if first != host:
                summary = f"the mail servers {first} and {host} are the same one, {address}"
                remedy = "Leave one of them, or give the other an address of its own."
                yield Finding("dns.mx", Status.WARNING, summary, host, remedy)
                break


def _judge_host(host: str, answers: Sequence[Answer]) -> Finding | None:
    """Whether a mail server has an address of its own; None when it is fine."""
    if all(answer.void for answer in answers):
        summary = f"the mail server {host} has no address"
        return Finding("dns.mx", Status.CRITICAL, summary, host, "Publish its address, or remove it from MX.")
    if not any(answer.records for answer in answers):
        summary = f"the address of the mail server {host} is unknown: DNS did not answer"
        return Finding("dns.mx", Status.UNKNOWN, summary, host, "Ask again; see whether its name server works.")
    alias = next((answer.canonical for answer in answers if answer.canonical), "")
    if alias:
        summary = f"the mail server {host} is an alias of {alias}, which MX must not name (RFC 2181, 10.3)"
        return Finding("dns.mx", Status.WARNING, summary, host, f"Name {alias} in MX.")
    return None


async def _judge_key(resolver: Resolver, domain: str, selector: str) -> list[Finding]:
    name = f"{selector}._domainkey.{domain}"
    answer = await resolver.query(name, "TXT")
    remedy = "Publish the key as the signer has it."
    return [_of_answer("dns.dkim", "DKIM key", name, answer, judge_dkim, remedy, subject=selector)]


async def _judge_optional(
    resolver: Resolver, domain: str, check: str, title: str, place: str, judge: Judge
) -> list[Finding]:
    """A record that a domain may do without: only a broken one, or silence, is worth a word."""
    name = f"{place}.{domain}"
    answer = await resolver.query(name, "TXT")
    verdict = judge(name, answer.records)
    if verdict is None and not answer.failed:
        return []
    if verdict is None:
        verdict = _silent(title, name, answer)
    return [_finding(check, verdict, domain)]


async def _judge_authorities(resolver: Resolver, domain: str) -> list[Finding]:
    """CAA, where a domain or one above it has any."""
    name, answer = await find_caa(resolver, domain)
    verdict = _silent("CAA", name, answer) if answer.failed else judge_caa(name, answer.records)
    return [_finding("dns.caa", verdict, domain)] if verdict else []


async def _judge_dnssec(resolver: Resolver, domain: str) -> list[Finding]:
    """Whether the zone is signed, as far as the resolver tells: one that validates vouches for what it answers."""
    keys, own = await asyncio.gather(resolver.query(domain, "DS"), resolver.query(domain, "SOA"))
    if own.authenticated:
        verdict = Verdict(Status.OK, f"{domain} is signed with DNSSEC, and the resolver has validated it")
    elif keys.records:
        summary = f"{domain} is signed with DNSSEC; whether rightly is unknown: this resolver does not validate"
        verdict = Verdict(Status.UNKNOWN, summary, "Ask a resolver that validates.", {"DS": " | ".join(keys.records)})
    else:
        return []
    return [_finding("dns.dnssec", verdict, domain)]


_OPTIONAL: tuple[tuple[str, str, str, Judge], ...] = (
    ("dns.mta-sts", "MTA-STS", "_mta-sts", records.judge_mta_sts),
    ("dns.tls-rpt", "TLS-RPT", "_smtp._tls", records.judge_tls_rpt),
    ("dns.bimi", "BIMI", "default._bimi", records.judge_bimi),
)


def _of_answer(
    check: str, title: str, name: str, answer: Answer, judge: Judge, remedy: str, *, subject: str
) -> Finding:
    if answer.failed:
        return _finding(check, _silent(title, name, answer), subject)
    verdict = judge(name, answer.records) or records.missing(title, name, answer.outcome, remedy)
    return _finding(check, verdict, subject)


def _silent(title: str, name: str, answer: Answer) -> Verdict:
    summary = f"{title} of {name} is unknown: DNS did not answer ({answer.outcome.value})"
    return Verdict(Status.UNKNOWN, summary, "Ask again; see whether the name server works.")


def _finding(check: str, verdict: Verdict, subject: str) -> Finding:
    return Finding(check, verdict.status, verdict.summary, subject, verdict.remedy, dict(verdict.evidence))
