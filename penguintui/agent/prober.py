"""One asking, made safe: whatever an adapter does, an observation comes out in time."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

from penguintui.adapters.base import MAX_ANSWER, Adapter
from penguintui.model.clock import Clock
from penguintui.model.observation import Finding, Observation
from penguintui.model.status import Status
from penguintui.model.target import Target

log = logging.getLogger(__name__)

_GRACE = 1.0
"""Seconds after its deadline in which an adapter may still say so itself."""
_MAX_SAMPLES = 20_000
_MAX_FINDINGS = 2_000


async def ask(adapter: Adapter, target: Target, *, timeout: float, valid_for: float, clock: Clock) -> Observation:
    """Ask once. Never raises but when cancelled, and never takes longer than `timeout` and two seconds.

    An adapter that raises, hangs or floods becomes an UNKNOWN finding that says so.
    """
    begun, asked_at = clock.monotonic(), clock.now()
    task = asyncio.ensure_future(adapter.probe(target, begun + timeout))
    try:
        done, _ = await asyncio.wait({task}, timeout=timeout + _GRACE)
    except asyncio.CancelledError:
        task.cancel()
        raise
    if not done:
        await _abandon(task, target)
        trouble = f"the probe of {target.name} did not end within {timeout:g} s and was stopped"
        return _unanswered(trouble, "raise its timeout, or look at what it waits for", asked_at, valid_for)
    error = None if task.cancelled() else task.exception()
    if task.cancelled() or error is not None:
        log.error("the probe of %s raised", target.name, exc_info=error)
        trouble = f"the probe of {target.name} failed of itself: {type(error).__name__}: {error}"[:500]
        return _unanswered(trouble, "this is a mistake in the program; the agent's log has more", asked_at, valid_for)
    observation = task.result()
    flood = _flood(observation)
    if flood:
        trouble = f"the probe of {target.name} brought too much: {flood}"
        return _unanswered(trouble, "ask for less, or raise its limits", asked_at, valid_for)
    return replace(observation, duration=clock.monotonic() - begun)


async def _abandon(task: asyncio.Future[Observation], target: Target) -> None:
    """Cancel, and wait a moment; one that will not even be cancelled is left behind and said."""
    task.cancel()
    _, pending = await asyncio.wait({task}, timeout=_GRACE)
    if pending:
        log.error("the probe of %s cannot be stopped; it is left behind", target.name)
        task.add_done_callback(lambda t: t.cancelled() or t.exception())


def _unanswered(summary: str, remedy: str, time: float, valid_for: float) -> Observation:
    finding = Finding("probe.answer", Status.UNKNOWN, summary, remedy=remedy)
    return Observation(time, valid_for, up=False, findings=(finding,), complete=False)


def _flood(observation: Observation) -> str:
    """What there is too much of; empty when it is not too much."""
    if len(observation.samples) > _MAX_SAMPLES:
        return f"{len(observation.samples):,} samples, at most {_MAX_SAMPLES:,}"
    if len(observation.findings) > _MAX_FINDINGS:
        return f"{len(observation.findings):,} findings, at most {_MAX_FINDINGS:,}"
    text = sum(len(f.summary) + len(f.remedy) + sum(map(len, f.evidence.values())) for f in observation.findings)
    text += sum(len(event.summary) for event in observation.events)
    if text > MAX_ANSWER:
        return f"{text:,} characters of text, at most {MAX_ANSWER:,}"
    return ""
