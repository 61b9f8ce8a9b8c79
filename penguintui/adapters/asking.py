"""One asking from start to end: bounded by its deadline, every failure turned into a finding."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from penguintui.adapters.failure import Failure, from_error, unanswered
from penguintui.config.probes import ProbeBase, Reachable
from penguintui.model.clock import Clock
from penguintui.model.observation import Bookmark, Event, Finding, Observation, Sample
from penguintui.model.status import Status

Translate = Callable[[BaseException, str, float | None], Failure]
"""What makes words of an exception: (error, place, seconds waited) to a failure."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a target that answered said. `up` and `complete` are the observation's."""

    samples: tuple[Sample, ...] = ()
    findings: tuple[Finding, ...] = ()
    events: tuple[Event, ...] = ()
    up: bool = True
    complete: bool = True
    bookmarks: tuple[Bookmark, ...] = ()


async def observe(
    asking: Awaitable[Answer],
    *,
    check: str,
    place: str,
    settings: ProbeBase,
    clock: Clock,
    deadline: float,
    translate: Translate = from_error,
) -> Observation:
    """Await `asking` until `deadline` (monotonic) and make an observation of what it brings or of how it fails.

    check: the finding that carries a failure (`http.reach`, or `probe.answer` where there is none of its own).
    place: what was asked, as a person would name it; every failure's sentence has it.
    Cancellation is passed on, everything else becomes the observation.
    """
    time, started = clock.now(), clock.monotonic()
    try:
        async with asyncio.timeout(max(0.0, deadline - started)):
            answer = await asking
    except Exception as error:
        duration = clock.monotonic() - started
        failure = translate(error, place, duration)
        worst = settings.unreachable_status if isinstance(settings, Reachable) else Status.UNKNOWN
        return unanswered(
            check,
            failure,
            time,
            settings.holds,
            failure.status(worst),
            duration=duration,
            samples=(Sample("probe_success", 0.0), Sample("probe_duration_seconds", duration)),
        )
    duration = clock.monotonic() - started
    samples = (
        *answer.samples,
        Sample("probe_success", float(all(f.status is not Status.CRITICAL for f in answer.findings))),
        Sample("probe_duration_seconds", duration),
    )
    return Observation(
        time,
        settings.holds,
        up=answer.up,
        samples=samples,
        findings=answer.findings,
        events=answer.events,
        complete=answer.complete,
        duration=duration,
        bookmarks=answer.bookmarks,
    )
