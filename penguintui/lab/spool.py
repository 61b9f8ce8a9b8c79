"""Postfix' queue as the lab has it: messages that come and go, listed by a `postqueue` look-alike."""

from __future__ import annotations

import json
import random
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path

from penguintui.lab.addresses import AddressPool
from penguintui.lab.traffic import PROVIDERS, Provider, load
from penguintui.model.clock import Time

USUAL = 26
STUCK = 480
ARRIVALS_WHEN_STUCK = 80.0
_SCRIPT = """#!/bin/sh
# Prints the lab's queue as `postqueue -j` prints Postfix': one JSON object a line.
if [ "$1" != "-j" ]; then
    echo "usage: postqueue -j" >&2
    exit 64
fi
exec cat "{listing}"
"""


@dataclass(slots=True)
class Message:
    queue_id: str
    provider: Provider
    arrived: Time
    size: int
    sender: str
    recipient: str
    tries: int = 0


class Spool:
    """The queue. `held` is what `postsuper -h` does: nothing leaves until it is released."""

    def __init__(self, folder: Path, seed: int, addresses: AddressPool, faults: Container[str]) -> None:
        self.command = folder / "postqueue"
        self.held = False
        self._listing = folder / "spool.jsonl"
        self._seed = seed
        self._addresses = addresses
        self._faults = faults
        self._chance = random.Random(seed + 2)  # noqa: S311 - a simulation
        self._messages: list[Message] = []
        self._next = 0x4C1A00
        self._listing.touch()
        self.command.write_text(_SCRIPT.format(listing=self._listing))
        self.command.chmod(0o700)

    @property
    def waiting(self) -> int:
        return len(self._messages)

    def tick(self, now: Time, seconds: float) -> None:
        """Messages arrive and leave; the listing is written again."""
        if "queue-stuck" in self._faults:
            self._arrive(now, min(STUCK - self.waiting, round(ARRIVALS_WHEN_STUCK * seconds)))
        else:
            self._move(now, round(USUAL * load(now, self._seed)))
        self._write()

    def _move(self, now: Time, usual: int) -> None:
        """Ordinary life around the usual number; a backlog leaves at once."""
        if self.waiting <= usual or self.held:
            self._arrive(now, self._chance.randint(1, 4))
        if not self.held:
            backlog = self.waiting - usual if self.waiting > 2 * usual else 0
            self._leave(now, max(self._chance.randint(0, 4), backlog))

    def flush(self) -> None:
        """Try everything again now, as `postqueue -f` and `postsuper -H` do: what was held or stuck leaves."""
        self.held = False
        del self._messages[USUAL // 2 :]
        self._write()

    def _arrive(self, now: Time, count: int) -> None:
        for _ in range(count):
            provider = self._chance.choices(PROVIDERS, [row.share for row in PROVIDERS])[0]
            self._next += self._chance.randint(1, 9)
            self._messages.append(
                Message(
                    queue_id=f"{self._next:X}",
                    provider=provider,
                    arrived=now - self._chance.uniform(0, 2),
                    size=self._chance.randint(2_100, 48_000),
                    sender=f"bounce+{self._chance.randint(1000, 9999)}@penguinmails.test",
                    recipient=f"recipient-{self._chance.randint(1, 99_999)}@{provider.domain}",
                )
            )

    def _leave(self, now: Time, count: int) -> None:
        """The oldest leave first; some are deferred instead, and try again on a later tick."""
        stay: list[Message] = []
        for message in self._messages:
            if count <= 0 or (message.tries < 3 and self._chance.random() < 0.25):
                message.tries += count > 0
                stay.append(message)
            else:
                count -= 1
        self._messages = stay

    def _write(self) -> None:
        draft = self._listing.with_suffix(".new")
        draft.write_text("".join(json.dumps(self._entry(message)) + "\n" for message in self._messages))
        draft.replace(self._listing)

    def _entry(self, message: Message) -> dict[str, object]:
        recipient: dict[str, object] = {"address": message.recipient}
        reason = self._reason(message)
        if reason:
            recipient["delay_reason"] = reason
        queue = "hold" if self.held else "deferred" if reason else "active"
        return {
            "queue_name": queue,
            "queue_id": message.queue_id,
            "arrival_time": int(message.arrived),
            "message_size": message.size,
            "forced_expire": False,
            "sender": message.sender,
            "recipients": [recipient],
        }

    def _reason(self, message: Message) -> str:
        host = f"mx.{message.provider.domain}[192.0.2.25]"
        if "queue-stuck" in self._faults:
            return f"connect to {host}:25: Connection timed out"
        if message.provider.name == "outlook" and self._addresses.sending_while_listed:
            address = self._addresses.listed[0].address
            return f"host {host} said: 451 4.7.650 the sending address [{address}] is on a blocklist, try later"
        if message.tries:
            return f"host {host} said: 421 4.7.0 too many connections, try again later"
        return ""
