"""Intents through a real PostgreSQL: who asks is the server's word, and what is asked twice is done once."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg
import pytest

from penguintui.agent.client import Asker
from penguintui.agent.door import Door, Method, Visit
from penguintui.agent.intentclient import IntentClient
from penguintui.agent.intents import Intents, caller_of
from penguintui.agent.protocol import NoAgentError, Refused
from penguintui.cli.talking import talk
from penguintui.clock import SystemClock
from penguintui.config.places import Places
from penguintui.config.settings import RoleSettings
from penguintui.model.action import Danger, Plan, PlannedStep
from penguintui.model.role import Role
from penguintui.store import intents
from penguintui.store.intents import Intent
from penguintui.store.leases import Guard, look, take
from penguintui.store.opening import open_for_reading
from penguintui.store.postgres import Address
from penguintui.store.privileges import statements
from penguintui.store.runs import make_run
from penguintui.store.writer import Writer
from tests.adapters.postgres import Postgres

pytestmark = pytest.mark.needs("initdb", "postgresql-15")
CLOCK = SystemClock()
_numbers = itertools.count()


class House:
    """A store with three roles, and an agent's door behind it."""

    def __init__(self, postgres: Postgres, tmp_path: Path) -> None:
        self.postgres, self.number = postgres, next(_numbers)
        self.database = f"intents{self.number}"
        postgres.run(f"CREATE DATABASE {self.database}")
        self.url = postgres.url(database=self.database)
        Writer(self.url).close()
        self.viewers = f"viewers{self.number}"
        postgres.run(
            *statements(viewers=self.viewers, agents="penguin", database=self.database), database=self.database
        )
        for name in ("alice", "bob"):
            self.make(name)
        with Address(self.url).connect({}, autocommit=True) as connection:
            row = take(connection, look(connection), owner="me", holder="here", at_least=0, now=0.0)
        assert row is not None
        self.token, self.lost = row.token, []
        self.writer = Writer(self.url, guard=Guard(row.token, lambda: row.beat, self.lost.append))
        self.roles = RoleSettings(operator=[self.name("alice")], admin=[f"@sre{self.number}"], viewer=["*"])
        self.acted: list[Mapping[str, Any]] = []
        methods = {
            "hello": Method(Role.VIEWER, self._hello),
            "arm": Method(Role.OPERATOR, self._arm),
            "disarm": Method(Role.VIEWER, self._disarm),
            "act": Method(Role.OPERATOR, self._act, acts=True),
            "run": Method(Role.OPERATOR, self._act, acts=True),
            "rule": Method(Role.ADMIN, self._hello),
        }
        self.door = Door(tmp_path / "s", None, lambda: self.roles, methods, CLOCK)

    def name(self, person: str) -> str:
        return f"{person}{self.number}"

    def make(self, person: str) -> None:
        name = self.name(person)
        self.postgres.run(f"CREATE ROLE {name} LOGIN PASSWORD 'pw-{name}'", f'GRANT "{self.viewers}" TO {name}')

    def url_of(self, person: str) -> str:
        name = self.name(person)
        return self.postgres.url(user=name, password=f"pw-{name}", database=self.database)

    def intents(self, token: int | None = None) -> Intents:
        return Intents(self.url, self.writer, token or self.token, self.door, lambda: self.roles, CLOCK)

    async def _hello(self, visit: Visit, said: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"who": visit.caller.user, "role": visit.role.name, "from": visit.caller.host, "said": dict(said)}

    async def _arm(self, visit: Visit, _said: Mapping[str, Any]) -> Mapping[str, Any]:
        visit.armed_until = CLOCK.now() + 60
        return {"until": visit.armed_until}

    async def _disarm(self, visit: Visit, _said: Mapping[str, Any]) -> Mapping[str, Any]:
        visit.armed_until = 0.0
        return {}

    async def _act(self, visit: Visit, said: Mapping[str, Any]) -> Mapping[str, Any]:
        self.acted.append({"who": visit.caller.person, **said})
        return {"done": True}

    def close(self) -> None:
        self.writer.close()
        self.postgres.run(f"DROP DATABASE {self.database} WITH (FORCE)")


