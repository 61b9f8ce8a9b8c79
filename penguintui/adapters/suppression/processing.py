"""One mail after another into a suppression list: decided, kept, and answered where a person asked to be left alone."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from penguintui.adapters.blocking import Blocking
from penguintui.adapters.failure import NotAnswered, from_error
from penguintui.adapters.imap.position import Position
from penguintui.adapters.smtp.submission import place_of, submit
from penguintui.adapters.suppression.mailfolder import Found
from penguintui.adapters.suppression.sql import SqlSuppressions
from penguintui.config.mailprobes import SubmissionSettings
from penguintui.mail import answer
from penguintui.mail.mime import split_headers
from penguintui.mail.suppression import Processed, SoftRule, process
from penguintui.model.clock import Clock


@dataclass(frozen=True, slots=True)
class Rules:
    """What counts. ours, unsubscribe: see `mail.suppression.process`. soft: when temporary failures are enough."""

    ours: tuple[str, ...] = ()
    unsubscribe: tuple[str, ...] = ()
    soft: SoftRule | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one mail.

    processed: None when it could not be read, and why in `trouble`. new: addresses that are suppressed from now on.
    again: whether it was processed before. unanswered: why a confirmation that was due did not go out.
    """

    name: str
    processed: Processed | None = None
    new: tuple[str, ...] = ()
    again: bool = False
    trouble: str = ""
    unanswered: str = ""


class Processing:
    """Over one list. The list is asked in a thread; raises SuppressionError when it cannot be read or written."""

    def __init__(
        self, suppressions: SqlSuppressions, rules: Rules, clock: Clock, confirm: SubmissionSettings | None = None
    ) -> None:
        self._list, self._rules, self._clock, self._confirm = suppressions, rules, clock, confirm
        self._blocking = Blocking(suppressions.place, clock)

    async def position(self, source: str) -> Position | None:
        """How far a mailbox was read."""
        return await self._blocking.call(lambda: self._list.position(source))

    async def reached(self, source: str, position: Position) -> None:
        """Remember how far a mailbox was read."""
        await self._blocking.call(lambda: self._list.reached(source, position))

    async def one(self, found: Found, *, dry_run: bool = False) -> Done:
        """Process one mail; with `dry_run` only say what would become of it."""
        if found.trouble:
            return Done(found.name, trouble=found.trouble)
        now, rules = self._clock.now(), self._rules
        processed = process(found.data, now, rules.ours, rules.unsubscribe)
        if dry_run:
            again = await self._blocking.call(lambda: self._list.known(processed.digest))
            return Done(found.name, processed, again=again)
        new = await self._blocking.call(lambda: self._list.keep(processed, now, rules.soft))
        if new is None:
            return Done(found.name, processed, again=True)
        unanswered = await self._answer(found.data, processed) if new else ""
        return Done(found.name, processed, tuple(new), unanswered=unanswered)

    async def _answer(self, data: bytes, processed: Processed) -> str:
        """Confirm an unsubscription, once in a week (RFC 3834, 2). What is not answered is not tried again."""
        wanted = [one.suppression for one in processed.decisions if one.suppression is not None]
        if self._confirm is None or not any(one.reason == "unsubscribed" for one in wanted):
            return ""
        headers = split_headers(data)[0]
        if answer.why_not(headers):
            return ""
        settings, now, to = self._confirm, self._clock.now(), wanted[0].address
        if not await self._blocking.call(lambda: self._list.may_answer(to, now, answer.PAUSE)):
            return ""
        mail = answer.compose(headers, settings.sender, secrets.token_hex(16), now)
        try:
            await submit(settings, "", to, mail, self._clock)
        except (NotAnswered, OSError, EOFError) as error:
            return from_error(error, place_of(settings)).text
        return ""
