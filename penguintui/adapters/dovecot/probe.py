"""Dovecot: its own statistics (OpenMetrics), its sessions and services (doveadm's HTTP API), its port for deliveries.

Whether somebody can log in is asked by the probe of type `imap`.
"""

from __future__ import annotations

import base64
import contextlib
from dataclasses import replace

from penguintui.adapters.asking import Answer, observe
from penguintui.adapters.connection import Phases, connected
from penguintui.adapters.counting import Counting
from penguintui.adapters.dovecot import answers
from penguintui.adapters.failure import Failure, NotAnswered, Reason, from_httpx, garbled
from penguintui.adapters.openmetrics import read
from penguintui.adapters.parts import Part, side_by_side
from penguintui.adapters.smtp.dialogue import MAX_LINE, Dialogue
from penguintui.adapters.web import Web, place_of, plain
from penguintui.config.serverprobes import DovecotProbe
from penguintui.model.clock import Clock
from penguintui.model.observation import Finding, Observation
from penguintui.model.status import Status
from penguintui.model.target import Target


class DovecotAdapter:
    """Asks what is configured, side by side. The number of failed logins is remembered from asking to asking."""

    def __init__(self, settings: DovecotProbe, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._web = Web(settings.ca_file)
        self._failures = Counting(settings.window)
        self._parts = []
        if settings.metrics_url:
            self._parts.append(Part("dovecot.metrics", place_of(settings.metrics_url), self._metrics))
        if settings.doveadm_url:
            self._parts.append(Part("dovecot.services", place_of(settings.doveadm_url), self._doveadm))
            if settings.replication:
                self._parts.append(Part("dovecot.replication", place_of(settings.doveadm_url), self._replication))
        if settings.lmtp:
            self._parts.append(Part("dovecot.lmtp", settings.lmtp, self._lmtp))

    async def probe(self, target: Target, deadline: float) -> Observation:
        return await observe(
            self._ask(deadline),
            check="dovecot.reach",
            place=self._parts[0].place,
            settings=self._settings,
            clock=self._clock,
            deadline=deadline,
            translate=from_httpx,
        )

    async def close(self) -> None:
        await self._web.close()

    async def _ask(self, deadline: float) -> Answer:
        seconds = deadline - self._clock.monotonic()
        answer = await side_by_side(self._parts, seconds, self._settings.unreachable_status)
        words = answers.reached(self._parts[0].place, answer, self._clock.now())
        reached = Finding("dovecot.reach", Status.OK, words)
        return replace(answer, findings=(reached, *answer.findings))

    async def _metrics(self) -> Answer:
        page = await self._web.ask(self._settings.metrics_url or "")
        page.refuse_errors()
        samples = tuple(read(page.body.decode("utf-8", "replace")))
        if not any(sample.metric.startswith("dovecot_") for sample in samples):
            raise NotAnswered(garbled(page.place, "no metrics of Dovecot"))
        total = answers.total(samples, self._settings.failures_metric)
        counted = None if total is None else self._failures.add(total, self._clock.monotonic())
        return Answer(samples, (answers.judge_failures(page.place, total, counted, self._settings),))

    async def _doveadm(self) -> Answer:
        who, services = await self._commands("who", "serviceStatus")
        return answers.services(who, services, self._settings)

    async def _replication(self) -> Answer:
        (rows,) = await self._commands("replicatorStatus")
        return answers.replication(rows)

    async def _commands(self, *commands: str) -> list[answers.Rows]:
        """The rows of each command's answer. Raises NotAnswered when one of them failed."""
        settings = self._settings
        headers = {}
        if settings.doveadm_key is not None:
            key = base64.b64encode(settings.doveadm_key.reveal().encode()).decode()
            headers["Authorization"] = f"X-Dovecot-API {key}"
        url = (settings.doveadm_url or "").rstrip("/")
        url += "" if url.endswith("/doveadm/v1") else "/doveadm/v1"
        page = await self._web.ask(url, headers=headers, json=[[command, {}, command] for command in commands])
        page.refuse_errors("Correct doveadm_url, or look into Dovecot's log.")
        document = page.document()
        if not isinstance(document, list):
            raise NotAnswered(garbled(page.place, "no list of answers"))
        by_command = {entry[2]: entry for entry in document if isinstance(entry, list) and len(entry) == 3}
        found: list[answers.Rows] = []
        for command in commands:
            kind, rows, _ = by_command.get(command, (None, None, None))
            if kind == "error":
                why = f"{page.place} could not do {command}: {plain(rows)}"
                raise NotAnswered(Failure(Reason.DENIED, why, "See Dovecot's log, and which commands it allows."))
            if kind != "doveadmResponse" or not isinstance(rows, list):
                raise NotAnswered(garbled(page.place, f"no answer to {command}"))
            found.append([row for row in rows if isinstance(row, dict)])
        return found

    async def _lmtp(self) -> Answer:
        """Greeting and LHLO (RFC 2033)."""
        place = self._settings.lmtp or ""
        host, _, port = place.rpartition(":")
        phases = Phases(self._clock)
        async with connected(host.strip("[]"), int(port), phases, limit=MAX_LINE) as (reader, writer):
            dialogue = Dialogue(reader, writer, place)
            with phases.phase("greeting"):
                greeting = await dialogue.reply()
            with phases.phase("lhlo"):
                hello = await dialogue.ask("LHLO penguintui.invalid") if greeting.code == 220 else greeting
            with contextlib.suppress(NotAnswered):
                await dialogue.quit()
        samples = phases.samples("probe_lmtp_duration_seconds")
        if hello.code != 250:
            words, remedy = f"{place} takes no deliveries: {hello}", "Look into Dovecot's log."
            return Answer(samples, (Finding("dovecot.lmtp", Status.CRITICAL, words, remedy=remedy),))
        words = f"{place} takes deliveries: {str(greeting)[:80]}"
        return Answer(samples, (Finding("dovecot.lmtp", Status.OK, words, evidence=phases.evidence),))