@pytest.fixture
def house(postgres: Postgres, tmp_path: Path) -> Iterator[House]:
    made = House(postgres, tmp_path)
    yield made
    made.close()


@pytest.fixture
async def agent(house: House):
    task = asyncio.create_task(house.intents().run())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_who_asks_is_the_sessions_user(house: House, agent: None) -> None:
    client = IntentClient(house.url_of("alice"))
    said = await client.ask("hello", who="somebody else")
    assert (said["who"], said["role"], said["from"]) == (house.name("alice"), "OPERATOR", "127.0.0.1")
    await client.close()


async def test_roles_of_the_database_are_groups(house: House, agent: None) -> None:
    client = IntentClient(house.url_of("bob"))
    with pytest.raises(Refused, match="needs admin"):
        await client.ask("rule")
    house.postgres.run(f"CREATE ROLE sre{house.number} NOLOGIN", f"GRANT sre{house.number} TO {house.name('bob')}")
    assert (await client.ask("rule"))["role"] == "ADMIN"
    await client.close()


async def test_a_viewer_acts_only_when_armed_and_another_start_of_it_does_not(house: House, agent: None) -> None:
    first, second = IntentClient(house.url_of("alice")), IntentClient(house.url_of("alice"))
    for client in (first, second):
        await client.ask("hello", viewer=True)
    with pytest.raises(Refused, match="read-only"):
        await first.ask("act")
    await first.ask("arm")
    assert await first.ask("act") == {"done": True}
    with pytest.raises(Refused, match="read-only"):
        await second.ask("act")
    assert [one["who"] for one in house.acted] == [house.name("alice")]
    await first.close()
    await second.close()


async def test_a_viewer_stays_armed_when_another_agent_takes_over(house: House) -> None:
    client = IntentClient(house.url_of("alice"))

    async def at_an_agent(*methods: str) -> None:
        task = asyncio.create_task(house.intents().run())
        try:
            for method in methods:
                await client.ask(method, viewer=True)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    await at_an_agent("hello", "arm")
    await at_an_agent("act")
    assert len(house.acted) == 1
    await at_an_agent("disarm")
    with pytest.raises(Refused, match="read-only"):
        await at_an_agent("act")
    await client.close()


async def test_a_repeated_key_acts_once(house: House, agent: None) -> None:
    def ask_twice() -> None:
        with Address(house.url_of("alice")).connect({}, autocommit=True) as connection:
            for _ in range(2):
                intents.ask(connection, "k1", visit="v", viewer=False, method="act", parameters={}, patience=10.0)
            while intents.answer_of(connection, "k1") is None:
                pass

    await asyncio.to_thread(ask_twice)
    await asyncio.sleep(0.5)
    assert len(house.acted) == 1


async def answer_after_a_takeover(house: House, method: str, **parameters: str) -> tuple[Mapping[str, Any], str]:
    """What the next agent answers to an intent that one which is gone had taken up."""
    with Address(house.url_of("alice")).connect({}, autocommit=True) as connection:
        intents.ask(connection, "k1", visit="v", viewer=True, method=method, parameters=parameters, patience=10.0)
    await house.writer.run(lambda c: intents.take(c, "k1", house.token - 1))
    task = asyncio.create_task(house.intents().run())
    with Address(house.url_of("alice")).connect({}, autocommit=True) as connection:
        async with asyncio.timeout(10):
            while (answered := intents.answer_of(connection, "k1")) is None:
                await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert house.acted == []
    return answered


async def test_what_an_agent_that_is_gone_took_up_is_not_done_again(house: House) -> None:
    assert "is gone" in (await answer_after_a_takeover(house, "act"))[1]


async def test_a_run_that_an_agent_that_is_gone_took_up_is_answered_with_what_it_made(house: House) -> None:
    plan = Plan(
        "a", "A", "here", "api", Danger.SAFE, {}, (PlannedStep("w", "wait", "wait"),), (), "", "h", 0.0, 1.0, ""
    )
    made = await house.writer.run(lambda c: make_run(c, plan, intent="mine", requested_by="alice", reason="", now=0.0))
    said, refused = await answer_after_a_takeover(house, "run", intent="mine", plan="h")
    assert (said, refused) == ({"run": made.id, "repeated": True}, "")


