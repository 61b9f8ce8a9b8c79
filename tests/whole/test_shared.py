"""Two agents over one PostgreSQL: one works, the other stands by, and takes over when it must."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from penguintui.agent.lease import LASTS
from penguintui.clock import SystemClock
from penguintui.store.errors import StoreError
from penguintui.store.reader import Store
from tests.adapters.postgres import Postgres
from tests.whole.fleet import CONFIGURATION, Agents, Asked
from tests.whole.link import Link
from tests.whole.program import until

pytestmark = pytest.mark.needs("initdb", "postgresql-15")
_CLOCK = SystemClock()


@pytest.fixture
def asked() -> Iterator[Asked]:
    service = Asked()
    yield service
    service.close()


@pytest.fixture
def store_url(postgres: Postgres, request: pytest.FixtureRequest) -> Iterator[str]:
    name = f"whole_{os.getpid()}_{abs(hash(request.node.name)) % 10**8}"
    postgres.run(f"CREATE DATABASE {name}")
    yield postgres.url(database=name)
    postgres.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def link(postgres: Postgres) -> Iterator[Link]:
    made = Link(postgres.port)
    yield made
    made.close()


@pytest.fixture
def agent(tmp_path: Path, asked: Asked, store_url: str) -> Iterator[Callable[..., Agents]]:
    """Makes agents; what they started is ended after the test."""
    made: list[Agents] = []

    def make(name: str, store: str = store_url, configuration: str = CONFIGURATION) -> Agents:
        made.append(Agents(tmp_path / name, name, store, configuration.format(port=asked.port)))
        return made[-1]

    yield make
    for one in made:
        if one.process is not None and one.process.poll() is None:
            one.process.send_signal(signal.SIGCONT)
        one.stop()


@pytest.fixture
def pair(
    agent: Callable[..., Agents], store_url: str, asked: Asked, postgres: Postgres, request: pytest.FixtureRequest
) -> tuple[Agents, Agents]:
    both = agent("a"), agent("b")
    if "link" in request.fixturenames:
        both[0].store = store_url.replace(f":{postgres.port}/", f":{request.getfixturevalue('link').port}/")
    both[0].begin()
    until(lambda: asked.by("a"))
    both[1].begin()
    until(lambda: both[1].said("stands by"))
    return both


def rows(url: str, sql: str) -> list[Any]:
    store = Store(url, _CLOCK)
    try:
        return store.driver_rows(sql, ())
    except StoreError:
        return []
    finally:
        store.close()


def test_one_works_and_the_other_stands_by(pair: tuple[Agents, Agents], asked: Asked, store_url: str) -> None:
    before = len(asked.log)
    until(lambda: len(asked.log) > before + 4)
    assert asked.by("b") == []
    until(lambda: rows(store_url, "SELECT 1 FROM heartbeats WHERE standby = 1"))
    assert rows(store_url, "SELECT count(*) FROM heartbeats WHERE standby = 0") == [(1,)]


def test_another_takes_over_when_one_is_killed(pair: tuple[Agents, Agents], asked: Asked, store_url: str) -> None:
    first, _ = pair
    assert first.process is not None
    first.process.kill()
    killed = _CLOCK.monotonic()
    until(lambda: asked.by("b"))
    assert asked.by("a", killed + 0.5) == []
    until(lambda: rows(store_url, "SELECT token FROM leases") == [(2,)])


def test_an_agent_that_was_stopped_writes_nothing_when_it_goes_on(
    pair: tuple[Agents, Agents], asked: Asked, store_url: str
) -> None:
    first, second = pair
    assert first.process is not None
    first.process.send_signal(signal.SIGSTOP)
    stopped = _CLOCK.monotonic()
    until(lambda: asked.by("b"))
    until(lambda: rows(store_url, "SELECT 1 FROM heartbeats WHERE standby = 0 AND message = ''"))
    first.process.send_signal(signal.SIGCONT)
    until(lambda: first.said("the lease is lost"))
    until(lambda: rows(store_url, "SELECT count(*) FROM heartbeats WHERE standby = 0") == [(1,)])
    late = [moment - stopped for moment in asked.by("a", stopped + 0.5)]
    assert late == []
    assert second.process is not None and second.process.poll() is None


def test_who_is_told_to_stop_gives_the_lease_back(pair: tuple[Agents, Agents], asked: Asked) -> None:
    first, second = pair
    first.stop()
    told = _CLOCK.monotonic()
    until(lambda: asked.by("b"))
    assert asked.by("b")[0] - told < LASTS  # not waited for
    assert second.said("the lease is ours (token 2)")


def test_an_agent_that_is_cut_off_asks_no_more_and_another_takes_over(
    pair: tuple[Agents, Agents], link: Link, asked: Asked, store_url: str
) -> None:
    first, _ = pair
    link.cut()
    cut = _CLOCK.monotonic()
    until(lambda: asked.by("b"))
    assert asked.by("a", cut + LASTS + 0.5) == []
    assert max(asked.by("a")) < min(asked.by("b"))
    link.mend()
    until(lambda: first.said("the lease is lost"))
    assert asked.by("a", cut + LASTS + 0.5) == []
    until(lambda: rows(store_url, "SELECT count(*) FROM heartbeats WHERE standby = 0") == [(1,)])


def test_the_record_is_whole_after_a_takeover_once_the_other_agents_key_is_trusted(
    pair: tuple[Agents, Agents], asked: Asked
) -> None:
    first, second = pair
    first.ask("arm", reason="before")
    assert first.process is not None
    first.process.kill()
    until(lambda: asked.by("b"))
    second.ask("arm", reason="after")
    said = first.run("audit", "verify")
    assert said.returncode == 2
    assert "2 entries: entries from 2 on are signed by an unknown key of host" in said.stdout
    own = second.run("audit", "keys").stdout.split()[0]
    assert f"{own}  not trusted" in first.run("audit", "keys").stdout
    assert first.run("audit", "trust", "herring").returncode == 64
    assert "trusted from now on" in first.run("audit", "trust", own).stdout
    assert first.run("audit", "verify").stdout == "2 entries: the record is whole\n"
    assert f"{own}  trusted" in first.run("audit", "keys").stdout


def test_a_store_that_goes_away_and_returns_gets_what_was_observed_meanwhile(
    agent: Callable[..., Agents], store_url: str, link: Link, asked: Asked, postgres: Postgres
) -> None:
    through = store_url.replace(f":{postgres.port}/", f":{link.port}/")
    one = agent("a", through)
    one.begin()
    until(lambda: asked.by("a"))
    until(lambda: rows(store_url, "SELECT 1 FROM heartbeats WHERE message = ''"))
    link.cut()
    until(lambda: one.said("does not answer"))
    until(lambda: asked.by("a") and _CLOCK.monotonic() - max(asked.by("a")) > 2)  # nothing is asked meanwhile
    last = max(asked.by("a"))
    link.mend()
    until(lambda: asked.by("a", last))
    until(lambda: rows(store_url, "SELECT 1 FROM leases WHERE token = 1"))
    # What was observed before the lease lapsed came in afterwards, too.
    ups = "SELECT count(DISTINCT time) FROM samples s JOIN series r ON r.id = s.series_id WHERE metric = 'up'"
    until(lambda: rows(store_url, ups)[0][0] >= len(asked.by("a")) - 3)


def test_an_empty_store_is_not_filled_again_in_silence(
    agent: Callable[..., Agents], store_url: str, asked: Asked, postgres: Postgres
) -> None:
    one = agent("a")
    one.begin()
    until(lambda: asked.by("a"))
    until(lambda: rows(store_url, "SELECT 1 FROM heartbeats WHERE message = ''"))
    database = store_url.rpartition("/")[2]
    # Every transaction of an agent begins with this row: behind the lock none is under way that we could deadlock with.
    postgres.run(
        "BEGIN; LOCK TABLE leases; DROP SCHEMA public CASCADE; CREATE SCHEMA public; COMMIT", database=database
    )
    until(lambda: one.said("came back without its tables"))
    last = _CLOCK.monotonic()
    until(lambda: _CLOCK.monotonic() - last > 2)
    assert asked.by("a", last + 1) == []
    one.stop()
    again = one.run("agent")
    assert again.returncode == 2
    assert "this agent has worked with one there" in again.stderr
    assert "krill-and-squid" not in again.stderr
    (one.state / "store.seen").unlink()
    one.begin()
    until(lambda: asked.by("a", last + 2))
    one.stop()


def test_a_store_that_came_back_older_is_told_and_its_token_still_grows(
    agent: Callable[..., Agents], store_url: str, asked: Asked, postgres: Postgres
) -> None:
    one = agent("a")
    one.begin()
    until(lambda: rows(store_url, "SELECT 1 FROM heartbeats WHERE message = ''"))
    postgres.run("UPDATE leases SET beat = beat - 1000, token = -5", database=store_url.rpartition("/")[2])
    until(lambda: one.said("came back older than it was"))
    until(lambda: rows(store_url, "SELECT token FROM leases") == [(2,)])
    until(lambda: rows(store_url, "SELECT 1 FROM events WHERE kind = 'store.older'"))
    one.stop()


def test_agents_with_different_configurations_say_so(
    agent: Callable[..., Agents], store_url: str, asked: Asked
) -> None:
    first, second = agent("a"), agent("b", configuration=CONFIGURATION.replace("production", "staging"))
    first.begin()
    until(lambda: asked.by("a"))
    second.begin()
    until(lambda: second.said("works with another configuration"))
    until(
        lambda: rows(store_url, "SELECT 1 FROM heartbeats WHERE standby = 0 AND message LIKE '%another configuration'")
    )
    assert "stands by" in first.run("status").stdout


def test_a_wrong_password_is_said_and_never_shown(agent: Callable[..., Agents], store_url: str, asked: Asked) -> None:
    wrong = store_url.replace("krill-and-squid", "herring-and-cod")
    one = agent("a", wrong)
    for command in (("agent",), ("status",), ("actions",)):
        said = one.run(*command)
        assert said.returncode != 0
        assert "password authentication failed" in said.stderr, command
        assert "herring" not in said.stdout + said.stderr
