"""Dovecot's statistics, services and port for deliveries: Debian's own, and answers that it may give."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from penguintui.adapters.dovecot import answers
from penguintui.adapters.dovecot.probe import DovecotAdapter
from penguintui.clock import SystemClock
from penguintui.config.probes import Levels
from penguintui.config.serverprobes import DovecotProbe
from penguintui.model.observation import Observation
from penguintui.model.secret import Secret
from penguintui.model.status import Status

from ..conftest import FrozenClock
from .authority import Authority
from .conftest import TARGET, ask, found, measured
from .dovecot import PASSWORD, USER, Dovecot, dovecot
from .servers import HOST, closed_port
from .webservice import service

KEY = "sesame"


def adapter(server: Dovecot, **more: Any) -> DovecotAdapter:
    settings = {
        "metrics_url": f"http://{HOST}:{server.metrics}/metrics",
        "doveadm_url": f"http://{HOST}:{server.doveadm}",
        "doveadm_key": Secret(KEY),
        "lmtp": f"{HOST}:{server.lmtp}",
        "replication": True,
    }
    return DovecotAdapter(DovecotProbe(type="dovecot", **(settings | more)), SystemClock())


async def log_in(server: Dovecot, password: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A session, which lasts until its writer is closed."""
    reader, writer = await asyncio.open_connection(HOST, server.plain)
    await reader.readline()
    secret = base64.b64encode(f"\0{USER}\0{password}".encode()).decode()
    writer.write(f"a AUTHENTICATE PLAIN {secret}\r\n".encode())
    await reader.readline()
    return reader, writer


@pytest.mark.needs("dovecot", "dovecot-imapd")
@pytest.mark.needs("doveadm", "dovecot-core")
@pytest.mark.needs("/usr/lib/dovecot/lmtp", "dovecot-lmtpd")
async def test_debians_dovecot(authority: Authority) -> None:
    async with dovecot(authority, statistics=True) as server:
        asked = adapter(server, failures=Levels(warning=0, critical=5))
        first = await asked.probe(TARGET, time.monotonic() + 20)
        _, good = await log_in(server, PASSWORD)
        _, bad = await log_in(server, "wrong")
        second = await asked.probe(TARGET, time.monotonic() + 20)
        await asked.close()
        good.close()
        bad.close()
    assert first.up and first.complete
    assert found(first, "dovecot.reach").summary.startswith(
        f"http://{HOST}:{server.metrics}/metrics answers: Dovecot 2."
    )
    assert found(first, "dovecot.logins").status is Status.UNKNOWN, "nobody knows yet how many fail"
    assert found(first, "dovecot.sessions").summary == "0 sessions of 0 users"
    assert found(first, "dovecot.services").status is Status.OK
    assert found(first, "dovecot.lmtp").status is Status.OK
    assert found(first, "dovecot.replication").status is Status.OK
    failed = found(second, "dovecot.logins")
    assert failed.status is Status.WARNING and failed.summary.startswith("1 logins failed")
    assert found(second, "dovecot.sessions").summary == "1 sessions of 1 users"
    assert measured(second, "dovecot_sessions", service="imap") == 1
    assert measured(second, "dovecot_auth_success_total") >= 1
    assert measured(second, "dovecot_service_process_limit", service="imap-login") == 100


@pytest.mark.needs("dovecot", "dovecot-imapd")
async def test_one_part_that_fails_does_not_cost_the_others(authority: Authority) -> None:
    async with dovecot(authority, statistics=True) as server:
        with closed_port() as port:
            seen = await ask(adapter(server, replication=False, lmtp=f"{HOST}:{port}"))
    assert seen.up and not seen.complete
    assert found(seen, "dovecot.lmtp").status is Status.CRITICAL
    assert found(seen, "dovecot.services").status is Status.OK


async def told(answer: object, *, status: int = 200, **more: Any) -> Observation:
    """What is said of an answer of doveadm's."""

    async def handler(_: web.Request) -> web.Response:
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        return web.Response(body=body, status=status)

    async with service({"/doveadm/v1": handler}) as url:
        settings = DovecotProbe(type="dovecot", doveadm_url=url, doveadm_key=Secret(KEY), **more)
        return await ask(DovecotAdapter(settings, SystemClock()))


WHO = ["doveadmResponse", [{"username": "eva", "connections": "3", "service": "imap"}], "who"]


def services(**row: str) -> list[Any]:
    return [
        "doveadmResponse",
        [{"name": "imap-login", "process_count": "1", "process_limit": "100"} | row],
        "serviceStatus",
    ]


