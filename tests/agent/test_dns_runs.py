"""Publishing records as an action: planned by what is seen, done by a real name server, watched, and taken back."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from penguintui.adapters.dns import authority, publishing
from penguintui.adapters.dns.update import DynamicUpdate
from penguintui.agent.protocol import Refused
from penguintui.config.settings import Configuration
from penguintui.config.zones import MailDomain, RecordSettings
from penguintui.mail.changes import Change
from penguintui.model.action import RunStatus
from penguintui.model.secret import Secret
from tests.adapters.dynamic import KEY, KEY_NAME, Primary, dynamic
from tests.adapters.servers import HOST, closed_port
from tests.agent.house import House, python, wait_for
from tests.agent.proxying import TwoColours

pytestmark = pytest.mark.needs("named", "bind9")

_RECORDS = '@ TXT "proof=1"\n@ TXT "v=spf1 -all"\n_dmarc TXT "v=DMARC1; p=none"\nold._domainkey TXT "v=DKIM1; p=OLD"\n'
SPF, DMARC = ("shop.example", "TXT"), ("_dmarc.shop.example", "TXT")
NEW_KEY, OLD_KEY = ("pm._domainkey.shop.example", "TXT"), ("old._domainkey.shop.example", "TXT")
WANTED = "v=spf1 ip4:192.0.2.1 ~all"


def actions(folder: Path) -> dict[str, Any]:
    publish = {"name": "publish", "type": "dns", "domain": "{domain}", "timeout": 20}
    failing = {"name": "fail", "type": "command", "command": python("raise SystemExit(1)"), "changes": False}
    held = {"name": "hold", "type": "command", "command": wait_for(folder / "go"), "timeout": 20, "changes": False}
    common = {"target": "{domain}", "danger": "guarded", "parameters": {"domain": {"default": "shop.example"}}}
    return {
        "publish": {"title": "Publish {domain}", **common, "steps": [publish]},
        "spf": {"title": "Publish SPF", **common, "steps": [{**publish, "record": "spf"}]},
        "failing": {"title": "Publish, then fail", **common, "steps": [publish, failing]},
        "held": {"title": "Wait, then publish", **common, "steps": [held, publish]},
        "quick": {"title": "Publish in a moment", **common, "steps": [{**publish, "timeout": 6}]},
    }


class Zone:
    """A house with a zone at a real primary."""

    def __init__(self, house: House, primary: Primary, extra: list[str]) -> None:
        self.house, self.primary = house, primary
        self.writer = DynamicUpdate("shop.example", primary.update())
        update = {"type": "rfc2136", "server": primary.server, "key_name": KEY_NAME, "key": Secret(KEY)}
        domain = {
            "spf": {"addresses": ["192.0.2.1"]},
            "dmarc": {"policy": "reject"},
            "dkim": {"pm": {"record": "v=DKIM1; p=NEW"}, "old": {"retired": True}},
        }
        zone = {"servers": [*primary.servers, *extra], "update": update, "domains": {"shop.example": domain}}
        self.house.configuration = Configuration.model_validate(
            {"environment": "staging", "dns": {"zones": {"shop.example": zone}}, "actions": actions(house.tmp_path)}
        )

    async def plan(self, action: str = "publish") -> Any:
        return await self.house.runs.plan(self.house.visit(), {"action": action})

    async def held(self, key: tuple[str, str], server: str | None = None) -> tuple[str, ...]:
        return (await authority.held(key, server or self.primary.server, 5)).values

    async def meddle(self, new: str) -> None:
        old = await self.held(DMARC)
        await self.writer.publish(Change(*DMARC, old, (new,), 60, 60), 5)


@pytest.fixture
async def zone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Zone]:
    monkeypatch.setattr(publishing, "PATIENCE", 1.0)  # what the agent waits for servers that are silent on purpose
    async with TwoColours() as proxy, dynamic({"shop.example": _RECORDS}, secondary=True) as primary:
        house = House(tmp_path, proxy, actions(tmp_path))
        yield Zone(house, primary, [])
        await house.close()
        house.store.close()


async def test_a_plan_shows_each_change_and_what_waits(zone: Zone) -> None:
    plan = await zone.plan()
    does = plan["steps"][0]["does"]
    assert does.startswith("publish 2 of shop.example: TXT pm._domainkey.shop.example: nothing → ")
    assert f'TXT shop.example: "v=spf1 -all" → "{WANTED}"' in does
    assert 'NOT YET TXT _dmarc.shop.example: "v=DMARC1; p=none" → "v=DMARC1; p=reject": the policy stays until' in does
    assert "NOT YET TXT old._domainkey.shop.example" in does
    assert plan["steps"][0]["undo"].startswith(f'TXT shop.example: "{WANTED}" → "v=spf1 -all"; TXT pm._domainkey')
    seen = {one["name"]: one["seen"] for one in plan["conditions"]}
    assert seen[f"TXT shop.example at {zone.primary.server}"] == '"proof=1" and "v=spf1 -all"'
    assert len(seen) == 8, "four sets at two servers"
    assert not plan["refused"]
    assert KEY not in json.dumps(plan)


async def test_addresses_come_before_the_mail_servers_that_they_are_of(zone: Zone) -> None:
    """BIND refuses an MX whose host has no address."""
    meant = zone.house.configuration.dns.zones["shop.example"]
    meant.domains["shop.example"] = MailDomain(mx=["10 mx9.shop.example"])
    meant.records.append(RecordSettings(name="mx9.shop.example", type="A", values=["192.0.2.9"]))
    end = await zone.house.end_of(await zone.house.start("publish"))
    assert end.status is RunStatus.SUCCEEDED, end.result
    assert await zone.held(("shop.example", "MX")) == ("10 mx9.shop.example",)


async def test_published_in_order_at_both_and_undone(zone: Zone) -> None:
    run = await zone.house.start("publish")
    end = await zone.house.end_of(run)
    assert end.status is RunStatus.SUCCEEDED, end.result
    assert end.steps[0].detail == "2 published, and at 2 of 2 name servers"
    for server in zone.primary.servers:
        assert await zone.held(SPF, server) == ("proof=1", WANTED)
        assert await zone.held(NEW_KEY, server) == ("v=DKIM1; p=NEW",)
    plan = await zone.plan()
    assert "NOT YET" not in plan["steps"][0]["does"], "now that the new key is everywhere"
    second = await zone.house.end_of(await zone.house.start("publish"))
    assert second.status is RunStatus.SUCCEEDED, second.result
    assert (await zone.held(DMARC), await zone.held(OLD_KEY)) == (("v=DMARC1; p=reject",), ())
    undo = await zone.house.runs.undo(zone.house.visit(), {"run": second.id, "confirm": "shop.example"})
    assert (await zone.house.end_of(undo["run"])).status is RunStatus.UNDONE
    assert (await zone.held(DMARC), await zone.held(OLD_KEY)) == (("v=DMARC1; p=none",), ("v=DKIM1; p=OLD",))
    assert KEY not in "".join(path.read_text() for path in zone.house.places.runs.rglob("*.json*"))


async def test_one_record_alone(zone: Zone) -> None:
    assert (await zone.house.end_of(await zone.house.start("spf"))).status is RunStatus.SUCCEEDED
    assert await zone.held(SPF) == ("proof=1", WANTED)
    assert await zone.held(NEW_KEY) == ()


async def test_a_plan_is_void_when_somebody_else_changed_a_record(zone: Zone) -> None:
    plan = await zone.plan()
    await zone.meddle("v=DMARC1; p=quarantine")
    with pytest.raises(Refused, match="somebody else changed it"):
        await zone.house.runs.run(zone.house.visit(), {"plan": plan["hash"], "intent": "one", "confirm": "yes"})
    assert (await zone.plan())["hash"] != plan["hash"]
    assert await zone.held(SPF) == ("proof=1", "v=spf1 -all")


async def test_looked_at_again_just_before_the_step(zone: Zone) -> None:
    run = await zone.house.start("held")
    await zone.house.until(run, lambda found: found.steps and found.steps[0].status == "running")
    await zone.meddle("v=DMARC1; p=quarantine")
    (zone.house.tmp_path / "go").touch()
    end = await zone.house.end_of(run)
    assert end.status is RunStatus.UNDONE
    assert 'is "v=DMARC1; p=quarantine" now: somebody else changed it' in end.result
    assert await zone.held(SPF) == ("proof=1", "v=spf1 -all")


async def test_a_later_failure_takes_the_records_back(zone: Zone) -> None:
    end = await zone.house.end_of(await zone.house.start("failing"))
    assert end.status is RunStatus.UNDONE, end.result
    for server in zone.primary.servers:
        assert await zone.held(SPF, server) == ("proof=1", "v=spf1 -all")
        assert await zone.held(NEW_KEY, server) == ()


async def test_an_undo_never_overwrites_what_came_after(zone: Zone) -> None:
    run = await zone.house.end_of(await zone.house.start("spf"))
    newer = ("proof=1", "v=spf1 mx -all")
    await zone.writer.publish(Change(*SPF, ("proof=1", WANTED), newer, 60, 60), 5)
    with pytest.raises(Refused, match="somebody else changed it"):
        await zone.house.runs.undo(zone.house.visit(), {"run": run.id, "confirm": "shop.example"})
    assert await zone.held(SPF) == newer


async def test_a_name_server_that_does_not_follow_fails_the_step(zone: Zone) -> None:
    with closed_port() as port:
        silent = Zone(zone.house, zone.primary, [f"{HOST}:{port}"])
        plan = await silent.plan()
        assert any(one["reason"] and one["name"].endswith(f":{port}") for one in plan["conditions"])
        end = await zone.house.end_of(await zone.house.start("quick"))
    assert end.status is RunStatus.UNDONE, end.result
    assert f"published, but not everywhere within 5.4 s: {HOST}:{port}: the name server" in end.result
    assert f"; {HOST}:{port} cannot be asked" in end.steps[0].detail
    assert await zone.held(SPF) == ("proof=1", "v=spf1 -all")


async def test_a_proxy_that_is_down_is_not_in_the_way(zone: Zone) -> None:
    proxies = {
        "api": {"type": "http", "url": f"http://{HOST}:9/", "colours": {"blue": "http://x", "green": "http://y"}}
    }
    written = zone.house.configuration.model_dump(by_alias=True, exclude_unset=True)
    zone.house.configuration = Configuration.model_validate({**written, "proxies": proxies})
    assert not (await zone.plan("spf"))["refused"]
    assert "cannot be seen" in (await zone.plan("failing"))["refused"], "a command may use its colours"


async def interrupted(zone: Zone, port: int) -> tuple[Zone, int]:
    """A run that was killed while it waited for a silent name server, seen by an agent that was started anew."""
    waiting = Zone(zone.house, zone.primary, [f"{HOST}:{port}"])
    run = await zone.house.start("publish")
    await zone.house.until(run, lambda found: found.steps[0].status == "running")
    async with asyncio.timeout(20):
        while await zone.held(SPF, zone.primary.servers[1]) != ("proof=1", WANTED):
            await asyncio.sleep(0.05)
    os.killpg(zone.house.runs.executions.running(run).pid, signal.SIGKILL)
    assert (await zone.house.end_of(run)).status is RunStatus.INTERRUPTED
    await zone.house.close()
    zone.house.open()
    await zone.house.runs.executions.adopt()
    return waiting, run


async def test_an_interrupted_run_is_undone_by_an_agent_that_restarted(zone: Zone) -> None:
    with closed_port() as port:
        waiting, run = await interrupted(zone, port)
        looked = await zone.house.runs.inspect(zone.house.visit(), {"run": run})
        assert (looked["in_the_way"], looked["in_doubt"]) == ("", ["publish"])
        assert looked["state"] == {"TXT pm._domainkey.shop.example": "published", "TXT shop.example": "published"}
        await zone.house.runs.undo(zone.house.visit(), {"run": run})
        end = await zone.house.until(run, lambda found: found.status is RunStatus.UNDONE)
    assert "2 put back" in end.steps[0].detail
    assert await waiting.held(SPF) == ("proof=1", "v=spf1 -all")
    assert await waiting.held(NEW_KEY) == ()


async def test_an_interrupted_run_is_not_undone_over_what_came_after(zone: Zone) -> None:
    with closed_port() as port:
        waiting, run = await interrupted(zone, port)
        newer = ("proof=1", "v=spf1 mx -all")
        await waiting.writer.publish(Change(*SPF, ("proof=1", WANTED), newer, 60, 60), 5)
        looked = await zone.house.runs.inspect(zone.house.visit(), {"run": run})
        assert "somebody else changed it" in looked["in_the_way"]
        with pytest.raises(Refused, match="somebody else changed it"):
            await zone.house.runs.resume(zone.house.visit(), {"run": run})
        await zone.house.runs.release(zone.house.visit(), {"run": run, "reason": "test"})
    assert await waiting.held(SPF) == newer


async def test_what_cannot_be_seen_cannot_be_planned(zone: Zone) -> None:
    with closed_port() as port:
        zone.primary.port = port
        plan = await Zone(zone.house, zone.primary, []).plan()
    assert "did not answer" in plan["refused"]
