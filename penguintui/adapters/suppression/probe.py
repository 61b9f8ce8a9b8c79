"""The loop of bounces, complaints and unsubscriptions: what is new in a mailbox goes into the list, again and again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

from penguintui.adapters.asking import Answer, observe
from penguintui.adapters.failure import NotAnswered, from_error, local
from penguintui.adapters.imap.newmail import opened as opened_mailbox
from penguintui.adapters.imap.newmail import source_of
from penguintui.adapters.imap.position import Position
from penguintui.adapters.suppression.lists import opened as opened_list
from penguintui.adapters.suppression.mailfolder import Found, mails
from penguintui.adapters.suppression.processing import Done, Processing, Rules
from penguintui.adapters.suppression.sql import SqlSuppressions, SuppressionError
from penguintui.config.mailprobes import MailboxSettings, SuppressionProbe
from penguintui.mail.suppression import SoftRule
from penguintui.model.clock import Clock, Time
from penguintui.model.observation import Event, Finding, Observation, Sample
from penguintui.model.secret import Secret
from penguintui.model.status import Status
from penguintui.model.target import Target

MOST = 500
"""Mails that one asking processes; the others wait for the next."""
_SHARE = 0.8
_MOST_REMEMBERED = 100_000


class SuppressionAdapter:
    """Writes into the list, and may send confirmations; each mail has its effect once, whoever asks, however often."""

    def __init__(self, settings: SuppressionProbe, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        mailbox = settings.mailbox
        self._place = source_of(mailbox) if mailbox is not None else str(settings.folder)
        self._processing: Processing | None = None
        self._list: SqlSuppressions | None = None
        self._counts: Counter[str] = Counter()
        self._mails = 0
        self._names: dict[str, None] = {}

    async def probe(self, target: Target, deadline: float) -> Observation:
        return await observe(
            self._ask(deadline),
            check="suppression.read",
            place=self._place,
            settings=self._settings,
            clock=self._clock,
            deadline=deadline,
        )

    async def close(self) -> None:
        if self._list is not None:
            self._list.close()

    async def _ask(self, deadline: float) -> Answer:
        begun = self._clock.monotonic()
        until = begun + _SHARE * (deadline - begun)
        done: list[Done] = []

        def go_on() -> bool:
            return len(done) < MOST and self._clock.monotonic() < until

        waiting, broken = 0, None
        try:
            waiting = await self._process(done, go_on)
            kept = Finding("suppression.list", Status.OK, f"{self._opened().place} takes what is suppressed")
        except SuppressionError as error:
            remedy = "See whether it is there and may be written; the mails wait, and nothing of them is lost."
            kept = Finding("suppression.list", Status.CRITICAL, str(error), remedy=remedy)
        except (NotAnswered, OSError, EOFError) as error:
            if not done:
                raise
            broken = from_error(error, self._place)
            kept = Finding("suppression.list", Status.OK, f"{self._opened().place} takes what is suppressed")
        self._mails += len(done)
        events = tuple(event for one in done for event in self._events(one))
        samples = (
            Sample("penguintui_suppression_mails_total", float(self._mails)),
            *(Sample("penguintui_suppressions_total", float(n), {"reason": why}) for why, n in self._counts.items()),
        )
        read = self._read(done, waiting)
        if broken is not None:  # in the middle: what came before it is done
            status = broken.status(self._settings.unreachable_status)
            read = replace(read, status=status, summary=f"{read.summary}; then {broken.text}", remedy=broken.remedy)
        findings = (read, kept, *self._unanswered(done))
        return Answer(samples, findings, events, up=broken is None, complete=broken is None)

    def _opened(self) -> SqlSuppressions:
        """The list, from its first use on."""
        if self._list is None:
            settings = self._settings
            to = settings.to.reveal() if isinstance(settings.to, Secret) else settings.to
            memory = Path(settings.memory) if settings.memory else None
            self._list = opened_list(to, settings.token.reveal() if settings.token else None, memory)
        return self._list

    async def _process(self, done: list[Done], go_on: Callable[[], bool]) -> int:
        """Process what is new; what is done is put into `done` as it goes. Returns how many wait."""
        if self._processing is None:
            settings, soft = self._settings, self._settings.soft
            rule = SoftRule(soft.count, soft.within) if soft else None
            rules = Rules(tuple(settings.ours), tuple(settings.unsubscribe), rule)
            self._processing = Processing(self._opened(), rules, self._clock, settings.answer)
        if self._settings.mailbox is not None:
            return await self._of_mailbox(self._processing, self._settings.mailbox, done, go_on)
        return await self._of_folder(self._processing, str(self._settings.folder), done, go_on)

    async def _of_mailbox(
        self, processing: Processing, mailbox: MailboxSettings, done: list[Done], go_on: Callable[[], bool]
    ) -> int:
        at: Position | None = await processing.position(source_of(mailbox))
        async with opened_mailbox(mailbox, at, self._clock) as box:
            try:
                async with aclosing(box.mails(go_on)) as new:
                    async for found in new:
                        done.append(await processing.one(found))
            finally:
                if box.position != at:
                    await processing.reached(source_of(mailbox), box.position)
            return box.waiting

    async def _of_folder(self, processing: Processing, place: str, done: list[Done], go_on: Callable[[], bool]) -> int:
        try:
            for found in mails(place, skip=self._names.__contains__):
                if not go_on():
                    return 1
                done.append(await processing.one(found))
                self._remember(found)
        except OSError as error:
            raise NotAnswered(local(place, error.strerror or str(error), "Correct `folder`.")) from error
        return 0

    def _remember(self, found: Found) -> None:
        """Files that need not be read again; the list would know them by their bytes."""
        if not found.trouble:
            self._names[found.name] = None
        if len(self._names) > _MOST_REMEMBERED:
            del self._names[next(iter(self._names))]

    def _read(self, done: list[Done], waiting: int) -> Finding:
        new = [one for one in done if not one.again]
        count = len({address for one in new for address in one.new})
        summary = f"{self._place}: {len(new)} new mails, {count} addresses suppressed"
        troubles = {one.name: one.trouble for one in done if one.trouble}
        if waiting:
            remedy = "Ask more often, or see what fills the mailbox."
            return Finding("suppression.read", Status.WARNING, f"{summary}; more wait", "", remedy, troubles)
        if troubles:
            name, why = next(iter(troubles.items()))
            remedy = "Look at them by hand."
            words = f"{summary}; {len(troubles)} could not be read: {name} {why}"
            return Finding("suppression.read", Status.WARNING, words, "", remedy, troubles)
        return Finding("suppression.read", Status.OK, summary)

    def _unanswered(self, done: list[Done]) -> list[Finding]:
        if self._settings.answer is None:
            return []
        failed = [one.unanswered for one in done if one.unanswered]
        if not failed:
            return [Finding("suppression.answer", Status.OK, "no confirmation failed")]
        summary = f"{len(failed)} people who unsubscribed got no confirmation: {failed[-1]}"
        remedy = "Correct `answer`; they are suppressed all the same."
        return [Finding("suppression.answer", Status.WARNING, summary, remedy=remedy)]

    def _events(self, one: Done) -> list[Event]:
        """One for each address that is suppressed from now on, with its reason."""
        if one.processed is None or not one.new:
            return []
        now: Time = self._clock.now()
        said = {d.suppression.address: d.suppression.reason for d in one.processed.decisions if d.suppression}
        events = []
        for address in one.new:
            reason = said.get(address, "soft-bounces")
            self._counts[reason] += 1
            attributes = {"recipient": address, "reason": reason, "message_id": one.processed.message_id}
            events.append(
                Event(now, "mail.suppressed", f"{address} gets no more mail: {reason}", Status.OK, attributes)
            )
        return events
