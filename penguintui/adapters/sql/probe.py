"""A database: whether it answers, and what the configured queries say (SQLAlchemy Core; PostgreSQL and SQLite).

Drivers block, so everything runs in a thread of its own. Nothing is ever written: PostgreSQL gets read-only
transactions, SQLite files are opened read-only.
"""

from __future__ import annotations

import contextlib
import re
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from penguintui.adapters.asking import Answer, observe
from penguintui.adapters.blocking import Blocking
from penguintui.adapters.failure import UNREACHABLE, Failure, NotAnswered, Reason, causes, from_sql, local
from penguintui.adapters.sql.rows import judge_rows, read_rows
from penguintui.config.probes import SqlProbe, SqlQuery
from penguintui.model.clock import Clock
from penguintui.model.observation import Finding, Observation, Sample
from penguintui.model.secret import HIDDEN, Secret
from penguintui.model.status import Status
from penguintui.model.target import Target

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine

CONNECT_SECONDS = 5
"""A connection that takes longer is not coming; also how long a given-up attempt can hold its socket."""
_SHARE = 0.9
"""Of the time given, the statements have this much, so that their time-outs come before the asking's own."""
_STEPS = 10_000
"""Instructions of SQLite's machine between two looks at the clock: about a millisecond."""
_LOCK_SECONDS = 1.0
_FIRST = {"postgresql": "SELECT 1", "sqlite": "PRAGMA schema_version"}
"""What is asked first: the least for which the server, or the file, must be sound."""
_CURSOR = re.compile(r"\s*(?:select|with|values|table)\b", re.IGNORECASE)


