"""How mail to a domain is protected on its way: MTA-STS (RFC 8461), TLS reports (RFC 8460), DANE (RFC 7672)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from penguintui.adapters.asking import Answer as Answered
from penguintui.adapters.asking import observe
from penguintui.adapters.certificates import verifying
from penguintui.adapters.dns.nameserver import SYSTEM, NameServer, from_dns, opened
from penguintui.adapters.failure import Failure, NotAnswered, from_error
from penguintui.adapters.mailtls.mailserver import MailServer, Shown
from penguintui.adapters.mailtls.stspolicy import fetch_policy
from penguintui.config.mailprobes import MailTlsProbe
from penguintui.mail import records
from penguintui.mail.dane import judge_dane
from penguintui.mail.mtasts import Policy, judge_change, judge_media_type, judge_policy, parse_policy, policy_id
from penguintui.mail.records import Verdict
from penguintui.mail.resolver import Answer, mx_hosts
from penguintui.mail.transport import judge_server
from penguintui.model.clock import Clock
from penguintui.model.observation import Finding, Observation, Sample
from penguintui.model.status import Status
from penguintui.model.target import Target

MOST_HOSTS = 10
"""Mail servers that are connected to."""
_SHARE = 0.7
"""Of the time that is left, for one step: what hangs must not cost what the others say."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """One mail server. shown: None when it could not be asked, and why in `failure`."""

    host: str
    tlsa: Answer
    shown: Shown | None = None
    failure: str = ""


class MailTlsAdapter:
    """Asks a domain's records, its policy file and each of its mail servers."""

    def __init__(self, settings: MailTlsProbe, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._domain = settings.domain.strip().rstrip(".").lower()
        self._place = f"{settings.nameserver or SYSTEM}, asked about {self._domain},"
        self._before: tuple[str, str] | None = None

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
        """Nothing is kept open between askings."""

    async def _ask(self, deadline: float) -> Answered:
        server = await opened(self._settings.nameserver, self._place, self._left(deadline))
        mx = await server.ask(self._domain, "MX")
        if isinstance(mx, Failure):
            raise NotAnswered(mx)
        reach = Finding("dns.reach", Status.OK, f"{self._place} answers")
        hosts = list(dict.fromkeys(host for _, host in mx_hosts(mx)))[:MOST_HOSTS]
        if hosts == [""]:
            summary = f"{self._domain} takes no mail (null MX): there is nothing to protect"
            return Answered(findings=(reach, Finding("mail-tls.server", Status.OK, summary)))
        hosts = [host for host in hosts if host] or [self._domain]  # no MX: the domain itself (RFC 5321, 5.1)
        (policy, found), reports, seen = await asyncio.gather(
            self._policy(server, hosts, deadline),
            self._reports(server),
            asyncio.gather(*(self._server(server, host, deadline) for host in hosts)),
        )
        servers = [self._judged(one, policy) for one in seen]
        dane = [finding for one in seen if (finding := self._dane(one, mx.authenticated)) is not None]
        samples = tuple(
            Sample("penguintui_mail_tls_protected", float(finding.status is Status.OK), {"host": finding.subject})
            for finding in servers
            if finding.status is not Status.UNKNOWN
        )
        return Answered(samples, (reach, *found, *reports, *servers, *dane))

    def _left(self, deadline: float) -> float:
        return max(0.0, deadline - self._clock.monotonic()) * _SHARE

    async def _policy(
        self, server: NameServer, hosts: Sequence[str], deadline: float
    ) -> tuple[Policy | None, list[Finding]]:
        """The policy that senders take, if they take one, and what is to be said of record and file."""
        name = f"_mta-sts.{self._domain}"
        record = await server.query(name, "TXT")
        if record.failed:
            return None, [self._unknown("dns.mta-sts", f"MTA-STS of {name}", record)]
        verdict = records.judge_mta_sts(name, record.records)
        if verdict is None:
            if "mta-sts" not in self._settings.expect:
                return None, []
            remedy = "Publish the TXT record v=STSv1; id=…, and the policy it announces."
            return None, [
                _finding("dns.mta-sts", records.missing("MTA-STS", name, record.outcome, remedy, Status.WARNING))
            ]
        found = [_finding("dns.mta-sts", verdict)]
        if verdict.status is not Status.OK:
            return None, found
        policy, judged = await self._file(server, policy_id(record.records), hosts, deadline)
        return policy, [*found, _finding("mta-sts.policy", judged)]

    async def _file(
        self, server: NameServer, identifier: str, hosts: Sequence[str], deadline: float
    ) -> tuple[Policy | None, Verdict]:
        host = f"mta-sts.{self._domain}"
        addresses, silent = await _addresses(server, host)
        if not addresses:
            why = "DNS did not answer" if silent else "it has no address"
            summary = f"the MTA-STS policy of {self._domain} cannot be fetched from {host}: {why}"
            status = Status.UNKNOWN if silent else Status.CRITICAL
            return None, Verdict(status, summary, f"Give {host} the address of the web server with the policy.")
        settings = self._settings
        seconds = self._left(deadline)
        try:
            async with asyncio.timeout(seconds):
                fetched = await fetch_policy(
                    self._domain, addresses[0], seconds=seconds, port=settings.policy_port, ca_file=settings.ca_file
                )
        except TimeoutError:
            summary = f"the MTA-STS policy of {self._domain} was not served in time by {host} ({addresses[0]})"
            return None, Verdict(Status.CRITICAL, summary, "See whether the web server hangs or a firewall is there.")
        if fetched.trouble is not None:
            return None, fetched.trouble
        now = (identifier, fetched.text)
        verdicts = [judge_policy(self._domain, fetched.text, hosts), judge_media_type(self._domain, fetched.media_type)]
        verdicts.append(judge_change(self._domain, self._before, now) if self._before else None)
        if self._before is None or verdicts[-1] is None:
            self._before = now
        policy = parse_policy(fetched.text)
        worst = max((one for one in verdicts if one is not None), key=lambda one: one.status)
        return None if policy.faults else policy, worst

    async def _reports(self, server: NameServer) -> list[Finding]:
        name = f"_smtp._tls.{self._domain}"
        answer = await server.query(name, "TXT")
        if answer.failed:
            return [self._unknown("dns.tls-rpt", f"TLS-RPT of {name}", answer)]
        verdict = records.judge_tls_rpt(name, answer.records)
        if verdict is None and "tls-rpt" in self._settings.expect:
            remedy = "Publish the TXT record v=TLSRPTv1; rua=mailto:ADDRESS."
            verdict = records.missing("TLS-RPT", name, answer.outcome, remedy, Status.WARNING)
        return [_finding("dns.tls-rpt", verdict)] if verdict else []

    async def _server(self, server: NameServer, host: str, deadline: float) -> _Seen:
        settings = self._settings
        tlsa, (addresses, silent) = await asyncio.gather(
            server.query(f"_{settings.port}._tcp.{host}", "TLSA"), _addresses(server, host)
        )
        if not addresses:
            return _Seen(host, tlsa, failure="DNS did not answer for it" if silent else "it has no address")
        place = f"{host} ({addresses[0]}:{settings.port})"
        context = verifying(place, settings.ca_file)
        seconds = self._left(deadline)
        try:
            async with asyncio.timeout(seconds):
                one = MailServer(host, addresses[0], settings.port, settings.helo, self._clock)
                return _Seen(host, tlsa, await one.shown(context))
        except (NotAnswered, OSError, EOFError) as error:
            return _Seen(host, tlsa, failure=from_error(error, place, seconds).text)

    def _judged(self, one: _Seen, policy: Policy | None) -> Finding:
        if one.shown is None:
            summary = f"how mail to {one.host} is protected is unknown: {one.failure}"
            remedy = "See whether this machine may connect to it; many networks close port 25."
            return Finding("mail-tls.server", Status.UNKNOWN, summary, one.host, remedy)
        mode = policy.mode if policy else ""
        return _finding("mail-tls.server", judge_server(one.host, one.shown.version, one.shown.trouble, mode), one.host)

    def _dane(self, one: _Seen, mx_signed: bool) -> Finding | None:
        if one.tlsa.failed:
            return self._unknown("dane.tlsa", f"TLSA of {one.host}", one.tlsa, one.host)
        chain = one.shown.chain if one.shown else ()
        signed = one.tlsa.authenticated and mx_signed
        now = self._clock.now()
        verdict = judge_dane(one.host, one.tlsa.records, chain, authenticated=signed, domain=self._domain, now=now)
        if verdict is not None:
            return _finding("dane.tlsa", verdict, one.host)
        if "dane" not in self._settings.expect:
            return None
        remedy = f"Publish _{self._settings.port}._tcp.{one.host} TLSA 3 1 1 with the digest of its public key."
        name = f"_{self._settings.port}._tcp.{one.host}"
        return _finding("dane.tlsa", records.missing("TLSA", name, one.tlsa.outcome, remedy, Status.WARNING), one.host)

    def _unknown(self, check: str, what: str, answer: Answer, subject: str = "") -> Finding:
        summary = f"{what} is unknown: DNS did not answer ({answer.outcome.value})"
        remedy = "See whether the name server works; senders that ask the same put mail off."
        return Finding(check, Status.UNKNOWN, summary, subject, remedy)


async def _addresses(server: NameServer, host: str) -> tuple[list[str], bool]:
    """Where a host is reached, IPv4 first, and whether DNS was silent about it."""
    answers = await asyncio.gather(server.query(host, "A"), server.query(host, "AAAA"))
    found = [record for answer in answers for record in answer.records]
    return found, not found and any(answer.failed for answer in answers)


def _finding(check: str, verdict: Verdict, subject: str = "") -> Finding:
    return Finding(check, verdict.status, verdict.summary, subject, verdict.remedy, dict(verdict.evidence))