async def test_a_run_that_was_never_made_needs_an_armed_viewer_again(house: House) -> None:
    assert "read-only" in (await answer_after_a_takeover(house, "run", intent="other", plan="h"))[1]


async def test_what_nobody_waits_for_any_more_is_not_done(house: House) -> None:
    client = IntentClient(house.url_of("alice"))
    with pytest.raises(NoAgentError, match="nobody answered"):
        await client.ask("act", timeout=0.3)
    await client.close()
    task = asyncio.create_task(house.intents().run())
    reading = open_for_reading(house.url)
    async with asyncio.timeout(10):
        while intents.pending(reading):
            await asyncio.sleep(0.05)
    assert house.acted == []
    reading.close()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def test_a_role_that_only_reads_is_told_so_and_not_to_start_an_agent(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house.postgres.run(f"REVOKE {house.viewers} FROM {house.name('bob')}")

    async def act(client: Asker) -> object:
        return await client.ask("act")

    with pytest.raises(SystemExit) as ended:
        talk(Places(None, tmp_path / "elsewhere", tmp_path / "run", shared=False), act, house.url_of("bob"))
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert said.startswith(f"{house.name('bob')} may not ask the agent") and "penguintui store grants" in said


def test_a_row_cannot_claim_who_asks_nor_answer_itself(house: House) -> None:
    columns = "key, visit, viewer, method, parameters, patience"
    values = "'k', 'v', 0, 'act', '{}', 10"
    with Address(house.url_of("bob")).connect({}, autocommit=True) as bob:
        for more, value in (("who", "'alice'"), ("created", "0"), ("answer", "'{}'"), ("taken", "1")):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                bob.execute(f"INSERT INTO intents ({columns}, {more}) VALUES ({values}, {value})".encode())
        bob.execute(f"INSERT INTO intents ({columns}) VALUES ({values})".encode())
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            bob.execute("UPDATE intents SET who = 'alice'")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            bob.execute("DELETE FROM intents")
        for table in ("samples", "findings", "leases", "audit", "runs"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                bob.execute(f"DELETE FROM {table}".encode())
            bob.execute(f"SELECT * FROM {table} LIMIT 1".encode())
    # Somebody who was given the whole table by mistake cannot claim it either.
    house.postgres.run(f"GRANT INSERT ON intents TO {house.name('bob')}", database=house.database)
    with Address(house.url_of("bob")).connect({}, autocommit=True) as bob:
        bob.execute(
            f"INSERT INTO intents ({columns}, who, answered) VALUES ('k2', 'v', 0, 'act', '{{}}', 10, 'x', 1)".encode()
        )
        assert bob.execute("SELECT DISTINCT who, answered FROM intents").fetchall() == [(house.name("bob"), None)]
    with Address(house.url_of("alice")).connect({}, autocommit=True) as alice:
        assert alice.execute("SELECT count(*) FROM intents").fetchone() == (0,)


def test_accounts_that_are_no_person_are_known_as_such() -> None:
    def intent(*, own: bool, superuser: bool) -> Intent:
        return Intent("k", "alice", "10.0.0.7", "v", 0, "act", "{}", 1.0, None, 0.0, own, superuser, ["sre"])

    person = caller_of(intent(own=False, superuser=False))
    assert (person.uid, person.login_uid, person.groups) == (-1, -1, ("sre",))
    assert caller_of(intent(own=True, superuser=False)).login_uid is None
    assert caller_of(intent(own=False, superuser=True)).login_uid is None


def test_a_viewer_reads_what_the_agent_wrote(house: House) -> None:
    from penguintui.store.reader import Store

    store = Store(house.url_of("bob"), CLOCK)
    assert store.reader().findings() == []
    assert isinstance(store.version(), int)
    store.close()
