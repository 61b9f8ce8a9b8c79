"""Databases: an SQLite file and a real PostgreSQL, asked and never written to."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from penguintui.adapters.sql.probe import SqlAdapter
from penguintui.clock import SystemClock
from penguintui.config.probes import Levels, SqlProbe, SqlQuery
from penguintui.model.observation import Observation
from penguintui.model.secret import Secret
from penguintui.model.status import Status
from tests.adapters.conftest import ask, found, measured
from tests.adapters.postgres import Postgres

NUMBERS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n {where}) SELECT {what} FROM n"
FOREVER = NUMBERS.format(where="", what="count(*)")

needs_postgres = pytest.mark.needs("initdb", "postgresql-15")


def query(sql: str, metric: str = "shop_orders", **more: Any) -> SqlQuery:
    return SqlQuery(sql=sql, metric=metric, **more)


def adapter(url: str, *queries: SqlQuery, **more: Any) -> SqlAdapter:
    return SqlAdapter(SqlProbe(type="sql", url=Secret(url), queries=list(queries), **more), SystemClock())


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    path = tmp_path / "a shop?.db"
    connection = sqlite3.connect(path)
    connection.executescript(
        "CREATE TABLE orders(state TEXT, number INTEGER);"
        "INSERT INTO orders VALUES ('new', 3), ('lost', 40), ('12:30 100%', NULL);"
    )
    connection.close()
    return path


async def ask_file(path: Path, *queries: SqlQuery, seconds: float = 20.0, **more: Any) -> Observation:
    return await ask(adapter(f"sqlite:///{path}".replace("?", "%3F"), *queries, **more), seconds)


async def test_rows_become_samples(shop: Path) -> None:
    observation = await ask_file(shop, query("SELECT state, number FROM orders"))
    assert observation.up and observation.complete
    assert found(observation, "sql.reach").status is Status.OK
    assert measured(observation, "shop_orders", state="lost") == 40
    assert len([s for s in observation.samples if s.metric == "shop_orders"]) == 2


async def test_levels_make_findings(shop: Path) -> None:
    levels = Levels(warning=10, critical=30)
    words = "{value} orders are {state}"
    orders = query("SELECT state, number FROM orders", levels=levels, check="orders", summary=words, remedy="Ship.")
    observation = await ask_file(shop, orders)
    lost = found(observation, "orders", 'shop_orders{state="lost"}')
    assert (lost.status, lost.summary) == (Status.CRITICAL, "40 orders are lost, over the limit of 30")
    assert lost.remedy == "Ship."
    assert found(observation, "orders", 'shop_orders{state="12:30 100%"}').status is Status.UNKNOWN


async def test_percent_signs_and_colons_are_the_querys_own(shop: Path) -> None:
    sql = "SELECT number FROM orders WHERE state LIKE 'lo%' AND state <> '12:30 100%' AND state <> ':x'"
    assert measured(await ask_file(shop, query(sql)), "shop_orders") == 40


async def test_one_broken_query_does_not_stop_the_others(shop: Path) -> None:
    broken, good = query("SELECT * FROM nothing", "lost"), query("SELECT count(*) FROM orders", "counted")
    observation = await ask_file(shop, broken, good)
    finding = found(observation, "sql.query")
    assert finding.status is Status.UNKNOWN and finding.subject == "lost"
    assert "no such table" in finding.summary or "Correct the query" in finding.remedy
    assert measured(observation, "counted") == 3
    assert observation.up and not observation.complete


async def test_a_slow_query_leaves_time_to_the_others(shop: Path) -> None:
    quick = NUMBERS.format(where="LIMIT 20000", what="count(*)")  # long enough for a look at the clock
    observation = await ask_file(shop, query(FOREVER, "slow"), query(quick, "quick"), seconds=3.0)
    slow = found(observation, "sql.query")
    assert (slow.subject, slow.evidence["reason"]) == ("slow", "timed out")
    assert measured(observation, "quick") == 20000


async def test_rows_are_bounded(shop: Path) -> None:
    many = NUMBERS.format(where="LIMIT 100000", what="'n' || x AS name, x")
    observation = await ask_file(shop, query(many), max_rows=50)
    assert len([s for s in observation.samples if s.metric == "shop_orders"]) == 50
    assert "more than 50 rows" in found(observation, "sql.query").summary


@pytest.mark.parametrize("sql", ["DELETE FROM orders", "CREATE TABLE more(x)", "PRAGMA user_version = 7"])
async def test_nothing_is_written_to_a_file(shop: Path, sql: str) -> None:
    before = await asyncio.to_thread(shop.read_bytes)
    observation = await ask_file(shop, query(sql))
    assert not observation.samples or "shop_orders" not in {s.metric for s in observation.samples}
    assert await asyncio.to_thread(shop.read_bytes) == before


async def test_a_missing_file_is_unreachable_and_not_made(tmp_path: Path) -> None:
    path = tmp_path / "none.db"
    observation = await ask_file(path)
    (missing,) = observation.findings
    assert (missing.check, missing.status) == ("sql.reach", Status.CRITICAL)
    assert missing.summary == f"{path} is not there"
    assert not observation.up and not path.exists()


async def test_a_file_of_another_kind_is_garbled(tmp_path: Path) -> None:
    path = tmp_path / "letter.db"
    path.write_text("Dear Sir or Madam, " * 100)
    (finding,) = (await ask_file(path)).findings
    assert (finding.status, finding.evidence["reason"]) == (Status.UNKNOWN, "garbled")


async def test_a_locked_file_is_told(shop: Path) -> None:
    writer = sqlite3.connect(shop)
    writer.execute("BEGIN EXCLUSIVE")
    (finding,) = (await ask_file(shop)).findings
    writer.close()
    assert finding.evidence["reason"] == "timed out"


@pytest.mark.parametrize("url", ["mysql://eva:hunter2@127.0.0.1/shop", "eva:hunter2@shop", "sqlite://", ""])
async def test_other_addresses_are_refused_in_words(url: str) -> None:
    observation = await ask(adapter(url))
    (finding,) = observation.findings
    assert (finding.status, finding.evidence["reason"]) == (Status.UNKNOWN, "local")
    assert "hunter2" not in repr(observation)


async def test_a_query_under_way_is_ended_when_the_asking_is_cancelled(shop: Path) -> None:
    running = adapter(f"sqlite:///{shop}".replace("?", "%3F"), query(FOREVER))
    asking = asyncio.create_task(running.probe(None, time.monotonic() + 600))  # type: ignore[arg-type]
    await _until(lambda: running._asking is not None and running._asking._cancel is not None)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await _until(lambda: running._blocking._since is None)
    await running.close()


async def _until(holds: Callable[[], bool]) -> None:
    """For what happens in another thread or program: look, for as long as a slow machine may need."""
    until = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < until
        await asyncio.sleep(0.01)


async def ask_server(postgres: Postgres, *queries: SqlQuery, seconds: float = 20.0, **more: Any) -> Observation:
    return await ask(adapter(postgres.url(), *queries, **more), seconds)


@needs_postgres
async def test_types_of_postgresql(postgres: Postgres) -> None:
    sql = (
        "SELECT * FROM (VALUES ('a'::text, 1.5::numeric, true, now(), interval '2 min', 'NaN'::float8),"
        " ('b', NULL, false, now(), NULL, 2.0)) AS t(name, price, fresh, made, took, odd)"
    )
    observation = await ask_server(postgres, query(sql, "shop"))
    assert observation.complete
    assert measured(observation, "shop_price", name="a") == 1.5
    assert measured(observation, "shop_fresh", name="b") == 0
    assert measured(observation, "shop_took", name="a") == 120
    assert measured(observation, "shop_odd", name="b") == 2
    assert abs(measured(observation, "shop_made", name="a") - time.time()) < 3600


@needs_postgres
async def test_a_session_is_read_only_named_and_bounded(postgres: Postgres) -> None:
    sql = (
        "SELECT current_setting('application_name') AS name, current_setting('default_transaction_read_only') AS d,"
        " current_setting('transaction_read_only') AS t, current_setting('statement_timeout') AS s, 1 AS one"
    )
    observation = await ask_server(postgres, query(sql), seconds=10.0)
    (sample,) = [s for s in observation.samples if s.metric == "shop_orders"]
    assert (sample.labels["name"], sample.labels["d"], sample.labels["t"]) == ("penguintui", "on", "on")
    assert sample.labels["s"] != "0"


@needs_postgres
@pytest.mark.parametrize("sql", ["CREATE TABLE more(x int)", "COMMIT; CREATE TABLE more(x int)"])
async def test_nothing_is_written_to_a_server(postgres: Postgres, sql: str) -> None:
    made = query("SELECT count(*) FROM pg_tables WHERE tablename = 'more'", "m")
    observation = await ask_server(postgres, query(sql), made)
    assert found(observation, "sql.query", "shop_orders").status is Status.UNKNOWN
    assert measured(observation, "m") == 0


@needs_postgres
async def test_percent_signs_and_colons_reach_a_server(postgres: Postgres) -> None:
    sql = "SELECT 'a%sb:c' AS name, 7::int AS x WHERE 'abc' LIKE 'a%'"
    assert measured(await ask_server(postgres, query(sql)), "shop_orders", name="a%sb:c") == 7


@needs_postgres
async def test_a_statement_that_no_cursor_takes_is_asked_too(postgres: Postgres) -> None:
    observation = await ask_server(postgres, query("SHOW server_version_num"))
    assert observation.complete, "its one column is text, so it has no number; yet it ran"


@needs_postgres
async def test_a_wrong_password_is_denied_and_not_shown(postgres: Postgres) -> None:
    observation = await ask(adapter(postgres.url(password="sesame-open")))
    (finding,) = observation.findings
    assert (finding.check, finding.status, finding.evidence["reason"]) == ("sql.reach", Status.UNKNOWN, "denied")
    assert "sesame-open" not in repr(observation)


@needs_postgres
async def test_a_database_that_is_missing_is_named(postgres: Postgres) -> None:
    (finding,) = (await ask(adapter(postgres.url(database="nowhere")))).findings
    assert finding.status is Status.UNKNOWN and "nowhere" in finding.summary


@needs_postgres
async def test_a_broken_and_a_slow_query_of_a_server(postgres: Postgres) -> None:
    queries = (
        query("SELECT nothing FROM pg_class", "broken"),
        query("SELECT pg_sleep(600), 1 AS x", "slow"),
        query("SELECT 7 AS x", "good"),
    )
    observation = await ask_server(postgres, *queries, seconds=3.0)
    assert found(observation, "sql.query", "broken").evidence["reason"] == "local"
    assert found(observation, "sql.query", "slow").evidence["reason"] == "timed out"
    assert measured(observation, "good") == 7


@needs_postgres
async def test_a_huge_result_is_not_fetched(postgres: Postgres) -> None:
    sql = "SELECT repeat('x', 100) AS name, generate_series(1, 100000000) AS n"
    observation = await ask_server(postgres, query(sql), max_rows=10)
    assert "more than 10 rows" in found(observation, "sql.query").summary
    assert measured(observation, "shop_orders") == 1


@needs_postgres
async def test_a_connection_that_is_lost_half_way_is_unreachable(postgres: Postgres) -> None:
    lost = query("SELECT pg_terminate_backend(pg_backend_pid())")
    observation = await ask_server(postgres, query("SELECT 1 AS x", "first"), lost)
    (finding,) = observation.findings
    assert (finding.check, finding.status) == ("sql.reach", Status.CRITICAL)
    assert not observation.up


@needs_postgres
async def test_cancelling_ends_the_statement_at_the_server(postgres: Postgres) -> None:
    running = adapter(postgres.url(), query("SELECT pg_sleep(600), 1 AS x"), timeout=600)
    asking = asyncio.create_task(running.probe(None, time.monotonic() + 600))  # type: ignore[arg-type]
    sleeping = query("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'", "sleeping")
    async with asyncio.timeout(60):
        while not measured(await ask_server(postgres, sleeping), "sleeping"):
            pass
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        while measured(await ask_server(postgres, sleeping), "sleeping"):
            pass
    await running.close()
