"""Runs from the request to the record: real processes, a real proxy, a real store."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from penguintui.actions.verifying import verify
from penguintui.agent.protocol import Refused
from penguintui.config.settings import Configuration
from penguintui.model.action import RunStatus
from penguintui.model.role import Caller
from penguintui.store import auditing
from tests.agent.house import ANA, BEN, DEPLOY, House, python, remove, touch, wait_for
from tests.agent.proxying import TwoColours


@pytest.fixture
async def proxy():
    async with TwoColours() as proxy:
        yield proxy


def deploy(proxy: TwoColours, tmp_path: Path, **more: Any) -> dict[str, Any]:
    started = tmp_path / "started"
    return {
        **DEPLOY,
        "steps": [
            {"type": "command", "name": "start", "command": touch(started), "undo": remove(started)},
            {"type": "gate", "name": "health", "timeout": "2s", "interval": "50ms",
             "http": {"url": "{idle_url}/health", "requests": 3}},
            {"type": "switch", "name": "switch", "proxy": "api", "to": "idle"},
            {"type": "command", "name": "after", "command": python("print('after {release}')"), "changes": False},
        ],
        **more,
    }  # fmt: skip


@pytest.fixture
async def house(tmp_path: Path, proxy: TwoColours):
    go = tmp_path / "go"
    actions = {
        "deploy": deploy(proxy, tmp_path),
        "slow": {
            "title": "Slow",
            "target": "staging",
            "danger": "safe",
            "steps": [
                {"type": "command", "name": "make", "command": touch(tmp_path / "made"),
                 "undo": remove(tmp_path / "made")},
                {"type": "command", "name": "wait", "command": wait_for(go), "changes": False},
                {"type": "switch", "name": "switch", "proxy": "api"},
            ],
        },
        "rollback": {
            "title": "Roll back",
            "target": "staging",
            "danger": "dangerous",
            "emergency": True,
            "requires": ["previous-release"],
            "steps": [{"type": "switch", "name": "back", "proxy": "api", "to": "previous"}],
        },
        "drill": {
            "title": "Drill",
            "target": "staging",
            "danger": "safe",
            "second_person": True,
            "steps": [{"type": "wait", "name": "wait", "seconds": 0}],
        },
    }  # fmt: skip
    house = House(tmp_path, proxy, actions)
    yield house
    go.touch()
    for run in house.store.reader().runs():
        if not run.status.finished and run.status is not RunStatus.INTERRUPTED:
            await house.end_of(run.id)
    await house.close()


async def test_a_deploy_switches_after_its_gates_and_is_on_the_record(house: House, proxy: TwoColours) -> None:
    run = await house.start("deploy", parameters={"release": "r7"})
    done = await house.end_of(run)
    assert done.status is RunStatus.SUCCEEDED, done.result
    assert proxy.active == "green"
    assert [step.status.value for step in done.steps] == ["succeeded"] * 4
    assert "made started" in await house.output(run)
    assert "after r7" in await house.output(run)
    reader = house.store.reader()
    assert reader.locks() == []
    assert [event.kind for event in reader.events()] == ["release", "run.succeeded"]
    entries = reader.audit()
    assert ['"who":"ana"' in entry.document for entry in entries] == [True, False]
    assert verify(entries, house.trust, None).trouble == ""


async def test_a_failed_gate_undoes_what_was_done(house: House, proxy: TwoColours, tmp_path: Path) -> None:
    proxy.slow.add("green")
    done = await house.end_of(await house.start("deploy", parameters={"release": "r7"}))
    assert done.status is RunStatus.UNDONE
    assert "health" in done.result
    assert "503" in done.result
    assert proxy.active == "blue"
    assert not (tmp_path / "started").exists()
    assert [step.status.value for step in done.steps] == ["undone", "failed", "waiting", "waiting"]


async def test_what_succeeded_can_be_undone(house: House, proxy: TwoColours, tmp_path: Path) -> None:
    run = await house.start("deploy", parameters={"release": "r7"})
    await house.end_of(run)
    with pytest.raises(Refused, match="type the target's name"):
        await house.runs.undo(house.visit(), {"run": run})
    undo = await house.runs.undo(house.visit(), {"run": run, "confirm": "staging"})
    done = await house.end_of(int(undo["run"]))
    assert done.status is RunStatus.UNDONE, done.result
    assert proxy.active == "blue"
    assert not (tmp_path / "started").exists()


async def test_two_requests_for_one_environment(house: House, tmp_path: Path) -> None:
    first = await house.start("slow")
    with pytest.raises(Refused, match=rf"staging is held by run {first} of ana@ops1 since \d+ \w+ \d\d:\d\d:\d\dZ"):
        await house.start("deploy", parameters={"release": "r8"}, caller=BEN)
    (tmp_path / "go").touch()
    assert (await house.end_of(first)).status is RunStatus.SUCCEEDED
    assert any("refused: staging is held" in entry.document for entry in house.store.reader().audit())


async def test_an_emergency_fences_the_holder(house: House, proxy: TwoColours, tmp_path: Path) -> None:
    await house.end_of(await house.start("deploy", parameters={"release": "r7"}))
    holder = await house.start("slow")
    await house.until(holder, lambda run: run.steps[1].status.value == "running")
    with pytest.raises(Refused, match="needs a reason"):
        await house.start("rollback", caller=BEN, confirm="staging")
    with pytest.raises(Refused, match="type the target's name"):
        await house.start("rollback", caller=BEN, confirm="yes", reason="it burns")
    rollback = await house.start("rollback", caller=BEN, confirm="staging", reason="it burns")
    assert (await house.end_of(rollback)).status is RunStatus.SUCCEEDED
    fenced = await house.end_of(holder)
    assert fenced.status is RunStatus.FENCED
    assert (tmp_path / "made").exists(), "a fenced run touches nothing any more, its undo included"
    assert proxy.active == "blue"


async def test_a_rollback_with_nothing_to_go_back_to_is_refused(house: House) -> None:
    with pytest.raises(Refused, match="nothing to go back to"):
        await house.start("rollback", confirm="staging", reason="it burns")


async def test_a_cancelled_run_is_undone(house: House, tmp_path: Path) -> None:
    run = await house.start("slow")
    await house.until(run, lambda found: found.steps[1].status.value == "running")
    assert (tmp_path / "made").exists()
    await house.runs.cancel(house.visit(BEN), {"run": run})
    done = await house.end_of(run)
    assert done.status is RunStatus.CANCELLED
    assert "ben@ops1" in done.result
    assert not (tmp_path / "made").exists()


async def test_what_an_earlier_run_of_the_same_number_left_is_set_aside(
    house: House, proxy: TwoColours, tmp_path: Path
) -> None:
    """A store that is put back from a copy counts runs from a lower number again."""
    earlier = house.places.runs / "1"
    earlier.mkdir(parents=True)
    end = {"time": 1.0, "kind": "end", "status": "failed", "result": "long ago"}
    (earlier / "journal.jsonl").write_text(json.dumps(end) + "\n", encoding="utf-8")
    (earlier / "orders.jsonl").write_text('{"kind":"cancel","why":"long ago"}\n', encoding="utf-8")
    run = await house.start("deploy", parameters={"release": "2"})
    assert run == 1
    found = await house.end_of(run)
    assert (found.status, proxy.active) == (RunStatus.SUCCEEDED, "green"), found.result
    assert "long ago" in (house.places.runs / "1.before-1" / "journal.jsonl").read_text(encoding="utf-8")


async def test_a_repeated_intent_acts_once(house: House) -> None:
    plan = await house.runs.plan(house.visit(), {"action": "deploy", "parameters": {"release": "r7"}})
    said = {"plan": plan["hash"], "intent": "same", "confirm": "yes"}
    first = await house.runs.run(house.visit(), said)
    again = await house.runs.run(house.visit(), said)
    assert again == {"run": first["run"], "repeated": True}
    await house.end_of(int(first["run"]))
    assert len(house.store.reader().runs()) == 1


async def test_what_changed_since_the_plan_makes_it_void(house: House, proxy: TwoColours) -> None:
    plan = await house.runs.plan(house.visit(), {"action": "deploy", "parameters": {"release": "r7"}})
    said = {"plan": plan["hash"], "intent": "x", "confirm": "yes"}
    proxy.active = "green"
    with pytest.raises(Refused, match="active colour of api was blue and is green now"):
        await house.runs.run(house.visit(), said)
    proxy.active = "blue"
    actions = house.configuration.actions
    changed = actions["deploy"].model_copy(update={"help": "another word"})
    house.configuration = house.configuration.model_copy(update={"actions": {**actions, "deploy": changed}})
    with pytest.raises(Refused, match="configuration changed"):
        await house.runs.run(house.visit(), said)


async def test_conditions_are_checked_again_before_each_change(house: House, proxy: TwoColours, tmp_path: Path) -> None:
    run = await house.start("slow")
    await house.until(run, lambda found: found.steps[1].status.value == "running")
    proxy.active = "green"
    (tmp_path / "go").touch()
    done = await house.end_of(run)
    assert "somebody else switched it" in done.result
    assert done.status is RunStatus.UNDONE
    assert not (tmp_path / "made").exists()


async def test_an_agent_that_restarts_adopts_the_run(house: House, proxy: TwoColours, tmp_path: Path) -> None:
    run = await house.start("slow")
    await house.until(run, lambda found: found.steps[1].status.value == "running")
    await house.close()
    (tmp_path / "go").touch()
    house.open()
    await house.runs.executions.adopt()
    done = await house.end_of(run)
    assert done.status is RunStatus.SUCCEEDED, done.result
    assert proxy.active == "green"
    assert (await house.output(run)).count("made made") == 1


async def test_a_run_whose_process_died_keeps_its_lock_and_can_be_resumed(
    house: House, proxy: TwoColours, tmp_path: Path
) -> None:
    run = await house.start("slow")
    await house.until(run, lambda found: found.steps[1].status.value == "running")
    os.killpg(house.runs.executions.running(run).pid, signal.SIGKILL)
    dead = await house.end_of(run)
    assert dead.status is RunStatus.INTERRUPTED
    assert "died in wait; done: make; api is blue" in dead.result
    assert [lock.run for lock in house.store.reader().locks()] == [run]
    seen = await house.runs.inspect(house.visit(), {"run": run})
    assert seen["done"] == ["make"]
    assert seen["in_doubt"] == ["wait"]
    assert seen["state"] == {"api": "blue"}
    (tmp_path / "go").touch()
    await house.runs.resume(house.visit(), {"run": run})
    done = await house.until(run, lambda found: found.status.finished)
    assert done.status is RunStatus.SUCCEEDED, done.result
    assert proxy.active == "green"


async def test_an_interrupted_run_can_be_undone_or_released(house: House, tmp_path: Path) -> None:
    run = await house.start("slow")
    await house.until(run, lambda found: found.steps[1].status.value == "running")
    os.killpg(house.runs.executions.running(run).pid, signal.SIGKILL)
    await house.end_of(run)
    with pytest.raises(Refused, match="say why"):
        await house.runs.release(house.visit(), {"run": run})
    await house.runs.undo(house.visit(), {"run": run})
    done = await house.until(run, lambda found: found.status.finished)
    assert done.status is RunStatus.UNDONE, done.result
    assert not (tmp_path / "made").exists()
    assert house.store.reader().locks() == []


async def test_a_run_of_which_nothing_is_left_can_still_be_released(house: House) -> None:
    run = await house.start("slow")
    await house.until(run, lambda found: found.steps[1].status.value == "running")
    pid = house.runs.executions.running(run).pid
    await house.close()
    os.killpg(pid, signal.SIGKILL)
    (house.places.runs / str(run) / "plan.json").unlink()
    house.open()
    await house.runs.executions.adopt()
    assert (await house.end_of(run)).status is RunStatus.INTERRUPTED
    with pytest.raises(Refused, match="can only be released"):
        await house.runs.resume(house.visit(), {"run": run})
    await house.runs.release(house.visit(), {"run": run, "reason": "looked at it"})
    assert (await house.end_of(run)).status is RunStatus.RELEASED
    assert house.store.reader().locks() == []


async def test_a_second_person_is_another_one_never_root(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    run = await house.start("drill")
    assert house.store.reader().run(run).status is RunStatus.WAITING
    for caller, reason in (
        (ANA, "another person must approve"),
        (replace(ANA, user="root", uid=0), "root"),
        (Caller("shared", 1002, "", None, "ops1"), "nobody logged in"),
    ):
        with pytest.raises(Refused, match=reason):
            await house.runs.approve(house.visit(caller), {"run": run})

    def full(*_: object) -> None:
        raise OSError("no space for the record")

    with monkeypatch.context() as broken, pytest.raises(OSError, match="no space"):
        broken.setattr(auditing, "append", full)
        await house.runs.approve(house.visit(BEN), {"run": run})
    assert house.store.reader().locks() == [], "approved, and not on the record"
    await house.runs.approve(house.visit(BEN), {"run": run})
    assert (await house.end_of(run)).status is RunStatus.SUCCEEDED


async def test_a_missing_parameter_is_said(house: House) -> None:
    with pytest.raises(Refused, match="release is missing"):
        await house.start("deploy")
    with pytest.raises(Refused, match=r"release = '; rm -rf /' is not allowed"):
        await house.start("deploy", parameters={"release": "; rm -rf /"})


async def test_a_backup_is_opened_and_counted(house: House, tmp_path: Path) -> None:
    database, into = tmp_path / "mails.db", tmp_path / "backups"
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE sends (id)")
        connection.executemany("INSERT INTO sends VALUES (?)", [(i,) for i in range(1234)])
    connection.close()
    step = {"type": "backup", "name": "copy", "database": str(database), "into": str(into), "count": ["sends"]}
    action = {"title": "Back up", "target": "mails.db", "danger": "safe", "steps": [step]}
    house.configuration = Configuration.model_validate({"environment": "staging", "actions": {"backup": action}})
    done = await house.end_of(await house.start("backup"))
    assert done.status is RunStatus.SUCCEEDED, done.result
    (copy,) = into.iterdir()
    with sqlite3.connect(copy) as connection:
        assert connection.execute("SELECT count(*) FROM sends").fetchone() == (1234,)
    connection.close()
    database.write_bytes(b"not a database at all" * 300)
    failed = await house.end_of(await house.start("backup"))
    assert "failed" in failed.result
    assert list(into.iterdir()) == [copy]
