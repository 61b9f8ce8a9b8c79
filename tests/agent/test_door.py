"""The control socket: who comes, what they may."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from penguintui.agent.alive import alive
from penguintui.agent.callers import myself, role_of
from penguintui.agent.client import Client
from penguintui.agent.door import Door, Method, Visit
from penguintui.agent.protocol import NoAgentError, Refused
from penguintui.config.settings import RoleSettings
from penguintui.model.role import Caller, Role
from tests.conftest import FrozenClock


async def echo(visit: Visit, said: Mapping[str, Any]) -> Mapping[str, Any]:
    if said.get("arm"):
        visit.armed_until = float(said["arm"])
    if said.get("viewer"):
        visit.viewer = True
    return {"who": visit.caller.user, "said": dict(said)}


async def broken(_visit: Visit, _said: Mapping[str, Any]) -> Mapping[str, Any]:
    raise KeyError("inside")


METHODS = {
    "echo": Method(Role.VIEWER, echo),
    "act": Method(Role.OPERATOR, echo, acts=True),
    "rule": Method(Role.ADMIN, echo),
    "broken": Method(Role.VIEWER, broken),
}


@pytest.fixture
async def door(tmp_path: Path, clock: FrozenClock):
    roles = {"now": RoleSettings()}
    door = Door(tmp_path / "s", None, lambda: roles["now"], METHODS, clock)
    door.roles = roles  # type: ignore[attr-defined]
    await door.open()
    yield door
    await door.close()


async def test_the_socket_is_its_owners_alone(door: Door, tmp_path: Path) -> None:
    assert stat.S_IMODE((tmp_path / "s").stat().st_mode) == 0o600


async def test_the_caller_is_known_from_the_channel(door: Door, tmp_path: Path) -> None:
    client = Client(tmp_path / "s")
    answer = await client.ask("echo", who="somebody else")
    assert answer["who"] == myself().user
    await client.close()


async def test_a_viewer_acts_only_while_armed(door: Door, tmp_path: Path, clock: FrozenClock) -> None:
    client = Client(tmp_path / "s")
    await client.ask("echo", viewer=True)
    with pytest.raises(Refused, match=":arm 10m reason"):
        await client.ask("act")
    await client.ask("echo", arm=clock.now() + 60)
    await client.ask("act")
    clock.advance(61)
    with pytest.raises(Refused, match="read-only"):
        await client.ask("act")
    await client.close()


async def test_a_role_that_is_taken_away_counts_at_once(door: Door, tmp_path: Path) -> None:
    client = Client(tmp_path / "s")
    await client.ask("rule")
    door.roles["now"] = RoleSettings(default="viewer")  # type: ignore[attr-defined]
    with pytest.raises(Refused, match="rule needs admin"):
        await client.ask("rule")
    await client.close()


async def test_rubbish_is_answered_with_a_sentence(door: Door, tmp_path: Path) -> None:
    client = Client(tmp_path / "s")
    await client.ask("echo")
    reader, writer = client._streams  # type: ignore[misc]
    for line in (b"\xff\n", b"[]\n", b"{}\n", b'{"do": "echo", "with": 3}\n'):
        writer.write(line)
        assert b'"ok":false' in await reader.readline()
    with pytest.raises(Refused, match="knows no 'nonsense'"):
        await client.ask("nonsense")
    with pytest.raises(Refused, match="KeyError"):
        await client.ask("broken")
    assert (await client.ask("echo", still="here"))["said"] == {"still": "here"}
    await client.close()


async def test_a_line_without_end_is_cut_off(door: Door, tmp_path: Path) -> None:
    client = Client(tmp_path / "s")
    await client.ask("echo")
    reader, writer = client._streams  # type: ignore[misc]
    writer.write(b"x" * ((1 << 20) + 70_000))
    assert b"is not read" in await reader.readline()
    await client.close()


async def test_no_agent_is_said(tmp_path: Path) -> None:
    assert not alive(tmp_path / "none")
    with pytest.raises(NoAgentError, match="does not answer"):
        await Client(tmp_path / "none").ask("echo")


def test_the_highest_role_that_names_somebody_counts() -> None:
    uid = os.geteuid() + 1
    ana = Caller("ana", uid, "ana", uid, "ops1")
    roles = RoleSettings(admin=["root"], operator=["ana"], viewer=["*"])
    assert role_of(ana, roles) is Role.OPERATOR
    assert role_of(ana, RoleSettings(viewer=[])) is None
    assert role_of(myself(), RoleSettings(viewer=[])) is Role.ADMIN


def test_two_names_of_one_person_are_one_person() -> None:
    as_root = Caller("root", 0, "ana", 1000, "ops1")
    as_self = Caller("ana", 1000, "ana", 1000, "ops1")
    assert as_root.person == as_self.person
    assert str(as_root) == "ana (as root)@ops1"