class SqlAdapter:
    """Opens a connection at each asking, as a new user of the database would."""

    def __init__(self, settings: SqlProbe, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._address = settings.url.reveal() if isinstance(settings.url, Secret) else settings.url
        self._password, self._place = _identity(self._address)
        self._blocking = Blocking(self._place, clock)
        self._engine: Engine | None = None
        self._asking: _Asking | None = None

    async def probe(self, target: Target, deadline: float) -> Observation:
        """Connect and run all queries. No answer at all is `sql.reach`; a query that fails is UNKNOWN."""
        return await observe(
            self._ask(deadline),
            check="sql.reach",
            place=self._place,
            settings=self._settings,
            clock=self._clock,
            deadline=deadline,
            translate=self._translate,
        )

    async def close(self) -> None:
        if self._asking is not None:
            self._asking.give_up()

    async def _ask(self, deadline: float) -> Answer:
        now = self._clock.monotonic()
        asking = _Asking(self._clock, now + _SHARE * max(deadline - now, 0.0))
        try:
            return await self._blocking.call(lambda: self._connect_and_run(asking))
        finally:
            asking.give_up()

    def _connect_and_run(self, asking: _Asking) -> Answer:
        """In the thread. An error's frames hold the connection that failed until they are cleared."""
        try:
            return self._run(asking)
        except Exception as error:
            for cause in causes(error):
                traceback.clear_frames(cause.__traceback__)
            raise

    def _run(self, asking: _Asking) -> Answer:
        """Connect, and ask one query after the other."""
        self._asking = asking
        if self._engine is None:
            self._engine = self._made()
        started = self._clock.monotonic()
        with self._engine.connect() as connection, asking.holding(connection):
            connection.exec_driver_sql(_FIRST[connection.dialect.name]).close()
            connection.rollback()
            seconds = self._clock.monotonic() - started
            summary = f"{self._place.rpartition('/')[2]} answers, {seconds * 1000:.0f} ms to the first answer"
            findings = [Finding("sql.reach", Status.OK, summary, evidence={"database": connection.dialect.name})]
            samples: list[Sample] = []
            complete = True
            for left, query in zip(range(len(self._settings.queries), 0, -1), self._settings.queries, strict=True):
                try:
                    answer = self._run_query(connection, query, asking.allow(left))
                except Exception as error:
                    answer, complete = self._broken(query, error), False
                samples += answer.samples
                findings += answer.findings
        return Answer(tuple(samples), tuple(findings), complete=complete)

    def _made(self) -> Engine:
        from sqlalchemy import make_url
        from sqlalchemy.exc import ArgumentError

        try:
            url = make_url(self._address)
        except (ArgumentError, ValueError):
            words = local(self._place, "its address cannot be read", "Write it as dialect://user@host/name.")
            raise NotAnswered(words) from None  # the error's text has the address, and so the password
        backend = url.get_backend_name()
        if backend == "postgresql":
            return _postgresql(url, self._settings.timeout)
        if backend == "sqlite" and url.database:
            return _sqlite(url.database, lambda: self._asking is None or self._asking.over())
        raise NotAnswered(
            local(self._place, f"{backend} is not supported", "Name a PostgreSQL database or SQLite file.")
        )

    def _run_query(self, connection: Connection, query: SqlQuery, seconds: float) -> Answer:
        most = self._settings.max_rows
        with connection.begin():
            if connection.dialect.name == "postgresql":  # again, since a pooler may not pass the options on
                connection.exec_driver_sql(f"SET LOCAL statement_timeout = {max(int(seconds * 1000), 1)}")
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = {int(1000 * _LOCK_SECONDS)}")
            # Without a cursor on the server the driver would fetch all rows, however many; only queries can have one.
            streamed = bool(_CURSOR.match(query.sql))
            options = {"no_parameters": True, "stream_results": streamed, "max_row_buffer": 100}
            rows = connection.exec_driver_sql(query.sql, execution_options=options)
            with rows:
                columns, found = list(rows.keys()), rows.fetchmany(most + 1)
        result = read_rows(query, columns, found[:most])
        findings = list(judge_rows(query, result))
        if len(found) > most:
            findings.append(_note(query, f"gave more than {most} rows; the rest was left out", "Limit or group it."))
        elif result.repeated:
            findings.append(_note(query, f"gave {result.repeated} numbers with the labels of another one", "Group it."))
        return Answer(tuple(result.samples), tuple(findings))

    def _broken(self, query: SqlQuery, error: Exception) -> Answer:
        """One query's failure as its finding, unless the connection went with it. Raises NotAnswered then."""
        failure = self._translate(error, f"the query for {query.metric} in {self._place}", None)
        if failure.reason in UNREACHABLE - {Reason.TIMEOUT}:
            raise NotAnswered(self._translate(error, self._place, None)) from error
        evidence = {"reason": failure.reason.value}
        check = query.check or "sql.query"
        return Answer(findings=(Finding(check, Status.UNKNOWN, failure.text, query.metric, failure.remedy, evidence),))

    def _translate(self, error: BaseException, place: str, seconds: float | None) -> Failure:
        if "unsupported startup parameter" in str(error):
            return local(
                place, "its pooler refuses options", "Name the database itself, or have PgBouncer ignore them."
            )
        failure = from_sql(error, place, seconds)
        if len(self._password) < 4:  # so short a one would be found in ordinary words
            return failure
        return Failure(failure.reason, failure.text.replace(self._password, HIDDEN), failure.remedy)


class _Asking:
    """One run in the thread, and how it is stopped from outside."""

    def __init__(self, clock: Clock, until: float) -> None:
        self._clock = clock
        self._until = until
        self._query_until = until
        self._given_up = threading.Event()
        self._cancel: Callable[[], None] | None = None

    def allow(self, left: int) -> float:
        """Seconds for the next of `left` queries: half of what is left, so that a slow one does not take all."""
        remaining = max(self._until - self._clock.monotonic(), 0.0)
        seconds = remaining / 2 if left > 1 else remaining
        self._query_until = self._clock.monotonic() + seconds
        return seconds

    def over(self) -> bool:
        """Whether the query under way has to end; SQLite asks between its steps."""
        return self._given_up.is_set() or self._clock.monotonic() > self._query_until

    @contextlib.contextmanager
    def holding(self, connection: Connection) -> Iterator[None]:
        """Make `give_up` reach the statement that runs on this connection."""
        driver: Any = connection.connection.driver_connection
        self._cancel = getattr(driver, "cancel_safe", None) or driver.interrupt
        try:
            yield
        finally:
            self._cancel = None

    def give_up(self) -> None:
        """End what still runs. In a thread of its own, since cancelling at PostgreSQL opens a connection."""
        self._given_up.set()
        if (cancel := self._cancel) is not None:
            threading.Thread(target=_quietly(cancel), name="cancelling a query", daemon=True).start()


def _quietly(cancel: Callable[[], None]) -> Callable[[], None]:
    def run() -> None:
        # The statement may have ended, or the server gone: either way nothing is left to be cancelled.
        with contextlib.suppress(Exception):
            cancel()

    return run


def _identity(address: str) -> tuple[str, str]:
    """The password that must not be shown, and the name under which the database is."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        return "", "the database of this probe"
    if url.get_backend_name() == "sqlite":
        return "", url.database or "sqlite"
    port = f":{url.port}" if url.port else ""
    return str(url.password or ""), f"{url.host or url.query.get('host', 'localhost')}{port}/{url.database or ''}"


def _postgresql(url: URL, seconds: float) -> Engine:
    from sqlalchemy import NullPool, create_engine

    arguments = {
        "connect_timeout": CONNECT_SECONDS,
        "application_name": "penguintui",
        "options": f"-c default_transaction_read_only=on -c statement_timeout={int(1000 * seconds)}",
    }
    engine = create_engine(url, poolclass=NullPool, connect_args=arguments, hide_parameters=True)
    return engine.execution_options(postgresql_readonly=True)


def _sqlite(path: str, over: Callable[[], bool]) -> Engine:
    import sqlite3

    from sqlalchemy import NullPool, create_engine

    def connect() -> sqlite3.Connection:
        if not Path(path).is_file():
            why = "Correct the path, or bring the database file there."
            raise NotAnswered(Failure(Reason.REFUSED, f"{path} is not there", why))
        uri = f"file:{quote(path)}?mode=ro"
        connection = sqlite3.connect(uri, uri=True, timeout=_LOCK_SECONDS, check_same_thread=False)
        connection.set_progress_handler(over, _STEPS)
        return connection

    return create_engine("sqlite://", creator=connect, poolclass=NullPool, hide_parameters=True)


def _note(query: SqlQuery, what: str, remedy: str) -> Finding:
    summary, subject = f"the query for {query.metric} {what}", f"rows of {query.metric}"
    return Finding("sql.query", Status.UNKNOWN, summary, subject=subject, remedy=remedy)
