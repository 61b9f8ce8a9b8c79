"""The lines of `postqueue -j`, added up as they come. Pure; keeps sums, never messages.

One JSON object a line: queue_name, queue_id, arrival_time (seconds since 1970), message_size, sender and
recipients[] with address and delay_reason (postqueue(1)); members that we do not know are ignored, as it asks for.
"""

from __future__ import annotations

import functools
import heapq
import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from penguintui.model.clock import Time

MAX_KEYS = 20_000
"""Destinations and reasons that are told apart; beyond it the rarest are forgotten, so small counts are too low."""
QUEUES = ("active", "deferred", "hold", "incoming", "maildrop")
_MAX_REASON = 160
_MAX_DOMAIN = 253

# Of a line that is too long to be read whole, the beginning tells all but the recipients.
_HEAD = re.compile(
    rb'\{"queue_name": ?"(?P<queue_name>\w+)", ?"queue_id": ?"\w+", ?"arrival_time": ?(?P<arrival_time>\d{1,12}), ?'
    rb'"message_size": ?(?P<message_size>\d{1,15}),'
)
_BRACKETED = re.compile(r"<[^<>]*>")
_TELLING = re.compile(r"[\d@\[/]")
"""What a word holds that may differ from message to message; most words of most reasons hold none of it."""
_VARYING = (
    ("://", re.compile(r"https?://\S+"), "URL"),
    ("[", re.compile(r"(?<![\w.-])[\w.-]+\[[0-9A-Fa-f.:]+\](?::\d+)?"), "HOST"),
    ("@", re.compile(r"(?<![\w.+=-])[\w.+=-]+@[\w.-]+"), "ADDRESS"),
    (".", re.compile(r"\[?\b\d{1,3}(?:\.\d{1,3}){3}\b\]?"), "IP"),
    ("", re.compile(r"\b(?=\w*\d)\w{9,}(?:[.-]\w+)*"), "ID"),
    ("", re.compile(r"\b\d{4,}\b"), "N"),
)
"""What varies, with what a word must hold for it, and what is written instead."""


@dataclass(slots=True)
class Queue:
    """What one queue holds. oldest: when its oldest message arrived."""

    messages: int = 0
    bytes: int = 0
    oldest: Time | None = None

    def add(self, size: int, arrival: Time | None) -> None:
        self.messages += 1
        self.bytes += size
        if arrival is not None and (self.oldest is None or arrival < self.oldest):
            self.oldest = arrival


@dataclass(slots=True)
class Totals:
    """The sums of all lines so far. rubbish: lines that were not understood; cut: too long to be read whole."""

    queues: dict[str, Queue] = field(default_factory=lambda: {name: Queue() for name in QUEUES})
    destinations: dict[tuple[str, str], Queue] = field(default_factory=dict)
    reasons: Counter[str] = field(default_factory=Counter)
    rubbish: int = 0
    first_rubbish: str = ""
    cut: int = 0

    @property
    def messages(self) -> int:
        return sum(queue.messages for queue in self.queues.values())

    def add_line(self, line: bytes) -> None:
        """Add one whole line. One that is no message is rubbish."""
        if not line.strip():
            return
        try:
            message = json.loads(line.decode())
        except (ValueError, RecursionError):
            message = None
        if not isinstance(message, dict) or not isinstance(message.get("queue_name"), str):
            self._add_rubbish(line)
            return
        self._add(message)

    def add_beginning(self, line: bytes) -> None:
        """Add a line of which only the beginning is known, because it is too long: a message to very many."""
        self.cut += 1
        match = _HEAD.match(line)
        if match is None:
            self._add_rubbish(line)
            return
        self._add({name: int(text) if text.isdigit() else text.decode() for name, text in match.groupdict().items()})

    def _add_rubbish(self, line: bytes) -> None:
        self.rubbish += 1
        self.first_rubbish = self.first_rubbish or printable(line[:200].decode("utf-8", "replace"))

    def _add(self, message: Mapping[str, object]) -> None:
        name = printable(str(message["queue_name"]))[:32]
        if name not in self.queues and len(self.queues) >= 4 * len(QUEUES):
            name = "other"
        arrival, size = _whole(message.get("arrival_time")), _whole(message.get("message_size")) or 0
        self.queues.setdefault(name, Queue()).add(size, arrival)
        recipients = message.get("recipients")
        domains, reasons = set[str](), set[str]()
        for recipient in recipients if isinstance(recipients, list) else ():
            if isinstance(recipient, dict):
                domains.add(_domain(recipient.get("address")))
                if isinstance(reason := recipient.get("delay_reason"), str) and reason:
                    reasons.add(normalised(reason))
        for reason in reasons:
            self.reasons[reason] += 1
        for domain in domains - {""}:
            waiting = self.destinations.get((name, domain))
            if waiting is None:
                waiting = self.destinations[name, domain] = Queue()
            waiting.add(size, arrival)
        self._forget_rare()

    def _forget_rare(self) -> None:
        if len(self.reasons) > MAX_KEYS:
            self.reasons = Counter(dict(self.reasons.most_common(MAX_KEYS // 2)))
        if len(self.destinations) > MAX_KEYS:
            kept = heapq.nlargest(MAX_KEYS // 2, self.destinations.items(), key=lambda item: item[1].messages)
            self.destinations = dict(kept)

    def busiest(self, count: int) -> list[tuple[str, str, Queue]]:
        """The destinations with most messages: (queue, domain, what waits there)."""
        ordered = sorted(self.destinations.items(), key=lambda item: (-item[1].messages, item[0]))
        return [(queue, domain, waiting) for (queue, domain), waiting in ordered[:count]]


@functools.lru_cache(1024)  # many messages wait for the same reason
def normalised(reason: str) -> str:
    """A delay reason without what differs from message to message, so that equal ones can be counted."""
    words = _BRACKETED.sub("ADDRESS", reason[:400]).split(" ")
    return printable(" ".join([_word(word) if _TELLING.search(word) else word for word in words]))[:_MAX_REASON]


@functools.lru_cache(4096)
def _word(word: str) -> str:
    for sign, pattern, instead in _VARYING:
        if sign in word:
            word = pattern.sub(instead, word)
    return word


def printable(text: str) -> str:
    if not text.isprintable():
        text = "".join(character if character.isprintable() else " " for character in text)
    return text.strip()


def earlier(one: Time | None, other: Time | None) -> Time | None:
    """The earlier of two times, either of which may be unknown."""
    return min((time for time in (one, other) if time is not None), default=None)


def _whole(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 53:
        return None
    return value


def _domain(address: object) -> str:
    if not isinstance(address, str):
        return ""
    _, at, domain = address.rpartition("@")
    return printable(domain.rstrip(".>").lower())[:_MAX_DOMAIN] if at else "local"
