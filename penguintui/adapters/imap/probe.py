"""An IMAP server: greeting, TLS, login; and a mailbox of bounces or reports, each mail of which is read once."""

from __future__ import annotations

from collections.abc import Mapping

from penguintui.adapters.asking import Answer, observe
from penguintui.adapters.certificates import expiry_sample, judge_expiry, shown_certificates
from penguintui.adapters.connection import Phases, connected
from penguintui.adapters.dmarc.judging import judge_sources, sample_sources
from penguintui.adapters.dmarc.names import name_sources
from penguintui.adapters.dmarc.sources import Sources
from penguintui.adapters.imap.dialogue import MAX_LINE, MAX_MAIL, Dialogue, Mailbox
from penguintui.adapters.imap.login import begin
from penguintui.adapters.imap.mailboxes import Readings
from penguintui.config.probes import ImapProbe
from penguintui.model.clock import Clock
from penguintui.model.observation import Bookmark, Finding, Observation, Sample
from penguintui.model.status import Status
from penguintui.model.target import Target

MOST_MAILS = 500
"""Mails that one asking reads; the others wait for the next."""
_SHARE = 0.8
"""Of the time given, this much is spent on reading."""
_NAMING = 0.5
"""Of the time that is left then, this much on asking for the names of sources."""


class ImapAdapter:
    """Looks, and changes nothing: no mail is marked, moved or deleted. What was read is remembered by its number."""

    def __init__(self, settings: ImapProbe, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._place = f"{settings.host}:{settings.port}"
        self._sources = Sources(settings.sources.window) if settings.read == "reports" else None
        self._readings = Readings(self._sources)
        self._validity: int | None = None
        self._next = 1
        self._vanished = 0
        self._told: dict[str, str] = {}

    def go_on(self, bookmarks: Mapping[str, str]) -> None:
        validity, _, following = bookmarks.get(self._reads, "").partition(" ")
        if validity.isdecimal() and following.isdecimal():
            self._validity, self._next = int(validity), int(following)
        self._readings.remember(bookmarks.get(self._seen, ""))
        if self._sources is not None:
            self._sources.remember(bookmarks.get(self._counted, ""))

    @property
    def _reads(self) -> str:
        """What is read, as its bookmark names it: the same mailbox read for something else begins anew."""
        settings = self._settings
        return f"{settings.read} in {settings.mailbox} of {settings.user} at {self._place}"

    @property
    def _seen(self) -> str:
        """The bookmark of the reports themselves: a copy of one may come at any time."""
        return f"copies of {self._reads}"

    @property
    def _counted(self) -> str:
        """The bookmark of what is counted over a window, which is longer than an agent lives."""
        return f"sources in {self._reads}"

    async def probe(self, target: Target, deadline: float) -> Observation:
        return await observe(
            self._ask(deadline),
            check="imap.reach",
            place=self._place,
            settings=self._settings,
            clock=self._clock,
            deadline=deadline,
        )

    async def close(self) -> None:
        """Nothing is kept open between askings."""

    async def _ask(self, deadline: float) -> Answer:
        settings, phases = self._settings, Phases(self._clock)
        findings: list[Finding] = []
        samples: list[Sample] = []
        async with connected(settings.host, settings.port, phases, limit=MAX_LINE) as (reader, writer):
            dialogue = Dialogue(reader, writer, self._place)
            greeting = await begin(dialogue, settings, phases)
            shown = shown_certificates(dialogue.tls) if dialogue.tls else ()
            if settings.tls != "none":
                findings.append(judge_expiry(shown, self._place, self._clock.now(), settings.certificate_days))
            if settings.user is not None:
                with phases.phase("login"):
                    await dialogue.login(settings.user, settings.password.reveal() if settings.password else "")
                mailbox = await dialogue.examine(settings.mailbox)
                labels = {"mailbox": settings.mailbox}
                samples.append(Sample("penguintui_mailbox_messages", float(mailbox.exists), labels))
                if settings.read is not None:
                    findings.append(await self._read(dialogue, mailbox, deadline))
            await dialogue.logout()
        evidence = {"greeting": greeting[:200], **phases.evidence}
        findings.insert(
            0, Finding("imap.reach", Status.OK, f"{self._place} answers: {greeting[:80]}", evidence=evidence)
        )
        if self._sources is not None and settings.user is not None:
            findings += await self._look_at_sources(self._sources, deadline)
            samples += sample_sources(self._sources, self._clock.now(), settings.sources.new_for)
        samples += [*phases.samples("probe_imap_duration_seconds"), *expiry_sample(shown), *self._readings.samples()]
        return Answer(tuple(samples), tuple(findings), self._readings.take_events(), bookmarks=self._bookmarks())

    def _bookmarks(self) -> tuple[Bookmark, ...]:
        if self._validity is None:
            return ()
        places = {self._reads: f"{self._validity} {self._next}", self._seen: self._readings.seen}
        if self._sources is not None:
            places[self._counted] = self._sources.text()
        changed = {place: mark for place, mark in places.items() if mark != self._told.get(place, "")}
        self._told |= changed
        return tuple(Bookmark(place, mark) for place, mark in changed.items())

    async def _read(self, dialogue: Dialogue, mailbox: Mailbox, deadline: float) -> Finding:
        """Read what is new. Another numbering means another mailbox: then all of it is new."""
        if mailbox.validity != self._validity:
            first = self._validity is None and self._settings.read_from == "end"
            self._validity, self._next = mailbox.validity, mailbox.next if first else 1
        until = self._clock.monotonic() + _SHARE * (deadline - self._clock.monotonic())
        read, left_out = 0, 0
        while self._next < mailbox.next and read < MOST_MAILS and self._clock.monotonic() < until:
            last = min(self._next + MOST_MAILS, mailbox.next) - 1
            for uid, size in sorted((await dialogue.sizes(self._next, last)).items()):
                if read >= MOST_MAILS or self._clock.monotonic() >= until:
                    last = uid - 1
                    break
                read += 1
                mail = await dialogue.mail(uid) if size <= MAX_MAIL else None
                left_out += size > MAX_MAIL
                if mail is not None:
                    self._take(mail, uid)
                elif size <= MAX_MAIL:
                    self._vanished += 1
                self._next = uid + 1
            self._next = max(self._next, last + 1)
        return self._judge(read, left_out, mailbox.next - self._next)

    async def _look_at_sources(self, sources: Sources, deadline: float) -> list[Finding]:
        now, asked = self._clock.now(), self._settings.sources
        sources.expire(now)
        findings = list(judge_sources(sources, now, asked))
        if asked.nameserver is not None:
            seconds = _NAMING * (deadline - self._clock.monotonic())
            findings += await name_sources(sources, asked.nameserver, seconds)
        return findings

    def _take(self, mail: bytes, uid: int) -> None:
        now = self._clock.now()
        if self._settings.read == "bounces":
            self._readings.add_bounces(mail, now)
        else:
            self._readings.add_reports(mail, f"mail {uid}", now)

    def _judge(self, read: int, left_out: int, behind: int) -> Finding:
        name, readings = f"{self._settings.mailbox} at {self._place}", self._readings
        summary = f"{name}: {read} new mails, {readings.mails} since it is watched"
        evidence = {f"refused {place}": why for place, why in enumerate(readings.refused, 1)}
        if readings.copies:
            evidence["copies"] = f"{readings.copies} reports came more than once and count once"
        if self._vanished:
            evidence["vanished"] = f"{self._vanished} mails were gone when they were asked for"
        if behind > 0:
            remedy = "Ask more often, or see what fills the mailbox."
            return Finding("mailbox.read", Status.WARNING, f"{summary}; more wait", remedy=remedy, evidence=evidence)
        if left_out:
            summary += f"; {left_out} of more than {MAX_MAIL >> 20} MiB were not read"
            remedy = "Look at them by hand; they are still there."
            return Finding("mailbox.read", Status.WARNING, summary, remedy=remedy, evidence=evidence)
        if readings.refused:
            summary += f"; {len(readings.refused)} reports could not be read, the last: {readings.refused[-1]}"
            remedy = "Look at them by hand; they are still there."
            return Finding("mailbox.read", Status.WARNING, summary, remedy=remedy, evidence=evidence)
        return Finding("mailbox.read", Status.OK, summary, evidence=evidence)
