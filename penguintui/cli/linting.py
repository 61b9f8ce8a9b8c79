"""All that `penguintui mail lint` looks at: the domain, its sending addresses, and on demand its servers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from penguintui.adapters.dns.nameserver import NameServer
    from penguintui.mail.domain import DomainLint
    from penguintui.model.observation import Finding


@dataclass(frozen=True, slots=True)
class Senders:
    """Sending addresses, what they say in HELO, and the lists that are asked for them."""

    addresses: tuple[str, ...] = ()
    helo: str = ""
    blocklists: tuple[str, ...] = ()


async def lint_all(server: NameServer, domain: str, selectors: Sequence[str], senders: Senders) -> DomainLint:
    """The lint of a domain, with the findings on its sending addresses."""
    from penguintui.clock import SystemClock
    from penguintui.mail.domain import lint_domain
    from penguintui.mail.sending import judge_senders

    found = await lint_domain(server, domain, selectors)
    now = SystemClock().now()
    more = await judge_senders(server, domain, senders.addresses, senders.helo, senders.blocklists, now)
    return with_findings(found, more)


async def protection(domain: str, resolver: str | None, seconds: float) -> list[Finding]:
    """How mail to the domain is protected: policy, TLS and DANE, as the probe `mail-tls` sees them."""
    from penguintui.adapters.mailtls.probe import MailTlsAdapter
    from penguintui.clock import SystemClock
    from penguintui.config.mailprobes import MailTlsProbe
    from penguintui.model.target import Kind, Target

    clock = SystemClock()
    settings = MailTlsProbe(type="mail-tls", domain=domain, nameserver=resolver, expect=())
    observation = await MailTlsAdapter(settings, clock).probe(
        Target(domain, Kind.DOMAIN, ""), clock.monotonic() + seconds
    )
    known = ("dns.reach", "dns.mta-sts", "dns.tls-rpt")  # the lint has said that already
    return [finding for finding in observation.findings if finding.check not in known or not observation.up]


def signers(found: DomainLint, keys: Mapping[str, bytes]) -> DomainLint:
    """The lint with, for each key that is published, whether it is the signer's. keys: in PEM, by selector."""
    from penguintui.mail.signer import judge_match
    from penguintui.model.observation import Finding

    published = {
        one.subject: one.evidence["record"]
        for one in found.findings
        if one.check == "dns.dkim" and one.subject in keys and "record" in one.evidence
    }
    verdicts = [
        (name, judge_match(f"{name}._domainkey.{found.domain}", record, keys[name]))
        for name, record in published.items()
    ]
    more = [Finding("dns.dkim", v.status, v.summary, name, v.remedy, v.evidence) for name, v in verdicts]
    return with_findings(found, more)


def with_findings(found: DomainLint, more: Sequence[Finding]) -> DomainLint:
    """The lint with more findings, the most worrying first."""
    return replace(found, findings=tuple(sorted((*found.findings, *more), key=lambda finding: -finding.status)))
