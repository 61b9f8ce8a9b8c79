"""A TLS port: its certificate, and the version of the protocol that it agrees to."""

from __future__ import annotations

import ssl

from penguintui.adapters.asking import Answer, observe
from penguintui.adapters.certificates import (
    Certificate,
    expiry_sample,
    judge_expiry,
    judge_refused,
    reading_only,
    shown_certificates,
    verifying,
    verifying_shared,
)
from penguintui.adapters.connection import Phases, connected
from penguintui.adapters.failure import NotAnswered, garbled
from penguintui.adapters.smtp.dialogue import MAX_LINE, Dialogue
from penguintui.config.probes import TlsProbe
from penguintui.model.clock import Clock
from penguintui.model.observation import Finding, Observation, Sample
from penguintui.model.status import Status
from penguintui.model.target import Target

_OLD = {"SSLv3", "TLSv1", "TLSv1.1"}


class TlsAdapter:
    """Asks one port for its certificate. Each asking is a connection of its own, so renewals are seen."""

    def __init__(self, settings: TlsProbe, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._place = f"{settings.host}:{settings.port}"
        self._name = settings.server_name or settings.host

    async def probe(self, target: Target, deadline: float) -> Observation:
        return await observe(
            self._ask(),
            check="tls.reach",
            place=self._place,
            settings=self._settings,
            clock=self._clock,
            deadline=deadline,
        )

    async def close(self) -> None:
        """Nothing is kept between askings."""

    async def _ask(self) -> Answer:
        now = self._clock.now()
        try:
            context = verifying_shared(self._place, self._settings.ca_file, _verifying_old)
            shown, version, phases = await self._handshake(context)
            verdict = judge_expiry(shown, self._place, now, self._settings.certificate_days)
        except ssl.SSLCertVerificationError as error:
            shown, version, phases = await self._handshake(_also_old(reading_only()))
            verdict = judge_refused(error, shown, place=self._place, name=self._name, now=now)
        samples = (
            *expiry_sample(shown),
            Sample("probe_tls_version_info", 1.0, {"version": version}),
            *phases.samples("probe_tls_duration_seconds"),
        )
        reach = Finding("tls.reach", Status.OK, f"{self._place} speaks TLS", evidence=phases.evidence)
        return Answer(samples, (reach, verdict, self._judge_version(version)))

    async def _handshake(self, context: ssl.SSLContext) -> tuple[tuple[Certificate, ...], str, Phases]:
        """Connect and agree on TLS; nothing is sent over it."""
        phases = Phases(self._clock)
        host, port = self._settings.host, self._settings.port
        async with connected(host, port, phases, limit=MAX_LINE) as (reader, writer):
            if self._settings.starttls == "smtp":
                with phases.phase("starttls"):
                    await self._agree(Dialogue(reader, writer, self._place))
            with phases.phase("tls"):
                await writer.start_tls(context, server_hostname=self._name)
            tls: ssl.SSLObject = writer.get_extra_info("ssl_object")
            return shown_certificates(tls), tls.version() or "unknown", phases

    async def _agree(self, dialogue: Dialogue) -> None:
        greeting = await dialogue.reply()
        if greeting.code == 220:
            await dialogue.ask("EHLO penguintui.invalid")
            greeting = await dialogue.ask("STARTTLS")
        if greeting.code != 220:
            raise NotAnswered(garbled(self._place, f"no STARTTLS ({greeting})"))

    def _judge_version(self, version: str) -> Finding:
        evidence = {"version": version}
        if version not in _OLD:
            return Finding("tls.protocol", Status.OK, f"{self._place} agreed to {version}", evidence=evidence)
        return Finding(
            "tls.protocol",
            Status.WARNING,
            f"{self._place} agreed to nothing newer than {version}, which is deprecated (RFC 8996)",
            remedy="Let the service offer TLS 1.2 and 1.3.",
            evidence=evidence,
        )


def _verifying_old(place: str, ca_file: str | None) -> ssl.SSLContext:
    return _also_old(verifying(place, ca_file))


def _also_old(context: ssl.SSLContext) -> ssl.SSLContext:
    """Also agree to deprecated versions, so that they are reported instead of refused; nothing is sent over them."""
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    return context
