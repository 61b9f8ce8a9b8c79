"""The thread that stands by for the lease of a shared store, takes it, and keeps it by renewing it.

It has a connection of its own, so that neither a slow batch nor a busy event loop makes an agent lose its lease.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penguintui.agent import acquaintance
from penguintui.agent.acquaintance import Acquaintance
from penguintui.agent.lease import LOOK, RENEW, Term, Watch
from penguintui.model.clock import Clock
from penguintui.store import leases
from penguintui.store.errors import StoreError
from penguintui.store.keeping import Heartbeat
from penguintui.store.leases import LeaseRow
from penguintui.store.postgres import Address

if TYPE_CHECKING:
    import psycopg

log = logging.getLogger(__name__)

_SESSION: dict[str, str | int] = {"statement_timeout": 2_000, "lock_timeout": 2_000}
_ANSWERS = 2.5
"""Seconds after which no answer to a renewal is coming."""
_SAY_SECONDS = 1.0
"""Seconds between two words of an agent that stands by."""


class Keeper:
    """Stands by until the lease can be taken; `begin` is then called, in this thread, with the term.

    After a term was lost nothing is taken before `stand_by` is called again: what worked under it must have ended.
    beat: makes this agent's word while it stands by, from what it has to say.
    """

    def __init__(
        self,
        url: str,
        state: Path,
        holder: str,
        clock: Clock,
        *,
        begin: Callable[[Term], None],
        beat: Callable[[str], Heartbeat],
    ) -> None:
        self._address = Address(url)
        self._memory = state / "store.seen"
        self._own = acquaintance.number_of(state)
        self._holder = holder
        self._clock = clock
        self._begin = begin
        self._beat = beat
        self._connection: psycopg.Connection[Any] | None = None
        self._term: Term | None = None
        self._watch = Watch()
        self._ready = threading.Event()
        self._stopping = threading.Event()
        self._said = 0.0
        self._word = ""
        self._older = False
        self._thread = threading.Thread(target=self._work, name="lease", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stand_by(self) -> None:
        """From now on the lease may be taken."""
        self._watch = Watch()
        self._ready.set()

    def stop(self, timeout: float = 3.0) -> None:
        """Give the lease back, when it is held, so that another agent need not wait; and end."""
        self._stopping.set()
        self._thread.join(timeout)

    def _work(self) -> None:
        while not self._stopping.is_set():
            pause = self._turn()
            self._stopping.wait(pause)
        if self._term is not None and not self._term.lost:
            self._try(lambda connection: leases.give_back(connection, self._token))
        self._drop()

    def _turn(self) -> float:
        """Renew or look, once. Returns the seconds until the next time."""
        if self._term is not None and not self._term.lost:
            return RENEW if self._try(self._renew) else LOOK
        if self._term is not None:
            self._older = self._term.lost == leases.OLDER
            self._term = None
        if self._ready.is_set():
            self._try(self._look)
        return LOOK

    @property
    def _token(self) -> int:
        return self._term.token if self._term is not None else 0

    def _try(self, work: Callable[[psycopg.Connection[Any]], None]) -> bool:
        """Do something with the connection; one that fails is opened anew next time."""
        import psycopg
        from psycopg.errors import UndefinedTable

        try:
            if self._connection is None:
                self._connection = self._address.connect(
                    _SESSION, autocommit=True, name="penguintui lease", patience=_ANSWERS
                )
            work(self._connection)
        except UndefinedTable:
            self._gone()
        except (psycopg.Error, StoreError) as error:
            self._drop()
            self._say(f"the store {self._address.place} does not answer: {self._address.words(error)}")
        except Exception:
            log.exception("the lease could not be looked after")
            self._drop()
        else:
            return True
        return False

    def _renew(self, connection: psycopg.Connection[Any]) -> None:
        term = self._term
        if term is None:
            return
        sent = self._clock.monotonic()
        beat = leases.renew(connection, term.token)
        if beat is None:
            row = leases.look(connection)
            held = f"{row.holder or 'nobody'} holds the lease now (token {row.token}, ours was {term.token})"
            term.lose(leases.OLDER if row.token < term.token else held)
        elif beat <= term.beat:
            term.lose(leases.OLDER)
        else:
            term.renewed(sent, beat)
            self._word = ""

    def _look(self, connection: psycopg.Connection[Any]) -> None:
        """See who holds the lease; take it when it is free; say that we stand by when it is not."""
        row = leases.look(connection)
        remembered = acquaintance.recall(self._memory, self._address.place)
        why = acquaintance.stranger(remembered, row.store, self._memory)
        if why:
            self._say(why)
            return
        sent = self._clock.monotonic()
        if not self._watch.may_take(token=row.token, beat=row.beat, owner=row.owner, own=self._own, now=sent):
            self._tell(connection, row)
            return
        at_least = remembered.token if remembered is not None else 0
        taken = leases.take(
            connection, row, owner=self._own, holder=self._holder, at_least=at_least, now=self._clock.now()
        )
        if taken is None:
            return
        older, self._older = self._older or row.token < at_least, False
        acquaintance.remember(self._memory, Acquaintance(self._address.place, taken.store, taken.token))
        log.warning("the lease is ours (token %d)%s", taken.token, f", after {row.holder}" if row.holder else "")
        self._ready.clear()
        self._word = ""
        self._term = Term(taken.token, sent, taken.beat, older=older, after=row.holder)
        self._begin(self._term)

    def _tell(self, connection: psycopg.Connection[Any], row: LeaseRow) -> None:
        """Leave word in the store that this agent stands by, and with which configuration."""
        now = self._clock.monotonic()
        if now - self._said < _SAY_SECONDS:
            return
        self._said = now
        theirs, ours = leases.working_configuration(connection), self._beat("").configuration
        word = f"stands by: {row.holder} holds the lease"
        if theirs not in ("", ours):
            word += f" and works with another configuration ({theirs[:8]}, ours is {ours[:8]})"
        self._say(word)
        leases.stand_by(connection, self._beat(word))

    def _gone(self) -> None:
        """The tables are not there any more."""
        why = f"the store {self._address.place} came back without its tables; nothing is written into it"
        if self._term is not None:
            self._term.lose(why)
        self._say(f"{why}. Put it back, or start this agent again to be told how to begin anew")

    def _say(self, word: str) -> None:
        if word != self._word:
            log.warning("%s", word)
        self._word = word

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def check_known(url: str, state: Path) -> None:
    """Raise StoreError, in words, when the store is empty although this agent has worked with one there."""
    import psycopg

    address, memory = Address(url), state / "store.seen"
    remembered = acquaintance.recall(memory, address.place)
    if remembered is None:
        return
    try:
        with address.connect(_SESSION, autocommit=True) as connection:
            found = connection.execute("SELECT to_regclass('leases')").fetchone()
            store = leases.look(connection).store if found and found[0] else None
    except psycopg.Error as error:
        raise StoreError(f"the store {address.place} cannot be reached: {address.words(error)}") from None
    why = acquaintance.stranger(remembered, store, memory)
    if why:
        raise StoreError(why)
