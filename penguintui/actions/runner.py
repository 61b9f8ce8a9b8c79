"""The process that executes a run: a session of its own, so that no viewer's or agent's end touches it.

Started by the agent as `python -m penguintui.actions.runner FOLDER` with the work on standard input. It writes its
journal into the folder and asks the agent's leave before each step that changes something. Where another agent may have
taken over meanwhile, it looks into the store as well: see `fence`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from penguintui.actions import journal
from penguintui.actions.failing import StepFailed
from penguintui.actions.fence import Fence, Forsaken
from penguintui.actions.journal import JOURNAL, MAX_TEXT, ORDERS, Lines
from penguintui.actions.steps import Steps
from penguintui.actions.work import Work, parse
from penguintui.clock import SystemClock
from penguintui.model.action import RunStatus

_LOOK = 0.1
_LOOK_FENCE = 1.0
_PATIENCE = 3600.0
"""Seconds that a run waits for an agent that is away."""


class Stopped(Exception):  # noqa: N818 (an order, not an error)
    """The agent ordered the run to stop: `cancel` (undo what was done) or `fence` (touch nothing any more)."""

    def __init__(self, order: str, reason: str) -> None:
        super().__init__(reason)
        self.order = order


class Runner:
    """Executes one work. The journal tells everything that happens, as it happens."""

    def __init__(self, work: Work, folder: Path) -> None:
        self._work = work
        self._lines = Lines(folder / JOURNAL)
        self._orders = folder / ORDERS
        # A runner that resumes must not take the orders of its predecessor for its own.
        self._position = self._orders.stat().st_size if self._orders.exists() else 0
        self._granted: set[int] = set()
        self._refused: dict[int, str] = {}
        self._stop: Stopped | None = None
        self._step = -1
        self._clock = SystemClock()
        self._steps = Steps(work, self._say)
        self._fence = Fence(work.store_url, work.run, work.token)

    async def run(self) -> RunStatus:
        """Execute all steps, or undo them. Returns, and writes, how it ended.

        A run that is not ours any more has no last word: it is interrupted, and somebody decides.
        """
        self._write("begin", pid=os.getpid())
        try:
            status, result = await (self._undo_only() if self._work.undo else self._do_all())
        except Forsaken as why:
            self._say("note", f"stopped here, nothing more is changed: {why}")
            return RunStatus.INTERRUPTED
        finally:
            self._fence.close()
        self._write("end", status=str(status), result=result)
        self._lines.sync()
        return status

    async def _do_all(self) -> tuple[RunStatus, str]:
        done = list(self._work.done)
        for index in range(self._work.begin, len(self._work.steps)):
            step = self._work.steps[index]
            try:
                detail = await self._do(index)
            except StepFailed as failure:
                self._write("step", step=index, status="failed", detail=str(failure))
                return await self._go_back([*done, index], RunStatus.UNDONE, f"{step.name}: {failure}")
            except Stopped as order:
                self._write("step", step=index, status="failed", detail=str(order))
                if order.order == "fence":
                    return RunStatus.FENCED, str(order)
                return await self._go_back([*done, index], RunStatus.CANCELLED, str(order))
            self._write("step", step=index, status="succeeded", detail=detail)
            done.append(index)
        return RunStatus.SUCCEEDED, "all steps succeeded"

    async def _do(self, index: int) -> str:
        """One step, within its time, ended at once when the agent orders it. Raises StepFailed or Stopped."""
        step = self._work.steps[index]
        self._step = index
        if self._steps.changes(step):
            self._write("ask", step=index)
            await self._leave_for(index)
        self._write("step", step=index, status="running", detail="")
        return await self._watched(self._steps.do(step), self._steps.patience(step))

    async def _leave_for(self, index: int) -> None:
        """Wait for the agent's leave; it may be away for a while, and comes back. Raises Forsaken when another does."""
        deadline, looked = time.monotonic() + _PATIENCE, 0.0
        while True:
            self._take_orders()
            if self._stop is not None:
                raise self._stop
            if index in self._refused:
                raise StepFailed(self._refused.pop(index))
            granted, now = index in self._granted, time.monotonic()
            if granted or now >= looked + _LOOK_FENCE:
                looked = now
                if await self._fence.holds() and granted:
                    return
            if now > deadline:
                raise StepFailed(f"no agent gave leave within {_PATIENCE / 60:.0f} minutes")
            await asyncio.sleep(_LOOK)

    async def _still_ours(self) -> None:
        """Wait until it is known that this run may change something. Raises Forsaken when it may not."""
        deadline = time.monotonic() + _PATIENCE
        while not await self._fence.holds():
            if time.monotonic() > deadline:
                raise Forsaken(f"no agent of this host is at work since {_PATIENCE / 60:.0f} minutes")
            await asyncio.sleep(_LOOK_FENCE)
            self._take_orders()

    async def _watched(self, doing: Coroutine[Any, Any, str], patience: float) -> str:
        task = asyncio.ensure_future(doing)
        deadline = time.monotonic() + patience
        try:
            while not task.done():
                await asyncio.wait({task}, timeout=_LOOK)
                self._take_orders()
                if self._stop is not None:
                    raise self._stop
                if time.monotonic() > deadline and not task.done():
                    raise StepFailed(f"did not end within {patience:g} s")
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait({task})
        return task.result()

    def _take_orders(self) -> None:
        page = journal.read(self._orders, self._position)
        self._position = page.position
        for order in page.entries:
            kind, reason = order.get("kind"), str(order.get("why", ""))
            if not self._fence.heard(order):
                continue
            if kind == "grant":
                self._granted.add(int(order["step"]))
            elif kind == "refuse":
                self._refused[int(order["step"])] = reason
            elif kind in ("cancel", "fence") and (self._stop is None or kind == "fence"):
                self._stop = Stopped(kind, reason)

    async def _undo_only(self) -> tuple[RunStatus, str]:
        self._write("ask", step=-1)
        try:
            await self._leave_for(-1)
        except StepFailed as failure:
            return RunStatus.FAILED, str(failure)
        except Stopped as order:
            return (RunStatus.FENCED if order.order == "fence" else RunStatus.CANCELLED), str(order)
        return await self._go_back(list(self._work.done), RunStatus.UNDONE, "undone as asked")

    async def _go_back(self, done: list[int], status: RunStatus, why: str) -> tuple[RunStatus, str]:
        """Undo steps, the last first. One that cannot be undone is said, and the others are undone all the same."""
        self._stop = None
        left = []
        for index in reversed(done):
            step = self._work.steps[index]
            undo = self._steps.undo(step)
            if undo is None:
                continue
            self._step = index
            await self._still_ours()
            self._write("step", step=index, status="undoing", detail="")
            try:
                detail = await self._watched(undo, self._steps.undo_patience(step))
            except (StepFailed, Stopped) as failure:
                self._write("step", step=index, status="undo-failed", detail=str(failure))
                left.append(f"{step.name}: {failure}")
                if isinstance(failure, Stopped) and failure.order == "fence":
                    return RunStatus.FENCED, f"{why}; stopped while going back"
            else:
                self._write("step", step=index, status="undone", detail=detail)
        if left:
            return RunStatus.FAILED, f"{why}; NOT everything could be undone: {'; '.join(left)}"
        return status, why

    def _say(self, stream: str, text: str) -> None:
        self._write("output", step=self._step, stream=stream, text=text[:MAX_TEXT])

    def _write(self, kind: str, **words: Any) -> None:
        self._lines.write(time=self._clock.now(), kind=kind, **words)


async def _main(folder: Path) -> int:
    runner = Runner(parse(sys.stdin.buffer.read()), folder)
    return 0 if await runner.run() is RunStatus.SUCCEEDED else 1


def main() -> int:
    with contextlib.suppress(OSError):
        os.setsid()
    return asyncio.run(_main(Path(sys.argv[1])))


if __name__ == "__main__":
    sys.exit(main())
