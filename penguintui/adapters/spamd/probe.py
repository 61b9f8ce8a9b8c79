"""SpamAssassin's spamd: whether it answers, and what it thinks of a canary, a mail as we send it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from penguintui.adapters.asking import Answer, observe
from penguintui.adapters.certificates import verifying
from penguintui.adapters.connection import Phases, connected
from penguintui.adapters.levels import judge, limit_crossed
from penguintui.adapters.spamd.dialogue import MAX_LINE, Dialogue, Score
from penguintui.config.serverprobes import SpamdProbe
from penguintui.model.clock import Clock
from penguintui.model.observation import Finding, Observation, Sample
from penguintui.model.secret import Secret
from penguintui.model.status import Status
from penguintui.model.target import Target

_SHOWN_RULES = 20


class SpamdAdapter:
    """Each request is a connection of its own, as spamd wants it."""

    def __init__(self, settings: SpamdProbe, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._place = f"{settings.host}:{settings.port}"
        canary = settings.canary.reveal() if isinstance(settings.canary, Secret) else settings.canary or ""
        text = canary.replace("\r\n", "\n").replace("\n", "\r\n")
        self._canary = text.encode("utf-8", "surrogateescape")

    async def probe(self, target: Target, deadline: float) -> Observation:
        return await observe(
            self._ask(),
            check="spamd.reach",
            place=self._place,
            settings=self._settings,
            clock=self._clock,
            deadline=deadline,
        )

    async def close(self) -> None:
        """Nothing is kept between askings."""

    async def _ask(self) -> Answer:
        phases = Phases(self._clock)
        async with self._connected(phases) as dialogue:
            with phases.phase("ping"):
                version = await dialogue.ping()
        samples: list[Sample] = []
        findings = [Finding("spamd.reach", Status.OK, f"{self._place} answers: spamd, protocol {version}")]
        if self._canary:
            async with self._connected(phases) as dialogue:
                with phases.phase("scan"):
                    score = await dialogue.score(self._canary, self._settings.user)
            findings += (self._judge_score(score), self._judge_time(phases.seconds["scan"]))
            samples += (Sample("spamd_canary_score", score.points), Sample("spamd_canary_limit", score.limit))
        samples += phases.samples("probe_spamd_duration_seconds")
        return Answer(tuple(samples), tuple(findings))

    @asynccontextmanager
    async def _connected(self, phases: Phases) -> AsyncIterator[Dialogue]:
        settings = self._settings
        async with connected(settings.host, settings.port, phases, limit=MAX_LINE) as (reader, writer):
            if settings.tls:
                with phases.phase("tls"):
                    context = verifying(self._place, settings.ca_file)
                    await writer.start_tls(context, server_hostname=settings.server_name or settings.host)
            yield Dialogue(reader, writer, self._place)

    def _judge_score(self, score: Score) -> Finding:
        levels = self._settings.score
        status = Status.CRITICAL if score.spam else judge(score.points, levels)
        words = f"the canary scores {score.points:g} of {score.limit:g}"
        crossed = limit_crossed(status, levels)
        if score.spam:
            words += ": it is taken for spam"
        elif crossed:
            words += f", {crossed}"
        rules = ", ".join(score.rules[:_SHOWN_RULES])
        if status is not Status.OK and rules:
            words += f" ({rules})"
        remedy = "" if status is Status.OK else "Change in the mail what these rules object to."
        return Finding("spamd.canary", status, words, remedy=remedy, evidence={"rules": rules or "none"})

    def _judge_time(self, seconds: float) -> Finding:
        levels = self._settings.scan_seconds
        status = judge(seconds, levels)
        crossed = limit_crossed(status, levels, "s")
        words = f"{self._place} scanned the canary in {seconds:.2f} s{crossed and f', {crossed}'}"
        remedy = "See its load (--max-children), and whether DNS and other services that it asks answer quickly."
        return Finding("spamd.time", status, words, remedy=remedy if crossed else "")
