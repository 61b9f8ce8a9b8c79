"""An agent over a shared store: it stands by, works while it holds the lease, and stands by again when it lost it."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket

from penguintui import __version__
from penguintui.actions.signing import SigningKey
from penguintui.agent import acquaintance
from penguintui.agent.agent import Agent
from penguintui.agent.keeper import Keeper, check_known
from penguintui.agent.lease import PATIENCE, Term
from penguintui.agent.leftover import begin_leftover
from penguintui.config.document import digest
from penguintui.config.places import Places
from penguintui.config.settings import Configuration
from penguintui.config.watching import Broken, Changed, Watcher
from penguintui.model.clock import Clock
from penguintui.store.errors import StoreError
from penguintui.store.keeping import Heartbeat
from penguintui.store.opening import open_for_writing

log = logging.getLogger(__name__)

_WATCH = 2.0
_REST = 1.0
"""Seconds of rest after a term that could not begin."""
_ONCE = PATIENCE + 2.0
"""Seconds after which somebody else's lease is not going to end."""


class Terms:
    """One agent of several. `run` returns after SIGTERM or SIGINT; the lease is then given back."""

    def __init__(
        self,
        places: Places,
        configuration: Configuration,
        source: str,
        clock: Clock,
        store_url: str,
        watcher: Watcher | None = None,
    ) -> None:
        """Makes or migrates the store. Raises StoreError, also when the store is not the one that is remembered."""
        check_known(store_url, places.state)
        open_for_writing(store_url).dispose()
        log.info("the record is signed with the key %s", SigningKey(places.audit_key).public)
        self._places = places
        self._configuration = configuration
        self._source = source
        self._clock = clock
        self._store_url = store_url
        self._watcher = watcher
        self._started = clock.now()
        self._name = f"agent-{acquaintance.number_of(places.state)[:6]}"
        self._digest = digest(configuration)
        self._begun: asyncio.Queue[Term] = asyncio.Queue()
        self._stop = asyncio.Event()

    async def run(self) -> None:
        """Stand by and work, in turn, until told to stop."""
        keeper = self._keeper(asyncio.get_running_loop())
        keeper.start()
        try:
            while not self._stop.is_set():
                keeper.stand_by()
                term = await self._stand_by()
                if term is not None:
                    await self._work(term)
        finally:
            await asyncio.to_thread(keeper.stop)

    async def once(self) -> None:
        """Ask everything one time, as the holder of the lease. Raises StoreError when another agent has it."""
        keeper = self._keeper(asyncio.get_running_loop())
        keeper.start()
        keeper.stand_by()
        try:
            async with asyncio.timeout(_ONCE):
                term = await self._begun.get()
            await self._agent(term).once()
        except TimeoutError:
            raise StoreError("another agent holds the lease of the store; it asks already") from None
        finally:
            await asyncio.to_thread(keeper.stop)

    def _keeper(self, loop: asyncio.AbstractEventLoop) -> Keeper:
        def begin(term: Term) -> None:
            loop.call_soon_threadsafe(self._begun.put_nowait, term)

        return Keeper(
            self._store_url, self._places.state, socket.gethostname(), self._clock, begin=begin, beat=self._beat
        )

    async def _stand_by(self) -> Term | None:
        """Wait for the lease; None when told to stop. A changed configuration is read meanwhile."""
        loop = asyncio.get_running_loop()
        for signum in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signum, self._stop.set)
        left = await asyncio.to_thread(begin_leftover, self._places.spool, self._configuration, self._clock)
        watching = asyncio.create_task(self._watch())
        begun, stopped = asyncio.create_task(self._begun.get()), asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait((begun, stopped), return_when=asyncio.FIRST_COMPLETED)
            return begun.result() if begun.done() and not self._stop.is_set() else None
        finally:
            for task in (watching, begun, stopped):
                task.cancel()
            if left is not None:
                await asyncio.to_thread(left.stop)

    async def _work(self, term: Term) -> None:
        """Be the agent for as long as the term lasts."""
        try:
            self._places.prepare()
            agent = self._agent(term)
            await agent.run()
        except StoreError as error:
            log.error("%s", error)
            term.lose(str(error))
            await asyncio.sleep(_REST)
            return
        self._take(agent.configuration)
        if term.lost:
            log.error("the lease is lost: %s. Nothing more was asked or written; this agent stands by", term.lost)
        else:
            self._stop.set()

    def _agent(self, term: Term) -> Agent:
        return Agent(
            self._places,
            self._configuration,
            self._source,
            self._clock,
            self._store_url,
            watcher=self._watcher,
            name=self._name,
            term=term,
        )

    async def _watch(self) -> None:
        """Read a changed configuration, so that what is taken over with is what was written last."""
        while self._watcher is not None:
            await asyncio.sleep(_WATCH)
            match self._watcher.poll():
                case Changed(configuration=configuration):
                    self._take(configuration)
                case Broken(errors=errors):
                    log.warning("the changed configuration is refused, the old one stays: %s", errors)

    def _take(self, configuration: Configuration) -> None:
        self._configuration, self._digest = configuration, digest(configuration)

    def _beat(self, word: str) -> Heartbeat:
        """What this agent says of itself while it stands by."""
        tick = self._configuration.agent.tick
        who = (os.getpid(), socket.gethostname(), __version__)
        return Heartbeat(self._name, self._clock.now(), self._started, tick, *who, word, True, self._digest)
