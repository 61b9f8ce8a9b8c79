"""An SMTP server: greeting, EHLO, STARTTLS, certificate."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field

from penguintui.adapters.asking import Answer, observe
from penguintui.adapters.certificates import (
    Certificate,
    expiry_sample,
    judge_expiry,
    judge_refused,
    reading_only,
    shown_certificates,
    verifying_mail,
    verifying_shared,
)
from penguintui.adapters.connection import Phases, connected
from penguintui.adapters.failure import tls_words
from penguintui.adapters.levels import judge, limit_crossed
from penguintui.adapters.smtp.dialogue import MAX_LINE, Dialogue, Reply
from penguintui.config.probes import SmtpProbe
from penguintui.model.clock import Clock
from penguintui.model.observation import Finding, Observation
from penguintui.model.status import Status
from penguintui.model.target import Target


@dataclass
class _Session:
    """What one connection brought. `starttls` is None when it was not asked for; `broken` says why TLS failed."""

    phases: Phases
    greeting: Reply
    ehlo: Reply | None = None
    starttls: Reply | None = None
    shown: tuple[Certificate, ...] = ()
    version: str = ""
    broken: str = ""
    capabilities: Mapping[str, str] = field(default_factory=dict)


class SmtpAdapter:
    """Talks to one SMTP server as far as a sending server would before its first mail, then says QUIT."""

    def __init__(self, settings: SmtpProbe, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._place = f"{settings.host}:{settings.port}"
        self._name = settings.server_name or settings.host

    async def probe(self, target: Target, deadline: float) -> Observation:
        return await observe(
            self._ask(),
            check="smtp.reach",
            place=self._place,
            settings=self._settings,
            clock=self._clock,
            deadline=deadline,
        )

    async def close(self) -> None:
        """Nothing is kept between askings."""

    async def _ask(self) -> Answer:
        now, settings = self._clock.now(), self._settings
        certificate: tuple[Finding, ...] = ()
        try:
            session = await self._talk(verifying_shared(self._place, settings.ca_file, verifying_mail))
            if session.version:
                certificate = (judge_expiry(session.shown, self._place, now, settings.certificate_days),)
        except ssl.SSLCertVerificationError as error:
            session = await self._talk(reading_only())
            status = Status.CRITICAL if settings.starttls == "required" else Status.WARNING
            shown, place, name = session.shown, self._place, self._name
            certificate = (judge_refused(error, shown, place=place, name=name, now=now, status=status),)
        findings = (
            Finding("smtp.reach", Status.OK, f"{self._place} answers", evidence=session.phases.evidence),
            self._judge_greeting(session),
            *self._judge_starttls(session),
            *certificate,
            self._judge_time(session),
        )
        return Answer((*session.phases.samples("probe_smtp_duration_seconds"), *expiry_sample(session.shown)), findings)

    async def _talk(self, context: ssl.SSLContext) -> _Session:
        phases = Phases(self._clock)
        async with connected(self._settings.host, self._settings.port, phases, limit=MAX_LINE) as (reader, writer):
            dialogue = Dialogue(reader, writer, self._place)
            with phases.phase("greeting"):
                session = _Session(phases, await dialogue.reply())
            if session.greeting.code != 220:
                return session
            with phases.phase("ehlo"):
                session.ehlo = await dialogue.ask(f"EHLO {self._settings.helo}")
            if session.ehlo.code == 250:
                session.capabilities = session.ehlo.capabilities
                if self._settings.starttls != "none" and "STARTTLS" in session.capabilities:
                    await self._upgrade(dialogue, session, context)
            if not session.broken:
                await dialogue.quit()
            return session

    async def _upgrade(self, dialogue: Dialogue, session: _Session, context: ssl.SSLContext) -> None:
        with session.phases.phase("starttls"):
            session.starttls = await dialogue.ask("STARTTLS")
            if session.starttls.code != 220:
                return
            try:
                await dialogue.upgrade(context, self._name)
            except ssl.SSLCertVerificationError:
                raise
            except ssl.SSLError as error:
                session.broken = tls_words(error)
                return
            tls = dialogue.tls
            session.shown = shown_certificates(tls)
            session.version = (tls and tls.version()) or "unknown"
            secured = await dialogue.ask(f"EHLO {self._settings.helo}")
            session.capabilities = secured.capabilities if secured.code == 250 else {}

    def _judge_greeting(self, session: _Session) -> Finding:
        greeting, ehlo = session.greeting, session.ehlo
        evidence = {"greeting": str(greeting)}
        if ehlo is None:
            words, remedy = {
                421: ("takes no mail now", "See whether it is overloaded or stopping; its log says why."),
                554: ("turns this client away", "See its access rules and blocklists; its log says why."),
            }.get(greeting.code, ("greets with a refusal", "Look into the mail server's log."))
            summary = f"{self._place} {words}: {greeting}"
            return Finding("smtp.greeting", Status.CRITICAL, summary, remedy=remedy, evidence=evidence)
        if ehlo.code != 250:
            summary = f"{self._place} greets, but refuses EHLO {self._settings.helo}: {ehlo}"
            remedy = "Allow this client's name (helo), or see what the server has against it in its log."
            return Finding("smtp.greeting", Status.CRITICAL, summary, remedy=remedy, evidence=evidence)
        evidence["extensions"] = ", ".join(f"{name} {value}".strip() for name, value in session.capabilities.items())
        return Finding("smtp.greeting", Status.OK, f"{self._place} greets: {greeting}", evidence=evidence)

    def _judge_starttls(self, session: _Session) -> tuple[Finding, ...]:
        """Nothing when it is not asked for, or when the dialogue did not come so far."""
        if self._settings.starttls == "none" or session.ehlo is None or session.ehlo.code != 250:
            return ()
        if session.version:
            summary = f"{self._place} offers STARTTLS and agreed to {session.version}"
            return (Finding("smtp.starttls", Status.OK, summary, evidence={"version": session.version}),)
        if session.broken:
            summary = f"{self._place} offers STARTTLS, but the handshake fails: {session.broken}"
            remedy = "Let the mail server offer TLS 1.2 or 1.3, and see its log."
        elif session.starttls is not None:
            summary = f"{self._place} offers STARTTLS, but refuses it: {session.starttls}"
            remedy = "See whether the server can read its certificate and key; its log says why."
        elif self._settings.starttls == "optional":
            return (Finding("smtp.starttls", Status.OK, f"{self._place} does not offer STARTTLS, which may be"),)
        else:
            summary = f"{self._place} does not offer STARTTLS: mail would travel unencrypted"
            remedy = "Configure a certificate and STARTTLS in the mail server; a proxy in between may hide it."
        return (Finding("smtp.starttls", Status.CRITICAL, summary, remedy=remedy),)

    def _judge_time(self, session: _Session) -> Finding:
        seconds = sum(session.phases.seconds.get(name, 0.0) for name in ("resolve", "connect", "greeting"))
        status = judge(seconds, self._settings.response_seconds)
        crossed = limit_crossed(status, self._settings.response_seconds, "s")
        summary = f"{self._place} greeted after {seconds:.2f} s{crossed and f', {crossed}'}"
        remedy = "See the load of the mail server and its checks before the greeting (DNS, blocklists)."
        return Finding("smtp.time", status, summary, remedy=remedy if crossed else "", evidence=session.phases.evidence)
