"""The mails of an IMAP mailbox that have not been read yet, one after the other, each bounded, none of them changed."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager

from penguintui.adapters.imap.dialogue import Dialogue
from penguintui.adapters.imap.login import logged_in, place_of
from penguintui.adapters.imap.position import Position
from penguintui.adapters.suppression.mailfolder import Found
from penguintui.config.mailprobes import MailboxSettings
from penguintui.mail.mime import LARGEST
from penguintui.model.clock import Clock

_AT_ONCE = 500
"""Mails whose sizes are asked together."""


def source_of(settings: MailboxSettings) -> str:
    """What tells this mailbox from all others, and stands in sentences."""
    return f"{settings.mailbox} of {settings.user or 'nobody'} at {place_of(settings)}"


class NewMail:
    """A mailbox opened at a position. position: of what comes next; moves with each mail that was taken."""

    def __init__(self, dialogue: Dialogue, source: str, position: Position, end: int) -> None:
        self._dialogue, self._source, self.position, self._end = dialogue, source, position, end

    @property
    def waiting(self) -> int:
        """Numbers that are still to be read; some of them may be of mails that are gone."""
        return max(0, self._end - self.position.next)

    async def mails(self, go_on: Callable[[], bool]) -> AsyncGenerator[Found, None]:
        """Each new mail, until `go_on` says no; a mail counts as taken when the next one is asked for.

        Of one that is larger than 4 MiB the beginning is read, in which a bounce says all that it says.
        """
        validity = self.position.validity
        while self.position.next < self._end and go_on():
            first = self.position.next
            last = min(first + _AT_ONCE, self._end) - 1
            for uid, size in sorted((await self._dialogue.sizes(first, last)).items()):
                if not go_on():
                    return
                self.position = Position(validity, uid)
                yield await self._fetched(uid, size)
                self.position = Position(validity, uid + 1)
            self.position = Position(validity, last + 1)

    async def _fetched(self, uid: int, size: int) -> Found:
        name = f"mail {uid} in {self._source}"
        if size > LARGEST:
            beginning = await self._dialogue.beginning(uid, LARGEST)
            mail = beginning[0] if beginning is not None else None
        else:
            mail = await self._dialogue.mail(uid)
        return Found(name, trouble="vanished while it was read") if mail is None else Found(name, mail)


@asynccontextmanager
async def opened(settings: MailboxSettings, at: Position | None, clock: Clock) -> AsyncIterator[NewMail]:
    """The mailbox, from a position on; from its beginning when there is none, or the numbers are others now.

    Raises as `logged_in` does.
    """
    async with logged_in(settings, clock) as dialogue:
        mailbox = await dialogue.examine(settings.mailbox)
        known = at is not None and at.validity == mailbox.validity
        position = at if known and at is not None else Position(mailbox.validity, 1)
        yield NewMail(dialogue, source_of(settings), position, mailbox.next)
