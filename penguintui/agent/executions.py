"""The runs under way: started, followed into the store line by line, adopted after a restart, never lost."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Container, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

from penguintui.actions.conditions import Seen
from penguintui.actions.planning import Prepared
from penguintui.actions.record import Record
from penguintui.actions.work import compose
from penguintui.agent.elsewhere import elsewhere, out_of_sight, why_only_released
from penguintui.agent.execution import (
    Execution,
    News,
    end_process,
    keep_plan,
    process_alive,
    start_process,
)
from penguintui.agent.plans import Plans
from penguintui.agent.protocol import Refused
from penguintui.agent.rebuilding import Kept, left_behind, rebuild
from penguintui.config.settings import Configuration
from penguintui.model.action import AuditEntry, Plan, RunStatus
from penguintui.model.clock import Clock
from penguintui.model.observation import Event
from penguintui.model.status import Status
from penguintui.store import runs as stored
from penguintui.store.ingest import record_events
from penguintui.store.writer import Writer

log = logging.getLogger(__name__)

_FENCE_PATIENCE = 3.0
"""Seconds that a fenced run has to end of itself before it is killed."""


class Executions:
    """Every run that is not over, by its number."""

    def __init__(
        self,
        folder: Path,
        store_url: str,
        writer: Writer,
        record: Record,
        plans: Plans,
        configuration: Callable[[], Configuration],
        clock: Clock,
        token: int | None = None,
    ) -> None:
        """token: of the lease under which this agent works."""
        self._folder = folder
        self._store_url = store_url
        self._writer = writer
        self._record = record
        self._plans = plans
        self._configuration = configuration
        self._clock = clock
        self._token = token
        self._host = socket.gethostname()
        self._running: dict[int, Execution] = {}
        self._interrupted: dict[int, Execution] = {}
        self._lost: dict[int, stored.Process] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def busy(self) -> bool:
        return bool(self._running)

    def running(self, run: int) -> Execution:
        """A run that goes on. Raises Refused when it does not."""
        if run not in self._running:
            raise Refused(f"run {run} is not running")
        return self._running[run]

    def interrupted(self, run: int) -> Execution:
        """A run whose process died. Raises Refused when it is not one."""
        if run in self._lost:
            raise Refused(why_only_released(self._lost[run], self._host))
        if run not in self._interrupted:
            raise Refused(f"run {run} is not interrupted")
        return self._interrupted[run]

    def is_interrupted(self, run: int) -> bool:
        """Whether a run waits for somebody to decide, however much is known of it."""
        return run in self._interrupted or run in self._lost

    async def close(self) -> None:
        """Read the journals once more, and leave. The runs go on without us."""
        self.follow()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=1.0)
        for execution in self._running.values():
            execution.close()

    # Starting and stopping.

    async def start(self, run: int, prepared: Prepared, seen: Seen, requested_by: str) -> None:
        """Start the process of a new run."""
        folder = self._folder / str(run)
        keep_plan(folder, prepared, seen, None)
        await self._launch(Execution(run, prepared, folder, requested_by, token=self._token), begin=0)

    async def start_undo(self, run: int, finished: Execution, seen: Seen, requested_by: str) -> None:
        """Start a run that undoes one that succeeded."""
        folder = self._folder / str(run)
        keep_plan(folder, finished.prepared, seen, finished.run)
        undoing = Execution(run, finished.prepared, folder, requested_by, undoes=finished.run, token=self._token)
        undoing.take_over(finished)
        await self._launch(undoing, begin=0)

    async def go_on(self, execution: Execution, *, undo: bool) -> None:
        """Start a new process for an interrupted run: from the step that it was in, or to undo what it did."""
        self._interrupted.pop(execution.run)
        begin = next((s.index for s in execution.steps if s.index not in execution.done), len(execution.steps))
        if undo:
            execution.undoes = execution.run
            execution.done = sorted(
                {*execution.done, *(s.index for s in execution.steps if str(s.status) == "running")}
            )
        await self._launch(execution, begin=begin)

    async def fence(self, run: int, why: str) -> None:
        """Stop a run where it is, undoing nothing, and take its lock away."""
        if run in self._lost:
            await self.release_lost(run, RunStatus.FENCED, why)
            return
        execution = self._running.pop(run, None) or self._interrupted.get(run)
        if execution is None:
            raise Refused(f"run {run} holds the lock and is just ending; try again")
        execution.order("fence", why)
        await asyncio.to_thread(end_process, execution.pid, execution.pid_started, _FENCE_PATIENCE)
        await self._take_news(execution, replace(execution.read(), end=None, asks=()))
        await self.end(execution, RunStatus.FENCED, why)

    async def end(self, execution: Execution, status: RunStatus, result: str) -> None:
        """A run is over: its lock is released, and everybody may know."""
        run, environment, now = execution.run, execution.prepared.plan.environment, self._clock.now()
        self._interrupted.pop(run, None)
        execution.close()

        def end(connection: Any) -> AuditEntry:
            stored.set_run_status(connection, run, status, result=result, now=now)
            stored.release_lock(connection, environment, run)
            return self._tell(connection, execution, status, result)

        self._record.keep_head(await self._writer.run(end))

    def is_lost(self, run: int) -> bool:
        """Whether a run holds its lock without enough being left of it to know what it did."""
        return run in self._lost

    async def release_lost(self, run: int, status: RunStatus, result: str) -> None:
        """End a run of which too little is left: only its lock is given back."""
        process, now = self._lost.pop(run), self._clock.now()

        def end(connection: Any) -> AuditEntry:
            stored.set_run_status(connection, run, status, result=result, now=now)
            stored.release_lock(connection, process.environment, run)
            about = {"action": process.action, "environment": process.environment, "run": run}
            return self._record.append(connection, None, f"end {process.action}", about, reason="", result=result)

        self._record.keep_head(await self._writer.run(end))

    async def _launch(self, execution: Execution, begin: int) -> None:
        configuration = self._configuration()
        work = compose(
            execution.prepared,
            configuration,
            run=execution.run,
            store_url=self._store_url,
            begin=begin,
            done=execution.done,
            undo=execution.undoes is not None,
            token=self._token,
        )
        try:
            execution.pid, execution.pid_started = await asyncio.to_thread(start_process, execution.folder, work)
        except OSError as error:
            await self.end(execution, RunStatus.FAILED, f"its process could not be started: {error.strerror}")
            raise Refused(f"the run's process could not be started: {error.strerror}") from error
        self._running[execution.run] = execution
        now = self._clock.now()
        await self._writer.run(
            lambda c: stored.start_run(
                c,
                execution.run,
                folder=str(execution.folder),
                pid=execution.pid,
                pid_started=execution.pid_started,
                host=self._host,
                now=now,
            )
        )

    # Following.

    def follow(self) -> None:
        """Read what the runs have written since last time. Called several times a second."""
        for execution in list(self._running.values()):
            alive = process_alive(execution.pid, execution.pid_started)
            news = execution.read()  # after looking whether it lives: what it wrote before its death is read
            if news != News():
                self._task(self._take_news(execution, news))
            if news.end is not None or not alive:
                self._running.pop(execution.run, None)
            if not alive and news.end is None:
                self._task(self._interrupt(execution))

    async def adopt(self, waiting: Container[int] = ()) -> None:
        """Take over the runs of an agent that is gone. waiting: those that wait for approval, and nothing else."""
        for process in await self._writer.run(stored.unfinished):
            if process.run in waiting:
                continue
            folder = Path(process.folder) if process.folder else self._folder / str(process.run)
            here = process.host in ("", self._host)
            if not here and self._token is not None:  # it may go on there, even where its folder can be read here
                await self._give_up(process)
                continue
            try:
                execution = self._rebuilt(process, folder, process.requested_by)
            except Refused as why:
                await self._give_up(process, str(why))
                continue
            execution.pid, execution.pid_started = process.pid or 0, process.pid_started or 0.0
            alive = here and bool(process.pid) and process_alive(execution.pid, execution.pid_started)
            news = execution.read()
            if alive and news.end is None:
                await self._adopt_alive(execution, process)
            await self._take_news(execution, news)
            if not alive and news.end is None:
                await self._interrupt(execution, "its process died" if here else out_of_sight(process, self._host))

    async def _adopt_alive(self, execution: Execution, process: stored.Process) -> None:
        """Follow a process that goes on. One that another agent gave up stops by itself, behind the step it is in."""
        self._running[process.run] = execution
        execution.order("adopt")
        if process.status is RunStatus.INTERRUPTED:
            why = "its process stops behind the step that it is in, since an agent elsewhere took over; wait for it"
            await self._writer.run(lambda c: stored.set_run_status(c, process.run, process.status, result=why))

    def finished(self, process: stored.Process, requested_by: str) -> Execution:
        """A run that is over, as far as it came. Raises Refused when its folder is not here, or is of another run."""
        folder = Path(process.folder) if process.folder else self._folder / str(process.run)
        if process.host not in ("", self._host) and not folder.exists():
            raise Refused(
                f"run {process.run} ran on {process.host}, and what is known of its steps lies there, in {folder}: it "
                "can be undone while the agent there holds the lease"
            )
        execution = self._rebuilt(process, folder, requested_by)
        execution.read()
        return execution

    def _rebuilt(self, process: stored.Process, folder: Path, requested_by: str) -> Execution:
        kept = Kept(self._configuration(), self._plans.backups, self._token)
        return rebuild(kept, process.run, folder, requested_by, process.plan_hash)

    async def _take_news(self, execution: Execution, news: News) -> None:
        run = execution.run
        if news.steps or news.lines:
            await self._writer.run(lambda c: stored.follow_run(c, run, news.steps, news.lines))
        for step in news.asks if news.end is None else ():
            await self._give_leave(execution, step)
        if news.end is not None:
            await self.end(execution, *news.end)

    async def _give_leave(self, execution: Execution, step: int) -> None:
        """Look again at everything before a step that changes something; then let it go on, or not."""
        plan = execution.prepared.plan
        lock = await self._writer.run(lambda c: stored.lock_of(c, plan.environment))
        if lock is None or lock.run != execution.run:
            execution.order("fence", f"{plan.environment} is no longer locked by this run")
            return
        try:
            await self._plans.check_conditions(execution.prepared, execution.switched)
        except Refused as reason:
            execution.order("refuse", str(reason), step)
        else:
            execution.order("grant", step=step)

    async def _interrupt(self, execution: Execution, why: str = "its process died") -> None:
        """The process is gone without a last word: say so, and keep the lock until somebody decides."""
        self._interrupted[execution.run] = execution
        result = f"{why}{await left_behind(execution, self._configuration())}; resume, undo or release it"

        def interrupt(connection: Any) -> AuditEntry:
            stored.set_run_status(connection, execution.run, RunStatus.INTERRUPTED, result=result)
            return self._tell(connection, execution, RunStatus.INTERRUPTED, result)

        self._record.keep_head(await self._writer.run(interrupt))

    async def _give_up(self, process: stored.Process, why: str = "") -> None:
        """A run of which too little is known here: one that had begun keeps its lock, so that somebody looks.

        why: "" for one whose process and folder are on another host.
        """
        begun, now = process.pid is not None, self._clock.now()
        if begun:
            self._lost[process.run] = process
        status = RunStatus.INTERRUPTED if begun else RunStatus.CANCELLED
        about = {"action": process.action, "environment": process.environment, "run": process.run}

        def end(connection: Any) -> AuditEntry | None:
            result = why or elsewhere(process, self._host, stored.steps_known(connection, process.run))
            stored.set_run_status(connection, process.run, status, result=result, now=now)
            if not begun:
                stored.release_lock(connection, process.environment, process.run)
            if process.status is status:  # the agent before has told it
                return None
            log.error("run %d: %s", process.run, result)
            attributes = {"run": str(process.run), "action": process.action, "by": process.requested_by}
            event = Event(now, f"run.{status}", f"{process.action}: {status}; {result}", Status.WARNING, attributes)
            record_events(connection, "", [event])
            result = f"{status}: {result}"
            return self._record.append(connection, None, f"end {process.action}", about, reason="", result=result)

        entry = await self._writer.run(end)
        if entry is not None:
            self._record.keep_head(entry)

    def _tell(self, connection: Any, execution: Execution, status: RunStatus, result: str) -> AuditEntry:
        """How a run ended, as an event for everybody and as an entry of the record."""
        plan, now, undoing = execution.prepared.plan, self._clock.now(), execution.undoes is not None
        good = status is (RunStatus.UNDONE if undoing else RunStatus.SUCCEEDED)
        attributes = {"run": str(execution.run), "action": plan.action, "by": execution.requested_by, **plan.parameters}
        title = f"{'undo of ' if undoing else ''}{plan.title}: {status}"
        severity = Status.OK if good else Status.WARNING
        events = [Event(now, f"run.{status}", f"{title}; {result}", severity, attributes)]
        if good and not undoing and "release" in plan.parameters:
            words = f"release {plan.parameters['release']} by {execution.requested_by}"
            events.append(Event(now, "release", words, Status.OK, attributes))
        record_events(connection, plan.target, events)
        about = {**about_plan(plan), "run": execution.run}
        return self._record.append(
            connection, None, f"end {plan.action}", about, reason="", result=f"{status}: {result}"
        )

    def _task(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("following a run failed", exc_info=task.exception())


def about_plan(plan: Plan) -> dict[str, object]:
    """What the record says of a plan."""
    return {
        "action": plan.action,
        "environment": plan.environment,
        "target": plan.target,
        "parameters": dict(plan.parameters),
        "plan": plan.hash,
    }
