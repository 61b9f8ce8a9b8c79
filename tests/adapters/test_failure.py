"""Failures become sentences that say what, where, and what to do."""

from __future__ import annotations

import asyncio
import errno
import socket
import sqlite3
import ssl
from types import ModuleType
from typing import Any

import httpx
import pytest
import sqlalchemy

from penguintui.adapters.asking import Answer, observe
from penguintui.adapters.failure import (
    UNREACHABLE,
    Failure,
    NotAnswered,
    Reason,
    from_error,
    from_httpx,
    from_sql,
    garbled,
)
from penguintui.config.probes import HostProbe, HttpProbe
from penguintui.model.observation import Finding, Observation
from penguintui.model.status import Status

from ..conftest import FrozenClock

PLACE = "mail.example:25"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(errno.ECONNREFUSED, "Connection refused"), Reason.REFUSED),
        (
            OSError("Multiple exceptions: [Errno 111] Connect call failed, [Errno 111] Connect call failed"),
            Reason.REFUSED,
        ),
        (OSError(errno.EHOSTUNREACH, "No route to host"), Reason.REFUSED),
        (OSError(errno.ETIMEDOUT, "timed out"), Reason.TIMEOUT),
        (TimeoutError(), Reason.TIMEOUT),
        (OSError(errno.ECONNRESET, "reset"), Reason.CLOSED),
        (ConnectionResetError(), Reason.CLOSED),
        (asyncio.IncompleteReadError(b"", 1), Reason.CLOSED),
        (ssl.SSLEOFError(8, "EOF"), Reason.CLOSED),
        (ssl.SSLError(1, "wrong version number"), Reason.GARBLED),
        (ssl.SSLCertVerificationError("no"), Reason.UNTRUSTED),
        (socket.gaierror(-2, "Name or service not known"), Reason.UNRESOLVED),
        (PermissionError(errno.EACCES, "Permission denied"), Reason.DENIED),
        (FileNotFoundError(errno.ENOENT, "No such file"), Reason.LOCAL),
        (OSError(errno.EMFILE, "Too many open files"), Reason.LOCAL),
        (ZeroDivisionError("division by zero"), Reason.LOCAL),
        (NotAnswered(garbled(PLACE, "noise")), Reason.GARBLED),
        (ExceptionGroup("all", [OSError(errno.ECONNREFUSED, "refused")]), Reason.REFUSED),
    ],
)
def test_errors_of_the_system(error: Exception, reason: Reason) -> None:
    failure = from_error(error, PLACE, 5.0)
    assert failure.reason is reason
    assert PLACE in failure.text
    assert failure.remedy


def test_causes_are_looked_at() -> None:
    error = httpx.ConnectError("All connection attempts failed")
    error.__cause__ = OSError(errno.ECONNREFUSED, "refused")
    assert from_httpx(error, PLACE).reason is Reason.REFUSED


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (httpx.ReadTimeout(""), Reason.TIMEOUT),
        (httpx.ReadError(""), Reason.CLOSED),
        (httpx.RemoteProtocolError("Server disconnected without sending a response."), Reason.CLOSED),
        (httpx.RemoteProtocolError("illegal status line"), Reason.GARBLED),
        (httpx.UnsupportedProtocol("Request URL has an unsupported protocol 'ftp://'."), Reason.LOCAL),
    ],
)
def test_errors_of_httpx(error: Exception, reason: Reason) -> None:
    failure = from_httpx(error, PLACE)
    assert failure.reason is reason
    assert PLACE in failure.text


