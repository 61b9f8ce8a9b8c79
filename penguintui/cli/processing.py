"""Where `penguintui mail process` takes its mails from, and how it goes through them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from penguintui.cli.exits import fail

if TYPE_CHECKING:
    from penguintui.adapters.suppression.processing import Done, Processing
    from penguintui.config.mailprobes import MailboxSettings

_PATIENCE = 60.0
"""Seconds that a mailbox may take for one mail."""
_SCHEMES = {"imaps": ("implicit", 993), "imap": ("starttls", 143)}


def source(place: str, password: str | None, ca_file: str | None) -> MailboxSettings | str:
    """The mailbox of an address such as `imaps://eva@imap.example/INBOX`, or the place itself: a folder, a file, -."""
    from penguintui.config.mailprobes import MailboxSettings
    from penguintui.model.secret import Secret

    address = urlsplit(place) if "://" in place else None
    if address is None:
        return place
    if address.scheme not in _SCHEMES or not address.hostname or not address.username:
        fail(f"{place} is no mailbox; write imaps://USER@HOST/MAILBOX, or imap:// for STARTTLS")
    if address.password is not None:
        fail(
            "a password on the command line can be read by others; put it into a variable and name that: --password-env"
        )
    tls, port = _SCHEMES[address.scheme]
    try:
        port = address.port or port
    except ValueError as error:
        fail(f"{place}: {error}")
    settings = {
        "host": address.hostname, "port": port, "tls": tls, "user": unquote(address.username), "ca_file": ca_file,
        "mailbox": unquote(address.path.strip("/")) or "INBOX", "password": Secret(password or ""),
    }  # fmt: skip
    return MailboxSettings.model_validate(settings)


async def each(
    place: MailboxSettings | str, processing: Processing, tell: Callable[[Done], None], *, dry_run: bool
) -> None:
    """Process each mail and tell of it. Raises SuppressionError, NotAnswered and OSError."""
    from penguintui.adapters.suppression.mailfolder import mails

    if not isinstance(place, str):
        await _of_mailbox(place, processing, tell, dry_run=dry_run)
        return
    for found in mails(place):
        tell(await processing.one(found, dry_run=dry_run))


async def _of_mailbox(
    mailbox: MailboxSettings, processing: Processing, tell: Callable[[Done], None], *, dry_run: bool
) -> None:
    """What is new since the last time; of a trial all that is there, and nothing is remembered of it."""
    from penguintui.adapters.failure import NotAnswered, from_error
    from penguintui.adapters.imap.newmail import opened, source_of
    from penguintui.clock import SystemClock

    source, loop = source_of(mailbox), asyncio.get_running_loop()
    at = None if dry_run else await processing.position(source)
    try:
        async with asyncio.timeout(_PATIENCE) as limit, opened(mailbox, at, SystemClock()) as box:
            try:
                async with aclosing(box.mails(lambda: True)) as new:
                    async for found in new:
                        tell(await processing.one(found, dry_run=dry_run))
                        limit.reschedule(loop.time() + _PATIENCE)
            finally:
                if not dry_run and box.position != at:
                    await processing.reached(source, box.position)
    except (OSError, EOFError) as error:
        raise NotAnswered(from_error(error, source, _PATIENCE)) from error