@pytest.mark.parametrize(
    ("row", "status"),
    [
        ({}, Status.OK),
        ({"process_count": "85"}, Status.WARNING),
        ({"process_count": "100"}, Status.CRITICAL),
        ({"throttle_secs": "4"}, Status.CRITICAL),
        ({"process_limit": "1", "process_count": "1"}, Status.UNKNOWN),
    ],
)
async def test_services_near_their_limits(row: dict[str, str], status: Status) -> None:
    seen = await told([WHO, services(**row)])
    assert found(seen, "dovecot.services").status is status
    assert found(seen, "dovecot.sessions").summary == "3 sessions of 1 users"


async def test_too_many_sessions_say_whose_they_are() -> None:
    finding = found(await told([WHO, services()], sessions=Levels(warning=2)), "dovecot.sessions")
    assert finding.status is Status.WARNING and finding.evidence["most by eva"] == "3"


@pytest.mark.parametrize(
    ("answer", "status", "reason"),
    [
        ([["error", {"type": "unknownMethod"}, "who"], services()], 200, "denied"),
        ([services()], 200, "garbled"),
        ([["doveadmResponse", 7, "who"], services()], 200, "garbled"),
        ({"who": 1}, 200, "garbled"),
        (b"<html>", 404, "garbled"),
        ({}, 401, "denied"),
    ],
)
async def test_answers_that_are_none(answer: object, status: int, reason: str) -> None:
    seen = await told(answer, status=status)
    assert not seen.up and KEY not in repr(seen)
    assert found(seen, "dovecot.reach").evidence["reason"] == reason


async def counted(*bodies: str) -> list[str]:
    """What is said of failed logins, answer after answer, a minute apart."""
    waiting = list(bodies)

    async def handler(_: web.Request) -> web.Response:
        return web.Response(text=waiting.pop(0))

    clock = FrozenClock()
    said = []
    async with service({"/metrics": handler}) as url:
        asked = DovecotAdapter(DovecotProbe(type="dovecot", metrics_url=f"{url}/metrics", window=100), clock)
        for _ in bodies:
            finding = found(await asked.probe(TARGET, clock.monotonic() + 20), "dovecot.logins")
            said.append(f"{finding.status.name} {finding.summary.partition(' at ')[0]}")
            clock.advance(60)
        await asked.close()
    return said


async def test_failures_are_counted_over_the_window_and_over_restarts() -> None:
    bodies = [f"dovecot_auth_failures_total {number}\n" for number in (7, 17, 27, 5, 5, 5)]
    assert await counted(*bodies) == [
        "UNKNOWN 7 logins have failed",
        "OK 10 logins failed",
        "OK 20 logins failed",
        "OK 15 logins failed",
        "OK 5 logins failed",
        "OK 0 logins failed",
    ]


async def test_failures_by_group_are_the_whole_and_what_is_not_counted_is_said() -> None:
    grouped = 'dovecot_auth_failures_total{service="imap"} 2\ndovecot_auth_failures_count 3\n'
    assert await counted(grouped) == ["UNKNOWN 3 logins have failed"]
    parts = 'dovecot_auth_failures_total{service="imap"} 2\ndovecot_auth_failures_total{service="pop3"} 2\n'
    assert await counted(parts) == ["UNKNOWN 4 logins have failed"]
    (unsaid,) = await counted('dovecot_build_info{version="2.3"} 1\n')
    assert "it has no dovecot_auth_failures_total" in unsaid


@pytest.mark.parametrize(("failed", "status"), [("0", Status.OK), ("2", Status.WARNING), (None, Status.UNKNOWN)])
def test_replication(failed: str | None, status: Status) -> None:
    rows: list[dict[str, Any]] = [{"field": "Queued 'sync' requests", "value": "1"}]
    rows.append({"field": "Waiting 'failed' requests", "value": failed})
    answer = answers.replication([{"field": 3}] if failed is None else rows)
    assert answer.findings[0].status is status


values = st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5)
rows = st.lists(
    st.dictionaries(st.sampled_from(["name", "process_count", "process_limit", "username", "connections"]), values)
)


@given(rows, rows)
def test_rows_of_any_content_are_judged_without_an_error(who: list[Any], services: list[Any]) -> None:
    settings = DovecotProbe(type="dovecot", lmtp="h:24")
    assert len(answers.services(who, services, settings).findings) == 2
    answers.replication(who)


def test_a_probe_without_anything_to_ask_is_refused() -> None:
    with pytest.raises(ValueError, match="metrics_url, doveadm_url and lmtp"):
        DovecotProbe(type="dovecot")
