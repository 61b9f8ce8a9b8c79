"""Doing and undoing each kind of step."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import closing
from pathlib import Path
from typing import Any

from penguintui.actions import backups, publication
from penguintui.actions.commands import run_command
from penguintui.actions.failing import StepFailed
from penguintui.actions.gates import stand
from penguintui.actions.work import Work
from penguintui.adapters import proxy
from penguintui.adapters.proxy import ProxyError
from penguintui.clock import SystemClock
from penguintui.config.actions import (
    BackupStep,
    CommandStep,
    DnsStep,
    GateStep,
    HttpCall,
    HttpStep,
    StepSettings,
    SwitchStep,
    WaitStep,
)
from penguintui.mail.changes import Change
from penguintui.model.secret import Secret
from penguintui.store.reader import Store

_SLACK = 2.0
"""Seconds beyond its own time-out after which a step is ended from outside."""


class Steps:
    """Knows how each kind of step is done and undone. `say` takes a stream's name and a line of output."""

    def __init__(self, work: Work, say: Callable[[str, str], None]) -> None:
        self._work = work
        self._say = say
        self._clock = SystemClock()
        self._switched_from: dict[str, str] = dict(work.colours)
        self._published: dict[int, list[Change]] = {}

    def changes(self, step: StepSettings) -> bool:
        """Whether the step changes something, so that the agent is asked first."""
        if isinstance(step, CommandStep | HttpStep):
            return step.changes
        return isinstance(step, SwitchStep | BackupStep | DnsStep)

    def patience(self, step: StepSettings) -> float:
        """Seconds after which a step that goes on is ended."""
        lasting = {GateStep: getattr(step, "for_", 0.0), WaitStep: getattr(step, "seconds", 0.0)}
        return max(step.timeout, lasting.get(type(step), 0.0) + 2 * getattr(step, "interval", 0.0)) + _SLACK

    def undo_patience(self, step: StepSettings) -> float:
        if isinstance(step, CommandStep) and step.undo is not None:
            return step.undo.timeout
        return step.timeout

    async def do(self, step: StepSettings) -> str:
        """Do it; returns what came of it in a few words. Raises StepFailed."""
        return await self._doing(step)

    def _doing(self, step: StepSettings) -> Coroutine[Any, Any, str]:
        doing: Coroutine[Any, Any, str]
        match step:
            case CommandStep():
                environment = {k: v.reveal() if isinstance(v, Secret) else v for k, v in step.environment.items()}
                doing = run_command(step.command, environment, self._say)
            case HttpStep():
                doing = call(step.call, step.timeout, self._say)
            case SwitchStep():
                doing = self._switch(step)
            case WaitStep():
                doing = _wait(step.seconds)
            case BackupStep():
                doing = self._back_up(step)
            case DnsStep():
                doing = self._publish(step)
            case GateStep():
                doing = self._stand(step)
        return doing

    async def _stand(self, step: GateStep) -> str:
        with closing(Store(self._work.store_url, self._clock)) as store:
            return await stand(step, store, self._say, self._work.query)

    def undo(self, step: StepSettings) -> Coroutine[Any, Any, str] | None:
        """The undoing of a step, not begun yet; None when there is nothing to undo."""
        if isinstance(step, CommandStep) and step.undo is not None:
            environment = {k: v.reveal() if isinstance(v, Secret) else v for k, v in step.environment.items()}
            return run_command(step.undo.command, environment, self._say)
        if isinstance(step, HttpStep) and step.undo is not None:
            return call(step.undo, step.timeout, self._say)
        if isinstance(step, SwitchStep):
            return self._switch_back(step)
        if isinstance(step, DnsStep):
            return self._take_back(step)
        return None

    async def _switch(self, step: SwitchStep) -> str:
        settings, expected = self._work.proxies[step.proxy], self._switched_from[step.proxy]
        try:
            state = await proxy.read(settings)
            to = state.previous if step.to == "previous" else step.to
            if to == "idle":
                to = proxy.idle_colour(settings, state)
            if to is None:
                raise StepFailed(f"there is nothing to go back to: {step.proxy} was never switched")
            self._say("note", proxy.describe(settings, expected, to))
            after = await proxy.switch(settings, expected=expected, to=to, timeout=step.timeout)
        except ProxyError as error:
            raise StepFailed(str(error)) from error
        return f"{expected} → {after.active}"

    async def _switch_back(self, step: SwitchStep) -> str:
        """Back to the colour that was active when the run was planned; nothing to do when it still is."""
        settings, planned = self._work.proxies[step.proxy], self._work.colours[step.proxy]
        try:
            state = await proxy.read(settings)
            if state.active == planned:
                return f"{planned} is active"
            self._say("note", proxy.describe(settings, state.active, planned))
            await proxy.switch(settings, expected=state.active, to=planned, timeout=step.timeout)
        except ProxyError as error:
            raise StepFailed(str(error)) from error
        return f"{state.active} → {planned}"

    async def _publish(self, step: DnsStep) -> str:
        index = list(self._work.steps).index(step)
        done = self._published[index] = []
        return await publication.publish(step, self._records(index), self._say, done)

    async def _take_back(self, step: DnsStep) -> str:
        """The old values again: of what this process published, or of all that was planned when another one did."""
        index = list(self._work.steps).index(step)
        records = self._records(index)
        return await publication.take_back(step, records, self._say, self._published.get(index, records.changes))

    def _records(self, index: int) -> publication.Publishable:
        if index not in self._work.records:
            raise StepFailed("no zone of the block `dns` declares the domain any more")
        return self._work.records[index]

    async def _back_up(self, step: BackupStep) -> str:
        stamp = backups.stamp_of(self._clock.now())
        backup = await asyncio.to_thread(
            backups.back_up, Path(step.database), Path(step.into), stamp, step.count, step.keep
        )
        for table, rows in backup.rows.items():
            self._say("out", f"{table}: {rows:,} rows")
        return f"{backup.path} holds {sum(backup.rows.values()):,} rows in {backup.size:,} bytes, opened and counted"


async def _wait(seconds: float) -> str:
    await asyncio.sleep(seconds)
    return f"waited {seconds:g} s"


async def call(call: HttpCall, timeout: float, say: Callable[[str, str], None]) -> str:
    """One call to an HTTP API. Raises StepFailed when it does not answer, or not as expected."""
    import ssl

    import httpx

    secure = call.url.startswith("https:")
    headers = {k: v.reveal() if isinstance(v, Secret) else v for k, v in call.headers.items()}
    context = ssl.create_default_context(cafile=call.ca_file) if secure else False
    try:
        async with httpx.AsyncClient(verify=context, trust_env=False, timeout=timeout) as client:
            answer = await client.request(call.method, call.url, headers=headers, json=call.json_body)
    except httpx.HTTPError as error:
        raise StepFailed(f"{call.method} {call.url}: {error or type(error).__name__}") from error
    text = answer.text[:2000].strip()
    if text:
        say("out", text)
    if answer.status_code not in call.expect_status:
        raise StepFailed(f"{call.method} {call.url} answered {answer.status_code}: {text[:200]}")
    return f"answered {answer.status_code}"
