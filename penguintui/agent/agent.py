"""The agent: asks the world, remembers, executes, and answers at its door."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
from collections.abc import Mapping
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Any

from penguintui import __version__
from penguintui.actions.record import Record
from penguintui.agent.askings import Askings, asked, watched
from penguintui.agent.compaction import Compaction
from penguintui.agent.door import Door, Method
from penguintui.agent.familiar import Familiar
from penguintui.agent.greeting import Greeting
from penguintui.agent.intents import Intents
from penguintui.agent.jumps import watch_for_jumps
from penguintui.agent.lease import Term
from penguintui.agent.leaving import Leaving
from penguintui.agent.outgoing import COUNT, Outgoing
from penguintui.agent.ruling import Ruling
from penguintui.agent.runs import Runs
from penguintui.config.document import digest, document
from penguintui.config.places import Places
from penguintui.config.settings import Configuration
from penguintui.config.watching import Broken, Changed, Watcher
from penguintui.model.clock import Clock
from penguintui.model.observation import Event
from penguintui.model.role import Role
from penguintui.model.status import Status
from penguintui.store import keeping
from penguintui.store.bookmarks import keep_bookmarks_only, load_bookmarks
from penguintui.store.errors import StoreError
from penguintui.store.ingest import Ingest, record_events
from penguintui.store.leases import Guard
from penguintui.store.opening import shared
from penguintui.store.writer import Writer

log = logging.getLogger(__name__)

_FLUSH = 0.2
_WATCH = 2.0
_LET_GO = 600.0
_REFUSED, _REFUSED_LOOK = 5.0, 0.5
"""Seconds for which the store may take nothing while everything is asked once."""
_LOOK_AT_STORE = 15.0  # after a kill, a copy of the store that is younger is not told from it


class Agent:
    """One agent over one store. `run` returns after SIGTERM, SIGINT or, where it may leave, when nobody needs it."""

    def __init__(
        self,
        places: Places,
        configuration: Configuration,
        source: str,
        clock: Clock,
        store_url: str,
        *,
        watcher: Watcher | None = None,
        leaves: bool = False,
        name: str = "agent",
        term: Term | None = None,
    ) -> None:
        """name: of its heartbeat. term: the time for which it holds the lease of a shared store, which it works for."""
        self._places = places
        self._configuration = configuration
        self._source = source
        self._clock = clock
        self._watcher = watcher
        self._started = clock.now()
        self._name = name
        self._term = term
        guard = Guard(term.token, lambda: term.beat, term.lose) if term is not None else None
        self._writer = Writer(store_url, guard=guard)
        self._ingest = Ingest(name)
        self._writer.undone.append(self._ingest.forget)
        self._outgoing = Outgoing(places.spool, configuration, self._writer, self._ingest, clock)
        self._askings = Askings(clock, self._outgoing.take, self._may_begin)
        head = configuration.agent.audit_head
        self._record = Record(places.audit_key, Path(head) if head else places.audit_head, self._writer, clock)
        self._runs = Runs(
            places,
            self._writer,
            self._record,
            store_url,
            clock,
            lambda: self._configuration,
            term.token if term is not None else None,
        )
        self._door = Door(
            places.socket, configuration.agent.socket_group, lambda: self._configuration.roles, self._methods(), clock
        )
        self._intents = None if term is None else self._made_intents(store_url, term)
        folder = Path(source).parent
        self._ruling = Ruling(self._writer, self._ingest, store_url, clock, folder, self._outgoing.share)
        self._compaction = self._made_compaction()
        self._leaving = Leaving(clock) if leaves else None
        self._stop = asyncio.Event()
        self.replaced = False
        """Whether it stopped because another store stands where its own was: then another agent begins with that."""
        self._familiar = None if shared(store_url) else Familiar(store_url, places.state)
        self._broken = ""
        self._digest = ""
        self._others = ""
        self._beating: Future[int | None] | None = None

    def _made_intents(self, store_url: str, term: Term) -> Intents:
        return Intents(store_url, self._writer, term.token, self._door, lambda: self._configuration.roles, self._clock)

    def _made_compaction(self) -> Compaction:
        return Compaction(
            self._writer,
            self._ingest,
            self._clock,
            lambda: self._configuration.retention,
            self._tell,
            {"job": "penguintui", "instance": "agent", "environment": self._configuration.environment},
            self._outgoing.share,
        )

    async def run(self, parent: int | None = None) -> None:
        """Work until told to stop; then finish the current write and leave within five seconds. Runs go on.

        parent: a file descriptor whose end is the end of this agent too (a demo that is gone).
        """
        loop = asyncio.get_running_loop()
        if parent is not None:
            loop.add_reader(parent, self._stop.set)
        for signum in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signum, self._stop.set)
        if self._term is not None:
            self._term.when_lost(lambda: loop.call_soon_threadsafe(self._stop.set))
        self._writer.replaced.append(lambda: loop.call_soon_threadsafe(self._leave_replaced))
        loops: list[asyncio.Task[None]] = []
        try:
            await self._keep_configuration()
            if self._term is not None and self._term.older:
                words = "the store came back older than it was: what was recorded since its copy was made is gone"
                await self._say("store.older", words, Status.CRITICAL)
            if self._term is not None and self._term.after:
                words = f"another agent took over, on {socket.gethostname()}: the one on {self._term.after} is silent"
                await self._say("agent.took-over", words, Status.WARNING)
            await self._look_at_store()
            await self._runs.adopt()
            await self._door.open()
            self._outgoing.apply(self._configuration, asked(self._configuration).keys())
            loops = [
                asyncio.create_task(self._every(_FLUSH, self._flush), name="flush"),
                asyncio.create_task(self._every(self._configuration.agent.tick, self._beat), name="heartbeat"),
            ]
            await self._catch_up()
            await self._remember_places()
            self._askings.apply(self._configuration)
            self._ruling.apply(self._configuration)
            loops += [
                asyncio.create_task(self._every(_WATCH, self._look_at_configuration), name="configuration"),
                asyncio.create_task(self._every(COUNT, self._outgoing.count), name="spool"),
                asyncio.create_task(self._every(_LET_GO, self._let_go), name="retention"),
                asyncio.create_task(self._every(_LOOK_AT_STORE, self._look_at_store), name="familiar"),
                asyncio.create_task(watch_for_jumps(self._clock, self._tell), name="clock"),
                asyncio.create_task(self._compaction.run(), name="compaction"),
            ]
            if self._intents is not None:
                loops.append(asyncio.create_task(self._intents.run(), name="intents"))
            await self._stop.wait()
        finally:
            for task in loops:
                task.cancel()
            await self._askings.stop(1.5)
            await asyncio.gather(*(asyncio.to_thread(one.stop) for one in (self._ruling, self._outgoing)))
            await self._runs.executions.close()
            await self._door.close()
            self._places.tidy()
            self._outgoing.flush()
            await asyncio.to_thread(self._writer.close, 2.0)
            await asyncio.to_thread(self._outgoing.close)
            if self._familiar is not None:
                self._familiar.part()

    async def once(self) -> None:
        """Ask everything one time, record it, and stop. Raises StoreError when the store takes nothing for long."""
        asking = asyncio.create_task(self._ask_everything())
        refused = 0.0
        while not (await asyncio.wait({asking}, timeout=_REFUSED_LOOK))[0]:
            refused = refused + _REFUSED_LOOK if self._writer.trouble else 0.0
            if refused >= _REFUSED:
                break
        trouble = self._writer.trouble
        asking.cancel()
        await asyncio.wait({asking})
        await asyncio.to_thread(self._outgoing.stop)
        await asyncio.to_thread(self._writer.close)
        await asyncio.to_thread(self._outgoing.close)
        if trouble:
            raise StoreError(f"the store cannot be written: {trouble}")
        asking.result()

    async def _ask_everything(self) -> None:
        await self._keep_configuration()
        self._outgoing.apply(self._configuration, asked(self._configuration).keys())
        await self._outgoing.drain()
        await self._remember_places()
        await self._askings.once(self._configuration)
        await self._outgoing.drain()
        await self._writer.run(partial(keeping.keep_heartbeat, beat=self._heartbeat()))

    @property
    def configuration(self) -> Configuration:
        """The one in force."""
        return self._configuration

    def _may_begin(self) -> bool:
        return self._term is None or self._term.holds(self._clock.monotonic())

    async def _every(self, seconds: float, work: Any) -> None:
        """Do something again and again. What it raises is logged and said, and does not end it."""
        while True:
            try:
                result = work()
                if asyncio.iscoroutine(result):
                    await result
            except Exception:
                log.exception("%s failed", getattr(work, "__name__", work))
            await asyncio.sleep(seconds)

    def _flush(self) -> None:
        self._outgoing.flush()
        self._runs.executions.follow()

    def _beat(self) -> None:
        """Write the heartbeat, unless the last one still waits: then the store is in trouble, and viewers go blind."""
        if self._beating is None or self._beating.done():
            self._beating = self._writer.submit(partial(self._keep_heartbeat, beat=self._heartbeat()))
            self._beating.add_done_callback(self._heard)
        if self._leaving is not None and self._leaving.time_to_go(
            bool(self._door.visits) or self._runs.busy or bool(self._configuration.notifications)
        ):
            log.info("nobody needs this agent any more; it leaves")
            self._stop.set()

    def _heard(self, beating: Future[int | None]) -> None:
        if self._familiar is not None and not beating.cancelled() and beating.exception() is None:
            self._familiar.heard(beating.result())

    def _keep_heartbeat(self, connection: Any, beat: keeping.Heartbeat) -> int | None:
        keeping.keep_heartbeat(connection, beat)
        others = keeping.other_configurations(connection, beat) if self._term is not None else []
        self._others = f"the agent that stands by on {', '.join(others)} has another configuration" if others else ""
        return self._familiar.beat(connection) if self._familiar is not None else None

    def _heartbeat(self) -> keeping.Heartbeat:
        return keeping.Heartbeat(
            agent=self._name,
            time=self._clock.now(),
            started=self._started,
            tick=self._configuration.agent.tick,
            pid=os.getpid(),
            host=socket.gethostname(),
            version=__version__,
            message=self._message(),
            configuration=self._digest,
        )

    def _message(self) -> str:
        """What the agent has to say of itself, the most pressing first; empty when all is well."""
        if not self._may_begin():
            return "the lease has lapsed: nothing is asked until the store answers"
        trouble = self._outgoing.message
        return trouble or self._broken or self._others or self._compaction.message or self._ruling.message

    async def _keep_configuration(self) -> None:
        """Put the configuration and its targets into the store, and close what is watched no more."""
        configuration, now = self._configuration, self._clock.now()
        text, pairs = document(configuration), asked(configuration)
        targets = watched(configuration)
        self._digest = digest(configuration)

        def keep(connection: Any) -> None:
            keeping.keep_configuration(connection, self._digest, text, self._source, now)
            keeping.keep_targets(connection, targets, now)
            self._ingest.keep_only(connection, pairs.keys(), now)
            keep_bookmarks_only(connection, pairs.keys())

        await self._writer.run(keep)

    async def _catch_up(self) -> None:
        """Wait until the store has what an earlier agent left in the spool: adapters go on behind it."""
        while self._outgoing.has_old and not self._stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), _FLUSH)

    async def _remember_places(self) -> None:
        """Let adapters go on reading where the observations end that are kept."""
        self._askings.bookmarks = await self._writer.run(partial(load_bookmarks, agent=self._name))

    async def _look_at_configuration(self) -> None:
        """Take a changed configuration; refuse a broken one, saying so, and go on with the old."""
        change = self._watcher.poll() if self._watcher is not None else None
        if isinstance(change, Changed):
            self._configuration = change.configuration
            self._broken = ""
            self._askings.apply(change.configuration)
            await asyncio.to_thread(self._outgoing.apply, change.configuration, asked(change.configuration).keys())
            self._ruling.apply(change.configuration)
            await self._keep_configuration()
            await self._say("configuration.changed", f"the configuration {self._source} was read again", Status.OK)
        elif isinstance(change, Broken):
            first = str(change.errors.problems[0])
            self._broken = f"the changed configuration is refused, the old one stays: {first}"
            await self._say("configuration.refused", str(change.errors)[:2000], Status.WARNING)

    async def _say(self, kind: str, summary: str, severity: Status) -> None:
        await self._tell(Event(self._clock.now(), kind, summary, severity))

    async def _tell(self, event: Event) -> None:
        log.log(logging.WARNING if event.severity else logging.INFO, "%s", event.summary)
        await self._writer.run(lambda connection: record_events(connection, "", [event]))

    def _let_go(self) -> None:
        kept, now = self._configuration.retention, self._clock.now()
        limits = keeping.Limits(now - kept.findings, now - kept.events, now - kept.runs, now - kept.output)
        self._writer.submit(partial(keeping.let_go, limits=limits))

    async def _look_at_store(self) -> None:
        """Say it when a store in a file is another one than before, or an older copy of it."""
        if self._familiar is not None:
            event = await self._familiar.look(self._writer, self._clock.now())
            if event is not None:
                await self._tell(event)

    def _leave_replaced(self) -> None:
        self.replaced = True
        self._stop.set()

    # What can be asked at the door.

    def _methods(self) -> dict[str, Method]:
        runs = self._runs
        return {
            **Greeting(self._record, self._clock, self._about).methods(),
            "catalogue": Method(Role.VIEWER, runs.catalogue),
            "plan": Method(Role.VIEWER, runs.plan),
            "run": Method(Role.OPERATOR, runs.run, acts=True),
            "approve": Method(Role.OPERATOR, runs.approve, acts=True),
            "refuse": Method(Role.OPERATOR, runs.refuse, acts=True),
            "cancel": Method(Role.OPERATOR, runs.cancel, acts=True),
            "resume": Method(Role.OPERATOR, runs.resume, acts=True),
            "undo": Method(Role.OPERATOR, runs.undo, acts=True),
            "release": Method(Role.ADMIN, runs.release, acts=True),
            "inspect": Method(Role.VIEWER, runs.inspect),
        }

    def _about(self) -> Mapping[str, Any]:
        return {
            "environment": self._configuration.environment,
            "version": __version__,
            "pid": os.getpid(),
            "source": self._source,
            "message": self._message(),
        }
