"""Delivery attempts counted: since the beginning for rates, and over a window for verdicts."""

from __future__ import annotations

import base64
import functools
import json
import re
import zlib
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from penguintui.mail.bounce.code import find_reply
from penguintui.mail.bounce.reason import classify, stage_of
from penguintui.mail.postfix import Delivery
from penguintui.mail.providers import explain, provider_of
from penguintui.model.clock import Time

BOUNDS = (0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 14_400.0)
"""Upper bounds of the histograms' buckets, in seconds."""
STAGES = ("before_queue_manager", "queue_manager", "connection_setup", "transmission")
"""Where the time goes: the parts a/b/c/d of `delays=`, by the names of postfix_exporter."""
STATUSES = ("sent", "deferred", "bounced", "undeliverable", "deliverable")
_MINUTE = 60.0
_LONGEST_SAMPLE = 200
_LONGEST_STATE = 8 << 20
_VARYING = re.compile(r"<[^>]*>|\[[^\]]*\]|\S+@\S+|[0-9A-Za-z]*\d[0-9A-Za-z]{5,}")
"""What differs from mail to mail in answers of one meaning: addresses, hosts, ids."""


class Histogram:
    """A classic histogram: counts by bucket, their sum."""

    __slots__ = ("_counts", "sum")

    def __init__(self) -> None:
        self._counts = [0] * (len(BOUNDS) + 1)
        self.sum = 0.0

    def add(self, seconds: float) -> None:
        self._counts[bisect_left(BOUNDS, seconds)] += 1
        self.sum += seconds

    @property
    def count(self) -> int:
        return sum(self._counts)

    def buckets(self) -> Iterator[tuple[str, int]]:
        """Each upper bound (`le`) with how many are at most that."""
        bounds = (*(f"{bound:g}" for bound in BOUNDS), "+Inf")
        return zip(bounds, accumulate(self._counts), strict=True)


@dataclass(slots=True)
class Timing:
    """How long deliveries to one provider took, in all and by stage."""

    whole: Histogram = field(default_factory=Histogram)
    stages: tuple[Histogram, ...] = field(default_factory=lambda: tuple(Histogram() for _ in STAGES))


@dataclass(slots=True)
class Tally:
    """What happened in a minute, or in a window. Keys begin with the provider.

    slow: deliveries that took too long; spent: the seconds that those spent in each stage.
    """

    statuses: Counter[tuple[str, str]] = field(default_factory=Counter)
    reasons: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    slow: Counter[str] = field(default_factory=Counter)
    spent: defaultdict[tuple[str, str], float] = field(default_factory=lambda: defaultdict(float))

    def add(self, other: Tally) -> None:
        self.statuses.update(other.statuses)
        self.reasons.update(other.reasons)
        self.slow.update(other.slow)
        for key, seconds in other.spent.items():
            self.spent[key] += seconds


class Deliveries:
    """All of one log. Its memory is bounded: by providers, reasons, and minutes of the window, not by mails.

    window, slow_after: in seconds.
    """

    def __init__(self, window: float, slow_after: float) -> None:
        self._window, self._slow_after = window, slow_after
        self._minutes: dict[int, Tally] = {}
        self.statuses: Counter[tuple[str, str]] = Counter()
        self.timings: defaultdict[str, Timing] = defaultdict(Timing)
        self.samples: dict[tuple[str, str, str], str] = {}
        """The latest answer for each provider, status and reason."""

    def add(self, one: Delivery, time: Time) -> None:
        """Count an attempt. One that only went through a content filter of this host is left for its second line."""
        if one.status == "sent" and not one.final:
            return
        status = one.status if one.status in STATUSES else "other"
        provider = provider_of(one.relay, one.recipient)
        minute = self._minutes.get(int(time // _MINUTE))
        if minute is None:
            minute = self._minutes[int(time // _MINUTE)] = Tally()
        self.statuses[provider, status] += 1
        minute.statuses[provider, status] += 1
        if status == "sent":
            self._time(one, provider, minute)
        elif status in ("deferred", "bounced"):
            reason = _reason(_VARYING.sub("#", one.answer), one.dsn)
            minute.reasons[provider, status, reason] += 1
            self.samples[provider, status, reason] = one.answer[:_LONGEST_SAMPLE]

    def _time(self, one: Delivery, provider: str, minute: Tally) -> None:
        timing = self.timings[provider]
        before, queued, connecting, transmitting = timing.stages
        timing.whole.add(one.delay)
        before.add(one.before)
        queued.add(one.queued)
        connecting.add(one.connecting)
        transmitting.add(one.transmitting)
        if one.delay > self._slow_after:
            minute.slow[provider] += 1
            spans = (one.before, one.queued, one.connecting, one.transmitting)
            for stage, seconds in zip(STAGES, spans, strict=True):
                minute.spent[provider, stage] += seconds

    def window(self, now: Time) -> Tally:
        """What happened in the window that ends now; older minutes are forgotten."""
        first = int((now - self._window) // _MINUTE)
        self._minutes = {minute: tally for minute, tally in self._minutes.items() if minute > first}
        whole = Tally()
        for tally in self._minutes.values():
            whole.add(tally)
        self.samples = {key: text for key, text in self.samples.items() if key in whole.reasons}
        return whole

    def text(self) -> str:
        """The window, in words that `remember` reads: what was counted goes with the position up to which it was."""
        minutes = {minute: _written(tally) for minute, tally in self._minutes.items()}
        samples = [[*key, answer] for key, answer in self.samples.items()]
        packed = zlib.compress(json.dumps([minutes, samples], separators=(",", ":")).encode())
        return base64.b64encode(packed).decode()

    def remember(self, text: str) -> None:
        """Go on from what `text` said; from an empty window, where that is none. Counters begin at zero in any case."""
        try:
            minutes, samples = json.loads(zlib.decompressobj().decompress(base64.b64decode(text), _LONGEST_STATE))
            found = {int(minute): _read(tally) for minute, tally in minutes.items()}
            answers = {(str(a), str(b), str(c)): str(answer) for a, b, c, answer in samples}
        except (ValueError, TypeError, AttributeError, zlib.error):
            return
        self._minutes, self.samples = found, answers


def _written(tally: Tally) -> list[list[list[Any]]]:
    slow = [[provider, count] for provider, count in tally.slow.items()]
    keyed = [
        [[*key, count] for key, count in counts.items()] for counts in (tally.statuses, tally.reasons, tally.spent)
    ]
    return [*keyed, slow]


def _read(found: list[list[list[Any]]]) -> Tally:
    statuses, reasons, spent, slow = found
    tally = Tally()
    tally.statuses.update({(str(a), str(b)): int(count) for a, b, count in statuses})
    tally.reasons.update({(str(a), str(b), str(c)): int(count) for a, b, c, count in reasons})
    tally.spent.update({(str(a), str(b)): float(seconds) for a, b, seconds in spent})
    tally.slow.update({str(provider): int(count) for provider, count in slow})
    return tally


@functools.lru_cache(maxsize=4096)
def _reason(text: str, status: str) -> str:
    """Why a mail was not delivered; asked again and again with the same text, minus what varies."""
    return classify(text, status=status, reply=find_reply(text), stage=stage_of(text), stated=True)


def meaning(sample: str) -> tuple[str, str]:
    """What a large provider means by an answer, and what to do; empty when it is none of theirs."""
    host = re.search(r"\bhost ([\w.-]+)\[", sample)
    found = explain(re.sub(r"^host \S+ said: ", "", sample), host.group(1)) if host else None
    return (found.meaning, found.remedy) if found else ("", "")
