"""A seed mailbox: where the canaries lie that were sent to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from penguintui.adapters.canary.memory import Sent
from penguintui.adapters.imap.dialogue import Dialogue, quoted
from penguintui.adapters.imap.login import logged_in
from penguintui.config.mailprobes import Seed
from penguintui.mail.canary import HEADER
from penguintui.mail.mime import split_headers
from penguintui.mail.placement import Place
from penguintui.model.clock import Clock, Time

LARGEST = 256 * 1024
"""Bytes of a canary that are fetched; it is far smaller, whatever headers it has got on the way."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """One canary as it lies there. time: when the server took it."""

    sent: Sent
    place: Place
    time: Time
    mail: bytes


async def arrivals(seed: Seed, wanted: Sequence[Sent], clock: Clock) -> list[Arrived]:
    """Those of the wanted that have arrived. Nothing in the mailbox is changed. Raises as `logged_in` does."""
    found: dict[str, Arrived] = {}
    async with logged_in(seed, clock) as dialogue:
        spam = seed.spam if seed.spam is not None else await dialogue.junk()
        for place, folder in ((Place.INBOX, seed.mailbox), (Place.SPAM, spam)):
            if not folder:
                continue
            await dialogue.examine(folder)
            for one in wanted:
                arrived = await _arrived(dialogue, one, place) if one.token not in found else None
                if arrived is not None:
                    found[one.token] = arrived
    return list(found.values())


async def _arrived(dialogue: Dialogue, one: Sent, place: Place) -> Arrived | None:
    token = quoted(one.token)
    for uid in (await dialogue.search(f"OR HEADER {HEADER} {token} HEADER Message-ID {token}"))[:3]:
        fetched = await dialogue.beginning(uid, LARGEST)
        if fetched is None:
            continue
        mail, time = fetched
        headers = split_headers(mail)[0]
        # Servers search by their own rules; what they find must be ours.
        if one.token in (headers.get(HEADER).strip(), headers.get("message-id").strip("<> ").partition("@")[0]):
            return Arrived(one, place, time, mail)
    return None
