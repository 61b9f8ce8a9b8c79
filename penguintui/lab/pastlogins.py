"""Who failed to log in to mx1 in the generated past: as often as the past's counter says, one event each."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import pairwise

from penguintui.lab.authlog import EXISTING, GUESSED, USUAL_ATTACKERS
from penguintui.lab.curves import Curves
from penguintui.model.clock import Time
from penguintui.model.observation import Event
from penguintui.model.status import Status


def failures(began: Time, seed: int, times: Sequence[Time]) -> Iterator[Event]:
    """The failed logins between the first and the last of these moments (ascending), oldest first."""
    chance = random.Random(seed + 11)  # noqa: S311 - a simulation
    counter = next(one.curve for one in Curves(began, seed).courses() if one.labels.get("result") == "failed")
    for (since, before), (until, after) in pairwise((time, counter(time)) for time in times):
        for time in sorted(chance.uniform(since, until) for _ in range(round(after - before))):
            yield _failure(time, chance.choice(USUAL_ATTACKERS), chance.choice(GUESSED))


def _failure(time: Time, source: str, user: str) -> Event:
    attributes = {"user": user, "source": source, "service": "sshd", "method": "password"}
    if user in EXISTING:
        return Event(time, "login.failed", f"login of {user} to sshd from {source} failed", Status.OK, attributes)
    words = f"login of {user}, who does not exist, to sshd from {source} failed"
    return Event(time, "login.invalid-user", words, Status.OK, attributes)
