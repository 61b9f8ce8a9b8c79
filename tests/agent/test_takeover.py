"""What an agent leaves behind, in the hands of the next one: plans, approvals, and runs whose process goes on."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from penguintui.actions import journal
from penguintui.actions.journal import ORDERS, Lines
from penguintui.actions.planning import LAPSES
from penguintui.agent.protocol import Refused
from penguintui.config.settings import Configuration
from penguintui.model.action import RunStatus
from penguintui.store import plans
from penguintui.store.leases import Guard, look, take
from penguintui.store.postgres import Address
from penguintui.store.writer import Writer
from tests.adapters.postgres import Postgres
from tests.agent.house import ANA, BEN, DEPLOY, House, remove, touch, wait_for
from tests.agent.proxying import TwoColours


def actions(tmp_path: Path) -> dict[str, Any]:
    made, go = tmp_path / "made", tmp_path / "go"
    return {
        "mark": {**DEPLOY, "title": "Mark {release}", "steps": [
            {"type": "command", "name": "make", "command": touch(made), "undo": remove(made)}]},
        "drill": {"title": "Drill", "target": "staging", "danger": "safe", "second_person": True,
                  "steps": [{"type": "command", "name": "make", "command": touch(made)}]},
        "slow": {"title": "Slow", "target": "staging", "danger": "safe", "steps": [
            {"type": "command", "name": "make", "command": touch(made), "undo": remove(made)},
            {"type": "command", "name": "wait", "command": wait_for(go), "changes": False},
            {"type": "switch", "name": "switch", "proxy": "api"}]},
    }  # fmt: skip


class Standby(House):
    """An agent over a store that several share: it writes under a lease, and may have a state folder of its own."""

    def __init__(self, tmp_path: Path, proxy: TwoColours, actions: dict[str, Any], url: str) -> None:
        self.shared_url, self.token = url, self._take(url, tmp_path.name)
        super().__init__(tmp_path, proxy, actions)

    def _take(self, url: str, name: str) -> int:
        Writer(url).close()
        with Address(url).connect({}, autocommit=True) as connection:
            row = take(connection, look(connection), owner=name, holder=name, at_least=0, now=0.0)
        assert row is not None
        return row.token

    @property
    def url(self) -> str:
        return self.shared_url

    def make_writer(self) -> Writer:
        return Writer(self.url, guard=Guard(self.token, lambda: 0, lambda _: None))


@pytest.fixture
async def proxy() -> AsyncIterator[TwoColours]:
    async with TwoColours() as proxy:
        yield proxy


@pytest.fixture
async def house(tmp_path: Path, proxy: TwoColours) -> AsyncIterator[House]:
    house = House(tmp_path, proxy, actions(tmp_path))
    yield house
    await house.close()


async def begin_again(house: House) -> None:
    """The agent ends, and another one begins."""
    await house.close()
    house.open()
    await house.runs.adopt()


async def mark(house: House) -> dict[str, Any]:
    plan = await house.runs.plan(house.visit(), {"action": "mark", "parameters": {"release": "r7"}})
    return {"plan": plan["hash"], "intent": "k", "confirm": "yes"}


async def test_a_plan_outlives_the_agent_that_made_it(house: House, tmp_path: Path) -> None:
    said = await mark(house)
    await begin_again(house)
    run = int((await house.runs.run(house.visit(), said))["run"])
    assert (await house.end_of(run)).status is RunStatus.SUCCEEDED
    assert (tmp_path / "made").exists()


async def test_a_plan_that_would_do_something_else_now_must_be_made_again(house: House, tmp_path: Path) -> None:
    said = await mark(house)
    changed = {**actions(tmp_path), "mark": {**DEPLOY, "steps": [{"type": "wait", "name": "w", "seconds": 0}]}}
    house.configuration = Configuration.model_validate(
        {**house.configuration.model_dump(include={"environment"}), "actions": changed}
    )
    await begin_again(house)
    with pytest.raises(Refused, match="would do something else; plan again"):
        await house.runs.run(house.visit(), said)


async def test_a_plan_that_lapsed_is_gone(house: House) -> None:
    said = await mark(house)
    await house.close()
    house.open()
    await house.writer.run(lambda c: c.exec_driver_sql("UPDATE plans SET lapses = 1"))
    with pytest.raises(Refused, match="lapsed"):
        await house.runs.run(house.visit(), said)


async def test_a_repeated_intent_is_answered_with_its_run_by_the_next_agent(house: House) -> None:
    said = await mark(house)
    run = int((await house.runs.run(house.visit(), said))["run"])
    await house.end_of(run)
    await house.writer.run(lambda c: c.exec_driver_sql("DELETE FROM plans"))
    await begin_again(house)
    assert await house.runs.run(house.visit(), said) == {"run": run, "repeated": True}
    assert len(house.store.reader().runs()) == 1


async def test_what_waits_for_approval_still_does_and_never_by_the_same_person(house: House, tmp_path: Path) -> None:
    run = await house.start("drill")
    await begin_again(house)
    assert house.runs.busy
    found = house.store.reader().run(run)
    assert found is not None and found.status is RunStatus.WAITING
    with pytest.raises(Refused, match="another person must approve"):
        await house.runs.approve(house.visit(ANA), {"run": run})
    await house.runs.approve(house.visit(BEN), {"run": run})
    done = await house.end_of(run)
    assert (done.status, done.requested_by) == (RunStatus.SUCCEEDED, "ana@ops1")
    assert await house.writer.run(plans.waiting) == []


def make_older(connection: Any) -> None:
    """Let the plan that waits be as old as one that has lapsed."""
    document = json.loads(plans.waiting(connection)[0].document)
    document["plan"]["created"] -= 2 * LAPSES
    connection.exec_driver_sql("UPDATE plans SET document = ? WHERE run_id IS NOT NULL", (json.dumps(document),))


async def test_what_waited_too_long_is_called_off_with_a_sentence(house: House) -> None:
    run = await house.start("drill")
    await house.close()
    house.open()
    await house.writer.run(make_older)
    await house.runs.adopt()
    done = await house.end_of(run)
    assert done.status is RunStatus.CANCELLED
    assert "lapsed before it was approved" in done.result
    assert not house.runs.busy


async def test_what_waits_for_approval_with_a_plan_that_cannot_be_used_is_called_off(house: House) -> None:
    run = await house.start("drill")
    kept = dict(house.configuration.actions)
    del kept["drill"]
    house.configuration = house.configuration.model_copy(update={"actions": kept})
    await begin_again(house)
    done = await house.end_of(run)
    assert done.status is RunStatus.CANCELLED
    assert "the action drill is gone from the configuration. Nothing of it was done" in done.result
    assert any("call off" in entry.document for entry in house.store.reader().audit())


async def test_a_resumed_run_is_no_longer_said_to_be_dead(house: House, tmp_path: Path) -> None:
    run = await house.start("slow")
    await house.until(run, lambda found: found.steps[1].status.value == "running")
    os.killpg(house.runs.executions.running(run).pid, signal.SIGKILL)
    assert "its process died" in (await house.end_of(run)).result
    await house.runs.resume(house.visit(), {"run": run})
    assert (await house.until(run, lambda found: found.status is RunStatus.RUNNING)).result == ""
    (tmp_path / "go").touch()
    await house.until(run, lambda found: found.status.finished)


async def test_an_undo_that_is_asked_for_twice_is_done_once(house: House, tmp_path: Path) -> None:
    run = await house.start("mark", parameters={"release": "r7"})
    await house.end_of(run)
    first = await house.runs.undo(house.visit(), {"run": run, "confirm": "staging"})
    assert (await house.end_of(int(first["run"]))).status is RunStatus.UNDONE
    assert await house.runs.undo(house.visit(), {"run": run, "confirm": "staging"}) == {**first, "repeated": True}
    await house.writer.run(lambda c: c.exec_driver_sql("UPDATE runs SET status = 'failed' WHERE id = ?", (2,)))
    (tmp_path / "made").touch()
    again = await house.runs.undo(house.visit(), {"run": run, "confirm": "staging"})
    assert int(again["run"]) == 3
    assert (await house.end_of(3)).status is RunStatus.UNDONE


# Two agents over one PostgreSQL.


@pytest.fixture
async def first(tmp_path: Path, proxy: TwoColours, postgres: Postgres) -> AsyncIterator[Standby]:
    name = f"takeover_{os.getpid()}_{abs(hash(str(tmp_path))) % 10**8}"
    postgres.run(f"CREATE DATABASE {name}")
    made = Standby(tmp_path / "first", proxy, actions(tmp_path), postgres.url(database=name))
    yield made
    await made.close()
    postgres.run(f"DROP DATABASE {name} WITH (FORCE)")


async def another(first: Standby, proxy: TwoColours, tmp_path: Path, name: str) -> Standby:
    """The next agent, which takes the lease."""
    made = Standby(tmp_path / name, proxy, actions(tmp_path), first.url)
    await made.runs.adopt()
    return made


def journal_of(house: House, run: int) -> list[dict[str, Any]]:
    return [dict(entry) for entry in journal.read(house.places.runs / str(run) / "journal.jsonl", 0).entries]


@pytest.mark.needs("initdb", "postgresql-15")
async def test_a_plan_made_here_is_confirmed_there(first: Standby, proxy: TwoColours, tmp_path: Path) -> None:
    said = await mark(first)
    second = await another(first, proxy, tmp_path, "second")
    run = int((await second.runs.run(second.visit(), said))["run"])
    assert (await second.end_of(run)).status is RunStatus.SUCCEEDED
    await second.close()


@pytest.mark.needs("initdb", "postgresql-15")
async def test_a_run_whose_agent_lost_the_lease_changes_nothing_more(
    first: Standby, proxy: TwoColours, tmp_path: Path
) -> None:
    run = await first.start("slow")
    await first.until(run, lambda found: found.steps[1].status.value == "running")
    process = first.runs.executions.running(run)
    # The other is on another host: it does not see the process, though a shared disk may show it the folder.
    await first.writer.run(lambda c: c.exec_driver_sql("UPDATE runs SET host = 'ops2'"))
    second = await another(first, proxy, tmp_path, "second")
    left = await second.end_of(run)
    assert left.status is RunStatus.INTERRUPTED
    assert "its process is, or was, on ops2" in left.result
    assert "As the store knew it last: in wait; done: make." in left.result
    assert f"Look at ops2, in {process.folder};" in left.result
    assert any("its process is, or was, on ops2" in event.summary for event in second.store.reader().events(0.0))
    for ask in (second.runs.inspect, second.runs.resume, second.runs.undo):
        with pytest.raises(Refused, match="ops2"):
            await ask(second.visit(), {"run": run})
    # Even with a leave that the first agent gave too late.
    orders = Lines(process.folder / ORDERS)
    orders.write(kind="grant", step=2, token=first.token)
    orders.close()
    (tmp_path / "go").touch()
    async with asyncio.timeout(20):
        while "stopped here" not in str(journal_of(first, run)[-1].get("text")):
            await asyncio.sleep(0.05)
    assert "an agent elsewhere took over" in journal_of(first, run)[-1]["text"]
    assert proxy.active == "blue"
    assert (tmp_path / "made").exists(), "nothing is undone either"
    assert [lock.run for lock in second.store.reader().locks()] == [run]
    await second.runs.release(second.visit(), {"run": run, "reason": "looked at it on ops2"})
    assert second.store.reader().locks() == []
    await second.close()


@pytest.mark.needs("initdb", "postgresql-15")
async def test_what_ran_elsewhere_is_undone_there(first: Standby, proxy: TwoColours, tmp_path: Path) -> None:
    run = await first.start("mark", parameters={"release": "r7"})
    await first.end_of(run)
    await first.writer.run(lambda c: c.exec_driver_sql("UPDATE runs SET host = 'ops2', folder = '/elsewhere/1'"))
    second = await another(first, proxy, tmp_path, "second")
    with pytest.raises(Refused, match="run 1 ran on ops2, and what is known of its steps lies there, in /elsewhere/1"):
        await second.runs.undo(second.visit(), {"run": run, "confirm": "staging"})
    await second.close()


async def test_a_folder_of_another_run_with_the_same_number_is_not_believed(house: House, tmp_path: Path) -> None:
    run = await house.start("mark", parameters={"release": "r7"})
    await house.end_of(run)
    await house.writer.run(lambda c: c.exec_driver_sql("UPDATE runs SET plan_hash = 'of another store'"))
    with pytest.raises(Refused, match="is of another run than run 1"):
        await house.runs.undo(house.visit(), {"run": run, "confirm": "staging"})
    assert (tmp_path / "made").exists()


@pytest.mark.needs("initdb", "postgresql-15")
async def test_a_run_that_another_agent_gave_up_stops_when_its_own_agent_is_back(
    first: Standby, proxy: TwoColours, tmp_path: Path
) -> None:
    run = await first.start("slow")
    await first.until(run, lambda found: found.steps[1].status.value == "running")
    await first.writer.run(lambda c: c.exec_driver_sql("UPDATE runs SET status = 'interrupted', result = 'elsewhere'"))
    back = await another(first, proxy, tmp_path, "second")
    assert "stops behind the step that it is in" in back.store.reader().runs(1)[0].result
    (tmp_path / "go").touch()
    left = await back.until(run, lambda found: "resume, undo or release it" in found.result)
    assert "done: make, wait" in left.result
    assert proxy.active == "blue"
    await back.runs.undo(back.visit(), {"run": run})
    assert (await back.end_of(run)).status is RunStatus.UNDONE
    assert not (tmp_path / "made").exists()
    await back.close()


@pytest.mark.needs("initdb", "postgresql-15")
async def test_the_next_agent_of_the_same_host_goes_on_with_the_run(
    first: Standby, proxy: TwoColours, tmp_path: Path
) -> None:
    run = await first.start("slow")
    await first.until(run, lambda found: found.steps[1].status.value == "running")
    second = await another(first, proxy, tmp_path, "second")
    (tmp_path / "go").touch()
    done = await second.end_of(run)
    assert done.status is RunStatus.SUCCEEDED, done.result
    assert proxy.active == "green"
    await second.close()