class _DriverError(Exception):
    def __init__(self, text: str, sqlstate: str | None = None) -> None:
        super().__init__(text)
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("text", "state", "reason"),
    [
        ("no user", "28P01", Reason.DENIED),
        ("permission denied for table sends", "42501", Reason.DENIED),
        ('column "x" does not exist', "42703", Reason.LOCAL),
        ('database "x" does not exist', "3D000", Reason.LOCAL),
        ("the database system is starting up", "57P03", Reason.REFUSED),
        ("sorry, too many clients already", "53300", Reason.REFUSED),
        ("canceling statement due to statement timeout", "57014", Reason.TIMEOUT),
        ("connection failed: Connection refused", None, Reason.REFUSED),
        ("connection timeout expired", None, Reason.TIMEOUT),
        ('FATAL: password authentication failed for user "a"', None, Reason.DENIED),
        ("failed to resolve host 'x.invalid'", None, Reason.UNRESOLVED),
        ("server closed the connection unexpectedly", None, Reason.CLOSED),
        ("received invalid response to SSL negotiation", None, Reason.GARBLED),
        ("file is not a database", None, Reason.GARBLED),
        ("no such table: sends", None, Reason.LOCAL),
        ("unable to open database file", None, Reason.LOCAL),
    ],
)
def test_errors_of_databases(text: str, state: str | None, reason: Reason) -> None:
    error = sqlalchemy.exc.OperationalError("SELECT hush", {"p": "hush"}, _DriverError(text, state))
    failure = from_sql(error, PLACE)
    assert failure.reason is reason
    assert PLACE in failure.text
    assert "hush" not in failure.text


def test_errors_of_a_real_database() -> None:
    engine = sqlalchemy.create_engine("sqlite://")
    with pytest.raises(sqlalchemy.exc.OperationalError) as caught, engine.connect() as connection:
        connection.exec_driver_sql("SELECT * FROM sends")
    assert isinstance(caught.value.orig, sqlite3.OperationalError)
    assert from_sql(caught.value, PLACE).reason is Reason.LOCAL


def test_missing_driver_is_named() -> None:
    with pytest.raises(ModuleNotFoundError) as caught:
        sqlalchemy.create_engine("postgresql+pg8000://host/db")
    assert isinstance(sqlalchemy, ModuleType)
    assert "pg8000 is missing" in from_sql(caught.value, PLACE).text


def test_only_what_does_not_serve_is_down() -> None:
    for reason in Reason:
        wanted = Status.CRITICAL if reason in UNREACHABLE else Status.UNKNOWN
        assert Failure(reason, "").status(Status.CRITICAL) is wanted


async def _observed(asking: Any, probe: HttpProbe | HostProbe, clock: FrozenClock) -> Observation:
    return await observe(
        asking, check="probe.answer", place=PLACE, settings=probe, clock=clock, deadline=clock.monotonic() + 30
    )


@pytest.mark.parametrize(
    ("probe", "status"),
    [
        (HttpProbe(type="http", url="http://x/"), Status.CRITICAL),
        (HttpProbe(type="http", url="http://x/", unreachable="warning"), Status.WARNING),
        (HostProbe(type="host"), Status.UNKNOWN),
    ],
)
async def test_unreachable_is_as_bad_as_configured(
    probe: HttpProbe | HostProbe, status: Status, clock: FrozenClock
) -> None:
    async def refusing() -> Answer:
        clock.advance(3)
        raise ConnectionRefusedError(errno.ECONNREFUSED, "refused")

    seen = await _observed(refusing(), probe, clock)
    (finding,) = seen.findings
    assert finding == Finding(
        "probe.answer", status, finding.summary, "", finding.remedy, {"reason": Reason.REFUSED.value}
    )
    assert (seen.up, seen.complete, seen.duration, seen.valid_for) == (False, False, 3.0, 75.0)
    assert seen.time == clock.now() - 3, "the time of an observation is when the world was asked"


async def test_success_is_no_success_while_something_is_critical(clock: FrozenClock) -> None:
    async def asking(status: Status) -> Answer:
        return Answer(findings=(Finding("http.status", status, ""),))

    for status in Status:
        seen = await _observed(asking(status), HostProbe(type="host"), clock)
        (success,) = [s.value for s in seen.samples if s.metric == "probe_success"]
        assert success == float(status is not Status.CRITICAL)
        assert seen.up
        assert seen.complete
